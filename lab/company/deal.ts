/** Deal: from opportunity to active service, in the order in which a careful company does it. */
import type { Process } from '../agenda.ts'
import { amount, perMille } from '../money.ts'
import type { Random } from '../random.ts'
import { addDays, addMonths, DAY, day, HOUR, instant, MINUTE, wholeSecond } from '../time.ts'
import { login } from '../words.ts'
import { bill, MONTHS } from './billing.ts'
import type { Thing } from './thing.ts'
import { must } from './thing.ts'
import type { World } from './world.ts'

export interface Terms {
  net: bigint
  seats: number
  monthly: bigint
  interval: string
}

/** Moves an instant to working hours of its day (08:00 to 16:00 UTC). */
export function workday(r: Random, at: number): number {
  return wholeSecond(at - (at % DAY) + 8 * HOUR + r.next() * 8 * HOUR)
}

/** Opportunity and quote up to the day of winning. Yields the won opportunity and the accepted quote through `deal`. */
export function* pitch(
  world: World,
  r: Random,
  customer: Thing,
  wonAt: number,
  terms: { net: bigint; title: string },
): Generator<number, { opportunity: Thing; quote: Thing }, void> {
  const { company } = world
  const currency = must(customer, 'currency')
  const price = amount(terms.net, currency)
  const opportunity = company.create(
    'opportunity',
    {
      customer,
      name: terms.title,
      amount: price,
      currency,
      close_date: day(wonAt),
      owner: customer.values.owner ?? null,
    },
    { state: 'open', customer, by: login(r) },
  )
  yield Math.max(company.now, wonAt - 9 * DAY)
  const quote = company.create(
    'quote',
    {
      customer,
      opportunity,
      number: company.number('Q'),
      amount: price,
      currency,
      valid_until: addDays(day(wonAt), 30),
      approved_at: null,
      accepted_at: null,
    },
    { state: 'draft', customer, by: login(r) },
  )
  yield Math.max(company.now, wonAt - 7 * DAY)
  company.change(quote, { state: 'in_approval' })
  yield Math.max(company.now, wonAt - 6 * DAY)
  company.change(quote, { state: 'approved', values: { approved_at: instant(company.now) } }, { by: 'desk' })
  yield wonAt
  company.change(quote, { state: 'accepted', values: { accepted_at: instant(company.now) } })
  company.change(opportunity, { state: 'won', values: { close_date: day(company.now) } }, { by: login(r) })
  return { opportunity, quote }
}

/** The prospect becomes a customer: ERP, billing, support and provisioning get their records within the hour. */
export function onboard(world: World, r: Random, customer: Thing): void {
  const { company } = world
  const currency = must(customer, 'currency')
  const terms = r.weighted([
    ['net_30', 8],
    ['net_14', 3],
    ['net_45', 2],
    ['net_60', 1],
    ['due_on_receipt', 1],
    ['eom_15', 1],
  ] as const)
  Object.assign(customer.values, {
    payment_terms: terms,
    credit_limit: amount(BigInt(r.int(2, 20)) * 1_000_000n, currency),
    credit_hold: 'false',
  })
  company.change(customer, { state: 'customer' }, { by: login(r) })
  const financial = {
    payment_terms: terms,
    credit_limit: customer.values.credit_limit!,
    credit_hold: 'false',
    tax_exempt: 'false',
  }
  company.change(customer, { values: financial }, { by: 'finance' })
  company.create(
    'contact',
    {
      customer,
      name: `${login(r)}`.replace('.', '. ').toUpperCase(),
      email: `accounts@${must(customer, 'domain')}`,
      phone: customer.values.phone ?? null,
      role: 'billing',
    },
    { state: 'active', customer },
  )
}

/** A draft order in the CRM. */
export function draftOrder(
  world: World,
  r: Random,
  customer: Thing,
  net: bigint,
  more: { quote?: Thing; opportunity?: Thing } = {},
): Thing {
  const { company } = world
  const currency = must(customer, 'currency')
  return company.create(
    'order',
    {
      customer,
      quote: more.quote ?? null,
      opportunity: more.opportunity ?? null,
      number: company.number('SO'),
      amount: amount(net, currency),
      tax: amount(perMille(net, world.countryOf(customer).tax), currency),
      currency,
      ordered_at: instant(company.now),
      approved_at: null,
      block_reason: null,
      legal_entity: customer.values.legal_entity ?? null,
    },
    { state: 'draft', customer, by: login(r) },
  )
}

/** An order from draft to booked, with approval where somebody asks for it; a customer on hold waits. */
export function* placeOrder(
  world: World,
  r: Random,
  customer: Thing,
  net: bigint,
  more: { quote?: Thing; opportunity?: Thing } = {},
): Generator<number, Thing, void> {
  const { company } = world
  while (customer.values.credit_hold === 'true') yield company.now + 6 * HOUR
  const order = draftOrder(world, r, customer, net, more)
  if (r.chance(0.35)) {
    yield company.now + r.int(10, 40) * MINUTE
    company.change(order, { state: 'pending_approval' })
  }
  yield company.now + r.int(20, 90) * MINUTE
  company.change(order, { state: 'booked', values: { approved_at: instant(company.now) } }, { by: 'desk' })
  return order
}

/** What is sold, at what price; the same figures stand on opportunity, quote, order and first invoice. */
export function haggle(world: World, r: Random, customer: Thing): Terms & { offer: World['offers'][number] } {
  const offer = r.pick(world.offers)
  const seats = r.int(4, 120)
  const interval = r.weighted([
    ['month', 6],
    ['quarter', 2],
    ['year', 2],
  ] as const)
  const monthly = offer.seat(must(customer, 'currency')) * BigInt(seats)
  return { offer, seats, interval, monthly, net: monthly * BigInt(MONTHS[interval]!) }
}

/** A whole deal: pitch, order, contract, subscription, entitlement, tenant, billing. */
export function* deal(world: World, r: Random, customer: Thing, wonAt: number, first: boolean): Process {
  const { company } = world
  world.selling.add(customer)
  const terms = haggle(world, r, customer)
  const title = `${terms.offer.product.values.name as string} for ${customer.values.name as string}`
  const { opportunity, quote } = yield* pitch(world, r, customer, wonAt, { net: terms.net, title })
  if (first) onboard(world, r, customer)
  yield company.now + HOUR
  const contract = draftContract(world, customer, terms)
  yield company.now + 10 * MINUTE
  company.change(contract, { state: 'signed', values: { signed_at: instant(company.now) } })
  const order = yield* placeOrder(world, r, customer, terms.net, { quote, opportunity })
  company.change(contract, { state: 'active' })
  yield company.now + r.int(20, 60) * MINUTE
  const service = activate(world, r, { customer, contract, order, terms })
  if (first) world.settled.push(customer)
  world.spawn(company.now + r.int(20, 60) * MINUTE, `bill/${service.subscription.n}`, (own) =>
    bill(world, own, service.subscription, order),
  )
  yield company.now + r.int(20, 30) * HOUR
  company.change(order, { state: 'fulfilled' }, { by: 'warehouse' })
  world.selling.delete(customer)
}

function draftContract(world: World, customer: Thing, terms: Terms): Thing {
  const { company } = world
  const currency = must(customer, 'currency')
  // Dates beyond the 28th do not exist in every month.
  const startsOn = day(company.now).slice(8) > '28' ? `${day(company.now).slice(0, 8)}28` : day(company.now)
  return company.create(
    'contract',
    {
      customer,
      number: company.number('C'),
      value: amount(terms.monthly * 12n, currency),
      currency,
      starts_on: startsOn,
      ends_on: addDays(addMonths(startsOn, 12), -1),
      signed_at: null,
      renewal_term: 'auto_12',
    },
    { state: 'draft', customer },
  )
}

export interface Service {
  customer: Thing
  contract: Thing
  order: Thing
  terms: Terms & { offer: World['offers'][number] }
}

/** Switches the service on: billing first, then support and provisioning, all within minutes. */
export function activate(
  world: World,
  r: Random,
  { customer, contract, order, terms }: Service,
): { subscription: Thing; entitlement: Thing; tenant: Thing } {
  const { company } = world
  const currency = must(customer, 'currency')
  const startedOn = must(contract, 'starts_on')
  const seats = String(terms.seats)
  const subscription = company.create(
    'subscription',
    {
      customer,
      order,
      contract,
      product: terms.offer.product,
      number: company.number('SUB'),
      quantity: seats,
      amount: amount(terms.net, currency),
      currency,
      interval: terms.interval,
      mrr: amount(terms.monthly, currency),
      started_on: startedOn,
      ends_on: null,
      renews_on: addMonths(startedOn, 12),
      auto_renew: 'true',
      amendment: 'none',
      cancelled_at: null,
    },
    { state: 'active', customer },
  )
  const entitlement = company.create(
    'entitlement',
    {
      customer,
      subscription,
      contract,
      product: terms.offer.product,
      sla_tier: terms.offer.tier,
      quantity: seats,
      starts_on: startedOn,
      ends_on: contract.values.ends_on ?? null,
      activated_at: instant(company.now),
    },
    { state: 'active', customer },
  )
  const tenant = company.create(
    'tenant',
    { customer, subscription, plan: terms.offer.product.values.code ?? null, seats, activated_at: null },
    { state: 'provisioning', customer },
  )
  world.spawn(company.now + r.int(4, 20) * MINUTE, `tenant/${tenant.n}`, function* () {
    company.change(tenant, { state: 'active', values: { activated_at: instant(company.now) } })
  })
  return { subscription, entitlement, tenant }
}
