/** Causes that recorded deliveries tell: how far the change came on its way. Rules of model/cause.ts. */
import { by, carriesValueOf, isCarrier, iso, keyCarried, said, SLACK_MS, type Blame, type Seen } from './cause-facts.ts'
import { carrierOf } from './cause-history.ts'
import { nextDay } from './cause-values.ts'
import { carries, deliveriesInto, progress, type Delivery } from './delivery.ts'

/** Two deliveries swapped places: the one that was sent first was written last. */
export function overtaken(s: Seen): Blame | null {
  const { present, field, follower, owner } = s
  if (!present || progress(present, field.name) !== 'applied') return null
  const older = s.into.findLast((d) => {
    if (d.startedAt >= present.startedAt || progress(d, field.name) !== 'applied') return false
    const key = keyCarried(d, field)
    return d.appliedAt! > present.appliedAt! && (key === undefined || key === follower.key)
  })
  if (!older) return null
  return said(
    'stale_event',
    'strong',
    `A change of ${owner.title} from ${iso(older.startedAt)} was written in ${follower.title} at ${iso(older.appliedAt!)}, after the newer one of ${iso(present.startedAt)}.`,
    'An event that shows the newer change written last.',
  )
}

/** A delivery from the follower to the owner that brought the owner the value which it still holds: the follower had it first. */
function origin(s: Seen): Delivery | null {
  if (s.present || s.into.length > 0) return null
  const back = deliveriesInto(s.events, s.owner.platform, s.kind).filter(
    (d) => d.from === s.follower.platform && carries(d, s.field.name) && progress(d, s.field.name) === 'applied',
  )
  const last = back.at(-1)
  if (!last) return null
  if (keyCarried(last, s.field) !== undefined) return carriesValueOf(s.owner, last, s.field) ? last : null
  return s.ownerAt !== null && s.ownerAt <= last.appliedAt! + SLACK_MS ? last : null
}

/** Events say that it had the value, and a write that no delivery explains came after. */
export function writtenOver(s: Seen): Blame | null {
  const { present, field, follower, owner, wroteAt, writer } = s
  const arrived = present && progress(present, field.name) === 'applied' ? present.appliedAt : null
  const own = arrived === null ? origin(s) : null
  const had = arrived ?? own?.startedAt ?? null
  if (arrived !== null && wroteAt === null)
    return said(
      'overwritten',
      'weak',
      `The owner's value was written in ${follower.title} at ${iso(arrived)}; when the record was last changed there, ${follower.title} does not say.`,
      `A version of the record in ${follower.title} that never had the value.`,
    )
  if (had === null || wroteAt === null || wroteAt <= had + SLACK_MS + (follower.resolutionMs ?? 0)) return null
  if (!s.wroteExact && (isCarrier(writer) || s.explained(wroteAt))) return null
  const since =
    own === null
      ? `The owner's value was written in ${follower.title} at ${iso(had)}`
      : `${follower.title} itself sent the value to ${owner.title} at ${iso(had)}`
  return said(
    'overwritten',
    s.wroteExact ? 'strong' : 'supporting',
    `${since}; ${follower.title} was written again at ${iso(wroteAt)}${by(writer)}${carrierOf(s)}, by no delivery of ${owner.title}.`,
    `A delivery of ${owner.title} that explains the later write.`,
  )
}

/** It came there: refused, confirmed and not written, or said to be written and not to be seen. */
export function arrived(s: Seen): Blame | null {
  const { present, field, follower } = s
  if (!present) return bent(s)
  const how = progress(present, field.name)
  if (how === 'sent') return null
  const disproved = `A version of the record in ${follower.title} that shows the value.`
  if (how === 'rejected')
    return said(
      'not_applied',
      'strong',
      `${follower.title} refused the change at ${iso(present.rejectedAt!)}${present.message ? `: ${present.message}` : ''}.`,
      `A later delivery that ${follower.title} accepted.`,
    )
  if (how === 'acknowledged')
    return said(
      'not_applied',
      'strong',
      present.appliedAt === null
        ? `${follower.title} confirmed the change at ${iso(present.acknowledgedAt!)} and did not write it.`
        : `${follower.title} confirmed the change and wrote only a part of it at ${iso(present.appliedAt)}.`,
      disproved,
    )
  if (field.type === 'date' && nextDay(s.owner.value, follower.value)) return null
  return said(
    'not_applied',
    'supporting',
    `The change is said to have been written at ${iso(present.appliedAt!)}, and ${follower.title} shows another value.`,
    disproved,
  )
}

/** What was sent since the change is neither the owner's value nor one that it ever had. */
function bent(s: Seen): Blame | null {
  if (!s.ownerExact) return null
  const d = s.into.findLast((d) => d.startedAt >= s.ownerAt! - SLACK_MS)
  const key = d && keyCarried(d, s.field)
  if (!d || key === undefined || s.owner.trail.some((step) => step.key === key)) return null
  return said(
    'not_applied',
    'supporting',
    `What was sent to ${s.follower.title} at ${iso(d.startedAt)} is another value than ${s.owner.title} holds: it was changed on its way.`,
    'A version of the owner’s record with the value that was sent.',
  )
}

export function unanswered({ present, field, follower, owner }: Seen): Blame | null {
  if (!present || progress(present, field.name) !== 'sent') return null
  return said(
    'not_acknowledged',
    'strong',
    `The change was sent to ${follower.title} at ${iso(present.startedAt)}, and no answer is recorded.`,
    `An answer of ${follower.title} to this change of ${owner.title}.`,
  )
}

export function unsent(s: Seen): Blame | null {
  const { present, log, ownerAt, owner, follower } = s
  if (present || !log || ownerAt === null || log.since > ownerAt || log.through < ownerAt + SLACK_MS || origin(s))
    return null
  const last = s.into.at(-1)
  const sure = s.ownerExact || (last !== undefined && keyCarried(last, s.field) !== undefined)
  const before = last ? `; the last delivery that carried this field began at ${iso(last.startedAt)}` : ''
  return said(
    'never_sent',
    sure ? 'strong' : 'supporting',
    `${owner.title} changed at ${iso(ownerAt)}, at the latest; deliveries to ${follower.title} are reported through ${iso(log.through)}, and none carried the value${before}.`,
    'A recorded delivery of this change.',
  )
}
