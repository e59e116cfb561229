/** One Salesforce object as a stream: changes by (SystemModstamp, Id), enumeration by Id, one row, and the org's own count. */
import type { ConnectorContext, Cursor, HttpReply, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position, Window } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import { MAX_PAGES } from '../paging.ts'
import type { BulkPart, BulkPlace, Wanted } from './bulk.ts'
import { bulkParts, bulkPlaceIn } from './bulk.ts'
import type { SalesforceConfig } from './config.ts'
import { root } from './config.ts'
import { LOCATOR_GONE, problems } from './dialect.ts'
import { mapRow } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { changedAfter, id18, instant, select, stampMs, text } from './soql.ts'
import type { Visible } from './visible.ts'
import { visible, visibleLately } from './visible.ts'

/** Rows are stamped when they are written and seen when their transaction commits; two minutes cover all but the longest. */
export const LAG_MS = 120_000

export type SalesforceStream = Stream<SalesforceConfig>
type Ctx = ConnectorContext<SalesforceConfig>
type Reading = StreamContext<SalesforceConfig>

export function objectStream(spec: ObjectSpec): SalesforceStream {
  return {
    name: spec.object,
    kind: spec.kind,
    source: spec.object,
    holds: [...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)])],
    deletes: 'flag',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row, ctx) => mapRow(spec, row, ctx.config),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    async cost(ctx, { from, to }) {
      const q = select(spec.object, ['COUNT()'], [spec.where, between(from, to)])
      const rows = Number(body(await query(ctx, 'queryAll', q, { priority: 'sweep' })).totalSize)
      // One call describes the object.
      return { calls: 1 + Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: true, by: 'change' }
    },
    async one(ctx, id) {
      const { fields } = await visibleLately(spec, ctx)
      // queryAll, so that a row in the recycle bin still says that it was merged, and into what.
      const q = select(spec.object, fields, [`Id = ${text(id18(id))}`, spec.where])
      const reply = await query(ctx, 'queryAll', q, { priority: 'verify' })
      return rowsOf(reply)[0] ?? null
    },
    async count(ctx) {
      const reply = await query(ctx, 'query', select(spec.object, ['COUNT()'], [spec.where]), { priority: 'sweep' })
      return Number(body(reply).totalSize)
    },
  }
}

/** The first row that meets a condition, in the recycle bin or not; read anew. */
export async function rowWhere(spec: ObjectSpec, ctx: Ctx, condition: string): Promise<RawRow | null> {
  const { fields } = await visibleLately(spec, ctx)
  const reply = await query(ctx, 'query', select(spec.object, fields, [condition], 'LIMIT 1'), { priority: 'verify' })
  return rowsOf(reply)[0] ?? null
}

/** Rows of a page that the org gives at most. */
const PAGE_ROWS = 2_000

const between = (from: number, to: number) => `SystemModstamp >= ${instant(from)} AND SystemModstamp < ${instant(to)}`

/** Everything that changed in the range, deleted rows too, by (SystemModstamp, Id). */
async function* within(spec: ObjectSpec, ctx: Reading, { from, to }: Range, cursor: Cursor): AsyncGenerator<Page> {
  const { fields, held } = await visible(spec, ctx)
  const [stamp, id] = [cursor?.['stamp'], cursor?.['id']]
  let last: Position | null = typeof stamp === 'number' && typeof id === 'string' ? { stamp, id } : null
  const ask = (after: Position | null) => {
    const place = after && changedAfter({ since: null, after: null, began: 0, lagMs: 0 }, after)
    return select(spec.object, fields, [spec.where, between(from, to), place], 'ORDER BY SystemModstamp, Id')
  }
  for await (const reply of pages(ctx, 'queryAll', ask, () => last, 'sweep')) {
    const rows = rowsOf(reply)
    last = placeOfLast(rows) ?? last
    yield { rows, held, ...(last && { cursor: { stamp: last.stamp, id: last.id } }) }
  }
}

async function* changes(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const seen = await visible(spec, ctx)
  const { fields, held } = seen
  const window = openWindow(cursor, seen.now, LAG_MS, 1000)
  const notes: string[] = []
  const end = (last: Position | null) => ({
    cursor: doneCursor(window, last),
    completeThrough: completeThrough(window),
  })
  const bulk = (from: BulkPlace | null) =>
    byJob(ctx, jobOf(spec, ctx, seen), from, notes, ({ rows, newest, next, end: over }) => ({
      rows,
      held,
      ...(over ? end(newest) : next && { cursor: { began: window.began, bulk: next, done: false } }),
    }))
  const place = bulkPlaceIn(cursor)
  if (place && (yield* bulk(place))) return
  let last: Position | null = null
  const ask = (from: Position | null) =>
    select(spec.object, fields, [spec.where, changedAfter(window, from)], 'ORDER BY SystemModstamp, Id')
  for await (const reply of pages(ctx, 'queryAll', ask, () => last)) {
    const first =
      last === null && window.since === null && window.after === null && place === null && notes.length === 0
    if (first && isLarge(ctx, reply) && (yield* bulk(null))) return
    const rows = rowsOf(reply)
    last = placeOfLast(rows) ?? last
    const here = body(reply).done ? end(last) : last && { cursor: pageCursor(window, last) }
    yield { rows, held, ...(notes.length > 0 && { notes }), ...here }
  }
}

/** Everything that is alive, by Id. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const seen = await visible(spec, ctx)
  const { fields, held, now } = seen
  const window: Window = { since: null, after: null, began: Number(cursor?.['began'] ?? now), lagMs: LAG_MS }
  const notes: string[] = []
  const end = { last: true, completeThrough: completeThrough(window) }
  const bulk = (from: BulkPlace | null) =>
    byJob(ctx, jobOf(spec, ctx, seen), from, notes, ({ rows, next, end: over }) => ({
      rows,
      held,
      ...(over ? end : next && { cursor: { began: window.began, bulk: next } }),
    }))
  const place = bulkPlaceIn(cursor)
  if (place && (yield* bulk(place))) return
  let last: Position | null = typeof cursor?.['id'] === 'string' ? { stamp: 0, id: cursor['id'] } : null
  const ask = (from: Position | null) =>
    select(spec.object, fields, [spec.where, from && `Id > ${text(from.id)}`], 'ORDER BY Id')
  for await (const reply of pages(ctx, 'query', ask, () => last, 'sweep')) {
    if (last === null && place === null && notes.length === 0 && isLarge(ctx, reply) && (yield* bulk(null))) return
    const rows = rowsOf(reply)
    const id = rows.findLast((row) => row.id !== null)?.id
    if (id) last = { stamp: 0, id }
    const here = body(reply).done ? end : last && { cursor: { began: window.began, id: last.id } }
    yield { rows, held, ...(notes.length > 0 && { notes }), ...here }
  }
}

/** The first page of a query says how many rows it has. */
function isLarge({ config }: Reading, reply: HttpReply): boolean {
  const { totalSize, done } = body(reply)
  return config.bulk !== null && !done && totalSize >= config.bulk.from
}

function jobOf(spec: ObjectSpec, { mode }: Reading, { fields, types }: Visible): Wanted {
  const q = select(spec.object, fields, [spec.where])
  const how = mode === 'full' ? ({ operation: 'query', priority: 'sweep' } as const) : null
  return { object: spec.object, q, types, ...(how ?? { operation: 'queryAll', priority: 'read' }) }
}

/** Everything by a query job. @returns false where the org does not do it: `notes` say why, and pages take its place */
async function* byJob(
  ctx: Reading,
  wanted: Wanted,
  from: BulkPlace | null,
  notes: string[],
  page: (part: BulkPart) => Page,
): AsyncGenerator<Page, boolean> {
  const parts = bulkParts(ctx, wanted, from)
  for (;;) {
    const { value, done } = await parts.next()
    if (done) {
      if (value !== null) notes.push(value)
      return value === null
    }
    yield page(value)
  }
}

type Resource = 'query' | 'queryAll'

/**
 * The replies of one query. The org forgets page addresses after a while (a quarter of an hour, or when the user
 * opens too many): then the same question is asked again from the last row that was seen.
 */
async function* pages(
  ctx: Reading,
  resource: Resource,
  ask: (from: Position | null) => string,
  last: () => Position | null,
  priority: 'read' | 'sweep' = 'read',
): AsyncGenerator<HttpReply> {
  // Outside these bounds the org takes its own size without a word.
  const headers = { 'sforce-query-options': `batchSize=${Math.min(2000, Math.max(200, ctx.pageSize))}` }
  let reply = await query(ctx, resource, ask(last()), { headers, priority })
  for (let page = 0; page < MAX_PAGES; page++) {
    yield reply
    const next = body(reply).nextRecordsUrl
    if (body(reply).done) return
    if (next === undefined)
      throw new ConnectorError('schema', 'Salesforce says that there are more rows but names no next page.')
    const request = { url: next, headers, priority }
    reply = await ctx.http.request({ ...request, accept: [400, 404] })
    if (reply.status < 400) continue
    if (problems(reply).some((p) => p.code === LOCATOR_GONE)) {
      ctx.log.info('A page address expired; reading goes on from the last row.', { resource })
      reply = await query(ctx, resource, ask(last()), { headers, priority })
    } else reply = await ctx.http.request(request)
  }
  throw new ConnectorError('schema', `The query has more than ${MAX_PAGES} pages.`)
}

type Options = { headers?: Record<string, string>; priority: 'verify' | 'read' | 'sweep' }

function query(ctx: Ctx, resource: Resource, q: string, options: Options): Promise<HttpReply> {
  return ctx.http.request({ url: `${root(ctx.config)}/${resource}`, query: { q }, ...options })
}

interface QueryBody {
  totalSize: number
  done: boolean
  nextRecordsUrl?: string
  records: Record<string, unknown>[]
}

function body(reply: HttpReply): QueryBody {
  const value = reply.json() as Partial<QueryBody> | null
  if (typeof value !== 'object' || value === null || !Array.isArray(value.records) || typeof value.done !== 'boolean')
    throw new ConnectorError('schema', 'Salesforce answered a query with something that is no query result.')
  return value as QueryBody
}

function rowsOf(reply: HttpReply): RawRow[] {
  return body(reply).records.map((value) => {
    const id = typeof value === 'object' && value !== null && typeof value['Id'] === 'string' ? id18(value['Id']) : null
    return { id, value, raw: rawText(value) }
  })
}

/** The place of the last row that has one: a row with an unreadable stamp goes to quarantine and must not stop paging. */
function placeOfLast(rows: readonly RawRow[]): Position | null {
  for (const row of rows.toReversed()) {
    const stamp = stampMs((row.value as Record<string, unknown> | null)?.['SystemModstamp'])
    if (stamp !== null && row.id !== null) return { stamp, id: row.id }
  }
  return null
}
