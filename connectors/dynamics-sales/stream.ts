/**
 * One Dataverse table as a stream. Change tracking is the place in it: the environment itself knows what was committed after
 * a delta link, whatever the stamps say. Tables without it are read by `modifiedon`, whose whole seconds many rows share.
 */
import type { ConnectorContext, Cursor, HttpReply, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import { reasonOf } from '../odata.ts'
import { MAX_PAGES } from '../paging.ts'
import type { DynamicsConfig } from './config.ts'
import { mapRow, stampMs } from './mapping.ts'
import type { Row, TableSpec } from './tables.ts'
import { columnsOf, ISO, wanted } from './tables.ts'

/** A row is stamped when it is written and seen when its transaction commits. */
export const LAG_MS = 120_000
const PAGE_ROWS = 5_000
/** How a link that is too old, or from before the environment was copied, is refused. */
const REFUSED = [400, 404, 410]
const ANNOTATIONS = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'

type Ctx = ConnectorContext<DynamicsConfig>
type Reading = StreamContext<DynamicsConfig>
type Priority = 'verify' | 'read' | 'sweep'

export const root = (config: Pick<DynamicsConfig, 'api_version'>) => `/api/data/v${config.api_version}`
const at = (spec: TableSpec, ctx: Ctx) => `${root(ctx.config)}/${spec.set}`

export function tableStream(spec: TableSpec): Stream<DynamicsConfig> {
  return {
    name: spec.set,
    kind: spec.kind,
    source: spec.logical,
    holds: [...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)])],
    deletes: spec.changes === 'delta' ? 'tombstone' : 'sweep',
    read(ctx, cursor) {
      if (ctx.mode === 'full') return everything(spec, ctx, cursor)
      return spec.changes === 'delta' ? tracked(spec, ctx, cursor) : byStamp(spec, ctx, cursor)
    },
    map: (row, ctx) => mapRow(spec, row, ctx.config),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    async cost(ctx, { from, to }) {
      const rows = await total(spec, ctx, between(from, to))
      return { calls: 2 + Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: true, by: 'change' }
    },
    one: (ctx, id) => oneBy(spec, ctx, id),
    count: (ctx) => total(spec, ctx, null),
  }
}

/** @param handle a primary key, or `column='value'` of an alternate key */
export async function oneBy(spec: TableSpec, ctx: Ctx, handle: string): Promise<RawRow | null> {
  const { columns } = await visible(spec, ctx)
  const reply = await ctx.http.request({
    url: `${at(spec, ctx)}(${handle})`,
    query: { $select: columns.join(',') },
    headers: { prefer: ANNOTATIONS },
    priority: 'verify',
    accept: [404],
  })
  if (reply.status === 404) return null
  const currencies = await currenciesOf(spec, ctx, 'verify')
  return rowOf(spec, reply.json() as Row, currencies)
}

/** Changes since the delta link; without one, or when it is too old, everything and a first link. */
async function* tracked(spec: TableSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const seen = await visible(spec, ctx)
  if (!seen.tracked)
    throw new ConnectorError('config', `Change tracking is off for the table ${spec.logical}.`, {
      remedy: `Turn “Track changes” on for it, or set config.tables.${spec.set}.changes to modifiedon.`,
    })
  const select = seen.columns.join(',')
  const began = typeof cursor?.['began'] === 'number' && cursor['done'] === false ? cursor['began'] : seen.now
  // A link keeps the columns that it was made with: other columns need a new one.
  const link = cursor?.['select'] === select && typeof cursor['link'] === 'string' ? cursor['link'] : null
  const prefer = `odata.track-changes,odata.maxpagesize=${pageSize(ctx)},${ANNOTATIONS}`
  const currencies = await currenciesOf(spec, ctx, 'read')
  let request = link === null ? first(spec, ctx, select, prefer) : { url: link, headers: { prefer } }
  let restarted = false
  for (let page = 0; page < MAX_PAGES; page++) {
    const kept = 'query' in request || restarted ? {} : { accept: REFUSED }
    const reply: HttpReply = await ctx.http.request({ ...request, priority: 'read', ...kept })
    if (reply.status >= 400) {
      restarted = true
      ctx.log.warn(`A kept link is no longer good (${reasonOf(reply)}); the table is read from the beginning.`, {
        table: spec.logical,
      })
      request = first(spec, ctx, select, prefer)
      continue
    }
    const { rows, deleted, next, delta } = pageIn(spec, reply, currencies)
    const found = { rows, held: seen.held, ...(deleted.length > 0 && { deleted }) }
    if (next === null) {
      if (delta === null) throw new ConnectorError('schema', 'Dataverse ended a tracked read without a delta link.')
      yield { ...found, cursor: { began, link: delta, select, done: true }, completeThrough: began - LAG_MS }
      return
    }
    yield { ...found, cursor: { began, link: next, select, done: false } }
    request = { url: next, headers: { prefer } }
  }
  throw tooLong(spec)
}

const pageSize = (ctx: Reading) => Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))

function first(spec: TableSpec, ctx: Ctx, select: string, prefer: string) {
  return { url: at(spec, ctx), query: { $select: select }, headers: { prefer } }
}

async function* byStamp(spec: TableSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const seen = await visible(spec, ctx)
  const window = openWindow(cursor, seen.now, LAG_MS, 1000)
  const filter = window.since === null ? null : `modifiedon ge ${instant(window.since)}`
  let last: Position | null = null
  for await (const { rows, end } of ordered(spec, ctx, seen.columns, filter, 'read')) {
    last = placeOfLast(rows) ?? last
    const cursor = end ? doneCursor(window, last) : last && pageCursor(window, last)
    yield { rows, held: seen.held, ...(cursor && { cursor }), ...(end && { completeThrough: completeThrough(window) }) }
  }
}

async function* within(spec: TableSpec, ctx: Reading, { from, to }: Range, cursor: Cursor): AsyncGenerator<Page> {
  const { columns, held } = await visible(spec, ctx)
  const since = typeof cursor?.['stamp'] === 'number' ? cursor['stamp'] : from
  for await (const { rows } of ordered(spec, ctx, columns, between(since, to), 'sweep')) {
    const last = placeOfLast(rows)
    yield { rows, held, ...(last && { cursor: { stamp: last.stamp } }) }
  }
}

/** By (modifiedon, id); the next link holds the values of the last row, so that rows which move shift no page. */
async function* ordered(spec: TableSpec, ctx: Reading, columns: string[], filter: string | null, priority: Priority) {
  const order = `modifiedon asc,${spec.id} asc`
  const query = { $select: columns.join(','), $orderby: order, ...(filter !== null && { $filter: filter }) }
  yield* followed(spec, ctx, { url: at(spec, ctx), query }, priority)
}

/** Everything that is there. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: TableSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { columns, held, now } = await visible(spec, ctx)
  const began = typeof cursor?.['began'] === 'number' ? cursor['began'] : now
  const next = typeof cursor?.['next'] === 'string' ? cursor['next'] : null
  const whole = { url: at(spec, ctx), query: { $select: columns.join(',') } }
  for await (const page of followed(spec, ctx, next === null ? whole : { url: next }, 'sweep', whole))
    yield page.end
      ? { rows: page.rows, held, last: true, completeThrough: began - LAG_MS }
      : { rows: page.rows, held, cursor: { began, next: page.next } }
}

async function* followed(
  spec: TableSpec,
  ctx: Reading,
  request: { url: string; query?: Record<string, string> },
  priority: Priority,
  again?: { url: string; query: Record<string, string> },
): AsyncGenerator<{ rows: RawRow[]; end: boolean; next: string | null }> {
  const headers = { prefer: `odata.maxpagesize=${pageSize(ctx)},${ANNOTATIONS}` }
  const currencies = await currenciesOf(spec, ctx, priority)
  let asked = request
  for (let page = 0; page < MAX_PAGES; page++) {
    // Only the link of a cursor is old enough to be refused.
    const kept = page === 0 && again && !asked.query ? { accept: REFUSED } : {}
    const reply = await ctx.http.request({ ...asked, headers, priority, ...kept })
    if (reply.status >= 400 && again) {
      asked = again
      continue
    }
    const { rows, next } = pageIn(spec, reply, currencies)
    yield { rows, end: next === null, next }
    if (next === null) return
    asked = { url: next }
  }
  throw tooLong(spec)
}

const tooLong = (spec: TableSpec) => new ConnectorError('schema', `${spec.set} has more than ${MAX_PAGES} pages.`)
/** The API takes whole seconds. */
const instant = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
const between = (from: number, to: number) => `modifiedon ge ${instant(from)} and modifiedon lt ${instant(to)}`

/** `$count` ends at 5,000 and an aggregate at 50,000; beyond that the environment only knows yesterday's figure. */
async function total(spec: TableSpec, ctx: Ctx, filter: string | null): Promise<number> {
  const apply = `${filter === null ? '' : `filter(${filter})/`}aggregate($count as total)`
  const request = { url: at(spec, ctx), query: { $apply: apply }, priority: 'sweep' as const }
  const reply = await ctx.http.request({ ...request, accept: [400] })
  if (reply.status < 400) {
    const [found] = (reply.json() as { value?: { total?: unknown }[] }).value ?? []
    return Number(found?.total ?? 0)
  }
  if (filter !== null || !/AggregateQueryRecordLimit|0x8004e023/i.test(reply.text)) await ctx.http.request(request)
  const url = `${root(ctx.config)}/RetrieveTotalRecordCount(EntityNames=['${spec.logical}'])`
  const counted = (await ctx.http.request({ url, priority: 'sweep' })).json() as Row
  const values = (counted['EntityRecordCountCollection'] as { Values?: unknown[] } | undefined)?.Values
  return Number(values?.[0] ?? 0)
}

interface Visible {
  columns: string[]
  held: string[]
  tracked: boolean
  now: number
}

/** Definitions are asked again for every read, and for single rows as often as this. */
const VISIBLE_MS = 15 * 60_000
const lately = new WeakMap<DynamicsConfig, Map<string, { at: number; visible: Visible }>>()

/** Columns that the table has: asking for another one fails the whole request. */
async function visible(spec: TableSpec, ctx: Ctx | Reading): Promise<Visible> {
  const known = lately.get(ctx.config) ?? new Map<string, { at: number; visible: Visible }>()
  const had = known.get(spec.set)
  if (had && !('mode' in ctx && ctx.mode) && ctx.clock.now() - had.at < VISIBLE_MS) return had.visible
  const reply = await ctx.http.request({
    url: `${root(ctx.config)}/EntityDefinitions(LogicalName='${spec.logical}')`,
    query: { $select: 'ChangeTrackingEnabled', $expand: 'Attributes($select=LogicalName,IsValidForRead)' },
  })
  const found = reply.json() as {
    ChangeTrackingEnabled?: boolean
    Attributes?: { LogicalName: string; IsValidForRead?: boolean }[]
  }
  if (!Array.isArray(found.Attributes))
    throw new ConnectorError('schema', `Dataverse does not describe the columns of ${spec.logical}.`)
  const names = new Set(found.Attributes.filter((a) => a.IsValidForRead !== false).map((a) => a.LogicalName))
  const has = (column: string) => names.has(/^_(.+)_value$/.exec(column)?.[1] ?? column)
  const held = Object.entries(spec.fields).flatMap(([field, source]) =>
    columnsOf(source).every(has) || (field === 'currency' && ctx.config.currency) ? [field] : [],
  )
  if (spec.status !== null && has(spec.status)) held.push('state')
  const now = platformClock(reply, ctx.clock.now())
  const columns = wanted(spec).filter(has)
  const visible = { columns, held: [...new Set(held)], tracked: found.ChangeTrackingEnabled === true, now }
  lately.set(ctx.config, known.set(spec.set, { at: ctx.clock.now(), visible }))
  return visible
}

type Currencies = ReadonlyMap<string, string>

/** Rows name their currency by an id, and change tracking expands nothing. */
async function currenciesOf(spec: TableSpec, ctx: Ctx, priority: Priority): Promise<Currencies> {
  const found = new Map<string, string>()
  if (!Object.values(spec.fields).includes(ISO)) return found
  const reply = await ctx.http.request({
    url: `${root(ctx.config)}/transactioncurrencies`,
    query: { $select: 'transactioncurrencyid,isocurrencycode' },
    priority,
  })
  for (const row of (reply.json() as { value?: Row[] }).value ?? [])
    found.set(String(row['transactioncurrencyid']).toLowerCase(), String(row['isocurrencycode']))
  return found
}

function pageIn(spec: TableSpec, reply: HttpReply, currencies: Currencies) {
  const body = reply.json() as Row
  const value = body['value']
  if (!Array.isArray(value)) throw new ConnectorError('schema', 'Dataverse answered with something that is no list.')
  const rows: RawRow[] = []
  const deleted: { id: string }[] = []
  for (const row of value as Row[]) {
    const gone = String(row['@odata.context'] ?? '').endsWith('/$deletedEntity')
    if (gone && typeof row['id'] === 'string') deleted.push({ id: row['id'].toLowerCase() })
    else rows.push(rowOf(spec, row, currencies))
  }
  const link = (name: string) => (typeof body[name] === 'string' ? body[name] : null)
  return { rows, deleted, next: link('@odata.nextLink'), delta: link('@odata.deltaLink') }
}

function rowOf(spec: TableSpec, row: Row, currencies: Currencies): RawRow {
  const currency = row['_transactioncurrencyid_value']
  const iso = typeof currency === 'string' ? currencies.get(currency.toLowerCase()) : undefined
  const expanded =
    currency === undefined ? {} : { transactioncurrencyid: iso === undefined ? null : { isocurrencycode: iso } }
  const value = { ...row, ...expanded }
  const id = row[spec.id]
  return { id: typeof id === 'string' ? id.toLowerCase() : null, value, raw: rawText(value) }
}

function placeOfLast(rows: readonly RawRow[]): Position | null {
  for (const row of rows.toReversed()) {
    const stamp = stampMs((row.value as Row)['modifiedon'])
    if (stamp !== null && row.id !== null) return { stamp, id: row.id }
  }
  return null
}
