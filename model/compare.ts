/** Comparing: how each field type says that two canonical values are equal, and what a difference looks like. */
import { abs, compare, decimals, multiply, round, subtract } from './decimal.ts'
import type { Field, FieldTypeName } from './fields.ts'
import type { Tolerance } from './landscape.ts'
import { exponentOf } from './types/currencies.ts'
import { readWrittenDate } from './types/written-date.ts'
import { hasLegalForm, legalNameWithoutForm } from './types/legal_name.ts'
import { samePhone } from './types/phone.ts'
import { sameTaxId } from './types/tax_id.ts'

/** One side of a comparison. For references `value` is the entity, not the platform's id. */
export interface Compared {
  value: string
  /** Comparison key of a keyed type. */
  key?: string | null
  /** What the platform wrote, where that differs: makes `by: 'rule'` and the reasons sharper. */
  raw?: string | null
  /** Currency of an amount. Amounts are never equal while either currency is unknown. */
  currency?: string | null
}

export type Equality =
  /** Without `by` both platforms wrote the same; `rule`: equal after normalisation; `tolerance`: close enough. */
  | { equal: true; by?: 'rule' | 'tolerance' }
  /** `legal_form`: only one side writes the legal form, which is advisory. */
  | { equal: false; why?: 'rounding' | 'time_zone' | 'currency' | 'legal_form' }

/** Symmetric. Both sides hold a value; empty, absent and unreadable fields are judged before it comes to this. */
export function equalFields(
  field: Pick<Field, 'type'>,
  a: Compared,
  b: Compared,
  tolerance: Tolerance | null = null,
): Equality {
  return (COMPARE[field.type] ?? exactly)(a, b, tolerance)
}

type Compare = (a: Compared, b: Compared, tolerance: Tolerance | null) => Equality

const COMPARE: Partial<Record<FieldTypeName, Compare>> = {
  legal_name: (a, b) =>
    byKey(a, b) ?? { equal: false, ...(formOnOneSide(keyOf(a), keyOf(b)) && { why: 'legal_form' }) },
  phone: (a, b) => byKey(a, b) ?? (samePhone(keyOf(a), keyOf(b)) ? { equal: true, by: 'rule' } : { equal: false }),
  tax_id: (a, b) => byKey(a, b) ?? (sameTaxId(keyOf(a), keyOf(b)) ? { equal: true, by: 'rule' } : { equal: false }),
  money: compareMoney,
  number: (a, b, tolerance) => compareAmounts(a, b, tolerance, null),
  date: compareDates,
  instant: compareInstants,
}

function keyOf(side: Compared): string {
  return side.key ?? side.value
}

function same(a: Compared, b: Compared): Equality {
  return (a.raw ?? a.value) === (b.raw ?? b.value) ? { equal: true } : { equal: true, by: 'rule' }
}

function byKey(a: Compared, b: Compared): Equality | undefined {
  return keyOf(a) === keyOf(b) ? same(a, b) : undefined
}

function exactly(a: Compared, b: Compared): Equality {
  return byKey(a, b) ?? { equal: false }
}

function formOnOneSide(a: string, b: string): boolean {
  return hasLegalForm(a) !== hasLegalForm(b) && legalNameWithoutForm(a) === legalNameWithoutForm(b)
}

function compareMoney(a: Compared, b: Compared, tolerance: Tolerance | null): Equality {
  if (!a.currency || !b.currency || a.currency !== b.currency) return { equal: false, why: 'currency' }
  return compareAmounts(a, b, tolerance, exponentOf(a.currency) ?? null)
}

/** `exponent`: decimals of the minor unit, for amounts; a difference of up to one unit looks like rounding. */
function compareAmounts(a: Compared, b: Compared, tolerance: Tolerance | null, exponent: number | null): Equality {
  if (compare(a.value, b.value) === 0) return same(a, b)
  const apart = abs(subtract(a.value, b.value))
  if (tolerance?.kind === 'absolute' && compare(apart, tolerance.amount) <= 0) return { equal: true, by: 'tolerance' }
  if (tolerance?.kind === 'percent') {
    const [x, y] = [abs(a.value), abs(b.value)]
    // Of the larger amount, so that it does not matter which side is named first.
    const allowed = multiply(compare(x, y) > 0 ? x : y, tolerance.percent)
    if (compare(multiply(apart, '100'), allowed) <= 0) return { equal: true, by: 'tolerance' }
  }
  const rounded = exponent === null ? roundsTo(a.value, b.value) : compare(apart, { units: 1n, scale: exponent }) <= 0
  return rounded ? { equal: false, why: 'rounding' } : { equal: false }
}

/** Does the longer number, rounded to the decimals of the shorter, equal it? Whole numbers are not taken for rounded ones. */
function roundsTo(a: string, b: string): boolean {
  const [short, long] = decimals(a) <= decimals(b) ? [a, b] : [b, a]
  return decimals(short) > 0 && compare(round(long, decimals(short)), short) === 0
}

const DAY = 86_400_000

/** A partial date equals every day within it. */
export function commonPrecision(a: string, b: string): [string, string] {
  const length = Math.min(a.length, b.length)
  return [a.slice(0, length), b.slice(0, length)]
}

function compareDates(a: Compared, b: Compared, tolerance: Tolerance | null): Equality {
  const [x, y] = commonPrecision(a.value, b.value)
  if (x === y) return a.value === b.value ? same(a, b) : { equal: true, by: 'rule' }
  if (x.length < 10) return { equal: false }
  const apart = Math.abs(Date.parse(x) - Date.parse(y)) / DAY
  if (tolerance?.kind === 'days' && apart <= tolerance.days) return { equal: true, by: 'tolerance' }
  const instant = apart === 1 && [a, b].some((side) => side.raw != null && hasTime(side.raw))
  return instant ? { equal: false, why: 'time_zone' } : { equal: false }
}

/** Was the day read from an instant? Then a neighbouring day may be the same instant in another zone. */
function hasTime(raw: string): boolean {
  if (/^-?\d{9,}$/.test(raw)) return true
  const date = readWrittenDate(raw)
  return typeof date !== 'string' && date.time !== null
}

const QUARTER = 900_000
const OFFSET_MAX = 14 * 3_600_000

function compareInstants(a: Compared, b: Compared, tolerance: Tolerance | null): Equality {
  if (a.value === b.value) return same(a, b)
  const [x, y] = [Date.parse(a.value), Date.parse(b.value)]
  const apart = Math.abs(x - y)
  // The coarser stamp stands for the whole second, minute or day that it begins.
  if (apart < resolutionOf(x < y ? a : b)) return { equal: true, by: 'rule' }
  if (tolerance?.kind === 'days' && apart <= tolerance.days * DAY) return { equal: true, by: 'tolerance' }
  return apart <= OFFSET_MAX && apart % QUARTER === 0 ? { equal: false, why: 'time_zone' } : { equal: false }
}

/** Milliseconds that a stamp as written may stand for. */
function resolutionOf(side: Compared): number {
  const date = side.raw == null ? null : readWrittenDate(side.raw)
  if (date !== null && typeof date !== 'string') {
    if (date.time === null) return DAY
    if (date.time.resolution === 'min') return 60_000
  }
  return side.value.endsWith('.000Z') ? 1000 : 1
}
