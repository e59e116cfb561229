/** Events of subjects: what was recorded of given records, by their id, their business number or a shared correlation id. */
import { isDelivery, type RecordedEvent } from '../../../model/event.ts'
import { keyColumn } from '../../../model/fields.ts'
import { fieldOf, hasKind, kindOf } from '../../../model/kinds.ts'
import type { Subject } from '../../../model/record.ts'
import { currentTable } from './columns.ts'
import { eventRows } from './events.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** Records that one query looks up, and events of one record that are read: older ones explain nothing any more. */
const SUBJECTS_A_QUERY = 5_000
const EVENTS_A_RECORD = 200

export const subjectKey = (s: Subject): string => `${s.platform}\n${s.kind}\n${s.record_id}`

/** Keys are `subjectKey`; subjects without events are missing. Kinds without any event cost nothing. */
export async function eventsOfSubjects(
  facts: Facts,
  subjects: readonly Subject[],
): Promise<Map<string, RecordedEvent[]>> {
  const found = new Map<string, RecordedEvent[]>()
  if (subjects.length === 0) return found
  const told = await facts.query<{ kind: string }>(
    `select distinct toString(kind) as kind from ${tableOf(facts, 'events')} where kind in {kinds:Array(String)}`,
    { kinds: [...new Set(subjects.map((s) => s.kind))] },
  )
  for (const { kind } of told) {
    const all = [...new Map(subjects.filter((s) => s.kind === kind).map((s) => [subjectKey(s), s])).values()]
    for (let at = 0; at < all.length; at += SUBJECTS_A_QUERY)
      await look(facts, kind, all.slice(at, at + SUBJECTS_A_QUERY), found)
  }
  return found
}

async function look(
  facts: Facts,
  kind: string,
  subjects: readonly Subject[],
  found: Map<string, RecordedEvent[]>,
): Promise<void> {
  const byId = await eventRows(
    facts,
    `kind = {kind:String} and record_id in {ids:Array(String)}`,
    { kind, ids: [...new Set(subjects.map((s) => s.record_id))] },
    EVENTS_A_RECORD,
  )
  const numbers = await numbersOf(facts, kind, subjects)
  const byNumber = numbers.size
    ? await eventRows(
        facts,
        `kind = {kind:String} and record_id = '' and number in {numbers:Array(String)}`,
        { kind, numbers: [...new Set(numbers.values())] },
        EVENTS_A_RECORD,
      )
    : []
  const correlated = await byCorrelation(facts, [...byId, ...byNumber])
  const of = new Map<string, RecordedEvent[]>()
  const put = (key: string, e: RecordedEvent) => of.set(key, [...(of.get(key) ?? []), e])
  for (const e of byId) put(`id ${e.record_id}`, e)
  for (const e of byNumber) put(`number ${e.number}`, e)
  for (const s of subjects) {
    // A bare id may be another platform's: the event must speak of this one, unless it names none.
    const own = (of.get(`id ${s.record_id}`) ?? []).filter(
      (e) => e.from_platform === null || [e.from_platform, e.to_platform, e.reported_by].includes(s.platform),
    )
    const list = [...own, ...(of.get(`number ${numbers.get(subjectKey(s))}`) ?? [])]
    const threads = new Set(list.flatMap((e) => e.correlation_id ?? []))
    for (const e of correlated) if (threads.has(e.correlation_id!)) list.push(e)
    if (list.length) found.set(subjectKey(s), list)
  }
}

/** Business numbers of the subjects, where events of the kind go by numbers at all. */
async function numbersOf(facts: Facts, kind: string, subjects: readonly Subject[]): Promise<Map<string, string>> {
  const key = hasKind(kind) ? kindOf(kind).businessKey : undefined
  if (key === undefined) return new Map()
  const [any] = await facts.query(
    `select 1 as one from ${tableOf(facts, 'events')} where kind = {kind:String} and record_id = '' and number != '' limit 1`,
    { kind },
  )
  if (!any) return new Map()
  const rows = await facts.query<{ platform: string; record_id: string; number: string }>(
    `select toString(platform) as platform, record_id, toString(${ident(keyColumn(fieldOf(kind, key)))}) as number
     from ${tableOf(facts, currentTable(kind))} final
     prewhere eid in (select eid from ${tableOf(facts, 'links')}
       where kind = {kind:String} and (platform, record_id) in arrayZip({on:Array(String)}, {ids:Array(String)}))
     where ${ident(keyColumn(fieldOf(kind, key)))} is not null`,
    { kind, on: subjects.map((s) => s.platform), ids: subjects.map((s) => s.record_id) },
  )
  return new Map(rows.map((r) => [subjectKey({ ...r, kind }), r.number]))
}

/** Events that name no record and only the thread of one that does. */
async function byCorrelation(facts: Facts, known: readonly RecordedEvent[]): Promise<RecordedEvent[]> {
  const threads = [...new Set(known.flatMap((e) => (isDelivery(e.type) ? (e.correlation_id ?? []) : [])))]
  if (threads.length === 0) return []
  return eventRows(
    facts,
    `record_id = '' and number = '' and correlation_id in {threads:Array(String)}`,
    { threads },
    EVENTS_A_RECORD,
  )
}

/** The span over which deliveries from one platform to another are reported, and the reporter's last word; epoch ms. */
export interface EventSpan {
  from_platform: string
  to_platform: string
  kind: string
  reported_by: string
  since: number
  through: number
}

export async function eventSpans(facts: Facts): Promise<EventSpan[]> {
  const rows = await facts.query<Record<keyof EventSpan, string>>(
    `select toString(from_platform) as from_platform, toString(to_platform) as to_platform, toString(kind) as kind, toString(reported_by) as reported_by,
       min(s.since) as since, max(max(s.through)) over (partition by reported_by) as through
     from ${tableOf(facts, 'event_spans')} as s group by from_platform, to_platform, kind, reported_by order by 1, 2, 3, 4`,
  )
  return rows.map((r) => ({ ...r, since: Date.parse(r.since), through: Date.parse(r.through) }))
}

/** Highest revision of an event; '0' before the first. */
export async function lastEventRev(facts: Facts): Promise<string> {
  const [row] = await facts.query<{ rev: string }>(`select max(rev) as rev from ${tableOf(facts, 'events')}`)
  return row?.rev ?? '0'
}
