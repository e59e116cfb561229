/**
 * Paging styles: each walks one list to its end and yields every reply. A list that does not advance, or that is
 * longer than any list we read in one go, is an error: reading must end.
 */
import type { ConnectorContext, HttpReply, HttpRequest } from './contract.ts'
import { ConnectorError } from './contract.ts'

/** Pages of one read. At 200 rows a page this is 20 million rows. */
export const MAX_PAGES = 100_000

type Reader = Pick<ConnectorContext, 'http'>

/** `next` reads the address of the next page out of the body or headers; undefined or null ends the list. */
export async function* nextUrlPages(
  ctx: Reader,
  first: HttpRequest,
  next: (reply: HttpReply) => string | null | undefined,
): AsyncGenerator<HttpReply> {
  let request = first
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request(request)
    yield reply
    const url = next(reply)
    if (!url) return
    if (url === request.url) throw stuck(url)
    // The next address carries the query itself; sending ours again would be ignored or doubled.
    const { query: _, ...rest } = first
    request = { ...rest, url }
  }
  throw tooLong(first.url)
}

/** RFC 8288 `Link: <…>; rel="next"`. */
export function linkHeaderPages(ctx: Reader, first: HttpRequest): AsyncGenerator<HttpReply> {
  return nextUrlPages(ctx, first, (reply) => linkTarget(reply.headers['link'] ?? '', 'next'))
}

export function linkTarget(header: string, rel: string): string | undefined {
  for (const [, url, parameters] of header.matchAll(/<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:"[^"]*"|[^\s;,]*))*)/g)) {
    const found = /(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]*))/i.exec(parameters ?? '')
    if ((found?.[1] ?? found?.[2] ?? '').toLowerCase().split(/\s+/).includes(rel)) return url
  }
  return undefined
}

/** A token from the body goes back as a query parameter (`starting_after`, `after`, `page[after]`). */
export async function* cursorPages(
  ctx: Reader,
  first: HttpRequest,
  parameter: string,
  next: (reply: HttpReply) => string | null | undefined,
): AsyncGenerator<HttpReply> {
  let token: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request(
      token === undefined ? first : { ...first, query: { ...first.query, [parameter]: token } },
    )
    yield reply
    const following = next(reply)
    if (!following) return
    if (following === token) throw stuck(first.url)
    token = following
  }
  throw tooLong(first.url)
}

/**
 * Offset and limit. Rows that are inserted or removed meanwhile shift the pages: use it only where the platform has
 * nothing better, ordered by something that does not change, and rely on the sweep for the rest.
 * @param rows how many rows the reply had; fewer than `limit` ends the list unless `more` says otherwise
 */
export async function* offsetPages(
  ctx: Reader,
  first: HttpRequest,
  names: { offset: string; limit: string },
  limit: number,
  rows: (reply: HttpReply) => number,
  more?: (reply: HttpReply) => boolean,
): AsyncGenerator<HttpReply> {
  let offset = Number(first.query?.[names.offset] ?? 0)
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { ...first.query, [names.offset]: offset, [names.limit]: limit }
    const reply = await ctx.http.request({ ...first, query })
    yield reply
    const count = rows(reply)
    if (count === 0 || !(more ? more(reply) : count >= limit)) return
    offset += count
  }
  throw tooLong(first.url)
}

function stuck(url: string): ConnectorError {
  return new ConnectorError(
    'schema',
    `Paging of ${pathOf(url)} does not advance: the platform names the same next page twice.`,
  )
}

function tooLong(url: string): ConnectorError {
  return new ConnectorError('schema', `${pathOf(url)} has more than ${MAX_PAGES} pages in one read.`, {
    remedy: 'Read it in smaller parts: the cursor of each page is kept, the next run goes on there.',
  })
}

/** Without the query: it may hold what must not be in a message. */
function pathOf(url: string): string {
  return url.split('?')[0]!
}
