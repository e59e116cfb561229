/** When two sides meet: the same rule as SQL, which leaves out what plainly meets, and as a pure function for the judge. */
import { abs, add, compare, decimal, divide, multiply, subtract, type Decimalish } from '../../../model/decimal.ts'
import type { Params } from './match-params.ts'
import type { Params as Values } from './rule-conditions.ts'

/** How a group stands: `met`, or in which way it does not. */
export type Outcome = 'met' | 'more' | 'less' | 'left' | 'right' | 'count' | 'dates'

export interface Tally {
  sum: Decimalish
  count: number
  days: readonly string[]
}

type Rule = Pick<Params, 'must' | 'shape' | 'unmatched' | 'same_count' | 'allow'>

export interface Circumstances {
  /** What a person let pass. */
  allowance?: string | null
  /** The right side names nothing. */
  loose?: boolean
  /** A person said that these belong together, however many they are. */
  confirmed?: boolean
}

export function outcome(
  rule: Rule,
  left: Tally,
  right: Tally,
  { allowance = null, loose = false, confirmed = false }: Circumstances = {},
): Outcome {
  const alone = rule.unmatched.includes('right') || (loose && rule.unmatched.includes('loose'))
  if (left.count === 0) return right.count > 0 && alone ? 'right' : 'met'
  const free = tolerated(rule, left.sum, allowance)
  // Nothing is met by nothing: an invoice over zero needs no payment.
  const nothing = rule.must !== 'any' && compare(abs(left.sum), free) <= 0
  if (right.count === 0) return rule.unmatched.includes('left') && !nothing ? 'left' : 'met'
  const one = confirmed
    ? { left: false, right: false }
    : { left: rule.shape.startsWith('one'), right: rule.shape.endsWith('one') }
  if ((one.left && left.count > 1) || (one.right && right.count > 1)) return 'count'
  if (rule.same_count && !confirmed && left.count !== right.count) return 'count'
  const difference = subtract(right.sum, left.sum)
  const within = compare(abs(difference), free) <= 0
  const sign = compare(difference, '0')
  if (rule.must === 'below' && (sign >= 0 || within)) return 'more'
  if (rule.must !== 'any' && rule.must !== 'below' && !within) {
    if (sign > 0 && rule.must !== 'at_least') return 'more'
    if (sign < 0 && rule.must !== 'at_most') return 'less'
  }
  return rule.allow.days !== undefined && !confirmed && apart(left.days, right.days) > rule.allow.days ? 'dates' : 'met'
}

/** The larger of what is allowed in money and as a share, and on top what a person let pass. */
export function tolerated(rule: Rule, left: Decimalish, allowance: string | null): Decimalish {
  const amount = rule.allow.amount ?? '0'
  const share = rule.allow.percent === undefined ? '0' : divide(multiply(abs(left), rule.allow.percent), '100', 9)
  const larger = compare(amount, share) >= 0 ? amount : share
  return allowance === null ? larger : add(decimal(larger), allowance)
}

const DAY = 86_400_000

/** Days from any record of one side to the nearest of the other, the largest of them. */
function apart(left: readonly string[], right: readonly string[]): number {
  const at = (days: readonly string[]) => days.map((d) => Date.parse(d)).filter((t) => !Number.isNaN(t))
  const [a, b] = [at(left), at(right)]
  if (a.length === 0 || b.length === 0) return 0
  return Math.max(...b.map((t) => Math.min(...a.map((s) => Math.abs(s - t))))) / DAY
}

/** Over a group: 1 where its records name nothing. What names something that does not exist is told elsewhere. */
export const LOOSE = 'min(unnamed)'

const CONFIRMED = `max(filed) != ''`

/** True over a group of `keyed` that plainly meets; unknown amounts are never judged. `left` are the parts of the left side. */
export function metSql(rule: Rule, left: string, values: Values): string {
  const ours = `part in (${left})`
  const n = { left: `countIf(counted and ${ours})`, right: `countIf(counted and not ${ours})` }
  const sum = {
    left: `ifNull(sumIf(value, counted and ${ours}), 0)`,
    right: `ifNull(sumIf(value, counted and not ${ours}), 0)`,
  }
  const free = [
    rule.allow.amount === undefined ? null : `toDecimal128(${values.add(rule.allow.amount, 'String')}, 9)`,
    rule.allow.percent === undefined
      ? null
      : `abs(${sum.left}) * toDecimal128(${values.add(rule.allow.percent, 'String')}, 9) / 100`,
  ].filter((x) => x !== null)
  const base = free.length === 2 ? `greatest(${free.join(', ')})` : (free[0] ?? 'toDecimal128(0, 9)')
  const tolerance = `(${base} + ifNull(max(passed), toDecimal128(0, 9)))`
  const difference = `(${sum.right} - ${sum.left})`
  const sums = {
    equal: `abs(${difference}) <= ${tolerance}`,
    at_most: `${difference} <= ${tolerance}`,
    at_least: `${difference} >= -${tolerance}`,
    below: `${difference} < -${tolerance}`,
    any: '1',
  }[rule.must]
  const both = [
    rule.must === 'any' ? sums : `(countIf(counted and value is null) > 0 or ${sums})`,
    ...(rule.shape.startsWith('one') ? [`(${n.left} <= 1 or ${CONFIRMED})`] : []),
    ...(rule.shape.endsWith('one') ? [`(${n.right} <= 1 or ${CONFIRMED})`] : []),
    ...(rule.same_count ? [`(${n.left} = ${n.right} or ${CONFIRMED})`] : []),
    ...(rule.allow.days === undefined
      ? []
      : [
          `(${CONFIRMED} or dateDiff('day', toDate32OrZero(minIf(day, counted and day != '')), toDate32OrZero(maxIf(day, counted and day != ''))) <= ${rule.allow.days})`,
        ]),
  ].join(' and ')
  const none = rule.unmatched.includes('right')
    ? `${n.right} = 0`
    : rule.unmatched.includes('loose')
      ? `${n.right} = 0 or ${LOOSE} = 0`
      : '1'
  return `multiIf(${n.left} = 0, ${none}, ${n.right} = 0, ${!rule.unmatched.includes('left') ? '1' : rule.must === 'any' ? '0' : `abs(${sum.left}) <= ${tolerance}`}, ${both})`
}
