/** Faults of endings: service that runs on, holds that one platform does not mind, invoices that nobody closes. */
import type { Thing } from '../company/thing.ts'
import { must, subjects, text } from '../company/thing.ts'
import { amount } from '../money.ts'
import { DAY, day, instant, MINUTE } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, everything, victim, victims } from './fault.ts'
import { SERVICE } from './sale.ts'

/** Ends or suspends the service of a customer everywhere but at provisioning. */
function allButTenants(lab: FaultLab, subscriptions: readonly Thing[], right: string): Thing[] {
  const { company } = lab.world
  const customer = subscriptions[0]!.customer!
  const named = (thing: Thing) => subscriptions.includes(thing.values.subscription as Thing)
  for (const one of company.of(customer, 'entitlement'))
    if (named(one) && one.state === 'active') company.change(one, { state: right })
  return company.of(customer, 'tenant').filter((one) => named(one) && one.state === 'active')
}

export const cancelledStillRunning: FaultKind = {
  drift: 'cancelled_still_running',
  about: 'A subscription was cancelled; its workspace runs on.',
  leadMs: 4 * DAY,
  possible: (lab) => lab.billing !== null && lab.provisioning !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(
      lab,
      () =>
        victims(lab, r, ['sales', 'hold'], (c) => {
          const own = company.of(c, 'subscription')
          return (
            c.claims.size === 0 &&
            own.filter((s) => s.state === 'active').length === 1 &&
            own.every((s) => s.claims.size === 0) &&
            company.of(c, 'tenant').some((t) => t.state === 'active')
          )
        })[0],
    )
    if (!customer) return
    claim(customer, 'sales', 'hold', 'contract', 'cases')
    const it = company.of(customer, 'subscription').find((s) => s.state === 'active')!
    const contract = it.values.contract
    company.change(it, { state: 'cancelled', values: { cancelled_at: instant(company.now), auto_renew: 'false' } })
    const left = allButTenants(lab, [it], 'revoked')
    if (contract !== null && typeof contract === 'object')
      company.change(contract, { state: 'terminated' }, { by: login(r) })
    const { now } = company
    lab.done({
      category: 'deadline',
      cause: 'not_applied',
      kind: 'subscription',
      owner: lab.billing,
      platform: lab.provisioning,
      subjects: subjects(it, ...left),
      injectedAt: now,
      driftFrom: now + DAY,
      healsAt: null,
      later: () => [{ kinds: ['tenant', 'renewal'], subjects: everything(lab.world, customer, SERVICE)! }],
      says: 'a workspace runs on after its subscription was cancelled',
    })
  },
}

export const holdNotEnforced: FaultKind = {
  drift: 'hold_not_enforced',
  about: 'A credit hold paused billing and support; the workspace runs on.',
  leadMs: DAY,
  possible: (lab) =>
    lab.erp !== null && lab.provisioning !== null && lab.world.company.holds(lab.erp, 'customer', 'credit_hold'),
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(
      lab,
      () =>
        victims(
          lab,
          r,
          ['hold', 'sales', 'seats'],
          (c) =>
            c.claims.size === 0 &&
            company.of(c, 'subscription').every((s) => s.claims.size === 0) &&
            company.of(c, 'tenant').some((t) => t.state === 'active'),
        )[0],
    )
    if (!customer) return
    claim(customer, 'hold', 'sales', 'held', 'seats', 'cases')
    company.change(customer, { values: { credit_hold: 'true' } }, { by: 'finance' })
    const { now } = company
    const active = company.of(customer, 'subscription').filter((s) => s.state === 'active')
    const left = allButTenants(lab, active, 'suspended')
    for (const subscription of active) company.change(subscription, { state: 'paused' })
    lab.done({
      category: 'deadline',
      cause: 'not_applied',
      kind: 'customer',
      owner: lab.erp,
      platform: lab.provisioning,
      subjects: subjects(customer, ...left),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      later: () => [{ kinds: ['tenant'], subjects: everything(lab.world, customer, ['tenant'])! }],
      says: 'a workspace runs on under a credit hold',
    })
  },
}

export const settledStillOpen: FaultKind = {
  drift: 'settled_still_open',
  about: 'An invoice was paid in full and never closed.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const invoice = yield* victim(lab, () =>
      r
        .shuffle(company.all('invoice'))
        .find(
          (i) =>
            i.state === 'open' &&
            i.claims.size === 0 &&
            i.customer!.claims.size === 0 &&
            text(i, 'amount_due') === text(i, 'total') &&
            company.now - i.bornAt > 2 * DAY &&
            must(i, 'due_on') > day(company.now + 2 * DAY),
        ),
    )
    if (!invoice) return
    claim(invoice, 'payment', 'credit', 'settled')
    claim(invoice.customer!, 'hold')
    const currency = must(invoice, 'currency')
    const paidAt = instant(company.now)
    company.create(
      'payment',
      {
        customer: invoice.customer,
        invoice,
        amount: must(invoice, 'total'),
        currency,
        received_at: paidAt,
        method: 'bank_transfer',
        failure_reason: null,
      },
      { state: 'succeeded', customer: invoice.customer, by: 'bank' },
    )
    company.change(invoice, { values: { amount_due: amount(0n, currency) } }, { by: 'bank' })
    const { now } = company
    const platform = company.issuerRole(invoice.customer) === 'billing' ? lab.billing : lab.erp
    lab.done({
      category: 'deadline',
      cause: null,
      kind: 'invoice',
      owner: null,
      platform,
      subjects: subjects(invoice),
      amount: must(invoice, 'total'),
      currency,
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      // Whoever goes by its state alone takes it for overdue one day.
      alsoExpected: [{ categories: ['exception', 'total'], subjects: subjects(invoice) }],
      says: 'an invoice was paid in full and is still open',
    })
  },
}
