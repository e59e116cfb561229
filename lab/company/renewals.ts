/** Renewals: two months before a contract ends the CRM opens its renewal; ten days before, it is renewed. */
import type { Process } from '../agenda.ts'
import type { Random } from '../random.ts'
import { addDays, addMonths, DAY, HOUR, startOfDay } from '../time.ts'
import { login } from '../words.ts'
import { workday } from './deal.ts'
import type { Thing } from './thing.ts'
import { free, linked, must } from './thing.ts'
import type { World } from './world.ts'

export function* renew(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  for (;;) {
    const due = company
      .of(customer, 'contract')
      .filter((c) => c.state === 'active' && free(c, 'renewal'))
      .sort((a, b) => must(a, 'ends_on').localeCompare(must(b, 'ends_on')))[0]
    if (!due) {
      yield company.now + 20 * DAY
      if (customer.claims.has('churned')) return
      continue
    }
    const endsAt = startOfDay(must(due, 'ends_on'))
    yield Math.min(Math.max(company.now + DAY, endsAt - 60 * DAY), company.now + 30 * DAY)
    if (company.now >= endsAt - 61 * DAY && due.state === 'active') yield* oneRenewal(world, r, customer, due, endsAt)
  }
}

function* oneRenewal(world: World, r: Random, customer: Thing, contract: Thing, endsAt: number): Process {
  const { company } = world
  const subscription = company.of(customer, 'subscription').find((s) => linked(s, 'contract') === contract)
  if (!subscription) return
  const renewal = company.create(
    'renewal',
    {
      customer,
      subscription,
      amount: contract.values.value ?? null,
      currency: must(contract, 'currency'),
      due_on: must(contract, 'ends_on'),
      readiness: r.pick(['on track', 'at risk', 'committed']),
    },
    { state: 'upcoming', customer, by: login(r) },
  )
  yield endsAt - 30 * DAY
  company.change(renewal, { state: 'in_progress' }, { by: login(r) })
  yield workday(r, endsAt - r.int(6, 14) * DAY)
  while (customer.values.credit_hold === 'true' && company.now < endsAt - DAY) yield company.now + 6 * HOUR
  if (contract.state !== 'active' || subscription.state === 'cancelled')
    return company.change(renewal, { state: 'lost' })
  if (!free(contract, 'renewal')) return
  company.change(renewal, { state: 'renewed' }, { by: login(r) })
  const endsOn = addDays(addMonths(addDays(must(contract, 'ends_on'), 1), 12), -1)
  company.change(contract, { values: { ends_on: endsOn } }, { by: login(r) })
  company.change(subscription, { values: { renews_on: addDays(endsOn, 1) } })
  for (const right of company.of(customer, 'entitlement'))
    if (linked(right, 'subscription') === subscription) company.change(right, { values: { ends_on: endsOn } })
}
