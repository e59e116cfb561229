/** Fault: the contract between a kind of drift and the landscape that plants it. */
import type { Process } from '../agenda.ts'
import type { Cause } from '../../model/verdict.ts'
import type { Ambush, Leg, Route, Stop } from '../company/leg.ts'
import type { Thing } from '../company/thing.ts'
import { free, subjects } from '../company/thing.ts'
import type { World } from '../company/world.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, SECOND } from '../time.ts'
import type { Decoy, Fault, Pattern } from '../truth.ts'

export interface FaultKind {
  /** Kind of drift: `missing_order`. */
  drift: string
  about: string
  /** Latest start before the end of the history such that it is drift by then. */
  leadMs: number
  /** Earliest start after the begin of the history; default one day. */
  settleMs?: number
  /** Plants one, however long that takes; calls `done` once it is in place. */
  plant(lab: FaultLab, r: Random): Process
  /** False where the platforms at hand cannot show it. */
  possible?(lab: FaultLab): boolean
}

type Optional =
  'cause' | 'fields' | 'owner' | 'scope' | 'amount' | 'currency' | 'healsAt' | 'alternatives' | 'alsoExpected'
export type Planted = Omit<Fault, 'id' | 'drift' | Optional> &
  Partial<Pick<Fault, Optional>> & {
    /** Consequences whose records may still come: worked out anew whenever the truth is read. */
    later?: () => Pattern[]
    /** Money that further faults move too: worked out anew whenever the truth is read. */
    amountNow?: () => string
  }

export interface FaultLab {
  world: World
  /** Platform of a role, or null. */
  crm: string | null
  erp: string | null
  billing: string | null
  support: string | null
  provisioning: string | null
  warehouse: string | null
  start: number
  end: number
  /** Position among the faults of its kind: kinds take turns through their variants by it. */
  turn: number
  /** Writes it down at the instant at which it begins; the answer may be amended while it grows. */
  done(fault: Planted): Fault
  /** The landscape shows as many of this kind as it can: one more would be the same fault again. */
  full(): void
  decoy(decoy: Decoy): void
}

/** Customers in ordinary service on whom a topic is free, in random order. */
export function victims(
  lab: FaultLab,
  r: Random,
  topics: readonly string[],
  where: (customer: Thing) => boolean = () => true,
): Thing[] {
  return r
    .shuffle(lab.world.settled)
    .filter(
      (c) =>
        c.state === 'customer' &&
        c.values.credit_hold === 'false' &&
        c.claims.size < 4 &&
        !c.claims.has('churned') &&
        !c.claims.has('held') &&
        !lab.world.selling.has(c) &&
        topics.every((t) => free(c, t)) &&
        where(c),
    )
}

/** Waits until there is a victim, a day at a time and two weeks at most. */
export function* victim<T>(lab: FaultLab, find: () => T | undefined): Generator<number, T | null, void> {
  for (let tries = 0; tries < 14; tries++) {
    const found = find()
    if (found) return found
    if (lab.world.company.now + DAY > lab.end) return null
    yield lab.world.company.now + 20 * HOUR
  }
  return null
}

export function claim(thing: Thing, ...topics: readonly string[]): void {
  for (const topic of topics) thing.claims.add(topic)
}

/** How far a lost change comes, and what that makes the cause; kinds take turns through them. */
export interface Loss {
  cause: Cause
  stops: Stop | null
  says: string
}

const LOSSES: readonly Loss[] = [
  { cause: 'never_sent', stops: null, says: 'was never sent to' },
  { cause: 'not_acknowledged', stops: 'sent', says: 'was sent and never confirmed by' },
  { cause: 'not_applied', stops: 'acknowledged', says: 'was confirmed and never written by' },
  { cause: 'not_applied', stops: 'rejected', says: 'was refused by' },
]
export const lossOf = (turn: number): Loss => LOSSES[turn % LOSSES.length]!

/** What becomes of a leg that is lost. */
export const lost = (leg: Leg, { stops }: Pick<Loss, 'stops'>): Leg | null =>
  stops === null ? null : { ...leg, stops }

/** Loses the legs to some platforms. */
export function losing(...platforms: readonly (string | null)[]): Route {
  return (leg) => (platforms.includes(leg.platform) && !leg.source ? null : leg)
}

/** Loses the legs to one platform at some point of their way. */
export const losingAt =
  (platform: string | null, loss: Loss): Route =>
  (leg) =>
    leg.platform === platform && !leg.source ? lost(leg, loss) : leg

/** Everything of a customer, as subjects. */
export function everything(world: World, customer: Thing, kinds: readonly string[]): Pattern['subjects'] {
  return subjects(customer, ...kinds.flatMap((kind) => world.company.of(customer, kind)))
}

/** A total over invoices that this fault moves. */
export function movedTotal(invoice: Thing, kind = 'invoice'): Pattern {
  const { issued_on: issued, currency } = invoice.values
  return {
    categories: ['total'],
    kinds: [kind],
    scope: {
      ...(typeof issued === 'string' && { period: issued.slice(0, 7) }),
      ...(typeof currency === 'string' && { currency }),
    },
  }
}

export interface Trap {
  kind: string
  on: Ambush['on']
  fits(thing: Thing, state: string | null | undefined): boolean
  route(thing: Thing): Route
  /** Called at the very instant at which the write was bent, after it was written. */
  hit(thing: Thing, at: number): void
  /** How long to wait for a fitting write; default 21 days. */
  days?: number
}

/** Bends the next write that fits. Ends when it was hit or the time is over. */
export function* nextWrite(lab: FaultLab, trap: Trap): Generator<number, boolean, void> {
  const { company } = lab.world
  const until = Math.min(company.now + (trap.days ?? 21) * DAY, lab.end)
  let caught = false
  const ambush: Ambush = {
    kind: trap.kind,
    on: trap.on,
    spring(thing, _values, state) {
      if (caught || thing.customer?.claims.has('churned') || thing.claims.size > 0 || !trap.fits(thing, state))
        return null
      caught = true
      claim(thing, 'credit', 'seats', 'hold', 'ambushed')
      const at = company.now
      lab.world.spawn(at, `hit/${thing.kind}/${thing.n}`, function* () {
        trap.hit(thing, at)
      })
      return trap.route(thing)
    },
  }
  company.ambush(ambush)
  while (!caught && company.now < until) yield company.now + HOUR
  company.forget(ambush)
  // The hit may be written down in this very second: let it go first.
  if (caught) yield company.now + SECOND
  return caught
}
