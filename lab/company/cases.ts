/** Cases: customers ask for help; most are answered within days, a few are escalated. */
import type { Process } from '../agenda.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, instant, MINUTE } from '../time.ts'
import { workday } from './deal.ts'
import type { Thing } from './thing.ts'
import { free } from './thing.ts'
import type { World } from './world.ts'

export function* cases(world: World, r: Random, customer: Thing): Process {
  for (;;) {
    yield workday(r, world.company.now + r.int(8, 45) * DAY)
    if (!free(customer, 'cases') || customer.claims.has('churned')) return
    if (customer.values.credit_hold === 'true') continue
    yield* oneCase(world, r, customer)
  }
}

export function* oneCase(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  const entitlement = company.of(customer, 'entitlement').find((e) => e.state === 'active')
  if (!entitlement) return
  const it = company.create(
    'case',
    {
      customer,
      entitlement,
      number: company.number('T'),
      priority: r.pick(['low', 'normal', 'high']),
      sla_tier: entitlement.values.sla_tier ?? null,
      opened_at: instant(company.now),
      escalated_at: null,
      resolved_at: null,
    },
    { state: 'new', customer, by: 'customer' },
  )
  yield company.now + r.int(10, 200) * MINUTE
  company.change(it, { state: 'open' }, { by: 'agent' })
  yield company.now + r.int(2, 30) * HOUR
  if (r.chance(0.15)) {
    company.change(it, { state: 'escalated', values: { escalated_at: instant(company.now) } }, { by: 'agent' })
    yield company.now + r.int(3, 30) * HOUR
  }
  company.change(it, { state: 'resolved', values: { resolved_at: instant(company.now) } }, { by: 'agent' })
}
