/** Causes of absence: why a record is not where it must be, or is where nobody should have made it. Pure, like model/cause.ts. */
import { evidenceAround, type Around } from './cause-around.ts'
import { isCarrier, said, SLACK_MS, type Blame, type Log } from './cause-facts.ts'
import { deliveriesInto, progress, type Delivery } from './delivery.ts'
import type { RecordedEvent } from './event.ts'

/** A record as it last was on a platform that no longer has it. */
export interface Grave {
  record_id: string
  merged_into: string | null
  at: number | null
  by: string | null
}

export interface AbsenceFacts {
  /** Canonical kind of what is missing. */
  kind: string
  /** Where it must be. */
  platform: string
  title: string
  /** Where it is known from, and since when it had to be there. */
  owner: string
  ownerTitle: string
  since: number | null
  grave: Grave | null
  /** An id there that some record names. */
  named: string | null
  events: readonly RecordedEvent[]
  log: Log | null
  doubt: string | null
  /** What happened to the platforms around its making. */
  around: Around
  titleOf(platform: string): string
}

const iso = (ms: number) => new Date(ms).toISOString()
const when = (at: number | null, by: string | null) =>
  `${at === null ? '' : ` at ${iso(at)}`}${by === null ? '' : ` by ${by}`}`

/** Why a platform lacks a record that it must have. */
export function blameAbsence(f: AbsenceFacts): Blame {
  const { cause, evidence } = absence(f)
  const last = furthest(deliveriesInto(f.events, f.platform, f.kind))
  const way = { from: f.owner, to: f.platform, at: last?.startedAt ?? f.since }
  return { cause, evidence: [...evidence, ...evidenceAround(cause, way, f.around, f.titleOf)] }
}

function absence(f: AbsenceFacts): Blame {
  const alive = `A live record of it in ${f.title}.`
  if (f.doubt !== null) return said('identity_in_doubt', 'strong', f.doubt, 'A decision which records are one.')
  const { grave } = f
  if (grave?.merged_into) {
    const merged = `${f.title} merged its record ${grave.record_id} into ${grave.merged_into}${when(grave.at, grave.by)}.`
    return said('merged', 'strong', merged, alive)
  }
  if (grave)
    return said(
      'deleted',
      'strong',
      `${f.title} had record ${grave.record_id} and deleted it${when(grave.at, grave.by)}.`,
      alive,
    )
  const last = furthest(deliveriesInto(f.events, f.platform, f.kind))
  if (last?.appliedAt && f.named !== null && progress(last, null) === 'applied')
    return said(
      'deleted',
      'supporting',
      `It was written in ${f.title} at ${iso(last.appliedAt)}, a record names ${f.named} there, and there is no such record any more.`,
      alive,
    )
  if (last) return stoppedAt(last, f.title, alive)
  if (f.named !== null)
    return said(
      'not_applied',
      'strong',
      `A record names ${f.named} in ${f.title}, and ${f.title} has no such record.`,
      alive,
    )
  if (covers(f.log, f.since))
    return said(
      'never_sent',
      'strong',
      `Deliveries from ${f.ownerTitle} to ${f.title} are reported through ${iso(f.log!.through)}, and none was of this record.`,
      'A recorded delivery of it.',
    )
  return said('never_sent', 'supporting', `No record of it was ever seen in ${f.title}.`, alive)
}

const covers = (log: Log | null, since: number | null) =>
  log !== null && since !== null && log.since <= since && log.through >= since + SLACK_MS

const RANK = ['sent', 'rejected', 'acknowledged', 'applied']

/** The delivery that came furthest; of several, the latest. */
function furthest(deliveries: readonly Delivery[]): Delivery | undefined {
  const rank = (d: Delivery) => RANK.indexOf(progress(d, null))
  return [...deliveries].sort((a, b) => rank(a) - rank(b) || a.startedAt - b.startedAt).at(-1)
}

function stoppedAt(d: Delivery, title: string, alive: string): Blame {
  const how = progress(d, null)
  if (how === 'sent')
    return said(
      'not_acknowledged',
      'strong',
      `It was sent to ${title} at ${iso(d.startedAt)}, and no answer is recorded.`,
      `An answer of ${title}.`,
    )
  if (how === 'rejected')
    return said(
      'not_applied',
      'strong',
      `${title} refused it at ${iso(d.rejectedAt!)}${d.message ? `: ${d.message}` : ''}.`,
      `A later delivery that ${title} accepted.`,
    )
  if (how === 'acknowledged')
    return said(
      'not_applied',
      'strong',
      `${title} confirmed it at ${iso(d.acknowledgedAt!)} and did not write it.`,
      alive,
    )
  return said(
    'not_applied',
    'supporting',
    `It is said to have been written in ${title} at ${iso(d.appliedAt!)}, and is not there.`,
    alive,
  )
}

export interface OrphanFacts {
  kind: string
  /** Where the record is, and who should have had it before. */
  platform: string
  title: string
  owner: string
  ownerTitle: string
  /** Titles of all who should, for people. */
  owners: readonly string[]
  grave: Grave | null
  /** When it came to be there, and who wrote it first as far as is known. */
  since: number | null
  maker: string | null
  events: readonly RecordedEvent[]
  /** Of deliveries from the owner to the platform. */
  log: Log | null
  doubt: string | null
}

/** Why a follower has a record that its owner does not have. */
export function blameOrphan(f: OrphanFacts): Blame {
  const there = `A live record of it in ${f.ownerTitle}.`
  if (f.doubt !== null) return said('identity_in_doubt', 'strong', f.doubt, 'A decision which records are one.')
  const { grave } = f
  if (grave) {
    const how = grave.merged_into
      ? `merged its record ${grave.record_id} into ${grave.merged_into}`
      : `deleted its record ${grave.record_id}`
    const cause = grave.merged_into ? 'merged' : 'deleted'
    return said(cause, 'strong', `${f.ownerTitle} ${how}${when(grave.at, grave.by)}.`, there)
  }
  const told = furthest(deliveriesInto(f.events, f.owner, f.kind))
  if (told) return stoppedAt(told, f.ownerTitle, there)
  const owners = f.owners.join(' or ')
  const received = deliveriesInto(f.events, f.platform, f.kind)
  if (received.length > 0)
    return said(
      'unknown',
      'weak',
      `No record of it was ever seen in ${owners}, although ${f.title} received it at ${iso(received[0]!.startedAt)}.`,
      there,
    )
  if (f.maker !== null && !isCarrier(f.maker))
    return said(
      'non_owner_write',
      'strong',
      `No record of it was ever seen in ${owners}; ${f.maker} made it in ${f.title}${when(f.since, null)}.`,
      there,
    )
  if (covers(f.log, f.since))
    return said(
      'non_owner_write',
      'supporting',
      `No record of it was ever seen in ${owners}; deliveries to ${f.title} are reported through ${iso(f.log!.through)}, and none brought it: it was made in ${f.title}.`,
      'A recorded delivery of it.',
    )
  return said('unknown', 'weak', `No record of it was ever seen in ${owners}.`, there)
}
