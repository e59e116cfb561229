/** Match lists as SQL: what of a check is matched, differs and stands alone, by currency, and the records that stand alone. */
import { column } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { currentTable } from '../../store/facts/columns.ts'
import { ident } from '../../store/facts/ident.ts'
import type { Compiled, CompileContext } from '../contract.ts'
import { metSql } from './match-met.ts'
import type { Params } from './match-params.ts'
import { built, paramsOf, reachedSql, stepsOf, type Built } from './match-sql.ts'

/** How a check stands in one currency: numbers of groups and their sums as decimal text. */
export interface MatchSums {
  currency: string
  matched: string
  matched_left: string
  matched_right: string
  differing: string
  differing_left: string
  differing_right: string
  left_alone: string
  left_alone_sum: string
  right_alone: string
  right_alone_sum: string
  confirmed: string
}

/** One group that lacks its counterpart, or a part of it. */
export interface AloneRow {
  grp: string
  part: number
  eid: string
  currency: string
  /** What is open of it. */
  open: string
  /** What its own side adds up to. */
  sum: string
  day: string
  records: string
}

/** Groups by currency, each with what its two sides add up to and whether they meet. */
function stoodSql(b: Built): string {
  const left = b.parts
    .filter((x) => x.side === 0)
    .map((x) => x.n)
    .join(', ')
  const sum = (side: string) => `ifNull(sumIf(value, ${side}), 0)`
  return `stood as (
    select grp, spot, currency as in_currency, countIf(part in (${left})) as n_left, countIf(part not in (${left})) as n_right,
      ${sum(`part in (${left})`)} as sum_left, ${sum(`part not in (${left})`)} as sum_right, min(unnamed) as loose, max(filed) != '' as confirmed,
      argMinIf((part, eid), eid, part in (${left})) as one_left, argMinIf((part, eid), eid, part not in (${left})) as one_right,
      maxIf(day, part in (${left})) as day_left, maxIf(day, part not in (${left})) as day_right, toUInt8(${metSql(b.p, left, b.values)}) as met
    from keyed
    where counted
    group by grp, spot, in_currency
  )`
}

/** Where a check asks only for what names nothing, the rest of the right side is not alone: it has its record. */
const rightAlone = (p: Params) =>
  `n_left = 0${p.unmatched.includes('loose') && !p.unmatched.includes('right') ? ' and loose = 1' : ''}`
const leftAlone = `n_left > 0 and n_right = 0 and (sum_left != 0 or in_currency = '')`

export function sumsSql(p: Params, ctx: CompileContext): Compiled | null {
  const b = built(p, ctx)
  if (!b) return null
  const paired = 'n_left > 0 and n_right > 0'
  const sql = `with
  ${[...reachedSql(b), ...stepsOf(b), stoodSql(b)].join(',\n  ')}
select in_currency as currency,
  toString(countIf(${paired} and met)) as matched, toString(ifNull(sumIf(sum_left, ${paired} and met), 0)) as matched_left, toString(ifNull(sumIf(sum_right, ${paired} and met), 0)) as matched_right,
  toString(countIf(${paired} and not met)) as differing, toString(ifNull(sumIf(sum_left, ${paired} and not met), 0)) as differing_left, toString(ifNull(sumIf(sum_right, ${paired} and not met), 0)) as differing_right,
  toString(countIf(${leftAlone})) as left_alone, toString(ifNull(sumIf(sum_left, ${leftAlone}), 0)) as left_alone_sum,
  toString(countIf(${rightAlone(p)})) as right_alone, toString(ifNull(sumIf(sum_right, ${rightAlone(p)}), 0)) as right_alone_sum, toString(countIf(confirmed)) as confirmed
from stood
group by currency
order by currency`
  return { sql, params: paramsOf(b) }
}

export interface Page {
  side: 'left' | 'right'
  currency?: string | undefined
  limit: number
  /** The last row of the page before. */
  after?: { open: string; grp: string } | undefined
}

/** Largest first. A left side that is met in part is among them with what is open of it. */
export function aloneSql(p: Params, ctx: CompileContext, page: Page): Compiled | null {
  const b = built(p, ctx)
  if (!b) return null
  const { side } = page
  const short =
    p.must === 'at_most' || p.must === 'any' || p.must === 'below'
      ? '0'
      : `n_left > 0 and n_right > 0 and not met and sum_right < sum_left`
  const open = side === 'left' ? 'toDecimal128(sum_left - sum_right, 9)' : 'toDecimal128(sum_right, 9)'
  const conditions = [
    side === 'left' ? `((${leftAlone}) or (${short}))` : rightAlone(p),
    ...(page.currency === undefined ? [] : [`in_currency = ${b.values.add(page.currency, 'String')}`]),
    ...(page.after === undefined
      ? []
      : [
          `(s.open_amount, s.grp) < (toDecimal128(${b.values.add(page.after.open, 'String')}, 9), ${b.values.add(page.after.grp, 'UInt64')})`,
        ]),
  ]
  const sql = `with
  ${[...reachedSql(b), ...stepsOf(b), stoodSql(b)].join(',\n  ')}
select toString(s.grp) as grp, one_${side}.1 as part, toString(one_${side}.2) as eid, in_currency as currency, toString(open_amount) as open, toString(sum_${side}) as sum, day_${side} as day, toString(n_${side}) as records
from (select *, ${open} as open_amount from stood) as s
where ${conditions.join(' and ')}
order by s.open_amount desc, s.grp desc
limit ${b.values.add(page.limit, 'UInt32')}`
  return { sql, params: paramsOf(b) }
}

/** What people and the score need to know of a record. */
export interface Described {
  eid: string
  entity_id: string
  customer_entity_id: string
  platform: string
  record_id: string
  state: string | null
  number: string
  words: string
}

/** Records by the hashes of their entities; of several copies the one of the first platform named. */
export function describeSql(
  kind: string,
  eids: readonly string[],
  platforms: readonly string[],
  ctx: Pick<CompileContext, 'database'>,
): Compiled {
  const k = kindOf(kind)
  const key = k.fields.find((f) => f.name === k.businessKey)
  const words = k.fields
    .filter((f) => (f.type === 'text' || f.type === 'code') && f.sensitivity === 'plain')
    .map((f) => `ifNull(t.${ident(column(f))}, '')`)
  const first = (sql: string) => `argMin(${sql}, indexOf({platforms:Array(String)}, toString(t.platform)))`
  return {
    sql: `select toString(t.eid) as eid, any(t.entity_id) as entity_id, any(t.customer_entity_id) as customer_entity_id, ${first('toString(t.platform)')} as platform, ${first('t.record_id')} as record_id,
  ${first(`cast(t.state, 'Nullable(String)')`)} as state, ${key ? `ifNull(any(t.${ident(column(key))}), '')` : `''`} as number,
  arrayStringConcat(groupUniqArray(concat(${[...words, 't.record_id', `arrayStringConcat(mapValues(t.refs), ' ')`, `arrayStringConcat(arrayMap(x -> ifNull(x, ''), mapValues(t.custom)), ' ')`].join(`, ' ', `)})), ' ') as words
from ${ident(ctx.database)}.${ident(currentTable(kind))} as t final
prewhere t.eid in (select toUInt64(arrayJoin({eids:Array(String)})))
where t.deleted = 0
group by t.eid`,
    params: { eids, platforms },
  }
}
