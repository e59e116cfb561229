/** What a range of a Stripe list would take. Stripe counts nothing: the pace of the newest page is drawn out over the range. */
import type { ConnectorContext, Range, RangeCost } from '../contract.ts'
import type { StripeConfig } from './config.ts'
import { createdOf, PAGE } from './lists.ts'
import { asObject, listOf } from './object.ts'

export const createdIn = ({ from, to }: Range) => ({
  'created[gte]': Math.floor(from / 1000),
  'created[lt]': Math.ceil(to / 1000),
})

export async function costOf(
  ctx: ConnectorContext<StripeConfig>,
  path: string,
  list: Record<string, string> | undefined,
  range: Range,
): Promise<RangeCost> {
  const query = { limit: PAGE, ...list, ...createdIn(range) }
  const body = asObject((await ctx.http.request({ url: path, query, priority: 'sweep' })).json())
  const rows = listOf(body)
  if (body?.['has_more'] !== true) return { calls: 1, rows: rows.length, exact: true, by: 'creation' }
  const oldest = createdOf(rows.at(-1) ?? {}) ?? range.from / 1000
  const covered = Math.max(1, range.to / 1000 - oldest)
  const estimate = Math.ceil((rows.length * (range.to - range.from)) / 1000 / covered)
  return { calls: Math.ceil(estimate / PAGE), rows: estimate, exact: false, by: 'creation' }
}
