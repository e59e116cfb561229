/** Cause facts for tests: sides, deliveries and events of one day, in one line each. */
import { blame, sureOf } from '../../model/cause.ts'
import { NOTHING_AROUND } from '../../model/cause-around.ts'
import type { DifferenceFacts, Side, Step } from '../../model/cause-facts.ts'
import type { EventType, RecordedEvent } from '../../model/event.ts'

/** Hours of one day, as epoch ms. */
export const h = (hour: number) => Date.parse('2026-11-20T00:00:00Z') + hour * 3_600_000

let told = 0
export function event(type: EventType, hour: number, more: Partial<RecordedEvent> = {}): RecordedEvent {
  told += 1
  return {
    id: `e${told}`,
    at: new Date(h(hour)).toISOString(),
    type,
    reported_by: 'bus',
    from_platform: 'erp',
    to_platform: 'crm',
    kind: 'customer',
    record_id: 'E1',
    number: null,
    correlation_id: null,
    trace_id: null,
    message: null,
    actor: null,
    release: null,
    detail: {},
    ...more,
  }
}
/** A delivery from start to end in one line: the hours of its events, its thread, and the value it carried. */
export const delivery = (thread: string, value: string | null, at: Partial<Record<EventType, number>>) =>
  Object.entries(at).map(([type, hour]) =>
    event(type as EventType, hour, {
      correlation_id: thread,
      ...(type === 'sent' && value !== null && { detail: { values: { payment_terms: value } } }),
    }),
  )

export const step = (value: string, hour: number, by: string | null = null, first = false): Step => ({
  key: value,
  value,
  at: h(hour),
  by,
  first,
})
/** The field's values on one side, oldest first: `[value, hour, writer]`; the first is as old as we know. */
export function side(
  platform: string,
  values: readonly (readonly [string, number, string?])[],
  more: Partial<Side> = {},
): Side {
  const trail = values.map(([value, hour, by], i) => step(value, hour, by ?? null, i === 0))
  const last = trail.at(-1)!
  return {
    platform,
    title: platform.toUpperCase(),
    value: last.value,
    key: last.key,
    raw: null,
    recordChangedAt: last.at,
    changedBy: last.by,
    trail,
    ...more,
  }
}
export const facts = (more: Partial<DifferenceFacts> = {}): DifferenceFacts => ({
  kind: 'customer',
  field: { name: 'payment_terms', type: 'payment_terms' },
  shown: null,
  owner: side('erp', [
    ['net_30', 1],
    ['net_60', 8],
  ]),
  follower: side('crm', [['net_30', 2]]),
  events: [],
  log: null,
  around: NOTHING_AROUND,
  doubt: null,
  titleOf: (name) => name.toUpperCase(),
  ...more,
})

/** Deliveries are told of all day. */
export const LOG = { since: h(0), through: h(24) }

/** The cause of a difference and how sure it is, in two words. */
export function cause(more: Partial<DifferenceFacts>): string {
  const said = blame(facts(more))
  return `${said.cause} ${sureOf(said.evidence)}`
}
