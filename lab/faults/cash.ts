/** Faults of money: invoices, payments and credits that are right one by one and do not add up. */
import type { Thing } from '../company/thing.ts'
import { linked, must } from '../company/thing.ts'
import { amount, minor, subtract } from '../money.ts'
import type { Random } from '../random.ts'
import { DAY, day, HOUR, instant } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, victim } from './fault.ts'
import { off } from './matching.ts'

/** An open invoice that nobody has touched, not due before the history ends. */
function quietInvoice(lab: FaultLab, r: Random, fits: (invoice: Thing) => boolean): Thing | undefined {
  const { company } = lab.world
  return r
    .shuffle(company.all('invoice'))
    .find(
      (i) =>
        i.claims.size === 0 &&
        i.customer!.claims.size === 0 &&
        i.customer!.state === 'customer' &&
        company.now - i.bornAt > HOUR &&
        company.now - i.bornAt < 40 * DAY &&
        must(i, 'amount_due') === (i.state === 'paid' ? amount(0n, must(i, 'currency')) : must(i, 'total')) &&
        fits(i),
    )
}

const unpaid = (lab: FaultLab) => (i: Thing) => i.state === 'open' && must(i, 'due_on') > day(lab.end + 2 * DAY)

function received(lab: FaultLab, invoice: Thing, invoiceOf: Thing | null, value: string): Thing {
  const { company } = lab.world
  return company.create(
    'payment',
    {
      customer: invoice.customer,
      invoice: invoiceOf,
      amount: value,
      currency: must(invoice, 'currency'),
      received_at: instant(company.now),
      method: 'bank_transfer',
      failure_reason: null,
    },
    { state: 'succeeded', customer: invoice.customer, by: 'bank' },
  )
}

export const underpaidInvoice: FaultKind = {
  drift: 'underpaid_invoice',
  about: 'An invoice was marked paid with less than its total.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const invoice = yield* victim(lab, () => quietInvoice(lab, r, unpaid(lab)))
    if (!invoice) return
    claim(invoice, 'payment', 'credit')
    const currency = must(invoice, 'currency')
    const short = (minor(must(invoice, 'total'), currency) / 40n) * 9n
    const payment = received(lab, invoice, invoice, subtract(must(invoice, 'total'), amount(short, currency), currency))
    company.change(
      invoice,
      { state: 'paid', values: { amount_due: amount(0n, currency), paid_at: instant(company.now) } },
      { by: 'bank' },
    )
    lab.done({
      ...off(lab, invoice, [payment], company.now),
      amount: amount(short, currency),
      currency,
      says: 'an invoice is marked paid with less than its total',
    })
  },
}

export const overpaidInvoice: FaultKind = {
  drift: 'overpaid_invoice',
  about: 'The payment of an invoice was taken a second time.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const paid = (i: Thing) =>
      i.state === 'paid' && company.of(i.customer!, 'credit').every((c) => linked(c, 'invoice') !== i)
    const invoice = yield* victim(lab, () => quietInvoice(lab, r, paid))
    if (!invoice) return
    claim(invoice, 'credit')
    const first = company.of(invoice.customer!, 'payment').filter((p) => linked(p, 'invoice') === invoice)
    const second = received(lab, invoice, invoice, must(invoice, 'total'))
    lab.done({
      ...off(lab, invoice, [second, ...first], company.now),
      cause: 'duplicate_created',
      amount: must(invoice, 'total'),
      currency: must(invoice, 'currency'),
      says: 'the payment of an invoice was taken twice',
    })
  },
}

export const unappliedCash: FaultKind = {
  drift: 'unapplied_cash',
  about: 'Money came that belongs to no invoice.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const invoice = yield* victim(lab, () => quietInvoice(lab, r, () => true))
    if (!invoice) return
    claim(invoice.customer!, 'unapplied')
    const value = amount(BigInt(r.int(3, 70)) * 1_111n, must(invoice, 'currency'))
    const payment = received(lab, invoice, null, value)
    lab.done({
      ...off(lab, payment, [], company.now),
      amount: value,
      currency: must(payment, 'currency'),
      says: 'a payment names no invoice',
    })
  },
}

export const unappliedPayment: FaultKind = {
  drift: 'payment_not_applied',
  about: 'A part of an invoice was paid, and the invoice still asks for all of it.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const invoice = yield* victim(lab, () => quietInvoice(lab, r, unpaid(lab)))
    if (!invoice) return
    claim(invoice, 'payment', 'credit')
    const currency = must(invoice, 'currency')
    const part = amount((minor(must(invoice, 'total'), currency) / 40n) * 11n, currency)
    const payment = received(lab, invoice, invoice, part)
    lab.done({
      ...off(lab, invoice, [payment], company.now),
      amount: part,
      currency,
      says: 'a payment was received that its invoice does not show',
    })
  },
}

export const overcreditedInvoice: FaultKind = {
  drift: 'overcredited_invoice',
  about: 'More was credited than the invoice asked for.',
  leadMs: 4 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const fits = (i: Thing) =>
      i.state === 'paid' && company.of(i.customer!, 'credit').every((c) => linked(c, 'invoice') !== i)
    const invoice = yield* victim(lab, () => quietInvoice(lab, r, fits))
    if (!invoice) return
    claim(invoice, 'credit')
    const currency = must(invoice, 'currency')
    const total = minor(must(invoice, 'total'), currency)
    const notes: Thing[] = []
    for (const value of [total, total / 4n]) {
      const note = company.create(
        'credit',
        {
          customer: invoice.customer,
          invoice,
          number: company.number('CN'),
          amount: amount(value, currency),
          currency,
          reason: 'goodwill',
          approved_at: null,
          posted_at: null,
        },
        { state: 'requested', customer: invoice.customer },
      )
      yield company.now + HOUR
      company.change(note, { state: 'approved', values: { approved_at: instant(company.now) } }, { by: 'finance' })
      yield company.now + HOUR
      company.change(note, { state: 'posted', values: { posted_at: instant(company.now) } })
      notes.push(note)
    }
    lab.done({
      ...off(lab, invoice, notes, company.now),
      amount: amount(total / 4n, currency),
      currency,
      says: 'more was credited than the invoice asked for',
    })
  },
}
