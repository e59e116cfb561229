/** One list of a described API as a stream: changes since an instant, or everything; one record; the platform's own count. */
import type { ConnectorContext, Cursor, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, lastOf, openWindow, pageCursor, platformClock } from '../cursor.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { pages } from './lists.ts'
import { count, costOf, hasRange, sinceQuery, unitOf, within } from './range.ts'
import { isDeleted, map, rowOf, stampOf } from './mapping.ts'
import { at, filled, textOf } from './place.ts'

type Reading = StreamContext<RestConfig>

export function streamOf(name: string, stream: StreamConfig): Stream<RestConfig> {
  return {
    name,
    kind: stream.kind,
    source: stream.source ?? name,
    holds: [
      ...(stream.status !== undefined && !stream.fields['state'] ? ['state'] : []),
      ...Object.keys(stream.fields),
    ],
    deletes: stream.deleted ? 'flag' : 'sweep',
    read(ctx, cursor) {
      if (ctx.mode === 'full') return everything(ctx, name, stream, cursor)
      return stream.changes ? changes(ctx, name, stream, cursor) : snapshot(ctx, name, stream)
    },
    map: (row, ctx) => map(stream, row, ctx),
    ...(hasRange(stream) && {
      range: (ctx: Reading, range: Range, place: Cursor) => within(ctx, name, stream, range, place),
      cost: (ctx: ConnectorContext<RestConfig>, range: Range) => costOf(ctx, name, stream, range),
    }),
    ...(stream.one && { one: (ctx: ConnectorContext<RestConfig>, id: string) => one(ctx, stream, id) }),
    ...(stream.count && { count: (ctx: ConnectorContext<RestConfig>) => count(ctx, stream.count!, name) }),
  }
}

/**
 * Changes since the last run, read again from a little before. A run that breaks off goes on at the stamp that it had
 * reached, where rows come in that order: rows with that very stamp are read again, because nothing says in which order
 * they come.
 */
async function* changes(ctx: Reading, name: string, stream: StreamConfig, cursor: Cursor): AsyncGenerator<Page> {
  const asked = stream.changes!
  const unit = unitOf(stream)
  const now = cursor?.['done'] === false ? ctx.clock.now() : await platformNow(ctx)
  const window = openWindow(cursor, now, ctx.config.lag * 1_000, unit)
  const from = window.after?.stamp ?? window.since
  const query = { ...asked.query, ...(from !== null && sinceQuery(stream, from)) }
  let last: Position | null = null
  for await (const { rows, next } of pages(ctx, name, query)) {
    const read = rows.map((value) => rowOf(stream, value, stream.path))
    last = newer(last, newest(ctx, stream, read))
    yield {
      rows: read,
      ...(next === null
        ? { cursor: doneCursor(window, last), completeThrough: completeThrough(window) }
        : asked.ordered && last && { cursor: pageCursor(window, last) }),
    }
  }
}

/** An API that cannot be asked for changes: everything is its present state, each time. */
async function* snapshot(ctx: Reading, name: string, stream: StreamConfig): AsyncGenerator<Page> {
  let began: number | null = null
  for await (const { rows, reply, next } of pages(ctx, name, {})) {
    began ??= platformClock(reply, ctx.clock.now())
    const { alive, deleted } = parted(ctx, stream, rows)
    yield {
      rows: alive,
      deleted,
      snapshot: true,
      ...(next === null && { last: true, cursor: null, completeThrough: began - ctx.config.lag * 1_000 }),
    }
  }
}

/** Everything that is alive. `began` stays that of the first page, however often it is resumed. */
async function* everything(ctx: Reading, name: string, stream: StreamConfig, cursor: Cursor): AsyncGenerator<Page> {
  let began = typeof cursor?.['began'] === 'number' ? cursor['began'] : null
  for await (const { rows, reply, next } of pages(ctx, name, {}, textOf(cursor?.['next']))) {
    began ??= platformClock(reply, ctx.clock.now())
    const { alive, deleted } = parted(ctx, stream, rows)
    yield {
      rows: alive,
      deleted,
      ...(next === null
        ? { last: true, completeThrough: began - ctx.config.lag * 1_000 }
        : { cursor: { began, next } }),
    }
  }
}

/** A list of everything may hold rows that say they are deleted: they are not alive. */
function parted(ctx: Reading, stream: StreamConfig, rows: readonly unknown[]) {
  const alive: RawRow[] = []
  const deleted: NonNullable<Page['deleted']> = []
  for (const value of rows) {
    const row = rowOf(stream, value, stream.path)
    if (row.id === null || !isDeleted(stream, value)) {
      alive.push(row)
      continue
    }
    const changed = stream.changed === undefined ? null : stampOf(at(value, stream.changed), ctx.timezone)
    const survivor = stream.merged_into === undefined ? null : textOf(at(value, stream.merged_into))
    deleted.push({
      id: row.id,
      ...(changed !== null && { at: changed }),
      ...(survivor !== null && { mergedInto: survivor }),
    })
  }
  return { alive, deleted }
}

/** The platform's own clock: ours may run ahead of it, and what it has yet to write would be passed over. */
async function platformNow(ctx: Reading): Promise<number> {
  const reply = await ctx.http.request({ url: ctx.config.ping.path })
  return platformClock(reply, ctx.clock.now())
}

/** Rows whose stamp cannot be read go to quarantine and must not stop paging. */
function newest(ctx: Reading, stream: StreamConfig, rows: readonly RawRow[]): Position | null {
  const placed = rows.flatMap((row) => {
    const stamp = stream.changed === undefined ? null : stampOf(at(row.value, stream.changed), ctx.timezone)
    return stamp === null || row.id === null ? [] : [{ stamp, id: row.id }]
  })
  return lastOf(placed, (p) => p)
}

function newer(a: Position | null, b: Position | null): Position | null {
  return lastOf(
    [a, b].filter((p) => p !== null),
    (p) => p,
  )
}

async function one(ctx: ConnectorContext<RestConfig>, stream: StreamConfig, id: string): Promise<RawRow | null> {
  const { path, at: where } = stream.one!
  const reply = await ctx.http.request({ url: filled(path, { id }), accept: [404, 410] })
  if (reply.status >= 400) return null
  const body = reply.json()
  const value = where === undefined ? body : at(body, where)
  return value === undefined || value === null || isDeleted(stream, value) ? null : rowOf(stream, value, path)
}
