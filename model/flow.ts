/**
 * A flow: what a company does across kinds and platforms, as a row of legs (quote, order, invoice, payment). A flow is
 * complete only when every leg is; where it is not, the first leg that lacks says where it stopped and who must act.
 *
 * One flow is one file in model/flows/. The first leg is its *root*: every entity of that kind that fulfils it is an
 * instance. Legs whose kind no platform keeps are left out, so that a company without provisioning can be complete.
 */

/** Field → values: all of them must hold. */
export type Condition = Readonly<Record<string, readonly string[]>>

export interface Leg {
  /** Lower-case words with hyphens, unique in the flow. */
  name: string
  /** For people, as something that has been reached: `Order booked`. */
  title: string
  /** What it is for, or what goes wrong where it is left out. */
  about: string
  kind: string
  /**
   * How its records are found from those of `from`: names of references in either direction, of which the first counts
   * that any platform holds; `customer`: of the same customer; `same`: the same entity. Not for the root.
   */
  via?: readonly string[]
  /** Leg whose records lead here; default: the one before. */
  from?: string
  /** What the record must say for the leg to be reached: by the platform that speaks for it, or by those of `on`. */
  is: Condition
  /**
   * Roles whose own copy must say so (`the CRM shows it`); left out: whoever owns the state. A copy that cannot hold a
   * field is not asked for it: that it exists is enough.
   */
  on?: readonly string[]
  /** Fields that must have a value: validations of the hand-over. A platform that cannot hold one is not asked. */
  requires?: readonly string[]
  /** Field that tells when it was reached; without one, or where it is empty, the stored history does. */
  at?: string
  /** Roles that must act for it to be reached; `issuer`: whoever issues the invoices. */
  by: readonly string[]
  /** Longest time after everything before it was reached, milliseconds; left out: it may take its time. */
  withinMs?: number
  /** Date field of the root that says by when it must be reached, instead of `withinMs`. */
  due?: string
  /** True where every record must say so, not one of them. */
  every?: boolean
  /** True where a missing record is nothing to wait for. */
  optional?: boolean
  /** The instance is over without being complete: the offer was declined, the order cancelled. */
  ends?: Condition
  /** What changes hands here, in words. */
  handsOver?: string
}

export interface Flow {
  name: string
  title: string
  about: string
  /** The root first. */
  legs: readonly [Leg, ...Leg[]]
}

export function defineFlow(flow: Flow): Flow {
  return flow
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** How an instance stands. stopped: its deadline is over; running: it may still take its time. */
export const FLOW_STAGES = ['complete', 'running', 'stopped', 'ended'] as const
export type FlowStage = (typeof FLOW_STAGES)[number]

/** What the time makes of an instance that waits. */
export function flowStage(stage: 'complete' | 'waiting' | 'ended', dueAt: string | null, now: number): FlowStage {
  if (stage !== 'waiting') return stage
  return dueAt !== null && Date.parse(dueAt) < now ? 'stopped' : 'running'
}
