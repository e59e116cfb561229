/**
 * The company: things as they truly are, and the traffic that carries every change from its owner to the followers.
 *
 * `create` and `change` write at the owner now and at the followers after an ordinary delay. Each such write is a
 * leg; a route may drop, delay or bend legs, which is how faults are made without a second way of writing.
 */
import { Agenda } from '../agenda.ts'
import type { PlatformHistory, Write } from '../history.ts'
import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { SECOND, wholeSecond } from '../time.ts'
import { belongsOn, latency, LAGS, ownerRoles, travels, WINDOWS } from './ownership.ts'
import type { Latency } from './ownership.ts'
import type { PlatformPlan } from './platforms.ts'
import { Bus } from './bus.ts'
import { afterReferences } from './leg.ts'
import type { Ambush, Leg, Options, Route } from './leg.ts'
import { render } from './render.ts'
import type { CompanySettings } from './settings.ts'
import type { Thing, Values } from './thing.ts'

export class Company {
  readonly agenda: Agenda
  readonly plans: readonly PlatformPlan[]
  readonly histories: ReadonlyMap<string, PlatformHistory>
  readonly random: Random
  readonly bus = new Bus()
  /** `platform kind` → how long changes wait on their way there beside the usual, milliseconds. */
  readonly queues = new Map<string, number>()
  /** How fast changes travel from now on, and how fast they must: the demo shortens both. */
  lags: Record<Latency, readonly [number, number]>
  windows: Record<Latency, number>
  readonly #settings: CompanySettings
  readonly #things = new Map<string, Thing[]>()
  readonly #byCustomer = new Map<Thing, Thing[]>()
  readonly #waiting = new Set<Thing>()
  readonly #counters = new Map<string, number>()
  readonly #lagRandom: Random
  #ambushes: Ambush[] = []

  constructor(settings: CompanySettings) {
    this.#settings = settings
    this.agenda = new Agenda(settings.origin)
    this.plans = settings.plans
    this.histories = settings.histories
    this.random = createRandom(settings.seed)
    this.#lagRandom = this.random.fork('lag')
    this.lags = settings.lags ?? LAGS
    this.windows = settings.windows ?? WINDOWS
  }

  get now(): number {
    return this.agenda.now
  }

  all(kind: string): readonly Thing[] {
    return this.#things.get(kind) ?? []
  }

  /** Things of a kind that belong to a customer. */
  of(customer: Thing, kind: string): Thing[] {
    return (this.#byCustomer.get(customer) ?? []).filter((thing) => thing.kind === kind)
  }

  plan(role: string): PlatformPlan | undefined {
    return this.plans.find((plan) => plan.role === role)
  }

  /** The platform of a role, if it keeps the kind (and holds the field). */
  keeper(role: string, kind: string, field?: string): string | null {
    const plan = this.plan(role)
    const held = plan?.kinds.get(kind)
    return held && (!field || field === 'state' || held.has(field)) ? plan!.name : null
  }

  issuerRole(customer: Thing | null): string {
    const entity = customer?.values.legal_entity
    const role =
      (typeof entity === 'string' ? this.#settings.issuer[entity] : undefined) ?? this.#settings.issuer['*'] ?? 'erp'
    return this.keeper(role, 'invoice') ? role : 'erp'
  }

  /** The platform that speaks for a field of a thing, among those that have it. */
  owner(thing: Thing, field: string, state = thing.state): string | null {
    const roles = ownerRoles(thing.kind, field, { state, issuer: this.issuerRole(thing.customer) })
    for (const role of roles) {
      const name = this.keeper(role, thing.kind, field)
      if (name && (thing.on.size === 0 || thing.on.has(name))) return name
    }
    return [...thing.on.keys()].find((name) => this.holds(name, thing.kind, field)) ?? null
  }

  holds(platform: string, kind: string, field: string): boolean {
    const held = this.plans.find((p) => p.name === platform)?.kinds.get(kind)
    return held !== undefined && (field === 'state' || held.has(field))
  }

  number(prefix: string): string {
    const n = (this.#counters.get(prefix) ?? 0) + 1
    this.#counters.set(prefix, n)
    return `${prefix}-${String(n).padStart(5, '0')}`
  }

  newId(platform: string, kind: string): string {
    const key = `${platform}/${kind}`
    const n = this.#counters.get(key) ?? 0
    this.#counters.set(key, n + 1)
    return this.plans.find((p) => p.name === platform)!.id(kind, n)
  }

  create(kind: string, values: Values, how: Options & { state?: string | null; customer?: Thing | null } = {}): Thing {
    const things = this.#things.get(kind) ?? []
    this.#things.set(kind, things)
    const thing: Thing = {
      kind,
      n: things.length,
      customer: how.customer ?? null,
      values: { ...values },
      state: how.state ?? null,
      on: new Map(),
      lost: new Set(),
      bornAt: this.now,
      claims: new Set(),
    }
    things.push(thing)
    if (thing.customer) this.#byCustomer.set(thing.customer, (this.#byCustomer.get(thing.customer) ?? []).concat(thing))
    const source = how.source ?? this.owner(thing, 'state')
    const route = how.route ?? this.#ambush('create', thing, values, thing.state)
    if (source) this.#send(thing, this.#leg(source, this.now, thing, true, how.by ?? 'system'), route)
    this.extend(thing, route ? { ...how, route } : how)
    return thing
  }

  /** Brings a thing to every platform that should have it by now and has it not. */
  extend(thing: Thing, how: Options = {}): void {
    if (!travels(thing.kind, thing.state)) return
    // What belongs to a prospect stays where the prospect is, and follows once that is a customer.
    if (thing.customer && !travels('customer', thing.customer.state)) return void this.#waiting.add(thing)
    const issuer = this.issuerRole(thing.customer)
    const lacking = this.plans.filter(
      (plan) =>
        plan.kinds.has(thing.kind) &&
        !thing.on.has(plan.name) &&
        !thing.lost.has(plan.name) &&
        belongsOn(thing.kind, plan.role, issuer, thing.state) &&
        (how.only?.includes(plan.name) ?? true),
    )
    if (lacking.length === 0) return
    const route = how.route ?? this.#ambush('create', thing, thing.values, thing.state)
    const from = Math.max(this.now, ...[...thing.on.values()].map((copy) => copy.since))
    const thread = this.bus.thread()
    const origin = [...thing.on.keys()][0]
    for (const plan of lacking) {
      const leg = this.#leg(plan.name, from + this.lag(latency(thing.kind, [])), thing, false, 'integration')
      this.#send(thing, { ...leg, sentAt: from + SECOND, ...(origin !== undefined && { from: origin }) }, route, thread)
    }
  }

  change(thing: Thing, change: { values?: Values; state?: string | null }, how: Options = {}): void {
    const before = thing.state
    const route = how.route ?? this.#ambush('change', thing, change.values ?? {}, change.state)
    const shares = new Map<string, Values>()
    for (const [field, value] of Object.entries(change.values ?? {})) {
      thing.values[field] = value
      const source = how.source ?? this.owner(thing, field, before)
      if (source) shares.set(source, { ...shares.get(source), [field]: value })
    }
    let stateSource: string | null = null
    if (change.state !== undefined) {
      thing.state = change.state
      stateSource = how.source ?? this.owner(thing, 'state', before)
      if (stateSource && !shares.has(stateSource)) shares.set(stateSource, {})
    }
    for (const [source, values] of shares) {
      const state = source === stateSource ? change.state : undefined
      this.#spread(thing, source, values, state, how, route)
    }
    this.extend(thing, route ? { ...how, route } : how)
    if (thing.kind !== 'customer' || !travels('customer', thing.state)) return
    for (const own of this.#waiting) if (own.customer === thing && this.#waiting.delete(own)) this.extend(own)
  }

  /** A write that is nobody's event: what a fault does to one record behind the company's back. */
  tamper(platform: string, kind: string, id: string, write: Write): void {
    this.histories.get(platform)!.write(kind, id, { ...write, at: wholeSecond(write.at) })
  }

  ambush(ambush: Ambush): void {
    this.#ambushes.push(ambush)
  }

  forget(ambush: Ambush): void {
    this.#ambushes = this.#ambushes.filter((a) => a !== ambush)
  }

  lag(of: Latency): number {
    return wholeSecond(this.#lagRandom.skewed(...this.lags[of]))
  }

  #ambush(on: Ambush['on'], thing: Thing, values: Values, state: string | null | undefined): Route | undefined {
    for (const ambush of this.#ambushes) {
      if (ambush.on !== on || ambush.kind !== thing.kind) continue
      const route = ambush.spring(thing, values, state)
      if (!route) continue
      this.forget(ambush)
      return route
    }
    return undefined
  }

  #spread(
    thing: Thing,
    source: string,
    values: Values,
    state: string | null | undefined,
    how: Options,
    route?: Route,
  ): void {
    const from = Math.max(this.now, (thing.on.get(source)?.since ?? 0) + SECOND)
    const fields = Object.keys(values)
    const thread = this.bus.thread()
    for (const platform of thing.on.keys()) {
      const own = platform === source
      if (!own && how.only && !how.only.includes(platform)) continue
      const queued = this.queues.get(`${platform} ${thing.kind}`) ?? 0
      const at = own ? from : from + this.lag(latency(thing.kind, fields)) + queued
      const by = own ? (how.by ?? 'system') : 'integration'
      const leg = { platform, at, values, by, creates: false, source: own, from: source, sentAt: from + SECOND }
      this.#send(thing, { ...leg, ...(state !== undefined && { state }) }, route, thread)
    }
  }

  #leg(platform: string, at: number, thing: Thing, source: boolean, by: string): Leg {
    return { platform, at, values: thing.values, state: thing.state, by, creates: true, source }
  }

  #send(thing: Thing, planned: Leg, route?: Route, thread?: string): void {
    const leg = route ? route(planned) : planned
    const log = (arrived: Leg, at: number) => {
      const held = (field: string) => this.holds(planned.platform, thing.kind, field)
      if (!planned.source) this.bus.carry(thread!, thing, planned, arrived, at, held)
    }
    if (!leg || leg.stops) {
      if (leg) log(leg, leg.at)
      if (planned.creates) thing.lost.add(planned.platform)
      return
    }
    const copy = thing.on.get(leg.platform)
    let at = leg.at
    if (leg === planned && copy) at = Math.max(at, leg.source ? copy.since + SECOND : copy.last + SECOND)
    if (leg.creates && !leg.source) at = Math.max(at, afterReferences(leg) + SECOND)
    at = wholeSecond(at)
    const id = copy?.id ?? this.newId(leg.platform, thing.kind)
    const others = [...thing.on].filter(([platform]) => platform !== leg.platform)
    if (!copy) thing.on.set(leg.platform, { id, since: at, last: at })
    else copy.last = Math.max(copy.last, at)
    log(leg, at)
    const write: Write = { at, by: leg.by, fields: this.rendered(leg.platform, thing, leg.values) }
    if (leg.state !== undefined) write.state = leg.state
    if (leg.creates && others.length > 0) this.#refer(thing, leg, id, others[0]!, at, write)
    this.histories.get(leg.platform)!.write(thing.kind, id, write)
  }

  /** A follower's record names the one it was made from; the CRM's customer names all of its copies in turn. */
  #refer(thing: Thing, leg: Leg, id: string, [origin, copy]: [string, { id: string }], at: number, write: Write): void {
    if (
      ['order', 'invoice'].includes(thing.kind) &&
      this.holds(origin, thing.kind, 'number') &&
      this.holds(leg.platform, thing.kind, 'number')
    )
      return
    // One in seven provisioning records names nobody: there the domain must do.
    if (
      thing.kind === 'customer' &&
      this.plans.find((p) => p.name === leg.platform)?.role === 'provisioning' &&
      thing.n % 7 === 3
    )
      return
    write.refs = { [origin]: copy.id }
    if (thing.kind !== 'customer') return
    const known = thing.on.get(origin)!
    known.last = Math.max(known.last, at + 5 * SECOND)
    this.histories
      .get(origin)!
      .write(thing.kind, copy.id, { at: at + 5 * SECOND, by: 'integration', refs: { [leg.platform]: id } })
  }

  /** Values as the platform writes them: only what it holds, references as ids of its own records where it has them. */
  rendered(platform: string, thing: Thing, values: Values): Record<string, string | null> {
    const plan = this.plans.find((p) => p.name === platform)!
    return render(plan, thing, values, (to) => this.owner(to, 'state'), this.#settings.spelling)
  }
}
