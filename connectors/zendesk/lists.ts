/** Zendesk's lists by cursor paging: `page[size]`, `page[after]`, `meta.has_more`. */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { MAX_PAGES } from '../paging.ts'
import type { ZendeskConfig } from './config.ts'
import { isLostCursor, thrown } from './errors.ts'
import { asObject } from './fields.ts'

/** Zendesk's own most. */
export const PAGE = 100

export interface ListPage {
  rows: unknown[]
  reply: HttpReply
  /** The server's cursor to the next page; null on the last. */
  after: string | null
}

/**
 * Walks a list to its end. A cursor that is no longer known starts the list anew: rows are repeated, none is lost.
 */
export async function* pages(
  ctx: Pick<ConnectorContext<ZendeskConfig>, 'http' | 'log'>,
  path: string,
  member: string,
  query: Record<string, string | number>,
  from: string | null = null,
): AsyncGenerator<ListPage> {
  let after = from
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: path,
      query: { ...query, 'page[size]': PAGE, ...(after !== null && { 'page[after]': after }) },
      ...(after !== null && { accept: [400, 422] }),
    })
    if (reply.status >= 400) {
      if (!isLostCursor(reply)) throw thrown(reply)
      ctx.log.info('the page cursor is gone; the list starts anew', { path })
      after = null
      continue
    }
    const body = asObject(reply.json())
    const rows = body?.[member]
    if (!Array.isArray(rows)) throw new ConnectorError('schema', `Zendesk’s answer for ${path} has no ${member}.`)
    const meta = asObject(body!['meta'])
    const next = meta?.['has_more'] === true ? meta['after_cursor'] : null
    if (next !== null && (typeof next !== 'string' || next === after))
      throw new ConnectorError('schema', `Paging of ${path} does not advance.`)
    yield { rows, reply, after: next }
    if (next === null) return
    after = next
  }
  throw new ConnectorError('schema', `${path} has more than ${MAX_PAGES} pages.`)
}
