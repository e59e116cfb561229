/** Taking exceptions: from quarantine, from deliveries that were refused, from flows that stopped, and from whoever pushes one. */
import { hasKind } from '../../../model/kinds.ts'
import type { Context } from '../../context.ts'
import type { NewException } from '../../store/control/exceptions.ts'
import { events } from '../../store/facts/events.ts'
import { recordsNamed } from '../../store/facts/placed-records.ts'
import { quarantine } from '../../store/facts/quarantine.ts'
import { iso } from '../../clock.ts'
import type { Reach } from '../reach.ts'
import { classify, fingerprint, isBusiness } from './classify.ts'
import { stoppedFlows, toldOfFlow } from './flows.ts'
import { CUT, withoutSecrets } from './payload.ts'
import { recoverable } from './recoverable.ts'
import { nextAttempt } from './retry.ts'

type Taking = Pick<Context, 'config' | 'control' | 'facts' | 'clock'>

/** An exception as somebody tells it: everything but what follows from it. */
export type Told = Pick<NewException, 'source' | 'sourceKey' | 'reason'> &
  Partial<
    Pick<
      NewException,
      | 'platform'
      | 'target'
      | 'kind'
      | 'recordId'
      | 'entityId'
      | 'eventId'
      | 'correlationId'
      | 'eventAt'
      | 'money'
      | 'currency'
      | 'ownerTeam'
      | 'priority'
      | 'via'
      | 'run'
    >
  > & { status?: number | null; payload?: unknown; exchange?: unknown; class?: NewException['class'] }

const AT_ONCE = 2_000
/** Looked back for refused deliveries that were not taken yet. */
const BACK_MS = 7 * 86_400_000
/** Largest payload that is kept, in characters. */
const PAYLOAD_MAX = 50_000

export function completed(ctx: Taking, reach: Reach, told: Told): NewException {
  const { clock, config } = ctx
  const now = clock.now()
  const kind =
    (told.class as ReturnType<typeof classify> | undefined) ?? classify({ status: told.status, reason: told.reason })
  const about = { platform: told.platform ?? null, target: told.target ?? null, kind: told.kind ?? null }
  const { until } = recoverable(
    told.eventAt ?? null,
    about.platform !== null && config.platforms[about.platform] ? reach.replayDays(about.platform) : null,
    now,
  )
  return {
    ...{ source: told.source, sourceKey: told.sourceKey.slice(0, 300), reason: told.reason.slice(0, 1_000) },
    ...{
      class: kind,
      business: isBusiness(kind),
      fingerprint: fingerprint({ class: kind, ...about, reason: told.reason }),
    },
    ...about,
    ...{ recordId: told.recordId ?? null, entityId: told.entityId ?? null, eventId: told.eventId ?? null },
    ...{ correlationId: told.correlationId ?? null, eventAt: told.eventAt ?? null },
    ...{
      payload: kept(told.payload),
      exchange: kept(told.exchange),
      money: told.money ?? null,
      currency: told.currency ?? null,
    },
    priority: told.priority ?? priorityOf(about.kind, told.money ?? null),
    ownerTeam: told.ownerTeam ?? (isBusiness(kind) ? 'business operations' : 'integration'),
    ...{ via: told.via ?? null, run: told.run ?? null },
    nextAt: nextAttempt(kind, 0, now, config.remedy.retries, Math.random),
    replayUntil: until,
  }
}

/** Documents of money come first, then what customers are served by. */
function priorityOf(kind: string | null, money: string | null): NewException['priority'] {
  if (money !== null && Number(money) >= 10_000) return 'critical'
  if (kind !== null && ['invoice', 'payment', 'credit', 'subscription', 'entitlement', 'order'].includes(kind))
    return 'high'
  return 'medium'
}

/**
 * As it is kept: whole, because it may be sent again, but for secrets. Readers get it masked.
 */
function kept(value: unknown): string | null {
  if (value === undefined || value === null) return null
  const text = JSON.stringify(withoutSecrets(value))
  return text.length > PAYLOAD_MAX ? JSON.stringify({ [CUT]: text.slice(0, PAYLOAD_MAX) }) : text
}

/** Everything that waits at the sources now. Says how many exceptions are new. */
export async function takeExceptions(ctx: Taking, reach: Reach): Promise<number> {
  const { control, facts, clock } = ctx
  const now = clock.now()
  const told: Told[] = []
  for (const q of await quarantine(facts, { state: 'open' }, AT_ONCE))
    told.push({
      source: 'quarantine',
      sourceKey: `${q.platform}/${q.stream}/${q.record_id || q.row_hash}`,
      ...{
        platform: q.platform,
        kind: q.kind,
        recordId: q.record_id || null,
        reason: q.field ? `${q.field}: ${q.reason}` : q.reason,
      },
      class: 'schema',
      eventAt: Date.parse(q.at),
      exchange: { place: q.place },
    })
  for (const e of await events(facts, { types: ['rejected'], from: iso(now - BACK_MS) }, AT_ONCE))
    told.push({
      // What was polled from a queue of dead letters says so.
      source: e.detail['dead_letter'] ? 'dead_letter' : 'delivery',
      sourceKey: e.id,
      ...{ platform: e.from_platform, target: e.to_platform, kind: e.kind, recordId: e.record_id, eventId: e.id },
      ...{
        correlationId: e.correlation_id,
        eventAt: Date.parse(e.at),
        reason: e.message ?? 'The receiver refused it.',
      },
      ...{ via: e.reported_by, run: typeof e.detail['rerun'] === 'string' ? e.detail['rerun'] : null },
      payload: e.detail['body'] ?? e.detail['values'] ?? null,
      status: typeof e.detail['status'] === 'number' ? e.detail['status'] : null,
    })
  for (const stopped of await stoppedFlows(ctx)) {
    const flow = toldOfFlow(stopped)
    if (flow) told.push(flow)
  }
  const known = new Set(
    control
      .exceptions({ states: ['open', 'retrying', 'replaying'], limit: 100_000 })
      .map((e) => `${e.source} ${e.sourceKey}`),
  )
  // What evidence has closed does not come back because its event is still in the log.
  const closed = new Set(
    ['delivery', 'dead_letter'].flatMap((source) =>
      control.exceptions({ states: ['resolved'], source, limit: 100_000 }).map((e) => `${e.source} ${e.sourceKey}`),
    ),
  )
  const fresh = told.filter(({ source, sourceKey }) => {
    const key = `${source} ${sourceKey}`
    return !known.has(key) && !closed.has(key)
  })
  return control.putExceptions(
    (await placed(ctx, fresh)).map((t) => completed(ctx, reach, t)),
    now,
  )
}

/** Whose they are, where the record is known. */
export async function placed({ facts }: Pick<Context, 'facts'>, told: readonly Told[]): Promise<Told[]> {
  const entities = new Map<string, string>()
  for (const kind of new Set(told.flatMap((t) => (t.kind && t.recordId ? [t.kind] : [])))) {
    if (!hasKind(kind)) continue
    const subjects = told.flatMap((t) =>
      t.kind === kind && t.recordId
        ? [t.platform, t.target].flatMap((p) => (p ? [{ platform: p, kind, record_id: t.recordId! }] : []))
        : [],
    )
    for (const r of await recordsNamed(facts, kind, subjects)) entities.set(`${kind} ${r.record_id}`, r.entity_id)
  }
  return told.map((t) => ({ ...t, entityId: t.entityId ?? entities.get(`${t.kind} ${t.recordId}`) ?? null }))
}
