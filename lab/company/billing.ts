/** Billing: one invoice a period for every active subscription, its payment, and now and then a credit. */
import type { Process } from '../agenda.ts'
import { amount, minor, perMille, subtract } from '../money.ts'
import type { Random } from '../random.ts'
import { addMonths, DAY, dueOn, HOUR, instant, MINUTE, startOfDay, wholeSecond } from '../time.ts'
import type { Thing, Values } from './thing.ts'
import { free, must } from './thing.ts'
import type { World } from './world.ts'

export const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 }

/** Bills a subscription until it ends. The first invoice names the order, so that an order's invoices add up to it. */
export function* bill(world: World, r: Random, subscription: Thing, order: Thing): Process {
  const startedOn = must(subscription, 'started_on')
  const months = MONTHS[must(subscription, 'interval')]!
  for (let period = 0; ; period++) {
    const issuedOn = addMonths(startedOn, period * months)
    if (period > 0) yield startOfDay(issuedOn) + 3 * HOUR + wholeSecond(r.next() * 2 * HOUR)
    if (subscription.state !== 'active' && subscription.state !== 'paused') return
    if (!free(subscription, 'billing')) return
    const net = minor(must(subscription, 'amount'), must(subscription, 'currency'))
    const invoice = issue(world, subscription.customer!, {
      net,
      issuedOn,
      subscription,
      order: period === 0 ? order : null,
    })
    settle(world, r, invoice)
  }
}

export interface Charge {
  net: bigint
  issuedOn: string
  subscription: Thing | null
  order: Thing | null
}

/** An invoice, drafted and opened at its issuer; everybody else gets the open one. */
export function issue(world: World, customer: Thing, charge: Charge): Thing {
  const { company } = world
  const currency = must(customer, 'currency')
  const tax = perMille(charge.net, world.countryOf(customer).tax)
  const total = amount(charge.net + tax, currency)
  const values: Values = {
    customer,
    order: charge.order,
    subscription: charge.subscription,
    number: company.number(`INV-${must(customer, 'legal_entity').slice(3)}`),
    total,
    tax: amount(tax, currency),
    amount_due: total,
    currency,
    issued_on: charge.issuedOn,
    due_on: dueOn(charge.issuedOn, must(customer, 'payment_terms')),
    posted_at: instant(company.now),
    paid_at: null,
    legal_entity: customer.values.legal_entity ?? null,
  }
  return company.create('invoice', values, { state: 'open', customer, by: 'billing-run' })
}

/** Pays an invoice before it is due, sometimes at the second try, sometimes less a credit. */
export function settle(world: World, r: Random, invoice: Thing): void {
  const { company } = world
  const due = Math.max(0, (startOfDay(must(invoice, 'due_on')) - startOfDay(must(invoice, 'issued_on'))) / DAY)
  const payAt =
    due < 2 ? company.now + r.int(30, 600) * MINUTE : company.now + wholeSecond((0.5 + r.next() * (due - 1.5)) * DAY)
  const credited = due >= 10 && r.chance(0.08)
  if (credited)
    world.spawn(company.now + r.int(4, 20) * HOUR, `credit/${invoice.n}`, (own) => credit(world, own, invoice))
  world.spawn(credited ? Math.max(payAt, company.now + 3 * DAY) : payAt, `pay/${invoice.n}`, (own) =>
    pay(world, own, invoice),
  )
}

export function* pay(world: World, r: Random, invoice: Thing): Process {
  const { company } = world
  const customer = invoice.customer!
  while (invoice.claims.has('crediting')) yield company.now + 2 * HOUR
  // A fault needs this invoice to stay unpaid.
  if (!free(invoice, 'payment') || invoice.state !== 'open') return
  const due = invoice.values.amount_due ?? null
  const payment = company.create(
    'payment',
    {
      customer,
      invoice,
      amount: due,
      currency: must(invoice, 'currency'),
      received_at: null,
      method: r.pick(['bank_transfer', 'card', 'direct_debit']),
      failure_reason: null,
    },
    { state: 'pending', customer, by: 'bank' },
  )
  yield company.now + r.int(5, 20) * MINUTE
  if (r.chance(0.06)) {
    company.change(payment, { state: 'failed', values: { failure_reason: 'insufficient funds' } })
    yield company.now + r.int(3, 9) * HOUR
  }
  const paidAt = instant(company.now)
  company.change(payment, { state: 'succeeded', values: { received_at: paidAt, failure_reason: null } }, { by: 'bank' })
  company.change(
    invoice,
    { state: 'paid', values: { amount_due: amount(0n, must(invoice, 'currency')), paid_at: paidAt } },
    { by: 'bank' },
  )
}

/** A service credit of a tenth: requested, approved, posted, applied. Total = payment + credit stays true. */
export function* credit(world: World, r: Random, invoice: Thing): Process {
  const { company } = world
  const customer = invoice.customer!
  if (!free(invoice, 'credit') || invoice.state !== 'open') return
  const currency = must(invoice, 'currency')
  const value = amount(minor(must(invoice, 'total'), currency) / 10n, currency)
  invoice.claims.add('crediting')
  const note = company.create(
    'credit',
    {
      customer,
      invoice,
      number: company.number('CN'),
      amount: value,
      currency,
      reason: r.pick(['late delivery', 'service interruption', 'goodwill']),
      approved_at: null,
      posted_at: null,
    },
    { state: 'requested', customer },
  )
  yield company.now + r.int(1, 4) * HOUR
  company.change(note, { state: 'approved', values: { approved_at: instant(company.now) } }, { by: 'finance' })
  yield company.now + r.int(20, 60) * MINUTE
  company.change(note, { state: 'posted', values: { posted_at: instant(company.now) } })
  yield company.now + r.int(20, 60) * MINUTE
  company.change(note, { state: 'applied' })
  company.change(invoice, { values: { amount_due: subtract(must(invoice, 'amount_due'), value, currency) } })
  invoice.claims.delete('crediting')
}
