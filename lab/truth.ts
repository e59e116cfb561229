/**
 * Truth: what was really made wrong, when, and what a careful monitor may say about it.
 *
 * A fault is found when a finding meets its own description or one of its `alternatives`. One fault may rightly lead
 * to further findings (an order that is missing also lacks its invoice): those are named as `alsoExpected`, so that
 * every other finding is a false one.
 */
import type { Category, Cause } from '../model/verdict.ts'
import type { Subject } from '../model/record.ts'

/** What a finding may look like; a part that is left out fits anything. */
export interface Pattern {
  categories?: readonly Category[]
  kinds?: readonly string[]
  fields?: readonly string[]
  platforms?: readonly string[]
  /** Checks that say it so, where findings of several checks look alike. */
  checks?: readonly string[]
  /** At least one of them is among the finding's subjects. */
  subjects?: readonly Subject[]
  /** The true cause as this sort of finding sees it, where that is another than the fault's own. */
  cause?: Cause
  /** For totals: every key that both sides have must be equal. */
  scope?: Record<string, string>
}

export interface Fault {
  id: string
  /** Kind of drift: what the score groups by. */
  drift: string
  cause: Cause | null
  category: Category
  kind: string
  /** Fields that differ; empty for whole records. */
  fields: readonly string[]
  owner: string | null
  /** The platform at fault. */
  platform: string | null
  /** All records of the things it is about, at fault or not. */
  subjects: readonly Subject[]
  scope: Record<string, string>
  /** Only these checks can say it: findings of others look alike and mean something else. */
  checks?: readonly string[]
  /** Nobody but a person can decide it: a finding that proposes it, and stays undecided, has found it. */
  proposed?: true
  /** Money at risk as decimal text; null is unknown, as for everything that the product has no rule for. */
  amount: string | null
  currency: string | null
  injectedAt: number
  /** From when on it is rightly called drift (change plus window); null: never, it stays in flight. */
  driftFrom: number | null
  /** When both sides agree again; null: not by itself. */
  healsAt: number | null
  alternatives: readonly Pattern[]
  alsoExpected: readonly Pattern[]
  /** One sentence for people. */
  says: string
}

/** Something that looks like a fault and is none. */
export interface Decoy {
  name: string
  subjects: readonly Subject[]
  says: string
}

export interface Truth {
  seed: string
  start: number
  end: number
  faults: Fault[]
  decoys: Decoy[]
  /** Fault kinds that were wanted and found no place, with the number that is lacking. */
  lacking: Record<string, number>
}

export type FaultStatus = 'not_yet' | 'in_flight' | 'open' | 'healed'

export function statusAt(fault: Fault, at: number): FaultStatus {
  if (at < fault.injectedAt) return 'not_yet'
  if (fault.driftFrom === null) return fault.healsAt !== null && fault.healsAt <= at ? 'healed' : 'in_flight'
  if (fault.healsAt !== null && fault.healsAt <= at) return 'healed'
  return at < fault.driftFrom ? 'in_flight' : 'open'
}

export function countByDrift(truth: Truth): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fault of truth.faults) counts[fault.drift] = (counts[fault.drift] ?? 0) + 1
  return counts
}
