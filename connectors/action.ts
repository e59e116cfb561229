/**
 * Actions: what a platform can be told to do, so that remediation can write with a guard and prove the effect.
 *
 * An action never runs by itself: only an approved plan performs it (server/remedy). The order is always read → compare with
 * what the plan saw → perform → read back. An action therefore says three things of itself: by what the platform refuses a
 * write over something newer (`guard`), by what it recognises a repeated write (`idempotency`), and what exactly it will call.
 */
import type { Connector, ConnectorContext, RawRow } from './contract.ts'

export const ACTION_NAMES = [
  'set_fields', // write these fields of an existing record
  'create', // make the record; its references must exist already
  'cancel', // end it by the platform's own way (subscription, order), with its effects
  'hold', // stop what would follow: deliveries, service, dunning
  'release', // take the hold off again
  'attach_ref', // write the id of the same thing in another platform into the external-id field
  'redeliver', // ask the platform to send an event or run again
  'link', // make records one thing: a decision about identity, in our own store
  'unlink', // keep records apart
  'set_code', // what a code means in a reference map; also in our own store
  'open_ticket', // ask for somebody over a channel
  'close_ticket', // say that the ticket is not wanted any more
] as const
export type ActionName = (typeof ACTION_NAMES)[number]

/** What one action is to do to one record. Made when the plan is drafted and never changed afterwards. */
export interface ActionRequest {
  action: ActionName
  kind: string
  /** The platform's own id; null for `create`. For `redeliver` the id of the event or run. */
  recordId: string | null
  /** Canonical field → canonical text (money as decimal in major units, dates ISO); null empties the field. */
  fields: Record<string, string | null>
  /**
   * Field → the platform's own word for the value, for fields with a reference map (`state`, `payment_terms`): maps belong to
   * the platform entry, so whoever makes the request looks the word up. Left out: the canonical text is written.
   */
  words?: Record<string, string>
  /** Reference field → id of the record it points to, in this platform; `create` and `set_fields`. */
  references: Record<string, string>
  /** Platform (or role, as the connector's `refs` name it) → id there: what `attach_ref` (and `create`) writes into external-id fields. */
  refs: Record<string, string>
  /** Chosen at draft and the same on every attempt: the idempotency key, at most 64 characters of [A-Za-z0-9-]. */
  key: string
}

/** What the platform says of a record right now, and by what it will notice if that has moved. */
export interface Standing {
  /** The object as it is; its stream's `map` makes it canonical. Null: it does not exist. */
  row: RawRow | null
  /** The platform's own mark of this version (ETag, version number, last-changed stamp); null where it has none. */
  mark: string | null
  /** What `look` found out for `calls`, which knows no context: the zone of the platform's days, ids of list values. */
  known?: Readonly<Record<string, string>>
  /** How often the record was written, by the platform's own count: shows a write of somebody else beside ours. */
  writes?: number
}

/** One HTTP call that an action would make: shown in the dry run, never sent by it. Bodies carry no secrets. */
export interface PlannedCall {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** As it is sent: an object as JSON, or the flat pairs of a form; null for none. */
  body: unknown
}

/**
 * `done`: the platform accepted it; `recordId` is the record it was done to. `conflict`: it refused because the record has
 * moved since `mark`. `refused`: it will never accept this, `reason` in its own words. What is neither (a lost reply, a 5xx
 * after the request was sent) is thrown as an error whose outcome is unknown: the caller reads back and never repeats blindly.
 */
export type ActionOutcome =
  { status: 'done'; recordId: string } | { status: 'conflict'; reason: string } | { status: 'refused'; reason: string }

export interface Action<Config = unknown> {
  name: ActionName
  /** Canonical kind that it acts on. */
  kind: string
  /** Stream whose `map` reads back what it wrote. */
  stream: string
  /** Canonical fields that it can write; for actions without fields, none. */
  fields: readonly string[]
  /**
   * Canonical state that `cancel`, `hold` or `release` leads to where it works by writing a status word: the request then
   * carries the platform's own word for it in `words.state`, where the platform entry has a map.
   */
  into?: string
  /** How the platform refuses to write over something newer. `compare`: it cannot; the record is read and compared immediately before. */
  guard: 'etag' | 'stamp' | 'compare'
  /** How a repeated write is recognised. `journal`: only by our own record of it and by reading back. */
  idempotency: 'header' | 'upsert' | 'journal'
  /** Scopes or permissions that it needs beyond reading. */
  needs: readonly string[]
  /** What taking it back takes: another action of this record, or null where the platform has no way back. */
  undo: ActionName | null
  /**
   * The calls that `perform` would make, in order. Pure.
   * @throws ConnectorError `config` for a field, reference or value that this platform cannot be given: nothing was sent
   */
  calls(config: Config, request: ActionRequest, standing: Standing): PlannedCall[]
  /** Reads the record (for `create`: the one that our key or references already made, if any) without a cache. */
  look(ctx: ConnectorContext<Config>, request: ActionRequest): Promise<Standing>
  /**
   * Makes exactly the calls of `calls`, each at most once (`HttpRequest.once`), guarded by `standing.mark` where the platform
   * can; with `guard: 'compare'` it reads once more and compares marks. Of several calls the first that is refused ends it:
   * `reason` then says how many were made.
   */
  perform(ctx: ConnectorContext<Config>, request: ActionRequest, standing: Standing): Promise<ActionOutcome>
}

/** What a connector can do with this configuration: which fields it may write often depends on what is mapped. */
export function actionsOf<Config>(connector: Connector<Config>, config: Config): readonly Action<Config>[] {
  return connector.actionsOf?.(config) ?? connector.actions ?? []
}
