/**
 * A range of a model. Planhat has no condition on time, so the whole list is walked and what changed outside the range is left
 * where it is: the price is the list's, whatever the range.
 */
import type { ConnectorContext, Cursor, Page, Range, RangeCost, StreamContext } from '../contract.ts'
import type { PlanhatConfig } from './config.ts'
import type { ListPlace } from './lists.ts'
import { listOf, PAGE, pages } from './lists.ts'
import type { ModelSpec } from './models.ts'
import { asObject, rowOf } from './objects.ts'

/** Looks for the end of a list at most: at twice as many rows each, 8 million. */
const LOOKS = 13

export async function* within(
  spec: ModelSpec,
  ctx: StreamContext<PlanhatConfig>,
  { from, to }: Range,
  cursor: Cursor,
): AsyncGenerator<Page> {
  for await (const { rows, place } of pages(ctx, spec, PAGE, 'sweep', placeIn(cursor))) {
    const inside = rows.filter((row) => {
      const at = Date.parse(String(asObject(row)?.['updatedAt']))
      // What has no time of its own may have changed at any.
      return Number.isNaN(at) || (at >= from && at < to)
    })
    yield { rows: inside.map(rowOf), ...(place && { cursor: { ...place } }) }
  }
}

function placeIn(cursor: Cursor): ListPlace | null {
  const { offset, last } = cursor ?? {}
  return typeof offset === 'number' && typeof last === 'string' ? { offset, last } : null
}

/** Companies have a short list that is counted; of the others it is felt how long they are. */
export async function costOf(spec: ModelSpec, ctx: ConnectorContext<PlanhatConfig>): Promise<RangeCost> {
  const list = async (url: string, query: Record<string, number | string> = {}) =>
    listOf(await ctx.http.request({ url, query, priority: 'sweep' }), spec.name)
  let rows: number | null = spec.name === 'companies' ? (await list('/leancompanies')).length : null
  for (let look = 0, offset = PAGE; rows === null && look < LOOKS; look++, offset *= 2)
    if ((await list(`/${spec.name}`, { limit: 1, offset })).length === 0) rows = offset
  // Each page repeats a row, and the last one holds nothing new.
  const calls = rows === null ? null : Math.max(1, Math.ceil(rows / (PAGE - 1))) + 1
  return { calls, rows: null, exact: false, by: 'change' }
}
