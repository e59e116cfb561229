/** Faults of the last word: a stale event, a foreign hand, a code nobody knows, a hold that is not passed on. */
import { fresh } from '../company/changes.ts'
import { subjects } from '../company/thing.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, lossOf, lost, victim, victims } from './fault.ts'
import { about, only, stage } from './scene.ts'
import type { Scene } from './scene.ts'

export const stale: FaultKind = {
  drift: 'out_of_order',
  about: 'An older event was applied last.',
  leadMs: 3 * HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r, [
      ['erp', 'crm', 'payment_terms'],
      ['crm', 'support', 'owner'],
      ['erp', 'crm', 'credit_limit'],
    ])
    if (!scene) return
    const { company } = lab.world
    const { customer, follower, topic } = scene
    company.change(
      customer,
      { values: scene.values },
      { by: 'finance', route: only(follower, (leg) => ({ ...leg, stops: 'sent' as const })) },
    )
    const old = company.rendered(follower, customer, scene.values)
    yield company.now + 4 * MINUTE
    const newest = fresh(lab.world, r, customer, topic)
    for (
      let again = 0;
      again < 20 && Object.entries(newest).some(([field, value]) => value === scene.values[field]);
      again++
    )
      Object.assign(newest, fresh(lab.world, r, customer, topic))
    const changedAt = company.now
    company.change(customer, { values: newest }, { by: 'finance' })
    yield company.now + Math.round(scene.windowMs * 0.6)
    const { now } = company
    company.tamper(follower, 'customer', customer.on.get(follower)!.id, { at: now, by: 'integration', fields: old })
    company.bus.resume(customer, follower, now)
    lab.done({
      ...about(scene),
      cause: 'stale_event',
      injectedAt: now,
      driftFrom: Math.max(now, changedAt + scene.windowMs),
      healsAt: null,
      says: `an older value of ${topic} was applied last at ${follower}`,
    })
  },
}

export const overwritten: FaultKind = {
  drift: 'overwritten',
  about: 'A follower wrote over the owner’s value by itself.',
  leadMs: HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r)
    if (!scene) return
    const { company } = lab.world
    const { now } = company
    const { customer, follower, topic } = scene
    // A later delivery would hide who wrote last from everybody who did not look in between.
    claim(customer, 'life', 'hold', 'sales', 'churn')
    const written = Object.fromEntries(scene.fields.map((field) => [field, scene.values[field]!]))
    company.tamper(follower, 'customer', customer.on.get(follower)!.id, {
      at: now,
      by: login(r),
      fields: company.rendered(follower, customer, written),
    })
    lab.done({
      ...about(scene),
      cause: 'overwritten',
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      says: `somebody at ${follower} wrote over ${topic}, which ${scene.owner} owns`,
    })
  },
}

export const unmappedTerms: FaultKind = {
  drift: 'unmapped_code',
  about: 'A code that is in no reference map.',
  leadMs: 2 * HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r, [['erp', 'crm', 'payment_terms']])
    if (!scene) return
    const { company } = lab.world
    const { now } = company
    const { customer, follower } = scene
    const code = `SPECIAL ${r.int(31, 59)}-${r.digits(2)}`
    company.tamper(follower, 'customer', customer.on.get(follower)!.id, {
      at: now,
      by: login(r),
      fields: { payment_terms: code },
    })
    const same = { kinds: ['customer'], fields: ['payment_terms'], platforms: [follower], subjects: subjects(customer) }
    lab.done({
      ...about(scene),
      alternatives: [same],
      // The source has a code that it never had.
      alsoExpected: [
        { categories: ['quality'], kinds: ['customer'], platforms: [follower], fields: ['payment_terms'] },
      ],
      cause: 'unmapped_code',
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      says: `payment terms ${code} at ${follower} are in no reference map`,
    })
  },
}

export const holdLost: FaultKind = {
  drift: 'hold_not_propagated',
  about: 'A credit hold did not reach a platform that must stop service.',
  leadMs: DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const targets = [lab.billing, lab.crm, lab.support].filter(
      (p): p is string => p !== null && company.holds(p, 'customer', 'credit_hold'),
    )
    const follower = targets[lab.turn % Math.max(1, targets.length)]
    if (!follower || !lab.erp) return
    const customer = yield* victim(
      lab,
      () => victims(lab, r, ['hold', 'sales', 'seats'], (c) => c.on.has(follower) && c.claims.size === 0)[0],
    )
    if (!customer) return
    claim(customer, 'hold', 'sales', 'held', 'seats')
    const { now } = company
    const loss = lossOf(lab.turn)
    company.change(
      customer,
      { values: { credit_hold: 'true' } },
      { by: 'finance', route: only(follower, (leg) => lost(leg, loss)) },
    )
    for (const kind of ['tenant', 'entitlement'])
      for (const thing of company.of(customer, kind))
        if (thing.state === 'active') company.change(thing, { state: 'suspended' })
    for (const subscription of company.of(customer, 'subscription'))
      if (subscription.state === 'active') company.change(subscription, { state: 'paused' })
    const scene: Scene = {
      customer,
      owner: lab.erp,
      follower,
      topic: 'credit_limit',
      values: {},
      fields: ['credit_hold'],
      windowMs: company.windows.realtime,
    }
    lab.done({
      ...about(scene),
      cause: loss.cause,
      injectedAt: now,
      driftFrom: now + scene.windowMs,
      healsAt: null,
      says: `the credit hold ${loss.says} ${follower}`,
    })
  },
}
