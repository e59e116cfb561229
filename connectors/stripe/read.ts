/**
 * Reading one Stripe stream: the first load by list, changes by events with every changed object fetched anew, and the
 * sweep by list. The object inside an event is never used: it has the API version of its time, and events of one
 * second have no order.
 */
import type { ConnectorContext, Cursor, Page, RawRow, Stream, StreamContext } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { rawText } from '../exact-json.ts'
import type { StripeConfig } from './config.ts'
import { thrown } from './errors.ts'
import type { Change } from './events.ts'
import { readWindow, WINDOW_EVENTS } from './events.ts'
import type { Anchor } from './lists.ts'
import { createdOf, expanded, PAGE, pages } from './lists.ts'
import type { Sighting, StripeObject } from './object.ts'
import { asObject, idOf, mapped, withSighting } from './object.ts'
import type { ObjectStream } from './streams/stream.ts'

/** How late an event may show up, seconds. Stripe promises no figure; unverified. */
export const LAG_S = 60
/** Stripe keeps events for 30 days; a day is left for the reading itself. */
const REPLAY_S = 29 * 86_400
/** How far back events say when a listed object changed: longer than the longest propagation window. */
const LOOKBACK_S = 26 * 3_600
/** Objects fetched at the same time; the platform's own limit is kept by `ctx.http`. */
const ABREAST = 4

type Context = StreamContext<StripeConfig>

/** Saved between runs: inside the first load or a sweep `began` and `after`; afterwards `through`, all Unix seconds. */
interface Place {
  through: number | null
  began: number | null
  after: Anchor | null
}

function placeOf(cursor: Cursor): Place {
  const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
  const after = asObject(cursor?.['after'])
  const id = idOf(after)
  return {
    through: number(cursor?.['through']),
    began: number(cursor?.['began']),
    after: id === null ? null : { id, created: number(after?.['created']) },
  }
}

/** @param config adds the fields that it takes from metadata to what the stream holds */
export function streamOf(spec: ObjectStream, config?: StripeConfig): Stream<StripeConfig> {
  const { name, kind, source, deletes, map } = spec
  return {
    name,
    kind,
    source,
    deletes,
    map,
    holds: config ? heldOf(spec, config) : spec.holds,
    async *read(ctx, cursor) {
      const place = placeOf(cursor)
      if (ctx.mode === 'full') return yield* enumeration(ctx, spec, place, 'sweep')
      let through = place.through
      if (through === null) through = yield* enumeration(ctx, spec, place, 'load')
      else if (await isPastReplay(ctx, through))
        through = yield* enumeration(ctx, spec, { ...place, after: null, began: null }, 'resync')
      yield* changes(ctx, spec, through)
    },
    ...(spec.onePath !== null && { one: (ctx: ConnectorContext<StripeConfig>, id: string) => one(ctx, spec, id) }),
  }
}

/** Asked only when our own clock makes it possible; decided by Stripe's. */
async function isPastReplay(ctx: Context, through: number): Promise<boolean> {
  if (ctx.clock.now() / 1000 - through < REPLAY_S - 5 * 86_400) return false
  const reply = await ctx.http.request({ url: '/v1/events', query: { limit: 1 } })
  return platformClock(reply, ctx.clock.now()) / 1000 - through > REPLAY_S
}

/**
 * Everything by list. `load` keeps its place page by page; `sweep` too, and says at its end that it saw everything;
 * `resync` is a sweep inside a changes run, for when events were lost: one piece, without places inside.
 * @returns Stripe's clock when it began: where changes go on from
 */
async function* enumeration(
  ctx: Context,
  spec: ObjectStream,
  place: Place,
  how: 'load' | 'sweep' | 'resync',
): AsyncGenerator<Page, number> {
  const recent = await readWindow(ctx, spec, Math.floor(ctx.clock.now() / 1000) - LOOKBACK_S, null)
  const began = place.began ?? recent.now
  const sighting = (object: StripeObject): Sighting => {
    const change = recent.changes.get(idOf(object) ?? '')
    // In a first load an object without a recent event surely did not change lately, so its newest own stamp serves.
    return change
      ? { changed: change.at, request: change.request }
      : { changed: how === 'load' ? newestStamp(object) : null }
  }
  const young = new Set<string>()
  const frame = how === 'resync' ? { snapshot: true } : {}
  for await (const page of pages(ctx, spec.path(ctx.config), listQuery(ctx, spec), {
    after: place.after,
    byCreated: spec.byCreated,
  })) {
    for (const row of page.rows) if ((createdOf(asObject(row) ?? {}) ?? 0) >= began - LAG_S) young.add(idOf(row) ?? '')
    const rows = await rowsOf(ctx, spec, page.rows, sighting)
    if (page.more)
      yield { ...frame, rows, ...(how !== 'resync' && page.anchor && { cursor: { began, after: page.anchor } }) }
    else if (how === 'load') yield { ...frame, rows, cursor: { through: began } }
    else yield { ...frame, rows }
  }
  if (how === 'load') return began
  // Objects created while we paged stand before the first page; without them they would look gone.
  const rows = await createdSince(ctx, spec, began - LAG_S, young, sighting)
  const note = `Events before the last ${REPLAY_S / 86_400} days are no longer kept, so everything was read again.`
  yield how === 'sweep'
    ? { ...frame, rows, last: true, cursor: null, completeThrough: (began - LAG_S) * 1000 }
    : { ...frame, rows, last: true, cursor: { through: began }, notes: [note] }
  return began
}

async function createdSince(
  ctx: Context,
  spec: ObjectStream,
  since: number,
  seen: ReadonlySet<string>,
  sighting: (o: StripeObject) => Sighting,
): Promise<RawRow[]> {
  const found: RawRow[] = []
  for await (const page of pages(ctx, spec.path(ctx.config), listQuery(ctx, spec))) {
    const young = page.rows.filter((row) => (createdOf(asObject(row) ?? {}) ?? 0) >= since)
    found.push(
      ...(await rowsOf(
        ctx,
        spec,
        young.filter((row) => !seen.has(idOf(row) ?? '')),
        sighting,
      )),
    )
    if (young.length < page.rows.length) break
  }
  return found
}

/** Windows of events, oldest first. The whole time since the last run is one window unless it holds too many. */
async function* changes(ctx: Context, spec: ObjectStream, through: number): AsyncGenerator<Page> {
  let from = Math.max(0, through - LAG_S)
  let span: number | null = null
  for (;;) {
    const to: number | null = span === null ? null : from + span
    const window = await readWindow(ctx, spec, from, to, span === 1 ? Infinity : WINDOW_EVENTS)
    if (window.full) {
      span = Math.max(1, Math.floor(((to ?? window.now) - from) / 2))
      continue
    }
    if (to === null || to > window.now) {
      return yield* fetched(ctx, spec, window.changes, {
        cursor: { through: window.now },
        completeThrough: (window.now - LAG_S) * 1000,
      })
    }
    yield* fetched(ctx, spec, window.changes, { cursor: { through: to } })
    from = to
    span = (span ?? 1) * 2
  }
}

/** Every changed object as it is now. `end` goes on the last page: before it, the window is not read whole. */
async function* fetched(
  ctx: Context,
  spec: ObjectStream,
  found: Map<string, Change>,
  end: Pick<Page, 'cursor' | 'completeThrough'>,
): AsyncGenerator<Page> {
  const list = [...found.values()].sort((a, b) => a.at - b.at)
  for (let i = 0; i === 0 || i < list.length; i += ctx.pageSize) {
    const page: Page = { rows: [], deleted: [], ...(i + ctx.pageSize >= list.length && end) }
    for (const { change, object } of await current(ctx, spec, list.slice(i, i + ctx.pageSize))) {
      if (object)
        page.rows.push(...(await rowsOf(ctx, spec, [object], () => ({ changed: change.at, request: change.request }))))
      // The parts of a document that is gone have ids that it no longer says: the sweep finds those.
      else if (spec.kind !== 'line') page.deleted!.push({ id: change.id, ...(change.gone && { at: change.at * 1000 }) })
    }
    yield page
  }
}

async function current(
  ctx: Context,
  spec: ObjectStream,
  list: readonly Change[],
): Promise<{ change: Change; object: StripeObject | null }[]> {
  const found = []
  for (let i = 0; i < list.length; i += ABREAST) {
    found.push(
      ...(await Promise.all(
        list
          .slice(i, i + ABREAST)
          .map(async (change) => ({ change, object: change.gone ? null : await get(ctx, spec, change.id) })),
      )),
    )
  }
  return found
}

/** Null: deleted, or never there. */
async function get(
  ctx: ConnectorContext<StripeConfig>,
  spec: ObjectStream,
  id: string,
  path = `${spec.path(ctx.config)}/${encodeURIComponent(id)}`,
): Promise<StripeObject | null> {
  const query = spec.onePath ? {} : expanded(spec.expand?.(ctx.config) ?? [])
  const reply = await ctx.http.request({ url: path, query, accept: [404] })
  if (reply.status === 404) return null
  const object = asObject(reply.json())
  if (!object) throw thrown(reply)
  return object['deleted'] === true ? null : object
}

/** One object as a row, as it is now. */
export async function one(ctx: ConnectorContext<StripeConfig>, spec: ObjectStream, id: string): Promise<RawRow | null> {
  const object = await get(ctx, spec, id, spec.onePath?.(encodeURIComponent(id)))
  if (!object) return null
  if (spec.onePath) return { id, value: object, raw: rawText(object) }
  const rows = await rowsOf(ctx, spec, [object], () => ({ changed: null }))
  return rows[0] ?? null
}

async function rowsOf(
  ctx: ConnectorContext<StripeConfig>,
  spec: ObjectStream,
  objects: readonly unknown[],
  sighting: (object: StripeObject) => Sighting,
): Promise<RawRow[]> {
  const rows: RawRow[] = []
  for (const value of objects) {
    const object = asObject(value)
    if (!object) rows.push({ id: null, value, raw: rawText(value), at: spec.path(ctx.config) })
    else if (spec.rows) rows.push(...(await spec.rows(ctx, object, sighting(object))))
    else
      rows.push({
        id: idOf(object),
        value: withSighting(object, sighting(object)),
        raw: rawText(object),
        at: spec.path(ctx.config),
      })
  }
  return rows
}

function listQuery(ctx: Context, spec: ObjectStream): Record<string, string | number> {
  return { limit: Math.min(PAGE, ctx.pageSize), ...spec.list, ...expanded(spec.expand?.(ctx.config) ?? [], 'data.') }
}

/** Stripe's own fields and those that the configuration takes from metadata. */
function heldOf(spec: ObjectStream, config: StripeConfig): string[] {
  return [...new Set([...spec.holds, ...mapped(spec.kind, config).map(([field]) => field)])]
}

function newestStamp(object: StripeObject): number | null {
  const moves = Object.values(asObject(object['status_transitions']) ?? {})
  const stamps = [
    object['created'],
    object['updated'],
    object['canceled_at'],
    object['ended_at'],
    object['voided_at'],
    ...moves,
  ]
  const known = stamps.filter((s): s is number => typeof s === 'number' && Number.isSafeInteger(s))
  return known.length === 0 ? null : Math.max(...known)
}
