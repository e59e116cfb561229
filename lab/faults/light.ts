/** Light customers: just won, with a record everywhere and no business yet. Faults of whole customers use them, so that nothing else breaks with them. */
import type { Route } from '../company/leg.ts'
import { onboard, pitch } from '../company/deal.ts'
import { lead } from '../company/life.ts'
import type { Thing } from '../company/thing.ts'
import type { Random } from '../random.ts'
import { DAY } from '../time.ts'
import { login } from '../words.ts'
import type { FaultLab } from './fault.ts'
import { claim } from './fault.ts'

export interface Light {
  customer: Thing
  opportunity: Thing
}

/** Wins a customer; `route` bends how the new customer record travels. */
export function* winLight(lab: FaultLab, r: Random, route?: Route): Generator<number, Light, void> {
  const { world } = lab
  const { company } = world
  const customer = lead(world, r)
  claim(customer, 'sales')
  company.change(customer, { state: 'prospect' }, { by: login(r) })
  const { opportunity } = yield* pitch(world, r, customer, company.now + 10 * DAY, {
    net: BigInt(r.int(20, 90)) * 10_000n,
    title: `First order of ${customer.values.name as string}`,
  })
  if (route)
    company.ambush({
      kind: 'customer',
      on: 'change',
      spring: (thing, _values, state) => (thing === customer && state === 'customer' ? route : null),
    })
  onboard(world, r, customer)
  return { customer, opportunity }
}
