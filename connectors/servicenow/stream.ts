/** One table as a stream: changes by (sys_updated_on, sys_id), enumeration by sys_id, one row, and the instance's own count. */
import type { ConnectorContext, Cursor, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import type { ServiceNowConfig } from './config.ts'
import { deletedSince } from './deletions.ts'
import type { Ask } from './list.ts'
import { changePlace, list, pathOf, PLAIN, rowsOf, totalOf } from './list.ts'
import { BY_CHANGE, BY_ID, changedAfter, encoded } from './query.ts'
import { asObject, mapRow, rowOf, stampText } from './rows.ts'
import type { TableSpec } from './tables.ts'
import { columnsOf, holdsOf } from './tables.ts'

/** A row is stamped when it is written and seen when its transaction commits; the longest are cancelled after a minute. */
export const LAG_MS = 120_000

type Ctx = ConnectorContext<ServiceNowConfig>
type Reading = StreamContext<ServiceNowConfig>

export function tableStream(spec: TableSpec): Stream<ServiceNowConfig> {
  return {
    name: spec.stream,
    kind: spec.kind,
    source: spec.table,
    holds: holdsOf(spec),
    deletes: 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row) => mapRow(spec, row),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    async cost(ctx, range) {
      const rows = await total(spec, ctx, encoded([between(range)], spec.where, BY_CHANGE))
      return { calls: Math.max(1, Math.ceil(rows / PAGE_ROWS)), rows, exact: true, by: 'change' }
    },
    one: (ctx, id) => rowWhere(spec, ctx, `sys_id=${value(id)}`, (row) => row.id === id),
    count: (ctx) => total(spec, ctx, spec.where ?? ''),
  }
}

/** Rows of a page; more are slow, and an answer that takes over a minute is cancelled. */
const PAGE_ROWS = 1_000

const limitOf = (ctx: Reading) => Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))

/** A value cannot hold the sign that ends it. */
export function value(text: string): string {
  if (text.includes('^')) throw new ConnectorError('config', 'ServiceNow cannot be asked for an id that holds “^”.')
  return text
}

/** The first row that meets a condition, read anew; `is` because an unknown column is left out of the query without a word. */
export async function rowWhere(
  spec: TableSpec,
  ctx: Ctx,
  condition: string,
  is: (row: RawRow) => boolean,
): Promise<RawRow | null> {
  const reply = await ctx.http.request({
    url: pathOf(spec.table),
    query: {
      sysparm_query: encoded([condition], spec.where, BY_ID),
      sysparm_fields: columnsOf(spec).join(','),
      sysparm_limit: 1,
      ...PLAIN,
    },
    priority: 'verify',
  })
  return rowsOf(reply).map(rowOf).find(is) ?? null
}

async function total(spec: TableSpec, ctx: Ctx, query: string): Promise<number> {
  const reply = await ctx.http.request({
    url: pathOf(spec.table),
    query: { ...(query !== '' && { sysparm_query: query }), sysparm_fields: 'sys_id', sysparm_limit: 1 },
    priority: 'sweep',
  })
  rowsOf(reply)
  const found = totalOf(reply)
  if (found === null) throw new ConnectorError('schema', 'ServiceNow’s answer has no X-Total-Count.')
  return found
}

function byChange(
  spec: TableSpec,
  ctx: Reading,
  query: Ask['query'],
  meets: Ask['meets'],
  priority: Ask['priority'],
): Ask {
  return { spec, query, place: changePlace, meets, limit: limitOf(ctx), priority }
}

/** The instance's database compares ids without regard to case. */
const greater = (a: string, b: string) => a.toLowerCase() > b.toLowerCase()
const beyond = (place: Position, from: Position | null) =>
  from === null || place.stamp > from.stamp || (place.stamp === from.stamp && greater(place.id, from.id))

async function* changes(spec: TableSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  // Their clock comes with the first answer; until then ours says only how far this run may conclude, less the lag.
  let window = openWindow(cursor, ctx.clock.now(), LAG_MS, 1000)
  let first = true
  const ask = byChange(
    spec,
    ctx,
    (from) => encoded(changedAfter(window, from), spec.where, BY_CHANGE),
    (place, from) => beyond(place, from) && place.stamp >= (window.since ?? 0),
    'read',
  )
  for await (const page of list(ctx, ask, window.after)) {
    if (first) window = openWindow(cursor, platformClock(page.reply, ctx.clock.now()), LAG_MS, 1000)
    const shown = held(spec, page.rows, first)
    first = false
    yield {
      rows: page.rows,
      ...shown,
      ...(page.end
        ? {
            ...(ctx.config.audit_deletes &&
              window.since !== null && { deleted: await deletedSince(spec, ctx, window.since) }),
            cursor: doneCursor(window, page.last),
            completeThrough: completeThrough(window),
          }
        : page.last && { cursor: pageCursor(window, page.last) }),
    }
  }
}

/** Everything that is there, by sys_id. `began` stays that of the first page, however often it is resumed. */
async function* everything(spec: TableSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const id = cursor?.['id']
  let began = typeof cursor?.['began'] === 'number' ? cursor['began'] : null
  const ask: Ask = {
    spec,
    query: (from) => encoded(from ? [`sys_id>${from.id}`] : [], spec.where, BY_ID),
    place: (row) => (row.id === null ? null : { stamp: 0, id: row.id }),
    meets: (place, from) => from === null || greater(place.id, from.id),
    limit: limitOf(ctx),
    priority: 'sweep',
  }
  for await (const page of list(ctx, ask, typeof id === 'string' ? { stamp: 0, id } : null)) {
    began ??= platformClock(page.reply, ctx.clock.now())
    yield {
      rows: page.rows,
      ...held(spec, page.rows),
      ...(page.end
        ? { last: true, cursor: null, completeThrough: began - LAG_MS }
        : page.last && { cursor: { began, id: page.last.id } }),
    }
  }
}

const between = ({ from, to }: Range) => `sys_updated_on>=${stampText(from)}^sys_updated_on<${stampText(to)}`

async function* within(spec: TableSpec, ctx: Reading, range: Range, cursor: Cursor): AsyncGenerator<Page> {
  const [stamp, id] = [cursor?.['stamp'], cursor?.['id']]
  const start = typeof stamp === 'number' && typeof id === 'string' ? { stamp, id } : null
  const until = `sys_updated_on<${stampText(range.to)}`
  const ask = byChange(
    spec,
    ctx,
    (from) => {
      const after =
        from === null
          ? [between(range)]
          : changedAfter({ since: null, after: null }, from).map((one) => `${one}^${until}`)
      return encoded(after, spec.where, BY_CHANGE)
    },
    (place, from) =>
      beyond(place, from) && place.stamp >= Math.floor(range.from / 1000) * 1000 && place.stamp < range.to,
    'sweep',
  )
  for await (const { rows, last } of list(ctx, ask, start))
    yield { rows, ...held(spec, rows), ...(last && { cursor: { stamp: last.stamp, id: last.id } }) }
}

/** Columns that the table does not have, or the user may not see, are left out of every row: those fields are not held here. */
function held(spec: TableSpec, rows: readonly RawRow[], tell = false): Pick<Page, 'held' | 'notes'> {
  const seen = rows.length === 0 ? null : asObject(rows[0]!.value)
  if (!seen) return {}
  const gone = columnsOf(spec).filter((column) => !(column in seen))
  const held = Object.entries(spec.fields).flatMap(([field, column]) => (column in seen ? [field] : []))
  if (spec.status !== null && spec.status in seen && !held.includes('state')) held.push('state')
  return {
    held,
    ...(tell &&
      gone.length > 0 && {
        notes: [`${spec.table} shows no column ${gone.join(', ')}: it does not exist, or the user may not read it.`],
      }),
  }
}
