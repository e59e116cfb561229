/**
 * Match score: how likely records of two sides belong together, from amount, date, words and customer. Pure, and the
 * same in server and dashboard: a suggestion says why it was made.
 */
import { abs, add, compare, divide, format, subtract } from './decimal.ts'

/** A record that has no counterpart, or not enough of it. */
export interface Unpaired {
  kind: string
  entity_id: string
  customer: string
  currency: string
  /** What is open of it, decimal text. */
  amount: string
  /** ISO day, or empty. */
  day: string
  /** The number that people quote; empty where there is none. */
  number: string
  /** Whatever words it carries: references, custom fields. */
  words: string
}

export interface Reason {
  says: string
  points: number
}

export interface Suggestion {
  left: Unpaired[]
  right: Unpaired[]
  /** 0 to 100. */
  score: number
  reasons: Reason[]
  /** Sum of the right side less that of the left. */
  difference: string
  currency: string
}

/** Suggestions below this are not made: the amount alone proves little. */
export const SCORE_MIN = 60

/** Records that one search for a sum takes into account, and that one suggestion may join. */
const POOL_MAX = 14
const JOINED_MAX = 6

const DAY = 86_400_000

/** Best suggestions first; every record is in one suggestion at most. */
export function suggest(
  left: readonly Unpaired[],
  right: readonly Unpaired[],
  rejected: ReadonlySet<string> = new Set(),
): Suggestion[] {
  const found: Suggestion[] = []
  for (const r of right) {
    const near = left.filter((l) => l.currency === r.currency)
    for (const l of near) found.push(scored([l], [r]))
    for (const group of sumsTo(
      r,
      near.filter((l) => l.customer !== '' && l.customer === r.customer),
    ))
      found.push(scored(group, [r]))
  }
  for (const l of left) {
    const near = right.filter((r) => r.currency === l.currency && r.customer !== '' && r.customer === l.customer)
    for (const group of sumsTo(l, near)) found.push(scored([l], group))
  }
  const good = found
    .filter((s) => s.score >= SCORE_MIN && !rejected.has(suggestionKey(s)))
    .sort(
      (a, b) =>
        b.score - a.score ||
        a.left.length + a.right.length - b.left.length - b.right.length ||
        (suggestionKey(a) < suggestionKey(b) ? -1 : 1),
    )
  const taken = new Set<string>()
  return good.filter((s) => {
    const ids = [...s.left, ...s.right].map((u) => `${u.kind} ${u.entity_id}`)
    if (ids.some((id) => taken.has(id))) return false
    for (const id of ids) taken.add(id)
    return true
  })
}

/** Names its members whatever their order. */
export function suggestionKey(s: Pick<Suggestion, 'left' | 'right'>): string {
  return [...s.left, ...s.right]
    .map((u) => `${u.kind} ${u.entity_id}`)
    .sort()
    .join('\n')
}

function scored(left: Unpaired[], right: Unpaired[]): Suggestion {
  const total = (side: readonly Unpaired[]) => side.reduce((sum, u) => format(add(sum, u.amount)), '0')
  const [ours, theirs] = [total(left), total(right)]
  const difference = format(subtract(theirs, ours))
  const reasons = [
    byAmount(ours, difference),
    byCustomer(left, right),
    byWords(left, right),
    byDay(left, right),
  ].filter((x) => x !== null)
  return {
    left,
    right,
    difference,
    currency: left[0]!.currency,
    reasons,
    score: Math.max(
      0,
      Math.min(
        100,
        reasons.reduce((sum, x) => sum + x.points, 0),
      ),
    ),
  }
}

function byAmount(left: string, difference: string): Reason | null {
  if (compare(left, '0') === 0) return null
  if (compare(difference, '0') === 0) return { says: 'The amounts are the same.', points: 50 }
  const share = abs(divide(difference, left, 6))
  if (compare(share, '0.01') <= 0) return { says: `The amounts differ by ${format(abs(difference))}.`, points: 35 }
  if (compare(share, '0.05') <= 0) return { says: `The amounts differ by ${format(abs(difference))}.`, points: 15 }
  return { says: `The amounts differ by ${format(abs(difference))}.`, points: -30 }
}

function byCustomer(left: readonly Unpaired[], right: readonly Unpaired[]): Reason | null {
  const all = [...left, ...right]
  if (all.some((u) => u.customer === '')) return null
  return new Set(all.map((u) => u.customer)).size === 1
    ? { says: 'They belong to the same customer.', points: 25 }
    : { says: 'They belong to different customers.', points: -25 }
}

/** A number of one side in the words of the other; short numbers are in everything. */
function byWords(left: readonly Unpaired[], right: readonly Unpaired[]): Reason | null {
  const names = (a: Unpaired, b: Unpaired) => a.number.length >= 4 && spoken(b.words).includes(spoken(a.number))
  const named = left.flatMap((l) => right.filter((r) => names(l, r) || names(r, l)).map(() => l.number))
  if (named.length === 0) return null
  return { says: `It names ${[...new Set(named)].join(', ')}.`, points: named.length >= left.length ? 40 : 20 }
}

const spoken = (text: string) =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

function byDay(left: readonly Unpaired[], right: readonly Unpaired[]): Reason | null {
  const at = (side: readonly Unpaired[]) => side.map((u) => Date.parse(u.day)).filter((t) => !Number.isNaN(t))
  const [a, b] = [at(left), at(right)]
  if (a.length === 0 || b.length === 0) return null
  const days = Math.round(Math.min(...b.map((t) => Math.min(...a.map((s) => Math.abs(t - s))))) / DAY)
  if (days <= 5) return { says: `They are ${days === 1 ? 'a day' : `${days} days`} apart.`, points: 15 }
  if (days <= 45) return { says: `They are ${days} days apart.`, points: 8 }
  return days > 180 ? { says: `They are ${days} days apart.`, points: -10 } : null
}

/** Two to six records whose amounts add up to one; the first ones found, smallest groups first. */
function sumsTo(one: Unpaired, all: readonly Unpaired[]): Unpaired[][] {
  const pool = all.filter((u) => compare(u.amount, '0') > 0 && compare(u.amount, one.amount) < 0).slice(0, POOL_MAX)
  for (let size = 2; size <= Math.min(JOINED_MAX, pool.length); size++) {
    const found = chosen(pool, size, 0, '0', one.amount)
    if (found) return [found]
  }
  return []
}

function chosen(pool: readonly Unpaired[], size: number, from: number, sum: string, wanted: string): Unpaired[] | null {
  if (size === 0) return compare(sum, wanted) === 0 ? [] : null
  for (let i = from; i <= pool.length - size; i++) {
    const next = format(add(sum, pool[i]!.amount))
    if (compare(next, wanted) > 0) continue
    const rest = chosen(pool, size - 1, i + 1, next, wanted)
    if (rest) return [pool[i]!, ...rest]
  }
  return null
}
