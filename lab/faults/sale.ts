/** Sale: a further product is sold to a customer, with a trap on one of the things that the sale makes. */
import type { Process } from '../agenda.ts'
import type { Route } from '../company/leg.ts'
import { deal } from '../company/deal.ts'
import type { Thing } from '../company/thing.ts'
import type { Random } from '../random.ts'
import { DAY } from '../time.ts'
import type { Category } from '../../model/verdict.ts'
import type { FaultLab } from './fault.ts'
import { claim, nextWrite, victim, victims } from './fault.ts'

export const SERVICE = ['subscription', 'entitlement', 'tenant', 'contract', 'order', 'renewal']
export const RULES: readonly Category[] = ['exception', 'deadline', 'missing', 'transition']

export interface Sale {
  kind: string
  on: 'create' | 'change'
  when?(state: string | null | undefined): boolean
  route(thing: Thing): Route
  hit(thing: Thing): void
}

/** Sells one more product to a customer, with a trap on one of the things that the sale makes. */
export function* sell(lab: FaultLab, r: Random, sale: Sale): Process {
  const { world } = lab
  const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
  if (!customer) return
  claim(customer, 'sales', 'hold')
  world.spawn(world.company.now, `sell/${customer.n}/${sale.kind}`, (own) =>
    deal(world, own, customer, world.company.now + 10 * DAY, false),
  )
  yield* nextWrite(lab, {
    kind: sale.kind,
    on: sale.on,
    fits: (thing, state) => thing.customer === customer && (sale.when?.(state) ?? true),
    route: sale.route,
    days: 14,
    hit(thing) {
      // Grown seats would be sent to a record that is not there.
      for (const subscription of world.company.of(customer, 'subscription')) claim(subscription, 'seats')
      sale.hit(thing)
    },
  })
}
