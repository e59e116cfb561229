/** Faults of time: invoices that never come, payments that nobody hears of. */
import { serviceOrder } from '../company/growth.ts'
import { nextPeriod } from '../company/holds.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects, text } from '../company/thing.ts'
import { DAY, MINUTE } from '../time.ts'
import type { FaultKind } from './fault.ts'
import { claim, losingAt, lossOf, nextWrite, victim, victims } from './fault.ts'

export const orderWithoutInvoice: FaultKind = {
  drift: 'order_without_invoice',
  about: 'A booked order that nobody bills.',
  leadMs: 10 * DAY,
  possible: (lab) => lab.crm !== null && lab.erp !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const before = company.all('order').length
    const story = serviceOrder(lab.world, r, customer)
    // The story is left off once the order is booked: its invoice never comes.
    for (;;) {
      const step = story.next()
      const order = company.of(customer, 'order').find((o) => o.n >= before)
      if (order?.state === 'booked' || step.done) break
      yield step.value
    }
    lab.world.selling.delete(customer)
    const order = company.of(customer, 'order').find((o) => o.n >= before)!
    const { now } = company
    lab.done({
      category: 'deadline',
      cause: null,
      kind: 'order',
      owner: lab.erp,
      platform: lab.erp,
      subjects: subjects(order),
      amount: text(order, 'amount'),
      currency: text(order, 'currency'),
      injectedAt: now,
      driftFrom: now + 7 * DAY,
      healsAt: null,
      alternatives: [
        {
          categories: ['deadline', 'missing', 'exception', 'total'],
          kinds: ['order', 'invoice'],
          subjects: subjects(order),
        },
      ],
      alsoExpected: [{ categories: ['transition', 'total'], subjects: subjects(order) }],
      says: 'a booked order was never billed',
    })
  },
}

export const subscriptionWithoutInvoice: FaultKind = {
  drift: 'subscription_without_invoice',
  about: 'An active subscription was not billed for its period.',
  leadMs: 40 * DAY,
  possible: (lab) => lab.billing !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const it = yield* victim(lab, () =>
      victims(lab, r, ['sales', 'hold'], (c) => c.claims.size === 0)
        .flatMap((c) => company.of(c, 'subscription'))
        .find(
          (s) =>
            s.state === 'active' &&
            s.claims.size === 0 &&
            s.values.interval === 'month' &&
            company.now - s.bornAt > 5 * DAY,
        ),
    )
    if (!it) return
    claim(it, 'billing', 'seats', 'hold')
    claim(it.customer!, 'sales', 'hold')
    const begins = nextPeriod(it, company.now)
    yield begins
    lab.done({
      category: 'deadline',
      cause: null,
      kind: 'subscription',
      owner: lab.billing,
      platform: company.issuerRole(it.customer) === 'billing' ? lab.billing : lab.erp,
      subjects: subjects(it),
      amount: text(it, 'amount'),
      currency: text(it, 'currency'),
      injectedAt: begins,
      driftFrom: begins + 3 * DAY,
      healsAt: null,
      alternatives: [
        {
          categories: ['deadline', 'missing', 'exception'],
          kinds: ['subscription', 'invoice', 'customer'],
          subjects: subjects(it),
        },
      ],
      says: 'an active subscription was not billed for its period',
    })
  },
}

export const paidNotInCrm: FaultKind = {
  drift: 'paid_not_in_crm',
  about: 'An invoice was paid; the CRM still shows it open.',
  leadMs: 3 * DAY,
  possible: (lab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'invoice', 'total'),
  *plant(lab) {
    const fields = ['state', 'amount_due', 'paid_at']
    const loss = lossOf(lab.turn)
    const owner = (thing: Thing) => (lab.world.company.issuerRole(thing.customer) === 'billing' ? lab.billing : lab.erp)
    const hit = (thing: Thing, at: number) =>
      lab.done({
        category: 'deadline',
        cause: loss.cause,
        kind: 'invoice',
        owner: owner(thing),
        platform: lab.crm,
        subjects: subjects(thing),
        amount: text(thing, 'total'),
        currency: text(thing, 'currency'),
        injectedAt: at,
        driftFrom: at + 15 * MINUTE,
        healsAt: null,
        alternatives: [
          {
            categories: ['mismatch', 'deadline', 'exception'],
            kinds: ['invoice'],
            fields,
            platforms: [lab.crm!],
            subjects: subjects(thing),
          },
        ],
        says: `a paid invoice is still open at ${lab.crm}`,
        alsoExpected: [
          { categories: ['total'], kinds: ['invoice', 'payment'], scope: { currency: must(thing, 'currency') } },
        ],
      })
    yield* nextWrite(lab, {
      kind: 'invoice',
      on: 'change',
      fits: (thing, state) => state === 'paid' && thing.on.has(lab.crm!),
      route: () => losingAt(lab.crm, loss),
      hit,
    })
  },
}
