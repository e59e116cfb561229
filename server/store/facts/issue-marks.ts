/** Marks of issues: one number that changes whenever any value in their unresolved findings does, and how many are open. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface IssueMark {
  /** Decimal text; '0' where nothing is unresolved. */
  mark: string
  open: number
}

export async function issueMarks(facts: Facts, numbers: readonly number[]): Promise<Map<number, IssueMark>> {
  if (numbers.length === 0) return new Map()
  const rows = await facts.query<{ issue: string; mark: string; open: string }>(
    `select toString(issue) as issue, toString(groupBitXor(cityHash64(id, expected, actual))) as mark, toString(countIf(state = 'open')) as open
     from ${tableOf(facts, 'findings')} final where issue in {numbers:Array(UInt64)} and state != 'resolved' group by issue`,
    { numbers },
  )
  const found = new Map(rows.map((r) => [Number(r.issue), { mark: r.mark, open: Number(r.open) }]))
  return new Map(numbers.map((n) => [n, found.get(n) ?? { mark: '0', open: 0 }]))
}
