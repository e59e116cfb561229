/**
 * Lists of the Table API by key-set. Rows that the user may not see are dropped from a page although they were counted for it:
 * a short page, even an empty one, is not the end; the `Link` header says where the list ends.
 */
import type { ConnectorContext, HttpReply, RawRow } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { linkTarget, MAX_PAGES } from '../paging.ts'
import type { ServiceNowConfig } from './config.ts'
import { asObject, rowOf, stampMs } from './rows.ts'
import type { TableSpec } from './tables.ts'
import { columnsOf } from './tables.ts'

type Ctx = ConnectorContext<ServiceNowConfig>
type Priority = 'verify' | 'read' | 'sweep'

export const pathOf = (table: string) => `/api/now/table/${table}`

/** Values, never what people see of them: those follow the language, zone and format of the user. */
export const PLAIN = { sysparm_display_value: 'false', sysparm_exclude_reference_link: true }

export interface Ask {
  spec: TableSpec
  query(from: Position | null): string
  /** The place of a row in the order that was asked for; null for a row that cannot be placed. */
  place(row: RawRow): Position | null
  /** Does the row meet what was asked? Not to be called for rows that cannot be placed. */
  meets(place: Position, from: Position | null): boolean
  limit: number
  priority: Priority
}

export interface ListPage {
  rows: RawRow[]
  reply: HttpReply
  /** The last place that was read, of this page or before. */
  last: Position | null
  end: boolean
}

export async function* list(ctx: Ctx, ask: Ask, from: Position | null): AsyncGenerator<ListPage> {
  let last = from
  let offset = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: pathOf(ask.spec.table),
      query: {
        sysparm_query: ask.query(last),
        sysparm_fields: columnsOf(ask.spec).join(','),
        sysparm_limit: ask.limit,
        ...(offset > 0 && { sysparm_offset: offset }),
        ...PLAIN,
      },
      priority: ask.priority,
    })
    const rows = rowsOf(reply).map(rowOf)
    const places = rows.map(ask.place).filter((p): p is Position => p !== null)
    if (places.some((place) => !ask.meets(place, last))) throw unmet(ask.spec)
    const end = !more(reply, rows.length, offset, ask.limit)
    const next = places.at(-1)
    last = next ?? last
    yield { rows, reply, last, end }
    if (end) return
    // Without a place to go on from (nothing visible, nothing readable) the list goes on by number.
    offset = next ? 0 : offset + ask.limit
  }
  throw new ConnectorError('schema', `${ask.spec.table} has more than ${MAX_PAGES} pages in one read.`)
}

function more(reply: HttpReply, rows: number, offset: number, limit: number): boolean {
  if (reply.headers['link'] !== undefined) return linkTarget(reply.headers['link'], 'next') !== undefined
  const total = totalOf(reply)
  return total === null ? rows >= limit : total > offset + limit
}

/** `X-Total-Count`: rows that meet the query, those included that the user may not see. */
export function totalOf(reply: HttpReply): number | null {
  const text = reply.headers['x-total-count']
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : null
}

/** @throws ConnectorError for an answer that is no list, and for one that was cut off by the instance */
export function rowsOf(reply: HttpReply): unknown[] {
  let body: unknown
  try {
    body = reply.json()
  } catch (cause) {
    throw new ConnectorError('upstream', 'ServiceNow answered with something that is no JSON.', {
      remedy: 'A sleeping instance answers with a page: wake it up, then try again.',
      cause,
    })
  }
  const object = asObject(body)
  const error = asObject(object?.['error'])
  // A transaction that took too long is cancelled in the middle of an answer of status 200.
  if (error)
    throw new ConnectorError('upstream', `ServiceNow cut its answer off: ${String(error['message']).slice(0, 200)}`)
  if (!Array.isArray(object?.['result'])) throw new ConnectorError('schema', 'ServiceNow’s answer has no result.')
  return object['result'] as unknown[]
}

export function changePlace(row: RawRow): Position | null {
  const stamp = stampMs(asObject(row.value)?.['sys_updated_on'])
  return stamp === null || row.id === null ? null : { stamp, id: row.id }
}

function unmet(spec: TableSpec): ConnectorError {
  return new ConnectorError('schema', `ServiceNow answered a query of ${spec.table} with rows that do not meet it.`, {
    remedy:
      'A column of the query does not exist (see `query` of the stream) or the integration user’s time zone is not GMT: correct it. The instance property glide.invalid_query.returns_no_rows makes the first visible.',
  })
}
