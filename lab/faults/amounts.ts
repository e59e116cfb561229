/** Faults of amount: invoices, orders and credits that stand with another figure at a follower. */
import { serviceOrder } from '../company/growth.ts'
import type { Route } from '../company/leg.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects } from '../company/thing.ts'
import { absolute, amount, minor, subtract } from '../money.ts'
import { DAY, HOUR } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, movedTotal, nextWrite, victim, victims } from './fault.ts'
import { about, billed, issuer, provokeCredit, WINDOW } from './document.ts'

export const wrongInvoice: FaultKind = {
  drift: 'wrong_invoice_amount',
  about: 'An invoice stands with another total at a follower.',
  leadMs: 6 * DAY,
  *plant(lab, r) {
    const platform = lab.crm
    if (!platform || !lab.world.company.holds(platform, 'invoice', 'total')) return
    const more = BigInt(r.int(3, 90)) * 10n
    const route =
      (thing: Thing): Route =>
      (leg) => {
        if (leg.platform !== platform) return leg
        const currency = must(thing, 'currency')
        return {
          ...leg,
          values: { ...leg.values, total: amount(minor(must(thing, 'total'), currency) + more, currency) },
        }
      }
    const hit = (thing: Thing, at: number) =>
      lab.done({
        ...about(lab, thing, platform, issuer(lab, thing)),
        category: 'mismatch',
        cause: 'not_applied',
        fields: ['total'],
        amount: amount(more, must(thing, 'currency')),
        injectedAt: at,
        driftFrom: at + WINDOW,
        healsAt: null,
        alsoExpected: [movedTotal(thing), { categories: ['total'], subjects: subjects(thing) }],
        says: `an invoice has another total at ${platform}`,
      })
    yield* nextWrite(lab, { kind: 'invoice', on: 'create', fits: () => true, route, hit })
  },
}

export const wrongOrder: FaultKind = {
  drift: 'wrong_order_amount',
  about: 'A booked order has another amount at a follower.',
  leadMs: 5 * DAY,
  possible: (lab) => lab.crm !== null && lab.erp !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const order = yield* serviceOrder(lab.world, r, customer)
    yield company.now + 2 * HOUR
    const currency = must(order, 'currency')
    const wrong = amount(minor(must(order, 'amount'), currency) + BigInt(r.int(11, 900)) * 100n, currency)
    const { now } = company
    company.tamper(lab.crm!, 'order', order.on.get(lab.crm!)!.id, { at: now, by: login(r), fields: { amount: wrong } })
    lab.done({
      ...about(lab, order, lab.crm, lab.erp),
      category: 'mismatch',
      // The CRM made the order, so it held the right amount itself.
      cause: 'overwritten',
      fields: ['amount'],
      amount: absolute(subtract(wrong, must(order, 'amount'), currency)),
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [
        {
          categories: ['authority'],
          kinds: ['order'],
          fields: ['amount'],
          platforms: [lab.crm!],
          subjects: subjects(order),
        },
      ],
      alsoExpected: [
        { categories: ['total'], subjects: subjects(order) },
        movedTotal(order, 'order'),
        { categories: ['total'], kinds: ['order'], scope: { currency } },
      ],
      says: `somebody changed the amount of a booked order at ${lab.crm}`,
    })
  },
}

export const wrongCredit: FaultKind = {
  drift: 'wrong_credit_amount',
  about: 'A credit has another amount in the ERP than billing granted.',
  leadMs: 8 * DAY,
  possible: (lab) => lab.erp !== null && lab.billing !== null && lab.world.company.holds(lab.erp, 'credit', 'amount'),
  *plant(lab, r) {
    yield* provokeCredit(lab, r)
    const more = BigInt(r.int(3, 40)) * 10n
    const route =
      (thing: Thing): Route =>
      (leg) =>
        leg.platform === lab.erp && leg.creates
          ? {
              ...leg,
              values: {
                ...leg.values,
                amount: amount(minor(must(thing, 'amount'), must(thing, 'currency')) + more, must(thing, 'currency')),
              },
            }
          : leg
    const hit = (thing: Thing, at: number) =>
      lab.done({
        ...about(lab, thing, lab.erp, lab.billing),
        category: 'mismatch',
        cause: 'not_applied',
        fields: ['amount'],
        amount: amount(more, must(thing, 'currency')),
        injectedAt: at,
        driftFrom: at + WINDOW,
        healsAt: null,
        alsoExpected: [
          { categories: ['total'], kinds: ['credit', 'invoice'], scope: { currency: must(thing, 'currency') } },
          {
            categories: ['total', 'exception'],
            subjects: subjects(
              thing,
              ...(typeof thing.values.invoice === 'object' && thing.values.invoice ? [thing.values.invoice] : []),
            ),
          },
        ],
        says: `a credit has another amount at ${lab.erp}`,
      })
    yield* nextWrite(lab, {
      kind: 'credit',
      on: 'change',
      fits: (thing, state) => state === 'approved' && billed(lab)(thing),
      route,
      hit,
    })
  },
}
