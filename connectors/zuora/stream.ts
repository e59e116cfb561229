/** One Zuora object as a stream: Object Query by (updatedDate, id), one object by key, and the tenant's own count by ZOQL. */
import type { ConnectorContext, Cursor, HttpReply, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position, Window } from '../cursor.ts'
import { completeThrough, doneCursor, lastOf, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import { MAX_PAGES } from '../paging.ts'
import type { ZuoraConfig } from './config.ts'
import { problems } from './dialect.ts'
import { changedAt, idOf, isOldVersion, listOf, mapRow } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'

/** What is subtracted unless the configuration says otherwise: queries run on an index that follows the database. */
export const LAG_MS = 300_000
/** The API refuses larger pages; lists inside a row are cut at the same number. */
const PAGE_MAX = 99
/** Pages that share one stamp end here when their cursor expires: beyond, nothing would advance. */
const STUCK_MAX = 5

type Ctx = ConnectorContext<ZuoraConfig>
type Reading = StreamContext<ZuoraConfig>

export function objectStream(spec: ObjectSpec): Stream<ZuoraConfig> {
  const { zoql } = spec
  return {
    name: spec.object,
    kind: spec.kind,
    source: spec.source,
    holds: [...new Set([...(spec.status ? ['state'] : []), ...Object.keys(spec.fields), ...spec.derived])],
    deletes: 'sweep',
    read: (ctx, cursor) => changes(spec, ctx, cursor),
    map: (row) => mapRow(spec, row),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    // Nothing counts the rows of a range without reading them.
    cost: () => Promise.resolve({ calls: null, rows: null, exact: false, by: 'change' }),
    one: (ctx, id) => oneRow(spec, ctx, id),
    ...(zoql !== null && { count: (ctx: Ctx) => countOf(ctx, zoql) }),
  }
}

async function* changes(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const lagMs = ctx.config.index_lag_seconds * 1000
  let window: Window | null = null
  let last: Position | null = null
  const full = ctx.mode === 'full'
  const since = openWindow(cursor, ctx.clock.now(), lagMs, 1000).since
  for await (const { reply, rows, end } of pages(spec, ctx, full ? 'sweep' : 'read', since, null)) {
    // The tenant's clock at the first page, which is before anything that the later ones show.
    window ??= openWindow(cursor, platformClock(reply, ctx.clock.now()), lagMs, 1000)
    last = furthest(rows) ?? last
    const shown = await current(spec, ctx, rows)
    if (!end) yield { rows: shown, ...(last && { cursor: pageCursor(window, last) }) }
    else if (full) yield { rows: shown, last: true, completeThrough: completeThrough(window) }
    else yield { rows: shown, cursor: doneCursor(window, last), completeThrough: completeThrough(window) }
  }
}

async function* within(spec: ObjectSpec, ctx: Reading, { from, to }: Range, cursor: Cursor): AsyncGenerator<Page> {
  const stamp = cursor?.['stamp']
  for await (const { rows } of pages(spec, ctx, 'sweep', typeof stamp === 'number' ? stamp : from, to)) {
    const last = furthest(rows)
    yield { rows: await current(spec, ctx, rows), ...(last && { cursor: { stamp: last.stamp } }) }
  }
}

interface QueryPage {
  reply: HttpReply
  rows: RawRow[]
  end: boolean
}

/**
 * Every page of one query in the order of change. Cursors of the API stand for (updatedDate, id) and expire: then the same
 * question is asked again from the last stamp that was seen, whose rows come twice.
 */
async function* pages(
  spec: ObjectSpec,
  ctx: Reading,
  priority: 'read' | 'sweep',
  since: number | null,
  before: number | null,
): AsyncGenerator<QueryPage> {
  let from = since
  let next: string | null = null
  let stuck = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const url = queryUrl(spec, pageSize(ctx), { from, before, cursor: next })
    let reply = await ctx.http.request({ url, priority, ...(next !== null && { accept: [400] }) })
    if (reply.status === 400) {
      if (!problems(reply).some(({ message }) => /cursor/i.test(message)) || ++stuck > STUCK_MAX)
        throw new ConnectorError('schema', `Zuora refuses to page on through ${spec.object}.`)
      ctx.log.info('A page cursor expired; reading goes on from the last stamp.', { object: spec.object })
      next = null
      reply = await ctx.http.request({ url: queryUrl(spec, pageSize(ctx), { from, before, cursor: null }), priority })
    }
    const { data, nextPage } = body(reply)
    const rows = data.map((value) => ({ id: idOf(spec, value), value, raw: rawText(value) }))
    const last = furthest(rows)
    if (last && last.stamp !== from) [from, stuck] = [last.stamp, 0]
    if (nextPage !== null && nextPage === next)
      throw new ConnectorError('schema', `Paging of ${spec.object} does not advance: the same cursor came twice.`)
    next = nextPage
    yield { reply, rows, end: next === null }
    if (next === null) return
  }
  throw new ConnectorError('schema', `${spec.object} has more than ${MAX_PAGES} pages in one read.`)
}

/** Names without case and without escapes, as the API documents them; brackets and values are escaped. */
function queryUrl(
  spec: ObjectSpec,
  size: number,
  { from, before, cursor }: { from: number | null; before: number | null; cursor: string | null },
): string {
  const parameters: [string, string][] = [['pageSize', String(size)]]
  if (cursor !== null) parameters.push(['cursor', cursor])
  if (from !== null) parameters.push(['filter[]', `updateddate.GE:${instant(from)}`])
  if (before !== null) parameters.push(['filter[]', `updateddate.LT:${instant(before)}`])
  parameters.push(['sort[]', 'updateddate.ASC'], ...shape(spec))
  return `/object-query/${spec.object}?${new URLSearchParams(parameters).toString()}`
}

/** Null fields come only when asked for: without them, empty could not be told from not held. */
function shape(spec: ObjectSpec): [string, string][] {
  return [...spec.expand.map((one): [string, string] => ['expand[]', one]), ['includeNullFields', 'true']]
}

/** Whole seconds: the resolution of the API's stamps. */
const instant = (ms: number) => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
const pageSize = (ctx: Reading) => Math.min(PAGE_MAX, Math.max(1, ctx.pageSize))

/** What of a page is still so: no older versions, and with whole lists. */
async function current(spec: ObjectSpec, ctx: Reading, rows: RawRow[]): Promise<RawRow[]> {
  if (spec.kind !== 'subscription') return rows
  const shown: RawRow[] = []
  for (const row of rows) {
    if (isOldVersion(row.value, ctx.config)) continue
    const cut = row.id !== null && isCut(row.value, pageSize(ctx))
    // By its id, not its number: this very version.
    const key = String((row.value as Record<string, unknown>)['id'] ?? row.id)
    shown.push(cut ? ((await oneRow(spec, ctx, key, 'read')) ?? row) : row)
  }
  return shown
}

/** A list inside a row ends at the page size without a word. */
function isCut(value: unknown, size: number): boolean {
  const plans = listOf(value, 'ratePlans') ?? []
  return plans.length >= size || plans.some((plan) => (listOf(plan, 'ratePlanCharges')?.length ?? 0) >= size)
}

export async function oneRow(
  spec: ObjectSpec,
  ctx: Ctx,
  id: string,
  priority: 'verify' | 'read' = 'verify',
): Promise<RawRow | null> {
  const parameters = new URLSearchParams([['pageSize', String(PAGE_MAX)], ...shape(spec)])
  const url = `/object-query/${spec.object}/${encodeURIComponent(id)}?${parameters.toString()}`
  const reply = await ctx.http.request({ url, priority, accept: [404] }).catch((error: unknown) => {
    // The same with status 200 and a code that ends in 40.
    if ((error as { code?: unknown }).code === 'not_found') return null
    throw error
  })
  if (reply === null || reply.status === 404) return null
  const value = reply.json()
  if (isCut(value, PAGE_MAX)) for (const plan of listOf(value, 'ratePlans') ?? []) delete plan['ratePlanCharges']
  return { id: idOf(spec, value), value, raw: rawText(value) }
}

/** ZOQL gives the number of all rows with the first page of them. */
async function countOf(ctx: Ctx, object: string): Promise<number> {
  return (await zoql(ctx, `select Id from ${object}`, 'sweep')).size
}

/** @throws ConnectorError `schema` for what is no query result */
export async function zoql(
  ctx: Ctx,
  queryString: string,
  priority: 'verify' | 'sweep',
): Promise<{ size: number; records: Record<string, unknown>[] }> {
  const reply = await ctx.http.request({ method: 'POST', url: '/v1/action/query', json: { queryString }, priority })
  const { size, records } = (reply.json() ?? {}) as { size?: unknown; records?: Record<string, unknown>[] }
  if (typeof size !== 'number')
    throw new ConnectorError('schema', 'Zuora answered a query with something that is no query result.')
  return { size, records: records ?? [] }
}

function body(reply: HttpReply): { data: unknown[]; nextPage: string | null } {
  const value = reply.json() as { data?: unknown; nextPage?: unknown } | null
  if (typeof value !== 'object' || value === null || !Array.isArray(value.data))
    throw new ConnectorError('schema', 'Zuora answered a query with something that is no query result.')
  return {
    data: value.data,
    nextPage: typeof value.nextPage === 'string' && value.nextPage !== '' ? value.nextPage : null,
  }
}

function furthest(rows: readonly RawRow[]): Position | null {
  const placed = rows.flatMap(({ id, value }) => {
    const stamp = changedAt(value)
    return stamp === null || id === null ? [] : [{ stamp, id }]
  })
  return lastOf(placed, (place) => place)
}
