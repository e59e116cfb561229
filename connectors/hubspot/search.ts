/** The search: rows by stamp past its wall of 10,000 hits, and how many there are. */
import type { ConnectorContext, Range, RawRow, StreamContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import type { Position } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { HubspotConfig } from './config.ts'
import type { Priority } from './links.ts'
import { path, resultsOf, withLinks } from './links.ts'
import type { HubspotObject } from './mapping.ts'
import { stampMs } from './mapping.ts'
import type { ObjectSpec } from './objects.ts'
import { wanted } from './objects.ts'

/** Rows of a page at most. */
export const SEARCH_ROWS = 200

type Ctx = ConnectorContext<HubspotConfig>
type Reading = StreamContext<HubspotConfig>

interface Found {
  rows: RawRow[]
  /** Newest place up to which everything was yielded. */
  last: Position | null
}

/**
 * Rows by stamp. Each page asks anew from the last stamp and none by its number: a row that changes meanwhile moves to the
 * end and would shift the others over a page edge, and nothing can be asked for beyond 10,000 hits. A page on which only
 * one stamp stands is finished by id.
 */
export async function* searched(
  spec: ObjectSpec,
  ctx: Reading,
  since: number,
  until: number,
  priority: Priority,
): AsyncGenerator<Found> {
  const limit = Math.min(SEARCH_ROWS, Math.max(2, ctx.pageSize))
  let from = since
  let seen = new Set<string>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const objects = await search(spec, ctx, [[filter(spec.stamp, 'GTE', from)]], spec.stamp, limit, priority)
    const places = objects.flatMap((o) => placeOf(spec, o) ?? [])
    const newest = places.at(-1)
    const fresh = objects.filter((o) => (placeOf(spec, o)?.stamp ?? until) <= until)
    const unseen = fresh.filter((o) => !seen.has(versionOf(o)))
    if (unseen.length > 0) yield { rows: await withLinks(spec, ctx, unseen, priority), last: newest ?? null }
    if (objects.length < limit || newest === undefined || newest.stamp > until) return
    if (newest.stamp > from) {
      from = newest.stamp
      seen = new Set(objects.map(versionOf))
      continue
    }
    yield* tied(spec, ctx, from, limit, priority)
    from++
    seen = new Set()
  }
  throw new ConnectorError('schema', `${spec.object} has more than ${MAX_PAGES} pages of changes.`)
}

/** More rows with one stamp than fit on a page (an import): all of them, by id. */
async function* tied(
  spec: ObjectSpec,
  ctx: Reading,
  stamp: number,
  limit: number,
  priority: Priority,
): AsyncGenerator<Found> {
  let after = '0'
  for (let page = 0; page < MAX_PAGES; page++) {
    const here = [filter(spec.stamp, 'EQ', stamp), filter('hs_object_id', 'GT', after)]
    const objects = await search(spec, ctx, [here], 'hs_object_id', limit, priority)
    const last = objects.at(-1)
    if (last === undefined) return
    after = last.id
    yield { rows: await withLinks(spec, ctx, objects, priority), last: { stamp, id: after } }
    if (objects.length < limit) return
  }
}

interface Filter {
  propertyName: string
  operator: string
  value: string
}

const filter = (propertyName: string, operator: string, value: string | number): Filter => ({
  propertyName,
  operator,
  value: String(value),
})
export const changedIn = (spec: ObjectSpec, { from, to }: Range) => [
  [filter(spec.stamp, 'GTE', from), filter(spec.stamp, 'LT', to)],
]

function ask(spec: ObjectSpec, ctx: Ctx, groups: Filter[][], sort: string, limit: number, priority: Priority) {
  return ctx.http.request({
    method: 'POST',
    url: `${path(spec)}/search`,
    json: {
      filterGroups: groups.map((filters) => ({ filters })),
      sorts: [{ propertyName: sort, direction: 'ASCENDING' }],
      properties: wanted(spec),
      limit,
      after: '0',
    },
    priority,
  })
}

async function search(
  spec: ObjectSpec,
  ctx: Ctx,
  groups: Filter[][],
  sort: string,
  limit: number,
  priority: Priority,
): Promise<HubspotObject[]> {
  return resultsOf(await ask(spec, ctx, groups, sort, limit, priority))
}

export async function total(spec: ObjectSpec, ctx: Ctx, groups: Filter[][]): Promise<number> {
  const count = ((await ask(spec, ctx, groups, spec.stamp, 1, 'sweep')).json() as { total?: unknown }).total
  if (typeof count !== 'number') throw new ConnectorError('schema', 'HubSpot answered a search without a total.')
  return count
}

function placeOf(spec: ObjectSpec, object: HubspotObject): Position | null {
  const stamp = stampMs(object.properties?.[spec.stamp])
  return stamp === null ? null : { stamp, id: object.id }
}

const versionOf = ({ id, updatedAt }: HubspotObject) => `${id} ${updatedAt}`
