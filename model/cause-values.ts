/** Causes that the two values show by themselves. Rules of model/cause.ts. */
import { said, isCarrier, type Blame, type Seen } from './cause-facts.ts'
import { wroteAfter } from './cause-history.ts'
import { abs, compare, decimals, round, subtract } from './decimal.ts'

/** Equal after rounding the longer number, or cutting it to the decimals of the shorter. Cutting to whole numbers is too common to mean anything. */
export function roundedField({ field, owner, follower }: Seen): boolean {
  if (field.type !== 'money' && field.type !== 'number') return false
  const [a, b] = [owner.value!, follower.value!]
  const [short, long] = decimals(a) < decimals(b) ? [a, b] : [b, a]
  const scale = decimals(short)
  if (scale === decimals(long)) return false
  // Amounts lose their last zeros: 10.1 is 10.10, and nobody rounds money to tenths.
  if (field.type === 'money' && scale === 1) return false
  const cut = scale > 0 && compare(abs(subtract(a, b)), { units: 1n, scale }) < 0
  return cut || compare(round(long, scale), short) === 0
}

export function nextDay(a: string | null, b: string | null): boolean {
  const day = /^\d{4}-\d\d-\d\d$/
  return (
    a !== null && b !== null && day.test(a) && day.test(b) && Math.abs(Date.parse(a) - Date.parse(b)) === 86_400_000
  )
}

export function neighbours(s: Seen): Blame | null {
  const strong = wroteAfter(s) && s.writer !== null && !isCarrier(s.writer)
  if (strong || s.field.type !== 'date' || !nextDay(s.owner.value, s.follower.value)) return null
  return said(
    'time_zone',
    'weak',
    'The two days are neighbours, as when midnight is read in another time zone.',
    'A change of either side that explains the difference.',
  )
}
