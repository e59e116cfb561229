/** By issue: what a plan over many issues does for each of them, and why it does nothing for some findings. Pure. */
import type { Item } from './item.ts'
import type { LeftOut } from './wish.ts'

export interface IssueShare {
  issue: number
  /** What is wanted of it: open findings, or the one ticket. */
  wanted: number
  /** Of these, what the plan takes up. */
  planned: number
  /** Why the others are left out, each reason once. */
  why: string[]
}

/** Reasons that are told of one issue. */
const REASONS_MAX = 3

/**
 * @param wanted issue → what is wanted of it: ids of findings, or the record of its ticket
 * @returns one line for each issue, in the order of `wanted`
 */
export function byIssue(
  wanted: ReadonlyMap<number, readonly string[]>,
  items: Iterable<Pick<Item, 'findings' | 'request'>>,
  leftOut: readonly LeftOut[],
): IssueShare[] {
  const planned = new Set<string | null>()
  for (const { findings, request } of items) for (const id of [...findings, request.recordId]) planned.add(id)
  const reasons = new Map<string | null, string>()
  for (const { why, findings, record_id } of leftOut) for (const id of findings ?? [record_id]) reasons.set(id, why)
  return [...wanted].map(([issue, ids]) => {
    const without = ids.filter((id) => !planned.has(id))
    const why = new Set(without.map((id) => reasons.get(id) ?? 'It has moved on since it was asked for.'))
    return { issue, wanted: ids.length, planned: ids.length - without.length, why: [...why].slice(0, REASONS_MAX) }
  })
}
