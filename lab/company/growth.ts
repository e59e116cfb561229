/** Growth: more seats, a second product, a service order: what an active customer buys later. */
import type { Process } from '../agenda.ts'
import { amount, minor } from '../money.ts'
import type { Random } from '../random.ts'
import { DAY, day, HOUR, MINUTE } from '../time.ts'
import { issue, MONTHS, settle } from './billing.ts'
import { deal, placeOrder, workday } from './deal.ts'
import type { Thing } from './thing.ts'
import { free, must } from './thing.ts'
import type { World } from './world.ts'

export function* grow(world: World, r: Random, customer: Thing): Process {
  for (let deals = 0; ;) {
    yield workday(r, world.company.now + r.int(20, 110) * DAY)
    if (!sellable(customer)) return
    if (customer.values.credit_hold === 'true') continue
    const what = r.weighted([
      ['service', 6],
      ['seats', 4],
      ['deal', deals < 1 ? 1 : 0],
    ] as const)
    if (what === 'deal') {
      deals++
      yield* deal(world, r, customer, workday(r, world.company.now + 12 * DAY), false)
    } else if (what === 'seats') yield* addSeats(world, r, customer)
    else yield* serviceOrder(world, r, customer)
  }
}

export function sellable(customer: Thing): boolean {
  return free(customer, 'sales') && !customer.claims.has('churned')
}

/** Training, migration, set-up: one order, one invoice within days. */
export function* serviceOrder(world: World, r: Random, customer: Thing): Generator<number, Thing, void> {
  const { company } = world
  const net = BigInt(r.int(8, 60)) * 10_000n
  world.selling.add(customer)
  const order = yield* placeOrder(world, r, customer, net)
  yield company.now + r.int(3, 50) * HOUR
  const invoice = issue(world, customer, { net, issuedOn: day(company.now), subscription: null, order })
  settle(world, r, invoice)
  yield company.now + r.int(2, 20) * HOUR
  company.change(order, { state: 'fulfilled' }, { by: 'warehouse' })
  world.selling.delete(customer)
  return order
}

/** More seats: an amendment in billing, an order and invoice over the difference, and the right to use them. */
export function* addSeats(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  const subscription = company.of(customer, 'subscription').find((s) => s.state === 'active' && free(s, 'seats'))
  if (!subscription) return
  world.selling.add(customer)
  const currency = must(subscription, 'currency')
  const months = BigInt(MONTHS[must(subscription, 'interval')]!)
  const before = BigInt(must(subscription, 'quantity'))
  const more = BigInt(r.int(2, 30))
  const seat = minor(must(subscription, 'mrr'), currency) / before
  company.change(subscription, { values: { amendment: 'pending' } })
  const order = yield* placeOrder(world, r, customer, seat * more * months)
  yield company.now + r.int(20, 50) * MINUTE
  const monthly = seat * (before + more)
  const quantity = String(before + more)
  const values = {
    amendment: 'none',
    quantity,
    amount: amount(monthly * months, currency),
    mrr: amount(monthly, currency),
  }
  company.change(subscription, { values })
  for (const right of company.of(customer, 'entitlement'))
    if (right.values.subscription === subscription) company.change(right, { values: { quantity } })
  for (const tenant of company.of(customer, 'tenant'))
    if (tenant.values.subscription === subscription) company.change(tenant, { values: { seats: quantity } })
  const contract = subscription.values.contract
  if (contract && typeof contract === 'object')
    company.change(contract, { values: { value: amount(monthly * 12n, currency) } })
  const invoice = issue(world, customer, {
    net: seat * more * months,
    issuedOn: day(company.now),
    subscription: null,
    order,
  })
  settle(world, r, invoice)
  yield company.now + r.int(2, 20) * HOUR
  company.change(order, { state: 'fulfilled' }, { by: 'warehouse' })
  world.selling.delete(customer)
}
