/**
 * One HubSpot object as a stream. The first load and every enumeration go by the list, which has no end at 10,000 rows and
 * no late index; changes go by the search, one page after the other from the last stamp that was seen.
 */
import type { ConnectorContext, Cursor, HttpReply, Page, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { HubspotConfig } from './config.ts'
import type { Priority } from './links.ts'
import { path, resultsOf, rowOf, targets, withLinks } from './links.ts'
import type { HubspotObject } from './mapping.ts'
import { holdsCurrency, mapObject, stampMs } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { propertiesOf, wanted } from './objects.ts'
import { changedIn, SEARCH_ROWS, searched, total } from './search.ts'

/** Written rows reach the search index after seconds; two minutes cover a busy account. */
export const LAG_MS = 120_000
/** Rows of a page of the list at most. */
const LIST_ROWS = 100

type Ctx = ConnectorContext<HubspotConfig>
type Reading = StreamContext<HubspotConfig>

export function objectStream(spec: ObjectSpec): Stream<HubspotConfig> {
  return {
    name: spec.object,
    kind: spec.kind,
    source: spec.object,
    holds: holdsOf(spec),
    deletes: 'tombstone',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row, ctx) => mapObject(spec, row, ctx.config),
    async *range(ctx, { from, to }, cursor) {
      const [stamp, id] = [cursor?.['stamp'], cursor?.['id']]
      const since = typeof stamp === 'number' && typeof id === 'string' ? stamp : from
      for await (const { rows, last } of searched(spec, ctx, since, to - 1, 'sweep'))
        yield { rows, ...(last && { cursor: { stamp: last.stamp, id: last.id } }) }
    },
    async cost(ctx, range) {
      const rows = await total(spec, ctx, changedIn(spec, range))
      const pages = Math.max(1, Math.ceil(rows / SEARCH_ROWS))
      return { calls: pages * (1 + targets(spec).length), rows, exact: true, by: 'change' }
    },
    one: (ctx, id) => oneBy(spec, ctx, id, null),
    count: (ctx) => total(spec, ctx, []),
  }
}

function holdsOf(spec: ObjectSpec): string[] {
  const own = [...Object.keys(spec.fields), ...Object.keys(spec.links)]
  return [
    ...new Set([...(spec.status === null ? [] : ['state']), ...(holdsCurrency(spec) ? ['currency'] : []), ...own]),
  ]
}

/** One object, by its id or by a property with unique values. Null: archived, merged away or never there. */
export async function oneBy(spec: ObjectSpec, ctx: Ctx, id: string, by: string | null): Promise<RawRow | null> {
  const reply = await ctx.http.request({
    url: `${path(spec)}/${encodeURIComponent(id)}`,
    query: { properties: wanted(spec).join(','), archived: false, ...(by !== null && { idProperty: by }) },
    priority: 'verify',
    accept: [404],
  })
  if (reply.status === 404) return null
  const found = reply.json() as HubspotObject
  // The id of an object that was merged away answers with the survivor.
  if (by === null && found.id !== id) return null
  const associations: Record<string, unknown> = {}
  for (const to of targets(spec)) {
    const url = `/crm/v4/objects/${spec.object}/${encodeURIComponent(found.id)}/associations/${to}`
    const linked = await ctx.http.request({ url, query: { limit: 500 }, priority: 'verify', accept: [404] })
    associations[to] = linked.status === 404 ? [] : resultsOf(linked)
  }
  return rowOf({ ...found, ...(targets(spec).length > 0 && { associations }) })
}

async function* changes(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { held, now } = await visible(spec, ctx)
  const window = openWindow(cursor, now, LAG_MS)
  const archived = typeof cursor?.['archived'] === 'number' ? cursor['archived'] : window.began
  if (window.since === null) {
    for await (const { rows, after } of listed(spec, ctx, cursor?.['load'], 'read'))
      yield after === null
        ? {
            ...pageOf(rows, held),
            cursor: { ...doneCursor(window, null), archived: window.began },
            completeThrough: completeThrough(window),
          }
        : { ...pageOf(rows, held), cursor: { began: window.began, load: after, done: false } }
    return
  }
  let last: Position | null = null
  for await (const page of searched(spec, ctx, window.since, window.began + LAG_MS, 'read')) {
    last = page.last ?? last
    yield { ...pageOf(page.rows, held), ...(last && { cursor: { ...pageCursor(window, last), archived } }) }
  }
  const due = window.began - archived >= ctx.config.archived_minutes * 60_000
  const deleted = due ? await archivedSince(spec, ctx, archived - LAG_MS) : []
  yield {
    rows: [],
    deleted,
    cursor: { ...doneCursor(window, last), archived: due ? window.began : archived },
    completeThrough: completeThrough(window),
  }
}

/** Everything that is alive. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { held, now } = await visible(spec, ctx)
  const began = typeof cursor?.['began'] === 'number' ? cursor['began'] : now
  for await (const { rows, after } of listed(spec, ctx, cursor?.['load'], 'sweep'))
    yield after === null
      ? { ...pageOf(rows, held), last: true, completeThrough: began - LAG_MS }
      : { ...pageOf(rows, held), cursor: { began, load: after } }
}

async function* listed(spec: ObjectSpec, ctx: Reading, from: unknown, priority: Priority) {
  let after = typeof from === 'string' ? from : null
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: path(spec),
      query: {
        limit: Math.min(LIST_ROWS, ctx.pageSize),
        properties: wanted(spec).join(','),
        archived: false,
        ...(after !== null && { after }),
      },
      priority,
    })
    const next = afterOf(reply)
    if (next !== null && next === after)
      throw new ConnectorError('schema', `The list of ${spec.object} does not advance.`)
    after = next
    yield { rows: await withLinks(spec, ctx, resultsOf(reply), priority), after }
    if (after === null) return
  }
  throw new ConnectorError('schema', `${spec.object} has more than ${MAX_PAGES} pages.`)
}

/** Records that were archived at or after an instant; the list cannot be asked by time. */
async function archivedSince(spec: ObjectSpec, ctx: Reading, since: number): Promise<{ id: string; at: number }[]> {
  const found: { id: string; at: number }[] = []
  let after: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { limit: LIST_ROWS, archived: true, properties: 'hs_object_id', ...(after !== null && { after }) }
    const reply: HttpReply = await ctx.http.request({ url: path(spec), query, priority: 'read' })
    for (const { id, archivedAt } of resultsOf(reply)) {
      const at = stampMs(archivedAt)
      if (at !== null && at >= since) found.push({ id, at })
    }
    after = afterOf(reply)
    if (after === null) return found
  }
  throw new ConnectorError('schema', `The list of archived ${spec.object} has more than ${MAX_PAGES} pages.`)
}

/** Properties that this account has: those that it lacks are left out of replies without a word. */
async function visible(spec: ObjectSpec, ctx: Ctx): Promise<{ held: string[]; now: number }> {
  const reply = await ctx.http.request({ url: `/crm/v3/properties/${spec.object}`, query: { archived: false } })
  const names = new Set(resultsOf<{ name: string }>(reply).map((p) => p.name))
  const held = Object.entries(spec.fields).flatMap(([field, source]) =>
    propertiesOf(source).every((name) => names.has(name)) ? [field] : [],
  )
  if (spec.status !== null && names.has(spec.status)) held.push('state')
  if (ctx.config.currency && holdsCurrency(spec)) held.push('currency')
  return { held: [...new Set([...held, ...Object.keys(spec.links)])], now: platformClock(reply, ctx.clock.now()) }
}

/** A merge shows only on the survivor, which names whom it took in. */
function pageOf(rows: RawRow[], held: string[]): Page {
  const deleted = rows.flatMap(({ id, value }) => {
    const taken = (value as HubspotObject).properties?.['hs_merged_object_ids']
    const ids = typeof taken === 'string' ? taken.split(';').filter(Boolean) : []
    return id === null ? [] : ids.map((gone) => ({ id: gone, mergedInto: id }))
  })
  return { rows, held, ...(deleted.length > 0 && { deleted }) }
}

function afterOf(reply: HttpReply): string | null {
  const { paging } = reply.json() as { paging?: { next?: { after?: unknown } } }
  const after = paging?.next?.after
  return after === undefined || after === null ? null : String(after)
}
