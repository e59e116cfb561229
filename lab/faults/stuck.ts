/** Faults of standstill: tenants, amendments and orders that stay where they are. */
import { draftOrder } from '../company/deal.ts'
import { linked, must, subjects } from '../company/thing.ts'
import { DAY, HOUR } from '../time.ts'
import type { FaultKind } from './fault.ts'
import { claim, victim, victims } from './fault.ts'
import { RULES, sell } from './sale.ts'

export const stuckTenant: FaultKind = {
  drift: 'stuck_provisioning',
  about: 'A tenant that never becomes active.',
  leadMs: 13 * DAY,
  possible: (lab) => lab.provisioning !== null,
  *plant(lab, r) {
    yield* sell(lab, r, {
      kind: 'tenant',
      on: 'change',
      when: (state) => state === 'active',
      route: () => () => null,
      hit: (it) => {
        const subscription = linked(it, 'subscription')!
        lab.done({
          category: 'transition',
          cause: null,
          kind: 'tenant',
          owner: lab.provisioning,
          platform: lab.provisioning,
          subjects: subjects(it),
          injectedAt: it.bornAt,
          driftFrom: it.bornAt + HOUR,
          healsAt: null,
          alternatives: [
            {
              categories: RULES,
              kinds: ['tenant', 'subscription', 'customer'],
              subjects: subjects(it, subscription, it.customer!),
            },
          ],
          says: 'a tenant is stuck in provisioning',
        })
      },
    })
  },
}

export const stuckAmendment: FaultKind = {
  drift: 'stuck_amendment',
  about: 'An amendment that stays pending for weeks.',
  leadMs: 40 * DAY,
  possible: (lab) => lab.billing !== null && lab.world.company.holds(lab.billing, 'subscription', 'amendment'),
  *plant(lab, r) {
    const { company } = lab.world
    const it = yield* victim(lab, () =>
      victims(lab, r, ['seats', 'hold'])
        .flatMap((c) => company.of(c, 'subscription'))
        .find((s) => s.state === 'active' && s.claims.size === 0),
    )
    if (!it) return
    claim(it, 'seats', 'hold')
    company.change(it, { values: { amendment: 'pending' } })
    const { now } = company
    lab.done({
      category: 'exception',
      cause: null,
      kind: 'subscription',
      fields: [],
      owner: lab.billing,
      platform: lab.billing,
      subjects: subjects(it),
      injectedAt: now,
      driftFrom: now + 7 * DAY,
      healsAt: null,
      alternatives: [{ categories: RULES, kinds: ['subscription', 'customer'], subjects: subjects(it) }],
      says: 'an amendment has been pending for weeks',
    })
  },
}

export const stuckOrder: FaultKind = {
  drift: 'stuck_order',
  about: 'An order that waits for approval for weeks.',
  leadMs: 40 * DAY,
  possible: (lab) => lab.crm !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const currency = must(customer, 'currency')
    const order = draftOrder(lab.world, r, customer, BigInt(r.int(8, 60)) * 10_000n)
    yield company.now + HOUR
    company.change(order, { state: 'pending_approval' })
    const { now } = company
    lab.done({
      category: 'transition',
      cause: null,
      kind: 'order',
      owner: lab.crm,
      platform: lab.crm,
      subjects: subjects(order),
      currency,
      injectedAt: now,
      driftFrom: now + 7 * DAY,
      healsAt: null,
      alternatives: [{ categories: RULES, kinds: ['order', 'customer'], subjects: subjects(order) }],
      says: 'an order has waited for approval for weeks',
    })
  },
}
