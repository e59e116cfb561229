/**
 * What Plumbline itself can be told: which records are one thing, what a code means, that a ticket is wanted. Items of a plan
 * like any other, with before and after, a way back, approval and journal; only that the store written to is our own.
 */
import type { Action, ActionName, ActionRequest } from '../connectors/action.ts'
import type { ConnectorContext } from '../connectors/contract.ts'
import type { CanonicalRecord } from '../model/record.ts'
import { codeAction } from './code-actions.ts'
import type { Context } from './context.ts'
import { identityAction } from './identity-actions.ts'
import type { ReachedAction } from './remedy/reach.ts'
import { ticketAction, type Drain } from './ticket-actions.ts'

/** Field → value, of something that is kept by us; null: there is no such thing. */
export type Kept = Record<string, string | null>

/** An action over our own stores. */
export interface OwnAction extends Pick<Action, 'name' | 'fields' | 'guard' | 'undo' | 'perform'> {
  /** @throws ConnectorError `config` for what can never be done */
  check(request: ActionRequest): void
  look(request: ActionRequest): Promise<{ kept: Kept | null; mark: string }>
}

/** Null: we cannot be told to do that. */
export function ownAction(
  ctx: Context,
  platform: string,
  name: ActionName,
  kind: string,
  drain: Drain,
): ReachedAction | null {
  const own =
    name === 'link' || name === 'unlink'
      ? identityAction(ctx, name, kind)
      : name === 'set_code'
        ? codeAction(ctx)
        : name === 'open_ticket' || name === 'close_ticket'
          ? ticketAction(ctx, platform, name, drain)
          : null
  return own && reached(ctx, platform, kind, own)
}

function reached(ctx: Context, platform: string, kind: string, own: OwnAction): ReachedAction {
  const action: Action<never> = {
    ...own,
    kind,
    stream: '',
    // What is as wanted already is never done a second time: our own stores are looked at in the same turn.
    idempotency: 'upsert',
    needs: [],
    calls: (_config, request) => (own.check(request), []),
    async look(_ctx, request) {
      const { kept, mark } = await own.look(request)
      const id = request.recordId ?? request.key
      return { row: kept && { id, value: kept, raw: JSON.stringify(kept) }, mark: kept && mark }
    },
  }
  return {
    action,
    config: {} as never,
    context: () => closedContext(ctx, platform),
    read: (row) => Promise.resolve(recordOf(platform, kind, row.id ?? '', row.value as Kept)),
  }
}

/** Without a network: nothing of this leaves the process. */
function closedContext({ clock, log, signal }: Context, platform: string): ConnectorContext<never> {
  const none = () => Promise.reject(new Error('our own actions call nobody'))
  return {
    ...{ platform, config: {} as never, timezone: 'UTC', clock, log, signal },
    http: { request: none } as unknown as ConnectorContext<never>['http'],
    files: { list: () => Promise.resolve([]), read: none, stream: () => noBytes() },
  } as ConnectorContext<never>
}

async function* noBytes(): AsyncIterable<Uint8Array> {}

function recordOf(platform: string, kind: string, id: string, kept: Kept): CanonicalRecord {
  const values = Object.fromEntries(Object.entries(kept).filter((e): e is [string, string] => e[1] !== null))
  return {
    ...{ platform, kind, record_id: id, status: null, refs: {}, created_at: null, changed_at: null, stamp: 'none' },
    ...{ deleted: false, merged_into: null, changed_by: null, correlation_id: null, values, keys: {}, raw: {} },
    ...{ held: Object.keys(kept), empty: [], unmapped: [], invalid: {}, custom: {}, version_hash: '0' },
  }
}
