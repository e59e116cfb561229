/** Cause facts: what the rules of model/cause.ts go by. The evidence as it was given, and what follows from it. */
import type { Around } from './cause-around.ts'
import { compare } from './decimal.ts'
import { carriedValue, carries, deliveriesInto, type Delivery } from './delivery.ts'
import type { RecordedEvent } from './event.ts'
import type { Field } from './fields.ts'
import { readField } from './read.ts'
import type { Cause, Evidence } from './verdict.ts'
import { writerSort } from './writer.ts'

/** One value that a field had on one record, and since when. */
export interface Step {
  /** Comparison key; null: empty or absent. */
  key: string | null
  /** Canonical text; null: empty or absent. */
  value: string | null
  /**
   * Epoch ms: the platform's stamp of the version that brought the value; without a stamp the instant we saw the
   * change; null where the first version we have already held it and carries no stamp.
   */
  at: number | null
  by: string | null
  /** True if no earlier version is known: the value may be older than `at`. */
  first: boolean
}

/** One side of a difference. */
export interface Side {
  platform: string
  title: string
  value: string | null
  key: string | null
  /** As written, where it differs. */
  raw: string | null
  /** The record's own stamp, epoch ms, and how coarse it is. */
  recordChangedAt: number | null
  resolutionMs?: number
  changedBy: string | null
  /** All values the field had here, oldest first. */
  trail: readonly Step[]
}

/** The span over which deliveries of a kind from one platform to another are reported; epoch ms. */
export interface Log {
  since: number
  through: number
}

/** Everything the rules may know of a field that differs. */
export interface DifferenceFacts {
  kind: string
  field: Pick<Field, 'name' | 'type' | 'of'>
  /** What the comparison of the two values saw. */
  shown: 'rounding' | 'time_zone' | 'currency' | null
  owner: Side
  follower: Side
  /** Recorded events of all records of the entity. */
  events: readonly RecordedEvent[]
  /** Null: nobody reports deliveries on this way, so that silence proves nothing. */
  log: Log | null
  /** What happened to the platforms around the change. */
  around: Around
  /** A sentence if it is not sure that the two records are one thing. */
  doubt: string | null
  titleOf(platform: string): string
}

export interface Blame {
  cause: Cause
  evidence: Evidence[]
}

/** Clocks of platforms and middleware may differ by as much: less apart counts as the same moment. */
export const SLACK_MS = 10_000

/** Writes what comes from elsewhere rather than make it up. */
export const isCarrier = (writer: string | null): boolean => writerSort(writer) === 'carrier'

export function said(cause: Cause, strength: Evidence['strength'], says: string, disproved_by: string): Blame {
  return { cause, evidence: [{ says, strength, disproved_by, for: 'cause' }] }
}

export const iso = (ms: number): string => new Date(ms).toISOString()
export const by = (writer: string | null): string => (writer === null ? '' : ` by ${writer}`)
export const newerIn = (s: Pick<DifferenceFacts, 'follower'>): string =>
  `A newer version of the record in ${s.follower.title}.`

/** What the rules derive from the facts once. */
export interface Seen extends DifferenceFacts {
  /** When the owner took its value, at the latest; exact only if a change was seen. */
  ownerAt: number | null
  ownerExact: boolean
  /** When the follower's value was written, if that change was seen; else when its record last was. */
  wroteAt: number | null
  wroteExact: boolean
  writer: string | null
  /** Deliveries into the follower that may have carried the field, oldest first. */
  into: readonly Delivery[]
  /** The one of them that carried the owner's present value, as far as anybody says. */
  present: Delivery | null
  /** True if a delivery into the follower, of whatever field, was written at that moment. */
  explained(at: number): boolean
}

export function seenOf(facts: DifferenceFacts): Seen {
  const { owner, follower, field } = facts
  const now = owner.trail.at(-1)
  const there = follower.trail.at(-1)
  const ownerAt = now?.at ?? owner.recordChangedAt
  const ownerExact = now !== undefined && !now.first && now.at !== null
  const wroteExact = there !== undefined && !there.first && there.at !== null
  const all = deliveriesInto(facts.events, follower.platform, facts.kind)
  const into = all.filter((d) => carries(d, field.name))
  const near = SLACK_MS + (follower.resolutionMs ?? 0)
  return {
    ...facts,
    ownerAt,
    ownerExact,
    wroteAt: wroteExact ? there.at : follower.recordChangedAt,
    wroteExact,
    writer: (wroteExact ? there.by : null) ?? follower.changedBy,
    into,
    present: presentOf(facts, into, all, ownerAt, ownerExact),
    explained: (at) => all.some((d) => d.appliedAt !== null && Math.abs(d.appliedAt - at) <= near),
  }
}

/** A carried value as the owner's comparison key would be; undefined: nobody says or it cannot be read. */
export function keyCarried(d: Delivery, field: DifferenceFacts['field']): string | null | undefined {
  const text = carriedValue(d, field.name)
  if (text === undefined || text === null || field.type === 'reference') return text === null ? null : undefined
  const type = field.type === 'money' ? 'number' : field.type
  const reading = readField(text, {
    field: { ...field, type },
    timezone: 'UTC',
    country: null,
    currency: null,
    map: null,
  })
  return reading.is === 'value' ? (reading.key ?? reading.value) : undefined
}

function presentOf(
  { owner, field }: DifferenceFacts,
  into: readonly Delivery[],
  all: readonly Delivery[],
  ownerAt: number | null,
  exact: boolean,
): Delivery | null {
  const slack = SLACK_MS + (owner.resolutionMs ?? 0)
  const since = (d: Delivery) => ownerAt === null || d.startedAt >= ownerAt - slack
  const told = (d: Delivery) => keyCarried(d, field) !== undefined
  if (exact) return into.findLast((d) => since(d) && (!told(d) || carriesValueOf(owner, d, field))) ?? null
  const last = into.at(-1)
  if (!last) return null
  if (told(last)) return carriesValueOf(owner, last, field) ? last : null
  // The owner's record changed later: by a change that travelled without this field, or by one that never did.
  const fromOwner = (d: Delivery) => d.from === null || d.from === owner.platform
  return since(last) || all.some((d) => fromOwner(d) && since(d)) ? last : null
}

/** Did the delivery carry what the owner holds now? False also where nobody says what it carried. */
export function carriesValueOf(
  owner: Pick<Side, 'key' | 'value'>,
  d: Delivery,
  field: DifferenceFacts['field'],
): boolean {
  const key = keyCarried(d, field)
  if (key === undefined || key === null) return false
  return key === owner.key || (NUMERIC.has(field.type) && owner.value !== null && compare(key, owner.value) === 0)
}

const NUMERIC: ReadonlySet<string> = new Set(['money', 'number'])
