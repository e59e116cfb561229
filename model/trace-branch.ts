/** Trace branch: what became of a change on its way to one follower, and where it stopped. */
import { blame } from './cause.ts'
import { carriesValueOf, seenOf, SLACK_MS, type DifferenceFacts } from './cause-facts.ts'
import { equalFields } from './compare.ts'
import { carriedValue, deliveriesInto, progress, type Delivery } from './delivery.ts'
import { isDelivery, valueOf } from './event.ts'
import type { Version } from './past.ts'
import { faultOf } from './trace-layer.ts'
import { sideOf, spokenAt, stepsOf } from './trace-sides.ts'
import type { Branch, FollowerFacts, Origin, Payload, Stop, TraceInput } from './trace.ts'
import type { Cause, Evidence } from './verdict.ts'
import { writerSort } from './writer.ts'

export function originOf(input: TraceInput): { origin: Origin; record: Version } | null {
  const record = spokenAt(input.past, input.owner, input.at)
  if (!record) return null
  const steps = stepsOf(input.past, record, input.field?.name ?? null, input.at)
  const last = steps.at(-1)
  if (!last) return null
  const before = steps.at(-2)
  return {
    record,
    origin: {
      platform: record.platform,
      record_id: record.record_id,
      at: last.first ? (last.at ?? record.changedAt) : last.at,
      by: last.by,
      before: before?.value ?? null,
      after: last.value,
      version: last.version.seq,
    },
  }
}

export function branchOf(
  input: TraceInput,
  owner: { origin: Origin; record: Version },
  follower: FollowerFacts,
): Branch {
  const { past, at, events } = input
  const { origin } = owner
  const kind = past.kind
  const there = spokenAt(past, follower.platform, at)
  const name = input.field?.name ?? null
  const into = deliveriesInto(
    events.filter((e) => Date.parse(e.at) <= at),
    follower.platform,
    kind,
  )
  const found = verdictOf(input, owner, follower, there, into)
  const dueAt = origin.at === null ? null : input.dueAt(follower, origin.at)
  const sent = found.delivery
  const branch: Branch = {
    platform: follower.platform,
    outcome: 'cannot_tell',
    dueAt,
    heldAt: found.heldAt,
    acceptedAt: sent ? (sent.appliedAt ?? (sent.rejectedAt === null ? sent.acknowledgedAt : null)) : null,
    stop: null,
    payload: sent ? payloadOf(input, owner, sent) : null,
    mapping: sent ? mappingOf(input, sent) : null,
    transformed: null,
    threads: sent?.correlation ? [sent.correlation] : [],
    fault: null,
  }
  const carried = name !== null && branch.payload ? branch.payload.values[name] : undefined
  if (carried !== undefined && !branch.payload!.current) branch.transformed = { from: origin.after, to: carried }
  if (found.holds) {
    const late = found.heldAt !== null && dueAt !== null && found.heldAt > dueAt
    return { ...branch, outcome: found.heldAt === null ? 'cannot_tell' : late ? 'late' : 'in_time' }
  }
  if (dueAt !== null && at < dueAt) return { ...branch, outcome: 'in_flight' }
  const read = follower.completeThrough
  const outcome = read === null || (dueAt !== null && read < dueAt) ? 'undecided' : 'stopped'
  branch.outcome = outcome
  branch.stop = {
    at: stopOf(found.cause, sent, input, owner, there),
    since: sinceOf(sent, origin),
    cause: found.cause,
    evidence: found.evidence,
  }
  branch.fault = faultOf(input, branch, follower)
  return branch
}

interface Found {
  holds: boolean
  heldAt: number | null
  delivery: Delivery | null
  cause: Cause
  evidence: Evidence[]
}

function verdictOf(
  input: TraceInput,
  { origin, record }: { origin: Origin; record: Version },
  follower: FollowerFacts,
  there: Version | null,
  into: readonly Delivery[],
): Found {
  const { past, field, at } = input
  const live = there !== null && !there.deleted
  if (field === null || !live) return asWhole(input, origin, follower, there, into)
  const facts: DifferenceFacts = {
    kind: past.kind,
    field,
    shown: shownBy(field, record, there),
    owner: sideOf(past, record, field.name, at, input.titleOf(record.platform)),
    follower: sideOf(past, there, field.name, at, input.titleOf(follower.platform)),
    events: input.events.filter((e) => Date.parse(e.at) <= at),
    log: follower.log,
    around: {
      happened: input.events.filter((e) => !isDelivery(e.type) && Date.parse(e.at) <= at),
      carriers: [...input.middleware],
    },
    doubt: null,
    titleOf: (p) => input.titleOf(p),
  }
  const seen = seenOf(facts)
  const holds = facts.owner.key === facts.follower.key
  const step = facts.follower.trail.at(-1)
  const delivery =
    seen.present ?? seen.into.findLast((d) => seen.ownerAt === null || d.startedAt >= seen.ownerAt - SLACK_MS) ?? null
  if (holds) return { holds, heldAt: delivery?.appliedAt ?? step?.at ?? null, delivery, cause: 'unknown', evidence: [] }
  const unmapped = there.fields[field.name]?.is === 'unmapped'
  if (unmapped)
    return {
      holds: false,
      heldAt: null,
      delivery,
      cause: 'unmapped_code',
      evidence: [
        {
          says: `${input.titleOf(follower.platform)} holds a code that is in no reference map.`,
          strength: 'strong',
          disproved_by: 'An entry of the reference map for the code.',
          for: 'cause',
        },
      ],
    }
  return { holds: false, heldAt: null, delivery, ...blame(facts) }
}

/** What the difference of the two values looks like by itself. */
function shownBy(field: NonNullable<TraceInput['field']>, owner: Version, there: Version): DifferenceFacts['shown'] {
  const side = (v: Version) => {
    const said = v.fields[field.name]
    if (said?.is !== 'value' || said.value === null) return null
    const currency = field.currency === undefined ? undefined : (v.fields[field.currency]?.value ?? null)
    return { value: said.value, key: said.key, ...(currency !== undefined && { currency }) }
  }
  const [a, b] = [side(owner), side(there)]
  if (!a || !b) return null
  const same = equalFields(field, a, b)
  return same.equal || same.why === undefined || same.why === 'legal_form' ? null : same.why
}

/** The record as a whole: is it there, and how far did the word of it come? */
function asWhole(
  { titleOf }: TraceInput,
  origin: Origin,
  follower: FollowerFacts,
  there: Version | null,
  into: readonly Delivery[],
): Found {
  const title = titleOf(follower.platform)
  const delivery = into.at(-1) ?? null
  if (there && !there.deleted)
    return { holds: true, heldAt: there.changedAt ?? there.observedAt, delivery, cause: 'unknown', evidence: [] }
  const told = (cause: Cause, strength: Evidence['strength'], says: string, disproved_by: string): Found => ({
    holds: false,
    heldAt: null,
    delivery,
    cause,
    evidence: [{ says, strength, disproved_by, for: 'cause' }],
  })
  if (there) {
    const survivor = there.mergedInto
    return told(
      survivor ? 'merged' : 'deleted',
      'strong',
      survivor ? `${title} merged its record into ${survivor}.` : `${title} had a record and deleted it.`,
      `A later version of the record in ${title}.`,
    )
  }
  if (!delivery) {
    const reported = follower.log !== null && origin.at !== null && follower.log.since <= origin.at
    return told(
      'never_sent',
      reported ? 'strong' : 'weak',
      reported
        ? `Deliveries to ${title} are reported, and none was of this record.`
        : `Nothing tells of the record on its way to ${title}.`,
      'A recorded delivery of the record.',
    )
  }
  const how = progress(delivery, null)
  if (how === 'sent')
    return told(
      'not_acknowledged',
      'strong',
      `It was sent to ${title}, and no answer is recorded.`,
      `An answer of ${title}.`,
    )
  if (how === 'rejected')
    return told(
      'not_applied',
      'strong',
      `${title} refused it${delivery.message ? `: ${delivery.message}` : ''}.`,
      'A later delivery that it accepted.',
    )
  return told('not_applied', 'strong', `${title} confirmed it, and has no record of it.`, `A record in ${title}.`)
}

const CAUSE_STOPS: Partial<Record<Cause, Stop>> = {
  never_sent: 'before_sending',
  not_acknowledged: 'on_the_way',
  stale_event: 'out_of_order',
  overwritten: 'overwritten',
  non_owner_write: 'overwritten',
  deleted: 'overwritten',
  merged: 'overwritten',
  rounding: 'transformed',
  time_zone: 'transformed',
  currency: 'transformed',
}

/** The payload, where it is told of, tells the way there from the far end: what was sent as the owner has it was bent there. */
function stopOf(
  cause: Cause,
  d: Delivery | null,
  { field }: TraceInput,
  { record }: { record: Version },
  there: Version | null,
): Stop {
  const said = field === null ? null : (record.fields[field.name] ?? null)
  const arrived = field !== null && there !== null ? (there.fields[field.name]?.value ?? null) : null
  const sent = d !== null && field !== null ? carriedValue(d, field.name) : undefined
  if (cause === 'unmapped_code') {
    if (sent !== undefined) return sent === arrived ? 'transformed' : 'overwritten'
    // A code that no delivery brought was written there.
    return !d && writerSort(there?.changedBy ?? null) !== 'carrier' ? 'overwritten' : 'transformed'
  }
  const known = CAUSE_STOPS[cause]
  if (known) return known
  if (cause !== 'not_applied') return 'unknown'
  const how = d ? progress(d, field?.name ?? null) : null
  if (how === 'rejected') return 'refused'
  if (how !== 'applied' || field === null) return 'after_acknowledgement'
  // Said to be written, and another value is there.
  const right = said !== null && carriesValueOf(said, d!, field)
  return right ? 'after_acknowledgement' : 'transformed'
}

const sinceOf = (d: Delivery | null, origin: Origin): number | null =>
  d ? (d.rejectedAt ?? d.appliedAt ?? d.acknowledgedAt ?? d.startedAt) : origin.at

/** What was put on the way, and which of the owner's versions that was. */
function payloadOf(input: TraceInput, { origin, record }: { origin: Origin; record: Version }, d: Delivery): Payload {
  const event = d.events.find((e) => typeof e.detail.values === 'object' && e.detail.values !== null) ?? d.events[0]!
  const values = Object.fromEntries(
    Object.keys((event.detail.values as Record<string, unknown> | undefined) ?? {}).flatMap((name) => {
      const value = valueOf(event, name)
      return value === undefined || value === null ? [] : [[name, value]]
    }),
  )
  const name = input.field?.name ?? null
  const steps = stepsOf(input.past, record, name, input.at)
  const sent = name === null ? undefined : values[name]
  const same = (s: (typeof steps)[number]) => s.value === sent || s.key === sent?.toLowerCase()
  const step =
    sent === undefined ? steps.findLast((s) => s.at === null || s.at <= d.startedAt + SLACK_MS) : steps.findLast(same)
  return {
    event: event.id,
    at: d.startedAt,
    values,
    version: step?.version.seq ?? null,
    current: step?.version.seq === origin.version,
  }
}

/** The latest mapping or deployment of whoever carried it, before it was sent. */
function mappingOf(input: TraceInput, d: Delivery): Branch['mapping'] {
  const carriers = new Set(d.events.map((e) => e.reported_by))
  const told = input.events
    .filter(
      (e) => (e.type === 'mapping_changed' || e.type === 'deployed') && carriers.has(e.to_platform ?? e.reported_by),
    )
    .filter((e) => Date.parse(e.at) <= d.startedAt)
    .sort((a, b) => (a.at < b.at ? -1 : 1))
  const last = told.findLast((e) => e.type === 'mapping_changed') ?? told.at(-1)
  return last
    ? {
        release: last.release ?? last.message ?? last.id,
        at: Date.parse(last.at),
        by: last.to_platform ?? last.reported_by,
      }
    : null
}
