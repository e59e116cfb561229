/** Changes: addresses, payment terms, limits, names and owners as they move in an ordinary year. */
import type { Process } from '../agenda.ts'
import { amount } from '../money.ts'
import type { Random } from '../random.ts'
import { DAY } from '../time.ts'
import { address, grouped, login, person, SEGMENTS } from '../words.ts'
import { workday } from './deal.ts'
import type { Thing, Values } from './thing.ts'
import { free, must } from './thing.ts'
import type { World } from './world.ts'

export type Topic =
  'bill_to' | 'ship_to' | 'payment_terms' | 'credit_limit' | 'phone' | 'owner' | 'segment' | 'email' | 'tax_exempt'

/** New values for a topic that surely differ from the present ones. */
export function fresh(world: World, r: Random, customer: Thing, topic: Topic): Values {
  const country = world.countryOf(customer)
  switch (topic) {
    case 'bill_to':
    case 'ship_to': {
      const values = grouped(topic, address(country, r))
      // The number tells the new address from the old one whatever the street is.
      values[`${topic}.line1`] = country.street(r.pick(country.streets), 200 + r.int(0, 700))
      return values
    }
    case 'payment_terms': {
      const now = must(customer, 'payment_terms')
      return { payment_terms: r.pick(['net_14', 'net_30', 'net_45', 'net_60'].filter((t) => t !== now)) }
    }
    case 'credit_limit':
      return { credit_limit: amount(BigInt(r.int(21, 60)) * 1_000_000n, must(customer, 'currency')) }
    case 'phone':
      return { phone: country.phone(r) }
    case 'email':
      return { email: `${r.pick(['finance', 'invoices', 'ap'])}${r.int(1, 99)}@${must(customer, 'domain')}` }
    case 'owner':
      return { owner: other(() => person(r), customer.values.owner) }
    case 'segment':
      return { segment: other(() => r.pick(SEGMENTS), customer.values.segment) }
    case 'tax_exempt':
      return { tax_exempt: customer.values.tax_exempt === 'true' ? 'false' : 'true' }
  }
}

function other(draw: () => string, now: unknown): string {
  for (;;) {
    const value = draw()
    if (value !== now) return value
  }
}

const ORDINARY: readonly Topic[] = [
  'bill_to',
  'ship_to',
  'payment_terms',
  'credit_limit',
  'phone',
  'owner',
  'segment',
  'email',
]

export function* changes(world: World, r: Random, customer: Thing): Process {
  for (;;) {
    yield workday(r, world.company.now + r.int(12, 60) * DAY)
    if (!free(customer, 'life') || customer.claims.has('churned')) return
    changeSomething(world, r, customer)
  }
}

/** One ordinary change at its owner; returns its topic, or null where a fault holds on to that topic. */
export function changeSomething(world: World, r: Random, customer: Thing): Topic | null {
  const topic = r.pick(ORDINARY)
  if (!free(customer, topic)) return null
  const by = topic === 'payment_terms' || topic === 'credit_limit' || topic === 'bill_to' ? 'finance' : login(r)
  world.company.change(customer, { values: fresh(world, r, customer, topic) }, { by })
  return topic
}
