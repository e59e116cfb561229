/** A range of one record type, read again: what changed between two moments, by (last modified, id). */
import type { ConnectorContext, Cursor, Page, Range, RangeCost, StreamContext } from '../contract.ts'
import { MAX_PAGES } from '../paging.ts'
import { wallClock } from './account-time.ts'
import type { NetSuiteConfig } from './config.ts'
import { ask, suiteql } from './query.ts'
import type { RecordSpec } from './spec.ts'
import { heldBy, limitOf, placeOfLast, rowsOf } from './stream.ts'
import type { Asked } from './suiteql.ts'
import { after, asked, moment, select } from './suiteql.ts'

const between = (spec: RecordSpec, { from, to }: Range, timezone: string) =>
  `${spec.changed} >= ${moment(wallClock(from, timezone))} AND ${spec.changed} < ${moment(wallClock(to, timezone))}`

export async function costOf(
  spec: RecordSpec,
  ctx: ConnectorContext<NetSuiteConfig>,
  range: Range,
): Promise<RangeCost> {
  const { from } = asked(spec, new Set((spec.joins ?? []).flatMap((j) => (j.required ? [] : [j.table]))))
  const where = [...(spec.where ?? []), between(spec, range, ctx.timezone)]
  const { rows } = await suiteql(ctx, select({ columns: { n: 'COUNT(*)' }, from }, where), 1, 'sweep')
  const count = Number(rows[0]?.['n'])
  const pages = Math.max(1, Math.ceil(count / ctx.config.page_size))
  // What stands beside the rows of a page (tax, payments) is asked for page by page.
  return { calls: pages * (1 + (spec.companions?.length ?? 0)), rows: count, exact: true, by: 'change' }
}

export async function* within(
  spec: RecordSpec,
  ctx: StreamContext<NetSuiteConfig>,
  range: Range,
  cursor: Cursor,
): AsyncGenerator<Page> {
  const [stamp, id] = [cursor?.['stamp'], cursor?.['id']]
  let last = typeof stamp === 'number' && typeof id === 'string' ? { stamp, id } : null
  const lacking = new Set<string>()
  for (let page = 0; page < MAX_PAGES; page++) {
    const place = last
    const write = (a: Asked) => {
      const where = [...(spec.where ?? []), between(spec, range, ctx.timezone)]
      if (place) where.push(`(${after(spec, wallClock(place.stamp, ctx.timezone), place.id)})`)
      return select(a, where, [spec.changed, spec.id])
    }
    const answer = await ask(ctx, spec, lacking, write, limitOf(ctx), 'sweep')
    const rows = await rowsOf(ctx, spec, answer, 'sweep')
    last = placeOfLast(answer.rows, ctx.timezone) ?? last
    yield { rows, held: heldBy(spec, answer.asked.columns), ...(last && { cursor: { ...last } }) }
    if (!answer.more || last === place) return
  }
}
