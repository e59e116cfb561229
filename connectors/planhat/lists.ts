/**
 * Lists by number, ordered by id. Planhat has neither cursors nor a condition on time, so every read takes the list as it is
 * now. Rows that are deleted while we page move the others forward: each page begins with the last row of the page before,
 * and where that one is not there any more, it steps back until it has passed the place.
 */
import type { ConnectorContext, HttpReply } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { MAX_PAGES } from '../paging.ts'
import type { PlanhatConfig } from './config.ts'
import type { ModelSpec } from './models.ts'
import { asObject, textOf } from './objects.ts'

/** Planhat's most, by what its clients use. */
export const PAGE = 2_000

export interface ListPage {
  rows: unknown[]
  reply: HttpReply
  end: boolean
  /** Where the list goes on, while its order says so; null: it would begin anew. */
  place: ListPlace | null
}

export interface ListPlace {
  offset: number
  /** The last id that was seen. */
  last: string
}

const idOf = (row: unknown) => textOf(asObject(row)?.['_id'])

export async function* pages(
  ctx: ConnectorContext<PlanhatConfig>,
  spec: ModelSpec,
  pageSize: number,
  priority: 'read' | 'sweep',
  from: ListPlace | null = null,
): AsyncGenerator<ListPage> {
  const { sort } = ctx.config
  const byId = sort === '_id'
  // Two rows at least: the one that is known, and the next.
  const limit = Math.min(PAGE, Math.max(2, pageSize))
  let offset = byId && from ? from.offset : 0
  let last = byId && from ? from.last : null
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { limit, offset, ...(sort !== null && { sort }) }
    const reply = await ctx.http.request({ url: `/${spec.name}`, query, priority })
    const rows = listOf(reply, spec.name)
    const ids = rows.map(idOf)
    if (byId) ordered(ids, spec)
    const first = ids.find((id) => id !== null) ?? null
    if (byId && last !== null && offset > 0 && (first === null || first > last)) {
      offset = Math.max(0, offset - limit + 1)
      continue
    }
    const known = last
    const fresh = byId && known !== null ? rows.filter((_, i) => ids[i] === null || ids[i]! > known) : rows
    const at = ids.findLastIndex((id) => id !== null)
    // A page may be shorter than we asked for and not be the last; one that holds nothing but the known row is.
    const end = byId ? rows.length <= 1 && fresh.length === 0 : at < 0
    if (at >= 0 && (known === null || ids[at]! > known)) last = ids[at]!
    offset += byId ? Math.max(1, at) : rows.length
    yield { rows: fresh, reply, end, place: byId && last !== null ? { offset, last } : null }
    if (end) return
  }
  throw new ConnectorError('schema', `${spec.name} has more than ${MAX_PAGES} pages.`)
}

export function listOf(reply: HttpReply, name: string): unknown[] {
  const body = reply.json()
  if (!Array.isArray(body)) throw new ConnectorError('schema', `Planhat’s answer for ${name} is no list.`)
  return body as unknown[]
}

function ordered(ids: readonly (string | null)[], spec: ModelSpec): void {
  const known = ids.filter((id) => id !== null)
  if (known.every((id, i) => i === 0 || id > known[i - 1]!)) return
  throw new ConnectorError('schema', `Planhat does not keep ${spec.name} in the order of their ids.`, {
    remedy: 'Set `sort: null`; rows that are deleted while a list is read may then hide others until the next read.',
  })
}
