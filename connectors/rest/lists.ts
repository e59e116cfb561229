/** Lists of a described API: one page after the other, in the style that the settings name, with a place to go on from. */
import type { HttpReply, HttpRequest, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { linkTarget, MAX_PAGES } from '../paging.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { at, isObject, textOf } from './place.ts'

type Query = Record<string, string | number | boolean>

export interface ListPage {
  rows: unknown[]
  reply: HttpReply
  /** What asks for the page after this one; null on the last. */
  next: string | null
}

/** Statuses by which APIs say that they no longer know the place of a page. */
const LOST = [400, 404, 410, 422]

/**
 * Walks a list to its end. A place kept from an earlier run that is no longer known starts the list anew: rows are
 * repeated, none is lost.
 */
export async function* pages(
  ctx: StreamContext<RestConfig>,
  name: string,
  query: Query,
  from: string | null = null,
): AsyncGenerator<ListPage> {
  const stream = ctx.config.streams[name]!
  let place = from
  for (let page = 0; page < MAX_PAGES; page++) {
    const resumed = page === 0 && place !== null
    const reply = await ctx.http.request({ ...request(stream, ctx, query, place), ...(resumed && { accept: LOST }) })
    if (resumed && reply.status >= 400) {
      ctx.log.info('the place in the list is gone; it starts anew', { stream: name })
      place = null
      continue
    }
    const rows = rowsOf(reply, stream, name)
    const next = nextOf(reply, stream, rows, place, sizeOf(stream, ctx))
    if (next !== null && next === place)
      throw new ConnectorError(
        'schema',
        `Paging of ${stream.path} does not advance: the same next page is named twice.`,
      )
    yield { rows, reply, next }
    if (next === null) return
    place = next
  }
  throw new ConnectorError('schema', `${stream.path} has more than ${MAX_PAGES} pages in one read.`)
}

function sizeOf(stream: StreamConfig, ctx: StreamContext<RestConfig>): number | null {
  return stream.page_size ? Math.min(stream.page_size.most, ctx.pageSize) : null
}

function request(
  stream: StreamConfig,
  ctx: StreamContext<RestConfig>,
  query: Query,
  place: string | null,
): HttpRequest {
  const { paging } = stream
  // The next address carries the query itself; sending ours again would be ignored or doubled.
  if (place !== null && (paging.style === 'next_url' || paging.style === 'link_header')) return { url: place }
  const size = sizeOf(stream, ctx)
  const all: Query = {
    ...stream.query,
    ...query,
    ...(size !== null && { [stream.page_size!.parameter]: size }),
    ...(paging.style === 'page' && { [paging.parameter]: place ?? paging.first }),
    ...(place !== null && 'parameter' in paging && paging.style !== 'page' && { [paging.parameter]: place }),
  }
  if (stream.method === 'POST') return { method: 'POST', url: stream.path, json: all }
  return { url: stream.path, query: all }
}

function rowsOf(reply: HttpReply, stream: StreamConfig, name: string): unknown[] {
  const body = reply.json()
  const rows = stream.rows === undefined ? body : at(body, stream.rows)
  if (Array.isArray(rows)) return rows
  // Some APIs leave an empty list out.
  if (rows === null || (rows === undefined && isObject(body) && stream.rows !== undefined && !('error' in body)))
    return []
  throw new ConnectorError('schema', `The answer for ${stream.path} has no list of rows.`, {
    remedy: `Set streams.${name}.rows to the place of the list in the body.`,
  })
}

function nextOf(
  reply: HttpReply,
  stream: StreamConfig,
  rows: readonly unknown[],
  place: string | null,
  size: number | null,
): string | null {
  const { paging } = stream
  const more = (where: string | undefined) => where === undefined || isTrue(at(reply.json(), where))
  switch (paging.style) {
    case 'none':
      return null
    case 'next_url':
      return textOf(at(reply.json(), paging.at))
    case 'link_header':
      return linkTarget(reply.headers['link'] ?? '', 'next') ?? null
    case 'cursor':
      return more(paging.more) ? textOf(at(reply.json(), paging.at)) : null
    case 'last_id':
      if (rows.length === 0 || (paging.more === undefined ? size !== null && rows.length < size : !more(paging.more)))
        return null
      return textOf(at(rows.at(-1), stream.id))
    case 'offset':
      return rows.length === 0 || (size !== null && rows.length < size)
        ? null
        : String(Number(place ?? 0) + rows.length)
    case 'page':
      return rows.length === 0 || (size !== null && rows.length < size)
        ? null
        : String(Number(place ?? paging.first) + 1)
  }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1'
}
