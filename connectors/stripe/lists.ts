/** Stripe's lists: newest first, paged by the id of the last object seen. */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { MAX_PAGES } from '../paging.ts'
import type { StripeConfig } from './config.ts'
import { isLostAnchor, thrown } from './errors.ts'
import type { StripeObject } from './object.ts'
import { asObject, idOf, secondsOf } from './object.ts'

export interface ListPage {
  /** Objects as they came; what is none is kept, to be refused by name. */
  rows: unknown[]
  reply: HttpReply
  more: boolean
  /** Where the next page starts; null on an empty page. */
  anchor: Anchor | null
}

/** `created` finds the place again when the object itself is deleted while we page. */
export interface Anchor {
  id: string
  created: number | null
}

type Query = Record<string, string | number>

/** Stripe's own most. */
export const PAGE = 100

/**
 * Walks a list to its end, newest first. Objects that are created meanwhile stand before the first page and do not
 * shift the others; the page after a deleted anchor is found again by `created`, with rows repeated, not lost.
 */
export async function* pages(
  ctx: Pick<ConnectorContext<StripeConfig>, 'http' | 'log'>,
  path: string,
  query: Query,
  options: { after?: Anchor | null; byCreated?: boolean } = {},
): AsyncGenerator<ListPage> {
  let anchor = options.after ?? null
  let restart: Query = {}
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ctx.http.request({
      url: path,
      query: { ...query, ...restart, ...(anchor && { starting_after: anchor.id }) },
      ...(anchor && { accept: [400, 404] }),
    })
    if (reply.status >= 400) {
      if (!anchor || !isLostAnchor(reply)) throw thrown(reply)
      ctx.log.info('the page anchor is gone; the list is taken up again by time of creation', {
        path,
        anchor: anchor.id,
      })
      restart = options.byCreated && anchor.created !== null ? { 'created[lte]': anchor.created } : {}
      anchor = null
      continue
    }
    const body = asObject(reply.json())
    if (!body || !Array.isArray(body['data']))
      throw new ConnectorError('schema', `Stripe’s answer for ${path} has no list of data.`)
    const rows: unknown[] = body['data']
    const last = rows.findLast((row) => idOf(row) !== null)
    const next = last ? { id: idOf(last)!, created: createdOf(asObject(last) ?? {}) } : null
    const more = body['has_more'] === true
    yield { rows, reply, more, anchor: next }
    if (!more) return
    if (!next || next.id === anchor?.id) throw new ConnectorError('schema', `Paging of ${path} does not advance.`)
    anchor = next
  }
  throw new ConnectorError('schema', `${path} has more than ${MAX_PAGES} pages.`, {
    remedy: 'Read it in smaller parts: the cursor of each page is kept, the next run goes on there.',
  })
}

export function createdOf(object: StripeObject): number | null {
  try {
    return secondsOf(object['created'], 'created')
  } catch {
    // A row that cannot be mapped must not stop the list; its place is found by its id.
    return null
  }
}

/** `expand[0]=data.tax_ids`; for one object the prefix is left out. */
export function expanded(parts: readonly string[], prefix = ''): Query {
  return Object.fromEntries(parts.map((part, i) => [`expand[${i}]`, prefix + part]))
}
