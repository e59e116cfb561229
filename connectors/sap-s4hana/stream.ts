/** One entity set as a stream: in the order of its key, what changed since a stamp, or since a day where there is no better. */
import type { Page, Range, RawRow, Stream, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { KeyPage } from '../key-order.ts'
import { allByKey, changesByKey, someByKey } from '../key-order.ts'
import { afterPlace, allOf, asEntity, pageOf, quoted } from '../odata.ts'
import type { SapConfig } from './config.ts'
import { mapRow, rowOf, SEPARATOR } from './rows.ts'
import { withAreas } from './sales-areas.ts'
import type { Ctx } from './system.ts'
import { headersOf, setPath, visible } from './system.ts'
import type { SetSpec } from './sets.ts'
import { holdsOf } from './sets.ts'
import { textOf } from './values.ts'

/** An update task stamps its rows before it commits them. */
export const LAG_MS = 300_000
/** Days are those of the system’s own zone, which no answer names: the farthest is fourteen hours ahead. */
const ZONE_MS = 14 * 3_600_000
const PAGE_ROWS = 1_000

type Reading = StreamContext<SapConfig>
type Priority = 'verify' | 'read' | 'sweep'

export function setStream(spec: SetSpec): Stream<SapConfig> {
  return {
    name: spec.stream,
    kind: spec.kind,
    source: spec.set,
    holds: holdsOf(spec),
    deletes: 'sweep',
    async *read(ctx, cursor) {
      const full = ctx.mode === 'full'
      const priority = full ? 'sweep' : 'read'
      const { held } = await visible(spec, ctx, priority)
      const ask = (since: number | null, after: string | null) =>
        list(spec, ctx, allOf(since !== null && changedSince(spec, since)), after, rowsOf(ctx), priority)
      yield* (full ? allByKey : changesByKey)(ctx, cursor, ask, { lagMs: LAG_MS, held })
    },
    map: (row) => mapRow(spec, row),
    range: (ctx, range, cursor) => within(spec, ctx, range, cursor),
    async cost(ctx, range) {
      const rows = await total(spec, ctx, between(spec, range))
      const each = spec.stream === 'customers' ? 2 : 1
      const calls = 1 + each * Math.max(1, Math.ceil(rows / PAGE_ROWS))
      return { calls, rows, exact: spec.stamp === 'LastChangeDateTime', by: 'change' }
    },
    one: async (ctx, id) => oneBy(spec, ctx, identified(spec, id)),
    count: (ctx) => total(spec, ctx, spec.stamp === 'LastChangeDate' ? 'IsMarkedForArchiving eq false' : undefined),
  }
}

export async function oneBy(spec: SetSpec, ctx: Ctx, condition: string): Promise<RawRow | null> {
  const { rows } = await list(spec, ctx, condition, null, 1, 'verify')
  return rows[0] ?? null
}

/** @throws ConnectorError `schema` for an id that is none of this set */
function identified(spec: SetSpec, id: string): string {
  const names = spec.id === null ? spec.keys : [spec.id]
  const parts = names.length === 1 ? [id] : id.split(SEPARATOR)
  if (parts.length !== names.length) throw new ConnectorError('schema', `${id} is no id of ${spec.set}.`)
  return names.map((name, n) => `${name} eq ${quoted(parts[n]!)}`).join(' and ')
}

async function* within(
  spec: SetSpec,
  ctx: Reading,
  range: Range,
  cursor: Parameters<typeof someByKey>[0],
): AsyncGenerator<Page> {
  yield* someByKey(cursor, (after) => list(spec, ctx, between(spec, range), after, rowsOf(ctx), 'sweep'))
}

const rowsOf = (ctx: Reading) => Math.min(PAGE_ROWS, Math.max(1, ctx.pageSize))

async function list(
  spec: SetSpec,
  ctx: Ctx,
  condition: string | undefined,
  after: string | null,
  rows: number,
  priority: Priority,
): Promise<KeyPage> {
  const { select, expand, areas } = await visible(spec, ctx, priority)
  const place = after === null ? null : (JSON.parse(after) as string[])
  const behind = place && afterPlace(spec.keys.map((name, n) => [name, quoted(place[n]!)] as const))
  const filter = allOf(spec.only, condition, behind)
  const across = spec.version === 4 ? select.filter((path) => !path.includes('/')) : select
  const reply = await ctx.http.request({
    url: setPath(spec),
    query: {
      ...(filter !== undefined && { $filter: filter }),
      $orderby: spec.keys.join(','),
      $top: rows,
      $select: across.join(','),
      ...(expand.length > 0 && { $expand: expand.join(',') }),
      ...(spec.version === 2 && { $format: 'json' }),
    },
    headers: headersOf(ctx.config),
    priority,
  })
  const { entities, next } = pageOf(reply, 'S/4HANA', spec.set)
  const whole = areas.length === 0 ? entities : await withAreas(spec.service, ctx, entities, areas, priority)
  // A system that gives fewer than were asked for names a next page: it is asked for by its key like every other.
  const more = entities.length > 0 && (entities.length >= rows || next !== null)
  return { reply, rows: whole.map((entity) => rowOf(spec, entity)), last: placeOf(spec, entities), more }
}

/** The key of the last row that has one. */
function placeOf(spec: SetSpec, entities: readonly unknown[]): string | null {
  const keys = entities.map((entity) => spec.keys.map((name) => textOf(asEntity(entity)?.[name])))
  const last = keys.findLast((parts) => parts.every((part) => part !== null))
  return last ? JSON.stringify(last) : null
}

const day = (ms: number) => `datetime'${new Date(ms).toISOString().slice(0, 10)}T00:00:00'`
const instant = (spec: SetSpec, ms: number) => {
  const iso = new Date(ms).toISOString()
  return spec.version === 4 ? iso : `datetimeoffset'${iso}'`
}

function changedSince(spec: SetSpec, since: number): string {
  if (spec.stamp === 'LastChangeDateTime') return `LastChangeDateTime ge ${instant(spec, since)}`
  const from = day(since - ZONE_MS)
  return `(LastChangeDate ge ${from} or CreationDate ge ${from})`
}

function between(spec: SetSpec, { from, to }: Range): string {
  if (spec.stamp === 'LastChangeDateTime')
    return `LastChangeDateTime ge ${instant(spec, from)} and LastChangeDateTime lt ${instant(spec, to)}`
  const [first, last] = [day(from - ZONE_MS), day(to + ZONE_MS)]
  const inside = (property: string) => `(${property} ge ${first} and ${property} le ${last})`
  return `(${inside('LastChangeDate')} or ${inside('CreationDate')})`
}

async function total(spec: SetSpec, ctx: Ctx, condition: string | undefined): Promise<number> {
  const filter = allOf(spec.only, condition)
  const reply = await ctx.http.request({
    url: setPath(spec),
    query: {
      ...(filter !== undefined && { $filter: filter }),
      $top: 1,
      $select: spec.keys.join(','),
      ...(spec.version === 2 ? { $inlinecount: 'allpages', $format: 'json' } : { $count: true }),
    },
    headers: headersOf(ctx.config),
    priority: 'sweep',
  })
  const { count } = pageOf(reply, 'S/4HANA', spec.set)
  if (count === null) throw new ConnectorError('schema', `S/4HANA does not count ${spec.set}.`)
  return count
}
