/** Causes that the histories of the two sides tell: who wrote what, and when. Rules of model/cause.ts. */
import { downOn } from './cause-around.ts'
import { by, isCarrier, iso, newerIn, said, SLACK_MS, type Blame, type Seen } from './cause-facts.ts'

/** The follower's value was seen to change after the owner's. */
export const wroteAfter = (s: Seen) => s.wroteExact && s.ownerAt !== null && s.wroteAt! > s.ownerAt

export function olderValue(s: Seen): Blame | null {
  const past = s.owner.trail.slice(0, -1).some((step) => step.key !== null && step.key === s.follower.key)
  if (!past || !wroteAfter(s) || !(s.writer === null || isCarrier(s.writer))) return null
  return said(
    'stale_event',
    'strong',
    `${s.follower.title} took an older value of ${s.owner.title} at ${iso(s.wroteAt!)}${by(s.writer)}, after the newer one existed.`,
    newerIn(s),
  )
}

export function heldBefore(s: Seen): Blame | null {
  const held = s.follower.trail.slice(0, -1).some((step) => step.key !== null && step.key === s.owner.key)
  if (!held) return null
  const until = s.wroteExact ? iso(s.wroteAt!) : 'its last change'
  return said(
    'overwritten',
    'strong',
    `${s.follower.title} held the owner's value until ${until}${by(s.writer)}${carrierOf(s)}.`,
    newerIn(s),
  )
}

export function ownHand(s: Seen): Blame | null {
  if (!wroteAfter(s) || isCarrier(s.writer)) return null
  return said(
    'non_owner_write',
    s.writer === null ? 'supporting' : 'strong',
    `${s.follower.title} was changed at ${iso(s.wroteAt!)}${by(s.writer)}, after the owner.`,
    'A delivery of the owner that explains the write.',
  )
}

export function leftOut(s: Seen): Blame | null {
  const { follower, owner, ownerAt } = s
  if (wroteAfter(s))
    return said(
      'not_applied',
      'supporting',
      `${follower.title} was written at ${iso(s.wroteAt!)}${by(s.writer)} and did not take the owner's value.`,
      newerIn(s),
    )
  const there = follower.trail.at(-1)
  const at = follower.recordChangedAt
  if (ownerAt === null || at === null || at <= ownerAt) return null
  if (!there || there.at === null || there.at > ownerAt) return null
  return said(
    'not_applied',
    'supporting',
    `${follower.title} was written at ${iso(at)}${by(s.writer)}, after ${owner.title} changed, and this field stayed as it was.`,
    newerIn(s),
  )
}

export function untouched({ follower, owner, ownerAt }: Seen): Blame | null {
  const at = follower.recordChangedAt
  if (ownerAt === null || at === null || at > ownerAt) return null
  return said(
    'never_sent',
    'supporting',
    `${follower.title} has not been written since ${owner.title} changed at ${iso(ownerAt)}.`,
    'A recorded delivery of this change.',
  )
}

/** Little is known of the follower's last write, and the change met a platform that could not be reached. */
export function whileDown(s: Seen): Blame | null {
  if (s.present || !s.ownerExact) return null
  const down = downOn({ from: s.owner.platform, to: s.follower.platform, at: s.ownerAt }, s.around)
  if (!down) return null
  return said(
    'never_sent',
    'weak',
    `${s.owner.title} changed at ${iso(s.ownerAt!)}, and nothing tells of a delivery to ${s.follower.title}.`,
    'A recorded delivery of this change.',
  )
}

export function lastHand({ follower, ownerAt }: Seen): Blame | null {
  const at = follower.recordChangedAt
  if (ownerAt === null || at === null || follower.changedBy === null || isCarrier(follower.changedBy)) return null
  return said(
    'non_owner_write',
    'weak',
    `${follower.title} was last written at ${iso(at)} by ${follower.changedBy}, after the owner.`,
    'A version that shows that another field was written then.',
  )
}

export function unclear({ follower, ownerAt }: Seen): Blame | null {
  const at = follower.recordChangedAt
  if (ownerAt === null || at === null) return null
  return said(
    'unknown',
    'weak',
    `${follower.title} was written at ${iso(at)}, after the owner; what was written then is not known.`,
    'History of the records, or recorded events of the change.',
  )
}

/** The delivery that replaced the value, if one is told of. */
export function carrierOf(s: Seen): string {
  if (!s.wroteExact) return ''
  const near = SLACK_MS + (s.follower.resolutionMs ?? 0)
  const d = s.into.findLast((d) => d.appliedAt !== null && Math.abs(d.appliedAt - s.wroteAt!) <= near)
  return d?.from ? `, with a delivery from ${s.titleOf(d.from)}` : ''
}
