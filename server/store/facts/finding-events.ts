/** Finding events: every change of a finding's state, keyed so that writing one twice keeps it once. */
import type { Cause, FindingState, Verdict } from '../../../model/verdict.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface FindingEvent {
  id: string
  transition: number
  at: string
  from_state: FindingState | null
  to_state: FindingState
  verdict: Verdict
  cause: Cause
  run_id: string
  /** In words, why it moved. */
  reason: string
  detail: Record<string, unknown>
}

export async function writeFindingEvents(facts: Facts, events: readonly FindingEvent[]): Promise<void> {
  if (events.length)
    await facts.insert(
      'finding_events',
      events.map((e) => ({ ...e, detail: JSON.stringify(e.detail) })),
    )
}

/** The life of these findings, oldest first. */
export async function findingEvents(facts: Facts, ids: readonly string[], limit = 10_000): Promise<FindingEvent[]> {
  const rows = await facts.query<Omit<FindingEvent, 'detail'> & { detail: string }>(
    `select id, transition, at, from_state, to_state, verdict, cause, run_id, reason, detail
     from ${tableOf(facts, 'finding_events')} final
     where id in {ids:Array(String)}
     order by at, id, transition
     limit {limit:UInt32}`,
    { ids, limit },
  )
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as FindingEvent['detail'] }))
}

/** All events, in batches: for exports. */
export async function* findingEventsExport(facts: Facts): AsyncIterable<FindingEvent[]> {
  const sql = `select id, transition, at, from_state, to_state, verdict, cause, run_id, reason, detail from ${tableOf(facts, 'finding_events')} final order by id, transition`
  for await (const rows of facts.stream<Omit<FindingEvent, 'detail'> & { detail: string }>(sql)) {
    yield rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as FindingEvent['detail'] }))
  }
}

/** How many findings entered each state in each step of time: the overview's curve. */
export async function transitionsOverTime(
  facts: Facts,
  range: { from: string; to: string; stepSeconds: number },
): Promise<{ at: string; to_state: FindingState; n: number }[]> {
  const rows = await facts.query<{ at: string; to_state: FindingState; n: string }>(
    `select toDateTime64(toStartOfInterval(e.at, toIntervalSecond({step:UInt32}), 'UTC'), 3, 'UTC') as at, to_state, uniqExact(id, transition) as n
     from ${tableOf(facts, 'finding_events')} as e
     where e.at >= {from:DateTime64(3, 'UTC')} and e.at < {to:DateTime64(3, 'UTC')}
     group by 1, to_state
     order by 1, to_state`,
    { from: range.from, to: range.to, step: range.stepSeconds },
  )
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}
