/** Cause: why a follower does not hold what the owner holds, from the evidence at hand. Rules, tried in order. */
import { abs, compare, decimals, round, subtract } from '../../model/decimal.ts'
import type { FieldTypeName } from '../../model/fields.ts'
import type { Cause, Evidence } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { Step } from './contract.ts'

/** One side of a difference. */
export interface Side {
  title: string
  value: string | null
  key: string | null
  /** As written, where it differs. */
  raw: string | null
  /** The record's own stamp, epoch ms. */
  recordChangedAt: number | null
  changedBy: string | null
  /** All values the field had here, oldest first. */
  trail: readonly Step[]
}

export interface Blame {
  cause: Cause
  evidence: Evidence
}

/** Writers that carry values from platform to platform rather than make them up. */
const CARRIER =
  /integrat|sync|api|middleware|connector|service|system|bot|batch|etl|import|mulesoft|boomi|workato|webhook|automat|interface|idoc/i

/** `why`: what the comparison of the two values saw. */
export function blame(
  type: FieldTypeName,
  why: 'rounding' | 'time_zone' | 'currency' | null,
  owner: Side,
  follower: Side,
): Blame {
  const seen = shape(type, why, owner, follower)
  if (seen) return seen
  const told = story(owner, follower)
  if (told.evidence.strength !== 'strong' && type === 'date' && nextDay(owner.value, follower.value))
    return said('time_zone', 'The two days are neighbours, as when midnight is read in another time zone.', 'weak')
  return told
}

/** Causes that the two values show by themselves. */
function shape(type: FieldTypeName, why: string | null, owner: Side, follower: Side): Blame | null {
  if (owner.value === null || follower.value === null) return null
  if (type === 'currency')
    return said('currency', `${owner.title} says ${owner.value}, ${follower.title} says ${follower.value}.`, 'strong')
  if (why === 'rounding' || ((type === 'money' || type === 'number') && rounded(owner.value, follower.value)))
    return said(
      'rounding',
      `The two differ by no more than rounding makes: ${owner.value} and ${follower.value}.`,
      'supporting',
    )
  if (why === 'time_zone') return said('time_zone', 'The two differ by a whole offset of a time zone.', 'supporting')
  return null
}

/** Equal after rounding the longer number, or cutting it to the decimals of the shorter. Cutting to whole numbers is too common to mean anything. */
function rounded(a: string, b: string): boolean {
  const [short, long] = decimals(a) < decimals(b) ? [a, b] : [b, a]
  const scale = decimals(short)
  if (scale === decimals(long)) return false
  const cut = scale > 0 && compare(abs(subtract(a, b)), { units: 1n, scale }) < 0
  return cut || compare(round(long, scale), short) === 0
}

function nextDay(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return false
  return (
    /^\d{4}-\d\d-\d\d$/.test(a) && /^\d{4}-\d\d-\d\d$/.test(b) && Math.abs(Date.parse(a) - Date.parse(b)) === 86_400_000
  )
}

/** Causes that the history of the two sides tells. */
function story(owner: Side, follower: Side): Blame {
  const now = owner.trail.at(-1)
  const there = follower.trail.at(-1)
  const ownerAt = now?.at ?? owner.recordChangedAt
  const heldBefore = follower.trail.slice(0, -1).findLast((s) => s.key !== null && s.key === owner.key)
  const ownersPast = owner.trail.slice(0, -1).some((s) => s.key !== null && s.key === follower.key)
  // Only a change that we saw counts as one; the first version may have been like that for years.
  const wroteAt = there && !there.first ? there.at : null
  const writer = (there && !there.first ? there.by : null) ?? follower.changedBy
  const who = writer === null ? '' : ` by ${writer}`
  const after = ownerAt !== null && wroteAt !== null && wroteAt > ownerAt
  if (after && ownersPast && (writer === null || CARRIER.test(writer)))
    return said(
      'stale_event',
      `${follower.title} took an older value of ${owner.title} at ${iso(wroteAt)}${who}, after the newer one existed.`,
      'strong',
    )
  if (heldBefore)
    return said('overwritten', `${follower.title} held the owner's value until ${when(wroteAt)}${who}.`, 'strong')
  if (after && !carried(writer))
    return said(
      'non_owner_write',
      `${follower.title} was changed at ${iso(wroteAt)}${who}, after the owner.`,
      writer ? 'strong' : 'supporting',
    )
  if (after)
    return said(
      'not_applied',
      `${follower.title} was written at ${iso(wroteAt)}${who} and did not take the owner's value.`,
      'supporting',
    )
  const recordAt = follower.recordChangedAt
  if (ownerAt === null || recordAt === null)
    return said('unknown', 'The platforms do not say when either side was written.', 'weak')
  if (recordAt <= ownerAt)
    return said(
      'never_sent',
      `${follower.title} has not been written since ${owner.title} changed at ${iso(ownerAt)}.`,
      'supporting',
    )
  if (there && there.at !== null && there.at <= ownerAt)
    return said(
      'not_applied',
      `${follower.title} was written at ${iso(recordAt)}${who}, after the owner's change, and this field stayed as it was.`,
      'supporting',
    )
  if (!carried(follower.changedBy) && follower.changedBy !== null)
    return said(
      'non_owner_write',
      `${follower.title} was last written at ${iso(recordAt)} by ${follower.changedBy}, after the owner.`,
      'weak',
    )
  return said(
    'unknown',
    `${follower.title} was written at ${iso(recordAt)}, after the owner; what was written then is not known.`,
    'weak',
  )
}

const carried = (writer: string | null) => writer !== null && CARRIER.test(writer)
const when = (at: number | null) => (at === null ? 'its last change' : iso(at))

function said(cause: Cause, says: string, strength: Evidence['strength']): Blame {
  return { cause, evidence: { says, strength } }
}
