/**
 * One table or query of a warehouse as a stream: changes by (stamp, id), everything by id, one record, counts.
 *
 * A cursor keeps the stamp as the warehouse wrote it, with all its digits: rounded to milliseconds it would pass over
 * rows, or never get past those that share one. Each run starts a lag before the run before began.
 */
import type { ConnectorContext, Cursor, Page, Range, RangeCost, RawRow, Stream, StreamContext } from './contract.ts'
import { ConnectorError } from './contract.ts'
import type { Position } from './cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor } from './cursor.ts'
import { offsetAt } from '../model/zone.ts'
import type { Answer, Column, Priority, Statement, Warehouse, WarehouseSettings, WarehouseStream } from './warehouse.ts'
import type { RowValue } from './warehouse-rows.ts'
import { isDeleted, mapRow, parted, rowsOf, stampOf } from './warehouse-rows.ts'
import type { Described, Place, Wanted } from './warehouse-sql.ts'
import { count, describe, described, one, select } from './warehouse-sql.ts'

/** Where clocks go back, a wall clock shows an hour twice: what is read again is longer by this. */
const WALL_CLOCK_MS = 2 * 3_600_000

export function warehouseStreams<C extends WarehouseSettings>(warehouse: Warehouse<C>, settings: C): Stream<C>[] {
  return Object.entries(settings.streams).map(([name, stream]) => streamOf(warehouse, name, stream))
}

function streamOf<C extends WarehouseSettings>(warehouse: Warehouse<C>, name: string, of: WarehouseStream): Stream<C> {
  const table: Table<C> = { warehouse, name, stream: of, source: of.source ?? of.table ?? name }
  return {
    name,
    kind: of.kind,
    source: table.source,
    holds: [...new Set([...(of.status === undefined ? [] : ['state']), ...Object.keys(of.fields)])],
    deletes: of.deleted ? 'flag' : 'sweep',
    read(ctx, cursor) {
      if (ctx.mode === 'full') return everything(table, ctx, cursor)
      return of.changed === undefined ? snapshot(table, ctx) : changes(table, ctx, cursor)
    },
    map: (row, { timezone }) => mapRow(of, row, timezone),
    one: (ctx, id) => oneRow(table, ctx, id),
    count: (ctx) => counted(table, ctx, null),
    ...(of.changed !== undefined && {
      range: (ctx: StreamContext<C>, range: Range, cursor: Cursor) => within(table, ctx, range, cursor),
      cost: (ctx: ConnectorContext<C>, range: Range) => costOf(table, ctx, range),
    }),
  }
}

interface Table<C extends WarehouseSettings> {
  warehouse: Warehouse<C>
  name: string
  stream: WarehouseStream
  source: string
}

async function* changes<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: StreamContext<C>,
  cursor: Cursor,
): AsyncGenerator<Page> {
  const columns = await describedOf(table, ctx, 'read')
  const changed = columns.changed!
  const lagMs = ctx.config.lag * 1000 + (changed.time === 'local' && !isUtc(ctx.timezone) ? WALL_CLOCK_MS : 0)
  const window = openWindow(cursor, columns.at, lagMs)
  const after = placeOf(cursor)
  const since = after || window.since === null ? null : written(window.since, changed, ctx.timezone)
  let newest: Position | null = null
  for await (const { rows, place } of pages(table, ctx, columns, { since, after }, 'read')) {
    const stamp = stampOf(place.stamp, ctx.timezone)
    if (stamp !== null) newest = { stamp, id: place.id }
    // A row without a stamp comes before all others: its place has none.
    const at = pageCursor(window, { stamp: stamp ?? window.since ?? 0, id: place.id })
    yield { rows, cursor: { ...at, exact: place.stamp } }
  }
  yield { rows: [], cursor: doneCursor(window, newest), completeThrough: completeThrough(window) }
}

/** What lies in a span by change, in order; resumable by its own places. */
async function* within<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: StreamContext<C>,
  range: Range,
  cursor: Cursor,
): AsyncGenerator<Page> {
  const columns = await describedOf(table, ctx, 'sweep')
  const wanted = { ...spanOf(range, columns, ctx), after: placeOf(cursor) }
  for await (const { rows, place } of pages(table, ctx, columns, wanted, 'sweep'))
    yield { rows, cursor: { done: false, exact: place.stamp, id: place.id } }
}

/** Without a stamp to ask by, everything is the present state, each time. */
async function* snapshot<C extends WarehouseSettings>(table: Table<C>, ctx: StreamContext<C>): AsyncGenerator<Page> {
  const columns = await describedOf(table, ctx, 'read')
  for await (const { rows } of pages(table, ctx, { ...columns, changed: null }, {}, 'read')) {
    const { alive, deleted } = parted(table.stream, rows, ctx.timezone)
    yield { rows: alive, deleted, snapshot: true }
  }
  yield { rows: [], snapshot: true, last: true, cursor: null, completeThrough: columns.at - ctx.config.lag * 1000 }
}

/** Everything that is alive, by id. `began` stays that of the first page, however often it is resumed. */
async function* everything<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: StreamContext<C>,
  cursor: Cursor,
): AsyncGenerator<Page> {
  const columns = { ...(await describedOf(table, ctx, 'sweep')), changed: null }
  const began = typeof cursor?.['began'] === 'number' ? cursor['began'] : columns.at
  for await (const { rows, place } of pages(table, ctx, columns, { after: placeOf(cursor) }, 'sweep')) {
    const { alive, deleted } = parted(table.stream, rows, ctx.timezone)
    yield { rows: alive, deleted, cursor: { began, done: false, exact: null, id: place.id } }
  }
  yield { rows: [], last: true, completeThrough: began - ctx.config.lag * 1000 }
}

interface TablePage {
  rows: RawRow[]
  /** Of the last row. */
  place: Place
}

/** Every page of rows, however many statements it takes. */
async function* pages<C extends WarehouseSettings>(
  { warehouse, stream, name, source }: Table<C>,
  ctx: StreamContext<C>,
  columns: Described,
  wanted: Wanted,
  priority: Priority,
): AsyncGenerator<TablePage> {
  const limit = warehouse.pagesAStatement === null ? null : warehouse.pagesAStatement * ctx.pageSize
  let after = wanted.after ?? null
  for (;;) {
    const size = { pageSize: ctx.pageSize, limit }
    const statement = select(warehouse.dialect, stream, columns, { ...wanted, after }, size)
    let got = 0
    for await (const answer of warehouse.run(ctx, statement, priority)) {
      unchanged(name, columns, answer.columns)
      got += answer.rows.length
      for (let from = 0; from < answer.rows.length; from += ctx.pageSize) {
        const rows = rowsOf(stream, source, answer.columns, answer.rows.slice(from, from + ctx.pageSize))
        const last = rows.at(-1)!.value as RowValue
        after = { stamp: columns.changed ? (last[stream.changed!] ?? null) : null, id: last[stream.id]! }
        yield { rows, place: after }
      }
    }
    if (limit === null || got < limit) return
  }
}

/** A table that is altered while it is read: what follows would be read under wrong names. */
function unchanged(name: string, { columns }: Described, now: readonly Column[]): void {
  if (columns.length === now.length && columns.every((c, i) => c.name === now[i]!.name)) return
  throw new ConnectorError('upstream', `The columns of ${name} changed while they were read.`, {
    remedy: 'The next run reads them anew.',
  })
}

async function describedOf<C extends WarehouseSettings>(
  { warehouse, name, stream }: Table<C>,
  ctx: ConnectorContext<C>,
  priority: Priority,
): Promise<Described & { at: number }> {
  const { columns, at } = await whole(warehouse, ctx, describe(warehouse.dialect, stream), priority)
  return { ...described(name, stream, columns), at }
}

/** The answer to a statement with few rows. */
async function whole<C extends WarehouseSettings>(
  warehouse: Warehouse<C>,
  ctx: ConnectorContext<C>,
  statement: Statement,
  priority: Priority,
): Promise<Answer> {
  let columns: Answer['columns'] = []
  const rows: Answer['rows'][number][] = []
  let at = ctx.clock.now()
  for await (const answer of warehouse.run(ctx, statement, priority)) {
    ;({ columns, at } = answer)
    rows.push(...answer.rows)
  }
  return { columns, rows, at }
}

/** Whether a stream can be read at all, asked without reading a row: for the first look at a warehouse. */
export async function look<C extends WarehouseSettings>(
  warehouse: Warehouse<C>,
  ctx: ConnectorContext<C>,
  name: string,
): Promise<void> {
  const stream = ctx.config.streams[name]!
  await describedOf({ warehouse, name, stream, source: name }, ctx, 'verify')
}

async function oneRow<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: ConnectorContext<C>,
  id: string,
): Promise<RawRow | null> {
  const { warehouse, stream, source } = table
  const columns = await describedOf(table, ctx, 'verify')
  const answer = await whole(warehouse, ctx, one(warehouse.dialect, stream, columns, id), 'verify')
  const [row] = rowsOf(stream, source, answer.columns, answer.rows)
  return row && !isDeleted(stream, row.value as RowValue) ? row : null
}

async function counted<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: ConnectorContext<C>,
  range: Range | null,
): Promise<number> {
  const { warehouse, stream, source } = table
  const columns = await describedOf(table, ctx, 'sweep')
  const statement = count(warehouse.dialect, stream, columns, range && spanOf(range, columns, ctx))
  const { rows } = await whole(warehouse, ctx, statement, 'sweep')
  const number = Number(rows[0]?.[0] ?? Number.NaN)
  if (Number.isSafeInteger(number)) return number
  throw new ConnectorError('schema', `${source} was counted, but the answer is no number.`)
}

async function costOf<C extends WarehouseSettings>(
  table: Table<C>,
  ctx: ConnectorContext<C>,
  range: Range,
): Promise<RangeCost> {
  const rows = await counted(table, ctx, range)
  return { rows, calls: Math.max(1, Math.ceil(rows / 1000)), exact: false, by: 'change' }
}

function spanOf<C extends WarehouseSettings>(
  { from, to }: Range,
  { changed }: Described,
  ctx: ConnectorContext<C>,
): Wanted {
  return { since: written(from, changed!, ctx.timezone), before: written(to, changed!, ctx.timezone) }
}

/** An instant as the column keeps its stamps. */
function written(at: number, { time }: Column, timezone: string): string {
  if (time === 'instant') return new Date(at).toISOString()
  const wall = new Date(at + offsetAt(timezone, at)).toISOString()
  return time === 'day' ? wall.slice(0, 10) : wall.slice(0, -1)
}

function placeOf(cursor: Cursor): Place | null {
  const id = cursor?.['id']
  const exact = cursor?.['exact']
  if (cursor?.['done'] === true || typeof id !== 'string') return null
  return { id, stamp: typeof exact === 'string' ? exact : null }
}

const isUtc = (timezone: string): boolean => /^(utc|etc\/utc|gmt|etc\/gmt)$/i.test(timezone)

/** The screen that the settings name for a kind, filled in. */
export function filledLink({ streams }: WarehouseSettings, kind: string, id: string): string | null {
  const link = Object.values(streams).find((s) => s.kind === kind && s.link !== undefined)?.link
  return link === undefined ? null : link.replaceAll('{id}', encodeURIComponent(id))
}
