/** Faults of matching: orders and subscriptions that are right one by one and do not add up with their invoices. */
import { issue, settle } from '../company/billing.ts'
import { placeOrder } from '../company/deal.ts'
import type { Thing } from '../company/thing.ts'
import { linked, must, subjects } from '../company/thing.ts'
import { amount, minor, subtract } from '../money.ts'
import type { Random } from '../random.ts'
import { DAY, day, HOUR, instant } from '../time.ts'
import { about, issuer } from './document.ts'
import type { FaultKind, FaultLab, Planted } from './fault.ts'
import { claim, nextWrite, victim, victims } from './fault.ts'

/** The window that a match check gives to both sides. */
const SETTLES = DAY

/** What all of them have in common: a sum that does not meet, at no platform in particular. */
export function off(
  lab: FaultLab,
  thing: Thing,
  more: readonly Thing[],
  at: number,
  windowMs = SETTLES,
): Omit<Planted, 'says'> {
  return {
    ...about(lab, thing, issuer(lab, thing), null),
    category: 'total',
    subjects: subjects(thing, ...more),
    platform: null,
    injectedAt: at,
    driftFrom: at + windowMs,
    healsAt: null,
    alternatives: [{ categories: ['total', 'exception', 'deadline'], subjects: subjects(thing, ...more) }],
  }
}

/** A service order of a customer whom nobody needs, booked. */
function* order(lab: FaultLab, r: Random): Generator<number, { order: Thing; net: bigint } | null, void> {
  const customer = yield* victim(lab, () => victims(lab, r, ['sales'], (c) => c.claims.size === 0)[0])
  if (!customer) return null
  claim(customer, 'sales', 'hold')
  const net = BigInt(r.int(20, 90)) * 10_000n
  const placed = yield* placeOrder(lab.world, r, customer, net)
  yield lab.world.company.now + r.int(3, 20) * HOUR
  return { order: placed, net }
}

export const overbilledOrder: FaultKind = {
  drift: 'overbilled_order',
  about: 'An order was billed, and a second invoice goes beyond it.',
  leadMs: 9 * DAY,
  *plant(lab, r) {
    const { world } = lab
    const placed = yield* order(lab, r)
    if (!placed) return
    const { customer } = placed.order
    const bill = (net: bigint) =>
      issue(world, customer!, { net, issuedOn: day(world.company.now), subscription: null, order: placed.order })
    const first = bill(placed.net)
    settle(world, r, first)
    yield world.company.now + r.int(20, 40) * HOUR
    const second = bill(placed.net / 4n)
    claim(second, 'credit')
    settle(world, r, second)
    world.company.change(placed.order, { state: 'fulfilled' }, { by: 'warehouse' })
    const currency = must(second, 'currency')
    lab.done({
      ...off(lab, placed.order, [first, second], world.company.now),
      amount: subtract(must(second, 'total'), must(second, 'tax'), currency),
      currency,
      owner: lab.erp,
      says: 'more was billed than ordered',
    })
  },
}

export const underbilledOrder: FaultKind = {
  drift: 'underbilled_order',
  about: 'An order was fulfilled and a part of it never billed.',
  leadMs: 20 * DAY,
  *plant(lab, r) {
    const { world } = lab
    const placed = yield* order(lab, r)
    if (!placed) return
    const net = (placed.net / 40n) * 30n
    const invoice = issue(world, placed.order.customer!, {
      net,
      issuedOn: day(world.company.now),
      subscription: null,
      order: placed.order,
    })
    settle(world, r, invoice)
    yield world.company.now + r.int(4, 20) * HOUR
    world.company.change(placed.order, { state: 'fulfilled' }, { by: 'warehouse' })
    const currency = must(invoice, 'currency')
    lab.done({
      ...off(lab, placed.order, [invoice], world.company.now, 14 * DAY + HOUR),
      amount: amount(placed.net - net, currency),
      currency,
      owner: lab.erp,
      says: 'a fulfilled order was billed for less than ordered',
    })
  },
}

export const wrongCharge: FaultKind = {
  drift: 'wrong_charge',
  about: 'A period of a subscription was billed at another price than agreed.',
  leadMs: 4 * HOUR,
  // Only who has seen the subscription before can say what it cost: planted while the product looks.
  settleMs: 88.1 * DAY,
  *plant(lab, r) {
    const share = BigInt(r.int(2, 9))
    const hit = (invoice: Thing, at: number) => {
      const subscription = linked(invoice, 'subscription')!
      const currency = must(invoice, 'currency')
      const net = subtract(must(invoice, 'total'), must(invoice, 'tax'), currency)
      lab.done({
        ...off(lab, subscription, [invoice], at, HOUR),
        amount: subtract(net, must(subscription, 'amount'), currency),
        currency,
        owner: lab.billing,
        says: 'a period was billed at a higher price than agreed',
      })
    }
    yield* nextWrite(lab, {
      kind: 'invoice',
      on: 'create',
      fits: (invoice) => {
        const subscription = linked(invoice, 'subscription')
        return (
          subscription !== null &&
          invoice.values.order === null &&
          subscription.values.amendment === 'none' &&
          subscription.claims.size === 0
        )
      },
      // The issuer itself has the wrong price, so every copy has it.
      route: (invoice) => {
        const currency = must(invoice, 'currency')
        const more = (minor(must(invoice, 'total'), currency) / 40n) * share
        for (const field of ['total', 'amount_due'])
          invoice.values[field] = amount(minor(must(invoice, field), currency) + more, currency)
        return (leg) => leg
      },
      hit,
    })
  },
}
