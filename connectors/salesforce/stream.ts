/** One Salesforce object as a stream: changes by (SystemModstamp, Id), enumeration by Id, one row, and the org's own count. */
import type { ConnectorContext, Cursor, HttpReply, Page, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position, Window } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import { MAX_PAGES } from '../paging.ts'
import type { SalesforceConfig } from './config.ts'
import { LOCATOR_GONE, problems } from './dialect.ts'
import { mapRow } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { pathsOf } from './objects.ts'
import { ALWAYS, changedAfter, id18, MERGE, select, stampMs, text } from './soql.ts'

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

async function* changes(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { fields, held, now } = await visible(spec, ctx)
  const window = openWindow(cursor, now, LAG_MS, 1000)
  let last: Position | null = null
  const ask = (from: Position | null) =>
    select(spec.object, fields, [spec.where, changedAfter(window, from)], 'ORDER BY SystemModstamp, Id')
  for await (const reply of pages(ctx, 'queryAll', ask, () => last)) {
    const rows = rowsOf(reply)
    last = placeOfLast(rows) ?? last
    const done = body(reply).done
    yield {
      rows,
      held,
      ...(done
        ? { cursor: doneCursor(window, last), completeThrough: completeThrough(window) }
        : last && { cursor: pageCursor(window, last) }),
    }
  }
}

/** Everything that is alive, by Id. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { fields, held, now } = await visible(spec, ctx)
  const window: Window = { since: null, after: null, began: Number(cursor?.['began'] ?? now), lagMs: LAG_MS }
  let last: Position | null = typeof cursor?.['id'] === 'string' ? { stamp: 0, id: cursor['id'] } : null
  const ask = (from: Position | null) =>
    select(spec.object, fields, [spec.where, from && `Id > ${text(from.id)}`], 'ORDER BY Id')
  for await (const reply of pages(ctx, 'query', ask, () => last, 'sweep')) {
    const rows = rowsOf(reply)
    const id = rows.findLast((row) => row.id !== null)?.id
    if (id) last = { stamp: 0, id }
    const end = body(reply).done
    yield {
      rows,
      held,
      ...(end
        ? { last: true, completeThrough: completeThrough(window) }
        : last && { cursor: { began: window.began, id: last.id } }),
    }
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

export function root(config: SalesforceConfig): string {
  return `/services/data/v${config.api_version}`
}

interface Visible {
  fields: string[]
  held: string[]
  /** The org's clock when it was asked, before the query that follows. */
  now: number
}

/** What was visible is asked again for every read, and for single rows as often as this. */
const VISIBLE_MS = 15 * 60_000
const lately = new WeakMap<SalesforceConfig, Map<string, { at: number; visible: Visible }>>()

async function visibleLately(spec: ObjectSpec, ctx: Ctx): Promise<Visible> {
  const known = lately.get(ctx.config)?.get(spec.object)
  return known && ctx.clock.now() - known.at < VISIBLE_MS ? known.visible : visible(spec, ctx)
}

/**
 * What the user may see of the object: field-level security hides columns without a word, and asking for a hidden
 * one fails the whole query.
 */
async function visible(spec: ObjectSpec, ctx: Ctx): Promise<Visible> {
  const reply = await ctx.http.request({
    url: `${root(ctx.config)}/sobjects/${spec.object}/describe`,
    priority: 'read',
  })
  const described = (reply.json() as { fields?: { name: string; relationshipName?: string | null }[] }).fields
  if (!Array.isArray(described))
    throw new ConnectorError('schema', `Salesforce does not describe the fields of ${spec.object}.`)
  const names = new Set(described.flatMap((f) => [f.name, ...(f.relationshipName ? [`${f.relationshipName}.`] : [])]))
  const seen = (path: string) => (path.includes('.') ? names.has(`${path.split('.')[0]}.`) : names.has(path))
  const wanted = [
    ...ALWAYS,
    MERGE,
    ...Object.values(spec.fields).flatMap(pathsOf),
    ...Object.values(spec.refs),
    ...spec.also,
    ...(spec.status ? [spec.status] : []),
    ...(spec.key ? [spec.key] : []),
  ]
  const held = Object.entries(spec.fields).flatMap(([name, source]) =>
    pathsOf(source).every(seen) || (name === 'currency' && ctx.config.currency) ? [name] : [],
  )
  if (spec.status && seen(spec.status) && !held.includes('state')) held.push('state')
  const found = { fields: [...new Set(wanted)].filter(seen), held, now: platformClock(reply, ctx.clock.now()) }
  const known = lately.get(ctx.config) ?? new Map<string, { at: number; visible: Visible }>()
  lately.set(ctx.config, known.set(spec.object, { at: ctx.clock.now(), visible: found }))
  return found
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
