/**
 * One object as a stream. Conditions know whole seconds while stamps have milliseconds: each page begins with the second in
 * which the page before ended, and a second that fills a page is read by id.
 */
import type { Cursor, Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { completeThrough, doneCursor, openWindow, pageCursor, platformClock } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { GainsightConfig } from './config.ts'
import { offered } from './offer.ts'
import type { ObjectSpec } from './objects.ts'
import { holdsOf, selectOf } from './objects.ts'
import type { Condition, Ctx, Priority } from './query.ts'
import { query, timeIn } from './query.ts'
import type { Row } from './rows.ts'
import { idOf, mapRow, rowOf, stampMs } from './rows.ts'

/** How late a written row may show up in queries; assumed, `overlap_minutes` reads again far beyond it. */
export const LAG_MS = 60_000

type Reading = StreamContext<GainsightConfig>

export function objectStream(spec: ObjectSpec): Stream<GainsightConfig> {
  return {
    name: spec.name,
    kind: spec.kind,
    source: spec.name,
    holds: holdsOf(spec),
    deletes: 'sweep',
    read: (ctx, cursor) => (ctx.mode === 'full' ? everything(spec, ctx, cursor) : changes(spec, ctx, cursor)),
    map: (row) => mapRow(spec, row),
    async *range(ctx, { from, to }: Range, cursor) {
      const stamp = cursor?.['stamp']
      for await (const { rows, last } of changed(spec, ctx, typeof stamp === 'number' ? stamp : from, to, 'sweep'))
        yield { rows, ...(last && { cursor: { stamp: last.stamp } }) }
    },
    // Nothing counts rows without reading them.
    cost: () => Promise.resolve({ calls: null, rows: null, exact: false, by: 'change' }),
    one: (ctx, id) => oneRow(spec, ctx, spec.id, id),
  }
}

export async function oneRow(spec: ObjectSpec, ctx: Ctx, field: string, value: string): Promise<RawRow | null> {
  const where: Condition[] = [{ name: field, operator: 'EQ', value }]
  const asked = { object: spec.name, select: selectOf(spec), where, order: [spec.id], limit: 2 }
  const { rows } = await query(ctx, asked, 'verify')
  // A condition that is not known would bring anything.
  const found = rows.find((row) => row[field] === value)
  return found ? rowOf(spec, found) : null
}

async function* changes(whole: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { spec, held, notes, reply } = await offered(whole, ctx)
  const now = reply ? platformClock(reply, ctx.clock.now()) : ctx.clock.now()
  const window = openWindow(cursor, now, LAG_MS, 1000)
  // A run that goes on begins where it stood; a new one as far back as is configured.
  const resumed = window.after !== null
  const from = window.since === null ? null : window.since - (resumed ? 0 : ctx.config.overlap_minutes * 60_000)
  let last: Position | null = null
  let first = true
  const said = () => ({ held, ...(first && notes.length > 0 && { notes }) })
  for await (const page of changed(spec, ctx, from, null, 'read')) {
    last = page.last ?? last
    yield { ...said(), rows: page.rows, ...(last && { cursor: pageCursor(window, last) }) }
    first = false
  }
  const deleted = window.since === null ? [] : await deletedSince(spec, ctx, from!)
  yield { ...said(), rows: [], deleted, cursor: doneCursor(window, last), completeThrough: completeThrough(window) }
}

interface Found {
  rows: RawRow[]
  last: Position | null
}

/** Rows by the time of change. @param to exclusive; null: no end */
async function* changed(
  spec: ObjectSpec,
  ctx: Reading,
  since: number | null,
  to: number | null,
  priority: Priority,
): AsyncGenerator<Found> {
  const limit = Math.min(ctx.config.page_size, Math.max(2, ctx.pageSize))
  let from = since === null ? null : second(since)
  let seen = new Set<string>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const where: Condition[] = [
      ...(from === null ? [] : [{ name: spec.stamp, operator: 'GTE' as const, value: timeIn(ctx.config, from) }]),
      ...(to === null ? [] : [{ name: spec.stamp, operator: 'LT' as const, value: timeIn(ctx.config, to) }]),
    ]
    const asked = { object: spec.name, select: selectOf(spec), where, order: [spec.stamp, spec.id], limit }
    const { rows } = await query(ctx, asked, priority)
    const places = rows.flatMap((row) => placeOf(spec, row) ?? [])
    if (from !== null && places.some(({ stamp }) => stamp < from!)) throw unmet(spec)
    if (page > 0 && seen.size > 0 && places.length > 0 && !places.some((place) => seen.has(versionOf(place))))
      await still(spec, ctx, seen)
    const fresh = rows.filter((row) => !seen.has(versionOf(placeOf(spec, row) ?? { stamp: 0, id: '' })))
    const newest = places.at(-1)
    if (fresh.length > 0) yield { rows: fresh.map((row) => rowOf(spec, row)), last: newest ?? null }
    if (rows.length < limit || newest === undefined) return
    const end = second(newest.stamp)
    if (from === null || end > from) {
      from = end
      seen = new Set(places.filter(({ stamp }) => second(stamp) === end).map(versionOf))
      continue
    }
    yield* within(spec, ctx, end, limit, priority)
    from = end + 1000
    seen = new Set()
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages of changes.`)
}

/** More rows of one second than fit on a page (an import): all of them, by id. */
async function* within(
  spec: ObjectSpec,
  ctx: Reading,
  from: number,
  limit: number,
  priority: Priority,
): AsyncGenerator<Found> {
  let after = ''
  for (let page = 0; page < MAX_PAGES; page++) {
    const where: Condition[] = [
      { name: spec.stamp, operator: 'GTE', value: timeIn(ctx.config, from) },
      { name: spec.stamp, operator: 'LT', value: timeIn(ctx.config, from + 1000) },
      ...(after === '' ? [] : [{ name: spec.id, operator: 'GT' as const, value: after }]),
    ]
    const asked = { object: spec.name, select: selectOf(spec), where, order: [spec.id], limit }
    const { rows } = await query(ctx, asked, priority)
    const id = advanced(spec, rows, after)
    if (id === null) return
    after = id
    yield { rows: rows.map((row) => rowOf(spec, row)), last: { stamp: from, id } }
    if (rows.length < limit) return
  }
}

/** Everything that there is, by id. `began` stays that of the first page, however often it is resumed. */
async function* everything(whole: ObjectSpec, ctx: Reading, cursor: Cursor): AsyncGenerator<Page> {
  const { spec, held } = await offered(whole, ctx)
  const limit = Math.min(ctx.config.page_size, Math.max(2, ctx.pageSize))
  let began = typeof cursor?.['began'] === 'number' ? cursor['began'] : null
  let after = typeof cursor?.['after'] === 'string' ? cursor['after'] : ''
  for (let page = 0; page < MAX_PAGES; page++) {
    const where: Condition[] = after === '' ? [] : [{ name: spec.id, operator: 'GT', value: after }]
    const asked = { object: spec.name, select: selectOf(spec), where, order: [spec.id], limit }
    const { rows, reply } = await query(ctx, asked, 'sweep')
    began ??= platformClock(reply, ctx.clock.now())
    const id = advanced(spec, rows, after)
    const shown = { rows: rows.map((row) => rowOf(spec, row)), held }
    if (rows.length < limit || id === null) {
      yield { ...shown, last: true, completeThrough: began - LAG_MS }
      return
    }
    after = id
    yield { ...shown, cursor: { began, after } }
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages.`)
}

const second = (ms: number) => Math.floor(ms / 1000) * 1000
const versionOf = ({ id, stamp }: Position) => `${id} ${stamp}`

function placeOf(spec: ObjectSpec, row: Row): Position | null {
  const [stamp, id] = [stampMs(row[spec.stamp]), idOf(spec, row)]
  return stamp === null || id === null ? null : { stamp, id }
}

/** The last id of a page by id, null for none. @throws ConnectorError where the order or the condition was not kept */
function advanced(spec: ObjectSpec, rows: readonly Row[], after: string): string | null {
  let last = after
  for (const row of rows) {
    const id = idOf(spec, row)
    if (id === null) continue
    if (id <= last)
      throw new ConnectorError('schema', `Gainsight does not keep ${spec.name} in the order of ${spec.id}.`)
    last = id
  }
  return last === after ? null : last
}

function unmet(spec: ObjectSpec): ConnectorError {
  return new ConnectorError('schema', `Gainsight answered a query of ${spec.name} with rows that do not meet it.`, {
    remedy: 'Set `filter_dates`: the tenant may read times in conditions otherwise than as texts in UTC.',
  })
}

/** None of the rows of a second came again: they were changed or deleted meanwhile, or the tenant reads times otherwise. */
async function still(spec: ObjectSpec, ctx: Ctx, seen: ReadonlySet<string>): Promise<void> {
  const [id, stamp] = [...seen][0]!.split(' ') as [string, string]
  const row = await oneRow(spec, ctx, spec.id, id)
  if (row && stampMs((row.value as Row)[spec.stamp]) === Number(stamp)) throw unmet(spec)
}

/** What the tenant's log says is deleted; it keeps fifteen days, the sweep finds the rest. */
async function deletedSince(spec: ObjectSpec, ctx: Reading, since: number): Promise<{ id: string; at: number }[]> {
  const object = ctx.config.delete_log
  if (object === null) return []
  const gone: { id: string; at: number }[] = []
  let from = second(since)
  for (let page = 0; page < MAX_PAGES; page++) {
    const where: Condition[] = [{ name: 'DeletedOn', operator: 'GTE', value: timeIn(ctx.config, from) }]
    const select = ['ObjectName', 'RecordId', 'DeletedOn']
    const asked = { object, select, where, order: ['DeletedOn', 'RecordId'], limit: ctx.config.page_size }
    const found = await query(ctx, asked, 'read').catch((error: unknown) => {
      // Not every tenant has the log.
      if ((error as { code?: unknown }).code === 'not_found') return null
      throw error
    })
    if (found === null) return gone
    const places = found.rows.flatMap(({ ObjectName, RecordId, DeletedOn }) => {
      const at = stampMs(DeletedOn)
      return at === null || typeof RecordId !== 'string' ? [] : [{ at, id: RecordId, of: String(ObjectName) }]
    })
    for (const { at, id, of } of places)
      if (of.toLowerCase() === spec.name.toLowerCase() && at >= since) gone.push({ id, at })
    const end = places.at(-1)?.at
    if (found.rows.length < ctx.config.page_size || end === undefined) return gone
    // A second that fills a page is left to the sweep.
    from = Math.max(second(end), from + 1000)
  }
  return gone
}
