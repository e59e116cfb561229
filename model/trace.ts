/**
 * Trace: one change of one thing followed from where it began to everyone who must have it, put together from versions
 * of records, recorded events and spans. Pure; shared by server, laboratory and tests.
 *
 * It answers where the change began, where and by which mapping it was transformed, who accepted it, who has it by now
 * and whether in time; and where it stopped: at which point, with which payload, in which layer, and who must put it right.
 */
import type { Log } from './cause-facts.ts'
import type { Cause, Evidence } from './verdict.ts'
import type { RecordedEvent } from './event.ts'
import type { Field } from './fields.ts'
import type { EntityPast } from './past.ts'
import type { Span } from './span.ts'

/** Which part of the landscape let the change down: the platform itself, what conducts the flow, or what connects the two. */
export const LAYERS = ['platform', 'orchestration', 'connector', 'unknown'] as const
export type Layer = (typeof LAYERS)[number]

/** Where on its way a change stopped. */
export const STOPS = [
  'before_sending',
  'on_the_way',
  'refused',
  'after_acknowledgement',
  'transformed',
  'out_of_order',
  'overwritten',
  'unknown',
] as const
export type Stop = (typeof STOPS)[number]

/** What ties the pieces together, the surest that is there. */
export const CORRELATIONS = ['correlation_id', 'trace_id', 'business_key', 'time'] as const
export type Correlation = (typeof CORRELATIONS)[number]

export const OUTCOMES = ['in_time', 'late', 'in_flight', 'stopped', 'undecided', 'cannot_tell'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const SURE = ['certain', 'likely', 'possible'] as const
export type Sureness = (typeof SURE)[number]

/** A platform that must take the change. Instants are epoch ms. */
export interface FollowerFacts {
  platform: string
  windowMs: number
  completeThrough: number | null
  /** Null: nobody reports deliveries on this way, so that silence proves nothing. */
  log: Log | null
}

export interface TraceInput {
  past: EntityPast
  /** Null: the record as a whole. */
  field: Field | null
  /** The instant that it is told for. */
  at: number
  owner: string
  followers: readonly FollowerFacts[]
  /** Recorded events of all records of the entity, and those that share their threads. */
  events: readonly RecordedEvent[]
  spans: readonly Span[]
  /** Platforms that carry changes for others. */
  middleware: ReadonlySet<string>
  /** End of a window that begins at an instant. */
  dueAt(follower: FollowerFacts, since: number): number
  titleOf(platform: string): string
}

export interface Payload {
  /** Event that carried it. */
  event: string
  at: number
  /** Canonical field → value, where the event says. */
  values: Record<string, string>
  /** Number of the owner's version whose value it was; null: no version that we know had it. */
  version: string | null
  /** True if it is the version that the owner holds now. */
  current: boolean
}

/** One follower's part of the change. */
export interface Branch {
  platform: string
  outcome: Outcome
  dueAt: number | null
  /** When it came to hold the value; null: it does not, or nobody says since when. */
  heldAt: number | null
  /** When it took the change, by its own word or by whoever carried it. */
  acceptedAt: number | null
  /** Set where it stopped. */
  stop: { at: Stop; since: number | null; cause: Cause; evidence: Evidence[] } | null
  payload: Payload | null
  /** Mapping or release that transformed what was sent; null: nobody told of one. */
  mapping: { release: string; at: number; by: string } | null
  /** Value sent, where it is another than the owner's. */
  transformed: { from: string | null; to: string } | null
  threads: string[]
  fault: Fault | null
}

export interface Fault {
  layer: Layer
  sure: Sureness
  /** The platform, middleware or way that is meant. */
  where: string
  says: string
  disproved_by: string
  /** Who must put it right, and how, in a sentence. */
  correction: string
}

export const HOP_KINDS = [
  'changed',
  'sent',
  'acknowledged',
  'rejected',
  'applied',
  'wrote',
  'span',
  'due',
  'missing',
] as const

export interface Hop {
  /** Epoch ms; null: it never came. */
  at: number | null
  /** Spans last; everything else is an instant. */
  until: number | null
  is: (typeof HOP_KINDS)[number]
  platform: string
  /** Whose clock says so. */
  clock: string
  says: string
  detail: string
  value: string | null
  thread: string | null
  attempt: number | null
  /** Milliseconds since the hop before it. */
  gapMs: number | null
  /** The change stopped here. */
  stopped: boolean
}

export interface Origin {
  platform: string
  record_id: string
  /** When the owner took the value; null: it held it when it was first read. */
  at: number | null
  by: string | null
  before: string | null
  after: string | null
  version: string
}

export interface Trace {
  entity: string
  kind: string
  field: string | null
  at: number
  correlated: { by: Correlation; ids: string[]; sure: Sureness }
  /** Null: the owner has no record of it. */
  origin: Origin | null
  branches: Branch[]
  hops: Hop[]
  flow: Conduct
}

/** How the flow is conducted, and what that says: sequence and compensation, or who did not react. */
export interface Conduct {
  style: 'orchestrated' | 'choreographed' | 'unknown'
  by: string[]
  out_of_sequence: string[]
  not_compensated: string[]
  did_not_react: string[]
}
