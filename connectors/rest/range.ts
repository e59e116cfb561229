/** A range of a described list, what it would take, and how instants are asked for. */
import type { ConnectorContext, Cursor, Page, Range, RangeCost, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { pages } from './lists.ts'
import { rowOf, stampOf } from './mapping.ts'
import { at, textOf } from './place.ts'

type Ctx = ConnectorContext<RestConfig>

const RESOLUTION_MS = { ms: 1, s: 1_000, min: 60_000, day: 86_400_000 } as const
/** Rows of a page where the list says nothing of them. */
const PAGE_ROWS = 1_000

/** A list without stamps has no ranges: nothing says when a row changed. */
export const hasRange = (stream: StreamConfig): boolean => stream.changes !== undefined || stream.changed !== undefined

/** The unit in which changes can be asked for, in milliseconds. */
export function unitOf({ changes, resolution }: StreamConfig): number {
  return RESOLUTION_MS[changes?.format === 'date' ? 'day' : resolution]
}

/** Asks for changes from an instant on, itself included. */
export function sinceQuery(stream: StreamConfig, from: number): Record<string, string> {
  const { parameter, template, format, inclusive } = stream.changes!
  const unit = unitOf(stream)
  const since = Math.floor(from / unit) * unit - (inclusive ? 0 : unit)
  return { [parameter]: template.replace('{since}', written(since, format)) }
}

type Format = NonNullable<StreamConfig['changes']>['format']

function written(ms: number, format: Format): string {
  if (format === 'epoch_ms') return String(ms)
  if (format === 'epoch_seconds') return String(Math.floor(ms / 1000))
  const iso = new Date(ms).toISOString()
  return format === 'date' ? iso.slice(0, 10) : iso
}

function rangeQuery(stream: StreamConfig, { from, to }: Range) {
  const { changes } = stream
  if (!changes) return {}
  const { until, query, format } = changes
  // The end is asked for a unit later: whether the API counts it in is not said, and what is too much is left out here.
  const end = until && { [until.parameter]: until.template.replace('{until}', written(to + unitOf(stream), format)) }
  return { ...query, ...sinceQuery(stream, from), ...end }
}

/** Is it in the range; null: the row does not say when it changed. */
function inside(ctx: Ctx, stream: StreamConfig, value: unknown, { from, to }: Range): 'before' | 'in' | 'after' | null {
  const stamp = stream.changed === undefined ? null : stampOf(at(value, stream.changed), ctx.timezone)
  return stamp === null ? null : stamp < from ? 'before' : stamp < to ? 'in' : 'after'
}

/** What changed in the range; where the list cannot be asked for changes, what of it did. */
export async function* within(
  ctx: StreamContext<RestConfig>,
  name: string,
  stream: StreamConfig,
  range: Range,
  cursor: Cursor,
): AsyncGenerator<Page> {
  for await (const { rows, next } of pages(ctx, name, rangeQuery(stream, range), textOf(cursor?.['next']))) {
    const where = rows.map((value) => inside(ctx, stream, value, range))
    const wanted = rows.filter((_, n) => where[n] === 'in' || where[n] === null)
    yield { rows: wanted.map((value) => rowOf(stream, value, stream.path)), ...(next !== null && { cursor: { next } }) }
    if (stream.changes?.ordered && rows.length > 0 && where.every((w) => w === 'after')) return
  }
}

/** By one page of the range: what it says of all, or how much of the range it covers; else the whole list is the most that it can be. */
export async function costOf(ctx: Ctx, name: string, stream: StreamConfig, range: Range): Promise<RangeCost> {
  const said = (calls: number | null, rows: number | null, exact = false): RangeCost => ({
    calls: calls === null ? null : Math.max(1, calls),
    rows,
    exact,
    by: 'change',
  })
  const size = Math.min(stream.page_size?.most ?? PAGE_ROWS, PAGE_ROWS)
  if (!stream.changes) {
    const all = stream.count ? await count(ctx, stream.count, name) : null
    return said(stream.paging.style === 'none' ? 1 : all === null ? null : Math.ceil(all / size), null)
  }
  const asked = pages({ ...ctx, mode: 'changes', pageSize: PAGE_ROWS }, name, rangeQuery(stream, range))
  const first = await asked.next()
  if (first.done) return said(1, 0, true)
  const { rows, reply, next } = first.value
  const where = rows.map((value) => inside(ctx, stream, value, range))
  const many = where.filter((w) => w === 'in' || w === null).length
  if (next === null || (stream.changes.ordered && where.at(-1) === 'after')) return said(1, many, true)
  const total = Number((stream.total && textOf(at(reply.json(), stream.total))) ?? Number.NaN)
  if (Number.isSafeInteger(total) && rows.length > 0)
    return said(Math.ceil(total / rows.length), stream.changes.until ? total : null)
  const last = stream.changed === undefined ? null : stampOf(at(rows.at(-1), stream.changed), ctx.timezone)
  if (stream.changes.ordered && last !== null && last > range.from) {
    // Oldest first: the pace of the first page, drawn out over the range.
    const estimate = Math.ceil((many * (range.to - range.from)) / (last - range.from))
    return said(Math.ceil(estimate / rows.length), estimate)
  }
  const all = stream.count ? await count(ctx, stream.count, name) : null
  return said(all === null ? null : Math.ceil(all / Math.max(1, rows.length)), null)
}

/** The platform's own count. */
export async function count(ctx: Ctx, asked: NonNullable<StreamConfig['count']>, name: string): Promise<number> {
  const reply = await ctx.http.request({ url: asked.path, query: asked.query, priority: 'sweep' })
  const number = Number(textOf(at(reply.json(), asked.at)) ?? Number.NaN)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ConnectorError('schema', `The answer for ${asked.path} holds no number at ${asked.at}.`, {
    remedy: `Set streams.${name}.count.at to the place of the count in the body.`,
  })
}
