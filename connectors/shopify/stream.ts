/**
 * One object as a stream. Lists go on from a place that Shopify names (the order and the last row in it), so that rows that
 * change meanwhile shift nothing; what is inside other objects is read with them, as they move when it does.
 */
import type { Cursor, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, lastOf, openWindow } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { Ctx, Priority } from './ask.ts'
import type { BulkPlace } from './bulk.ts'
import { ask, connectionOf } from './ask.ts'
import { bulkPages, bulkPlaceIn, canBulk, startBulk } from './bulk.ts'
import type { ShopifyConfig } from './config.ts'
import { isLostPlace, isTooCostly } from './dialect.ts'
import { countDocument, eventsDocument, listDocument, oneDocument, restDocument } from './documents.ts'
import type { Node } from './mapping.ts'
import { mapNode, placeOf, rowOf, stampMs } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { heldBy, offered } from './offer.ts'
import { gidOf, idOf } from './values.ts'

/** Lists by the time of change run on an index that follows the database. */
export const LAG_MS = 120_000
/** Objects of a page at most; fewer where each brings a list of its own. */
const PAGE_MAX = 250
const PAGE_MAX_WITHIN = 20
/** A place that is lost again and again is no place. */
const LOST_MAX = 3

type Reading = StreamContext<ShopifyConfig>

export function objectStream(spec: ObjectSpec): Stream<ShopifyConfig> {
  const { count } = spec
  return {
    name: spec.name,
    kind: spec.kind,
    source: spec.type,
    holds: heldBy(spec),
    deletes: 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row) => mapNode(spec, row),
    async *range(ctx, range, cursor) {
      const { spec: now, held } = await offered(spec, ctx)
      const asked = { query: queryOf(now, ctx, range.from, range.to), after: placeIn(cursor), order: 'change' } as const
      for await (const { rows, next } of pages(now, ctx, asked, 'sweep'))
        yield { rows, held, ...(next !== null && { cursor: next }) }
    },
    cost: (ctx, range) => costOf(spec, ctx, range),
    ...(spec.single && { one: (ctx: Ctx, id: string) => oneRow(spec, ctx, id) }),
    ...(count && !spec.within && { count: (ctx: Ctx) => countOf(count, ctx, queryOf(spec, ctx, null, null), 'sweep') }),
  }
}

const placeIn = (cursor: Cursor): string | null =>
  cursor?.['done'] !== true && typeof cursor?.['after'] === 'string' ? cursor['after'] : null

async function* changes(all: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { spec, held, notes, now } = await offered(all, ctx)
  const window = openWindow(cursor, now, LAG_MS, 1000)
  const { began, since } = window
  let newest: Position | null = null
  let first = true
  const asked = { query: queryOf(spec, ctx, since, null), after: placeIn(cursor), order: 'change' } as const
  const found = since === null ? whole(spec, ctx, asked, cursor, 'read') : pages(spec, ctx, asked, 'read')
  for await (const { rows, last, next } of found) {
    newest = lastOf(
      [newest, last].filter((place) => place !== null),
      (place) => place,
    )
    // What changes while we read comes at the end, again and again: the next run has it.
    const beyond = spec.sort !== null && 'after' in (next ?? {}) && last !== null && last.stamp > began + LAG_MS
    const said = { rows, held, ...(first && notes.length > 0 && { notes }) }
    first = false
    if (next !== null && !beyond)
      yield { ...said, cursor: { began, ...(since !== null && { since }), ...next, done: false } }
    else {
      const deleted = since === null ? [] : await destroyed(spec, ctx, since)
      yield { ...said, deleted, cursor: doneCursor(window, newest), completeThrough: completeThrough(window) }
      return
    }
  }
}

/** Everything that there is, by id. `began` stays that of the first page, however often it is resumed. */
async function* everything(all: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { spec, held, now } = await offered(all, ctx)
  const began = typeof cursor?.['began'] === 'number' ? cursor['began'] : now
  const asked = { query: queryOf(spec, ctx, null, null), after: placeIn(cursor), order: 'id' } as const
  for await (const { rows, next } of whole(spec, ctx, asked, cursor, 'sweep'))
    yield next === null
      ? { rows, held, last: true, completeThrough: began - LAG_MS }
      : { rows, held, cursor: { began, ...next } }
}

const seconds = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

function queryOf(spec: ObjectSpec, ctx: Ctx, from: number | null, to: number | null): string | null {
  const terms = [
    ...(from === null ? [] : [`updated_at:>='${seconds(from)}'`]),
    ...(to === null ? [] : [`updated_at:<'${seconds(to)}'`]),
    ...(spec.list === 'orders' && !ctx.config.test_orders ? ['test:false'] : []),
  ]
  return terms.length > 0 ? terms.join(' AND ') : null
}

interface Asked {
  query: string | null
  after: string | null
  order: 'change' | 'id'
}

interface Found {
  rows: RawRow[]
  /** Newest change on the page. */
  last: Position | null
  /** Where it goes on, as cursors keep it; null: that was all. */
  next: { after: string } | { bulk: BulkPlace } | null
}

/** Everything of a list: many rows by a bulk operation, which goes on where it was left; the others in pages. */
async function* whole(
  spec: ObjectSpec,
  ctx: Reading,
  asked: Asked,
  cursor: Cursor,
  priority: Priority,
): AsyncGenerator<Found> {
  let place = bulkPlaceIn(cursor)
  if (place === null && asked.after === null && (await isLarge(spec, ctx, asked.query, priority))) {
    place = await startBulk(spec, ctx, asked.query, priority)
    // Kept before anybody waits for it: a run that is cut off does not ask for a second one.
    if (place) yield { rows: [], last: null, next: { bulk: place } }
  }
  const parts = place && (await bulkPages(spec, ctx, place, priority))
  if (!parts) return yield* pages(spec, ctx, asked, priority)
  for await (const { rows, last, next } of parts) yield { rows, last, next: next && { bulk: next } }
}

async function isLarge(spec: ObjectSpec, ctx: Reading, query: string | null, priority: Priority): Promise<boolean> {
  const { bulk } = ctx.config
  // What lies in orders is as many as they are, at least.
  const count = spec.count ?? (spec.list === 'orders' ? { field: 'ordersCount', filtered: true } : null)
  if (!bulk || !count || !canBulk(spec)) return false
  return (await countOf(count, ctx, query, priority)) >= bulk.from
}

async function* pages(spec: ObjectSpec, ctx: Reading, asked: Asked, priority: Priority): AsyncGenerator<Found> {
  const document = listDocument(spec, asked.order)
  let first = Math.max(1, Math.min(spec.within ? PAGE_MAX_WITHIN : PAGE_MAX, ctx.pageSize))
  let place = asked.after
  let lost = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const variables = { first, after: place, query: asked.query }
    const found = await ask(ctx, document, variables, priority).catch((error: unknown) => error as Error)
    if (found instanceof Error) {
      if (isTooCostly(found) && first > 1) first >>= 1
      else if (isLostPlace(found) && place !== null && ++lost <= LOST_MAX) place = null
      else throw found
      continue
    }
    const { nodes, after } = connectionOf(found.data['page'], spec.list)
    if (after !== null && after === place)
      throw new ConnectorError('schema', `The list of ${spec.list} does not advance.`)
    place = after
    const rows = spec.within ? await inside(spec, ctx, nodes, priority) : nodes
    yield {
      rows: rows.filter((node) => spec.shown(node)).map(rowOf),
      last: lastOf(nodes.flatMap(placeOf), (p) => p),
      next: after === null ? null : { after },
    }
    if (after === null) return
  }
  throw new ConnectorError('schema', `${spec.list} has more than ${MAX_PAGES} pages.`)
}

/** The lists inside a page of objects; what one does not show at once is asked for by itself. */
async function inside(spec: ObjectSpec, ctx: Ctx, nodes: readonly Node[], priority: Priority): Promise<Node[]> {
  const within = spec.within!
  const rows: Node[] = []
  for (const node of nodes) {
    const { [within.member]: list, ...outer } = node
    const shown = within.paged ? connectionOf(list, within.member) : { nodes: (list ?? []) as Node[], after: null }
    let children = shown.nodes
    if (shown.after !== null) children = [...children, ...(await rest(spec, ctx, node, shown.after, priority))]
    else if (!within.paged && children.length >= within.most) children = await rest(spec, ctx, node, null, priority)
    rows.push(...children.map((child) => ({ ...child, [within.as]: outer })))
  }
  return rows
}

async function rest(spec: ObjectSpec, ctx: Ctx, node: Node, from: string | null, priority: Priority): Promise<Node[]> {
  const within = spec.within!
  const document = restDocument(spec, within)
  const found: Node[] = []
  let after = from
  for (let page = 0; page < MAX_PAGES; page++) {
    const variables = { id: node['id'], ...(within.paged && { after }) }
    const { data } = await ask(ctx, document, variables, priority)
    const list = (data['node'] as Node | null)?.[within.member]
    if (!within.paged) return (list ?? []) as Node[]
    const { nodes, after: next } = connectionOf(list, within.member)
    found.push(...nodes)
    if (next === null) return found
    if (next === after) break
    after = next
  }
  throw new ConnectorError('schema', `The list of ${within.member} inside an object does not advance.`)
}

export async function oneRow(spec: ObjectSpec, ctx: Ctx, id: string): Promise<RawRow | null> {
  const { data } = await ask(ctx, oneDocument(spec), { id: gidOf(spec.type, id) }, 'verify')
  const node = data['node'] as Node | null
  // An id of another type is answered with an empty object.
  return node && typeof node['id'] === 'string' && spec.shown(node) ? rowOf(node) : null
}

async function countOf(count: NonNullable<ObjectSpec['count']>, ctx: Ctx, query: string | null, priority: Priority) {
  const { data } = await ask(ctx, countDocument(count), count.filtered ? { query } : {}, priority)
  const said = data['count'] as { count?: unknown; precision?: unknown } | null
  if (typeof said?.count === 'number' && said.precision !== 'AT_LEAST') return said.count
  throw new ConnectorError('schema', `Shopify gives no exact count by ${count.field}.`)
}

async function costOf(spec: ObjectSpec, ctx: Ctx, { from, to }: Range) {
  if (!spec.count?.filtered) return { calls: null, rows: null, exact: false, by: 'change' as const }
  const rows = await countOf(spec.count, ctx, queryOf(spec, ctx, from, to), 'verify')
  return { calls: 1 + Math.max(1, Math.ceil(rows / PAGE_MAX)), rows, exact: true, by: 'change' as const }
}

/** What the shop's own events say is destroyed; the sweep finds what they do not tell. */
async function destroyed(spec: ObjectSpec, ctx: Ctx, since: number): Promise<{ id: string; at: number }[]> {
  if (spec.subject === null || spec.within) return []
  const query = `subject_type:${spec.subject} AND action:destroy AND created_at:>='${seconds(since)}'`
  const gone: { id: string; at: number }[] = []
  let after: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const { data } = await ask(ctx, eventsDocument, { query, after }, 'read')
    const { nodes, after: next } = connectionOf(data['page'], 'events')
    for (const { action, subjectType, subjectId, createdAt } of nodes) {
      const at = stampMs(createdAt)
      // Conditions that the search does not know are left out without a word: what came is looked at again.
      if (action !== 'destroy' || subjectType !== spec.subject || at === null || at < since) continue
      gone.push({ id: idOf(subjectId)!, at })
    }
    if (next === null || next === after) return gone
    after = next
  }
  return gone
}
