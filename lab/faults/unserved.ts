/** Faults of new service: subscriptions, entitlements and tenants that are never made. */
import { linked, subjects, text } from '../company/thing.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import type { FaultKind } from './fault.ts'
import { claim, everything, losing } from './fault.ts'
import { RULES, sell } from './sale.ts'

export const missingSubscription: FaultKind = {
  drift: 'missing_subscription',
  about: 'A new subscription never reached the CRM.',
  leadMs: 13 * DAY,
  possible: (lab) =>
    lab.crm !== null && lab.billing !== null && lab.world.company.holds(lab.crm, 'subscription', 'number'),
  *plant(lab, r) {
    yield* sell(lab, r, {
      kind: 'subscription',
      on: 'create',
      route: () => losing(lab.crm),
      hit: (it) => {
        lab.done({
          category: 'missing',
          cause: 'never_sent',
          kind: 'subscription',
          owner: lab.billing,
          platform: lab.crm,
          subjects: subjects(it),
          amount: text(it, 'amount'),
          currency: text(it, 'currency'),
          injectedAt: it.bornAt,
          driftFrom: it.bornAt + 15 * MINUTE,
          healsAt: null,
          // The CRM's invoices and renewals have nothing to point to.
          later: () => [
            {
              kinds: ['invoice', 'renewal'],
              platforms: [lab.crm!],
              fields: ['subscription'],
              subjects: everything(lab.world, it.customer!, ['invoice', 'renewal'])!,
            },
          ],
          says: `a new subscription never reached ${lab.crm}`,
        })
      },
    })
  },
}

export const noEntitlement: FaultKind = {
  drift: 'service_without_entitlement',
  about: 'A paying customer has no entitlement in support.',
  leadMs: 13 * DAY,
  possible: (lab) => lab.support !== null && lab.world.company.holds(lab.support, 'entitlement', 'subscription'),
  *plant(lab, r) {
    yield* sell(lab, r, {
      kind: 'entitlement',
      on: 'create',
      route: () => (leg) => (leg.platform === lab.support ? null : leg),
      hit: (it) => {
        const involved = subjects(it, linked(it, 'subscription')!)
        lab.done({
          category: 'missing',
          cause: 'never_sent',
          kind: 'entitlement',
          owner: lab.billing,
          platform: lab.support,
          subjects: involved,
          injectedAt: it.bornAt,
          driftFrom: it.bornAt + HOUR,
          healsAt: null,
          alternatives: [{ categories: RULES, kinds: ['entitlement', 'subscription', 'customer'], subjects: involved }],
          says: `an active subscription has no entitlement at ${lab.support}`,
          later: () => [{ kinds: ['case'], subjects: everything(lab.world, it.customer!, ['case'])! }],
        })
      },
    })
  },
}

export const noTenant: FaultKind = {
  drift: 'service_without_tenant',
  about: 'A paying customer was never provisioned.',
  leadMs: 13 * DAY,
  possible: (lab) => lab.provisioning !== null,
  *plant(lab, r) {
    yield* sell(lab, r, {
      kind: 'tenant',
      on: 'create',
      route: () => () => null,
      hit: (it) => {
        claim(it, 'all')
        const subscription = linked(it, 'subscription')!
        lab.done({
          category: 'missing',
          cause: 'never_sent',
          kind: 'tenant',
          owner: lab.billing,
          platform: lab.provisioning,
          subjects: subjects(subscription),
          amount: null,
          injectedAt: it.bornAt,
          driftFrom: it.bornAt + HOUR,
          healsAt: null,
          alternatives: [
            {
              categories: RULES,
              kinds: ['tenant', 'subscription', 'customer'],
              subjects: subjects(subscription, it.customer!),
            },
          ],
          says: 'an active subscription has no tenant',
        })
      },
    })
  },
}
