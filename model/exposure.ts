/**
 * Exposure: what an amount at risk rests on. Shared by server and dashboard; pure.
 *
 * confirmed: both sides are known, so the amount is what the books are off by (two amounts that differ, a document that
 * one side lacks, one that is void or paid on one side only, a credit that was approved and not posted). estimated: a
 * rate times a time, or an amount that may yet be saved (service without a contract, an active subscription nobody
 * bills, a credit hold that is ignored). The two are never added up.
 */
import type { Category } from './verdict.ts'

export const AMOUNT_BASES = ['confirmed', 'estimated'] as const
export type AmountBasis = (typeof AMOUNT_BASES)[number]

/** Kinds whose amount is a thing that was agreed once, not a rate that runs on. */
const DOCUMENTS: ReadonlySet<string> = new Set(['order', 'line', 'shipment', 'invoice', 'payment', 'credit', 'posting'])

/** Documents that are money themselves: an exception about one is an amount that is off. */
const BOOKED: ReadonlySet<string> = new Set(['invoice', 'payment', 'credit', 'posting'])

/** What is asked of a difference. */
export interface Exposed {
  category: Category
  /** Canonical kind of its subject. */
  kind: string
  amount_at_risk: string | null
  /** What the check's `money` says; it overrides the rules. */
  money?: AmountBasis | null | undefined
}

export interface Basis {
  basis: AmountBasis
  /** Why, in a few words for people. */
  why: string
}

/** Null where there is no known amount. The first rule that fits decides. */
export function basisOf({ category, kind, amount_at_risk, money }: Exposed): Basis | null {
  if (amount_at_risk === null) return null
  if (money) return { basis: money, why: 'the check says so' }
  switch (category) {
    case 'mismatch':
    case 'authority':
      return { basis: 'confirmed', why: 'both amounts are known' }
    case 'total':
      return { basis: 'confirmed', why: 'both totals are known' }
    case 'missing':
    case 'orphan':
      return DOCUMENTS.has(kind)
        ? { basis: 'confirmed', why: 'the document exists on one side and its amount is known' }
        : { basis: 'estimated', why: 'a running amount, for as long as the record is missing' }
    case 'deadline':
      return DOCUMENTS.has(kind)
        ? { basis: 'confirmed', why: 'what must follow the document has its amount' }
        : { basis: 'estimated', why: 'a rate, for as long as nothing follows' }
    case 'exception':
      return BOOKED.has(kind)
        ? { basis: 'confirmed', why: 'the amount of the document itself' }
        : { basis: 'estimated', why: 'what may be lost if nothing is done' }
    case 'duplicate':
    case 'structure':
    case 'transition':
    case 'quality':
      return BOOKED.has(kind)
        ? { basis: 'confirmed', why: 'the amount of the document itself' }
        : { basis: 'estimated', why: 'what hangs on the record' }
  }
}
