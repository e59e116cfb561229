/** Events and spans over their term: those of needed records, and those that an open exception hangs on, stay. */
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'
import {
  added,
  BEFORE,
  neededOfAll,
  neededParams,
  remove,
  storedKinds,
  sumUp,
  type Needed,
  type Over,
} from './needed.ts'

const neededEvent = (facts: Facts, kinds: readonly string[]) =>
  `(id in {kept_events:Array(String)} or correlation_id in {kept_correlations:Array(String)}
    or (toString(kind), record_id) in (${neededOfAll(facts, kinds)}))`

const neededSpan = (facts: Facts, kinds: readonly string[]) =>
  `(correlation_id in {kept_correlations:Array(String)}
    or trace_id in (select trace_id from ${tableOf(facts, 'events')} where trace_id != '' and ${neededEvent(facts, kinds)}))`

export async function eventsOver(facts: Facts, cutoff: number, needed: Needed): Promise<Over> {
  const kinds = await storedKinds(facts)
  const params = neededParams(needed, cutoff)
  const rows = (table: string, at: string, need: string) =>
    sumUp(
      facts,
      table,
      `select toDateTime64(${at}, 3, 'UTC') as at, ${need} as is_needed from ${tableOf(facts, table)} final where ${at} ${BEFORE}`,
      params,
    )
  return added([
    await rows('events', 'at', neededEvent(facts, kinds)),
    await rows('spans', 'started_at', neededSpan(facts, kinds)),
  ])
}

export async function removeEvents(facts: Facts, cutoff: number, needed: Needed): Promise<void> {
  const kinds = await storedKinds(facts)
  const params = neededParams(needed, cutoff)
  // Silence proves something only where everything is kept: the spans of reporting begin later before anything goes.
  await remove(facts, 'event_spans', `through ${BEFORE}`, params)
  await facts.command(
    `alter table ${tableOf(facts, 'event_spans')} update since = greatest(since, {cutoff:DateTime64(3, 'UTC')}) where since ${BEFORE} settings mutations_sync = 2`,
    params,
  )
  // Spans are kept by the events of their trace.
  await remove(facts, 'spans', `started_at ${BEFORE} and not ${neededSpan(facts, kinds)}`, params)
  await remove(facts, 'events', `at ${BEFORE} and not ${neededEvent(facts, kinds)}`, params)
}
