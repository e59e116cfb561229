/** Events: what platforms and middleware recorded of changes on their way and of themselves. The same event is kept once. */
import { createHash } from 'node:crypto'
import { LANDSCAPE_EVENTS, type EventType, type RecordedEvent } from '../../../model/event.ts'
import type { ControlStore } from '../control/control.ts'
import { numbered } from '../numbering.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { MAX_INSERT_ROWS } from './settings.ts'

const COLUMNS =
  'id, at, type, reported_by, from_platform, to_platform, kind, record_id, number, correlation_id, trace_id, message, actor, release, detail'

/** Ids that one query looks up. */
const IDS_A_QUERY = 10_000

/** Same reporter and content, same id: for events whose reporter gives none. */
function idOf(e: RecordedEvent): string {
  const { id: _, ...content } = e
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(content).sort()))
    .digest('hex')
    .slice(0, 24)
}

const keyOf = (e: { kind: string | null; record_id: string | null; reported_by: string; id: string }) =>
  [e.kind ?? '', e.record_id ?? '', e.reported_by, e.id].join('\n')

export interface EventsAppended {
  stored: number
  /** Told before: nothing was written. */
  known: number
}

/** Stores the events durably; those that were told before are left out, so that telling twice neither doubles nor moves anything. */
export async function appendEvents(
  facts: Facts,
  control: ControlStore,
  events: readonly RecordedEvent[],
): Promise<EventsAppended> {
  const fresh = new Map<string, RecordedEvent>()
  for (const event of events) {
    const e = event.id === '' ? { ...event, id: idOf(event) } : event
    if (!fresh.has(keyOf(e))) fresh.set(keyOf(e), e)
  }
  const all = [...fresh.values()]
  for (let at = 0; at < all.length; at += IDS_A_QUERY) {
    const part = all.slice(at, at + IDS_A_QUERY)
    const rows = await facts.query<{ kind: string; record_id: string; reported_by: string; id: string }>(
      `select toString(kind) as kind, record_id, toString(reported_by) as reported_by, id from ${tableOf(facts, 'events')}
       where (kind, record_id, reported_by, id) in arrayZip({kinds:Array(String)}, {records:Array(String)}, {reporters:Array(String)}, {ids:Array(String)})`,
      {
        kinds: part.map((e) => e.kind ?? ''),
        records: part.map((e) => e.record_id ?? ''),
        reporters: part.map((e) => e.reported_by),
        ids: part.map((e) => e.id),
      },
    )
    for (const row of rows) fresh.delete(keyOf(row))
  }
  const rows = [...fresh.values()].map(toRow)
  for (let at = 0; at < rows.length; at += MAX_INSERT_ROWS)
    await numbered(control, 'rev', 1, (rev) =>
      facts.insert(
        'events',
        rows.slice(at, at + MAX_INSERT_ROWS).map((row) => ({ ...row, rev })),
      ),
    )
  return { stored: rows.length, known: events.length - rows.length }
}

function toRow(e: RecordedEvent): Record<string, unknown> {
  const row: Record<string, unknown> = { ...e, detail: JSON.stringify(e.detail) }
  for (const [name, value] of Object.entries(row)) row[name] = value ?? ''
  return row
}

type Row = Record<keyof RecordedEvent, string>

const OPTIONAL = [
  'from_platform',
  'to_platform',
  'kind',
  'record_id',
  'number',
  'correlation_id',
  'trace_id',
  'message',
  'actor',
  'release',
] as const

function fromRow(row: Row): RecordedEvent {
  const event = { ...row, detail: JSON.parse(row.detail || '{}') as unknown } as unknown as Record<string, unknown>
  for (const name of OPTIONAL) if (event[name] === '') event[name] = null
  return event as unknown as RecordedEvent
}

export interface EventFilter {
  types?: readonly EventType[]
  platform?: string
  kind?: string
  recordId?: string
  number?: string
  correlationId?: string
  /** ISO; `to` is exclusive. */
  from?: string
  to?: string
  /** Events after this one in the order newest first. */
  after?: { at: string; id: string }
}

const CONDITIONS: Record<Exclude<keyof EventFilter, 'after'>, string> = {
  types: 'e.type in {types:Array(String)}',
  platform: '{platform:String} in (e.from_platform, e.to_platform, e.reported_by)',
  kind: 'e.kind = {kind:String}',
  recordId: 'e.record_id = {recordId:String}',
  number: 'e.number = {number:String}',
  correlationId: 'e.correlation_id = {correlationId:String}',
  from: `e.at >= {from:DateTime64(3, 'UTC')}`,
  to: `e.at < {to:DateTime64(3, 'UTC')}`,
}

/** Events, newest first. */
export async function events(facts: Facts, filter: EventFilter, limit: number): Promise<RecordedEvent[]> {
  const { after, ...rest } = filter
  const given = (Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]).filter((key) => rest[key] !== undefined)
  const where = given.map((key) => CONDITIONS[key])
  if (after) where.push(`(e.at, e.id) < ({after_at:DateTime64(3, 'UTC')}, {after_id:String})`)
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'events')} as e final
     ${where.length ? `where ${where.join(' and ')}` : ''} order by e.at desc, e.id desc limit {limit:UInt32}`,
    {
      ...Object.fromEntries(given.map((key) => [key, rest[key]])),
      ...(after && { after_at: after.at, after_id: after.id }),
      limit,
    },
  )
  return rows.map(fromRow)
}

/** Events that meet a condition of this folder's making, the latest `each` of every record or number. */
export async function eventRows(
  facts: Facts,
  condition: string,
  params: Record<string, unknown>,
  each: number,
): Promise<RecordedEvent[]> {
  const rows = await facts.query<Row>(
    `select ${COLUMNS} from ${tableOf(facts, 'events')} final where ${condition}
     order by at desc, id limit {each:UInt32} by kind, record_id, number, if(record_id = '' and number = '', correlation_id, '')`,
    { ...params, each },
  )
  return rows.map(fromRow)
}

/** What happened to platforms between two instants (ISO, `to` exclusive), newest first: deployments, outages, rotated keys. */
export function landscapeEvents(facts: Facts, from: string, to: string, limit = 5_000): Promise<RecordedEvent[]> {
  return events(facts, { types: LANDSCAPE_EVENTS, from, to }, limit)
}

/** All events, in batches: for exports. */
export async function* eventsExport(facts: Facts): AsyncIterable<RecordedEvent[]> {
  const sql = `select ${COLUMNS} from ${tableOf(facts, 'events')} final order by kind, record_id, reported_by, id`
  for await (const rows of facts.stream<Row>(sql)) yield rows.map(fromRow)
}
