/** Holds: the finance team stops a customer; service stops with it and comes back with the release. */
import type { Process } from '../agenda.ts'
import type { Random } from '../random.ts'
import { addMonths, DAY, HOUR, SECOND, startOfDay } from '../time.ts'
import { MONTHS } from './billing.ts'
import type { Thing } from './thing.ts'
import { free, must } from './thing.ts'
import type { World } from './world.ts'

/** Begin of the subscription's next billing period after `at`. */
export function nextPeriod(subscription: Thing, at: number): number {
  const startedOn = must(subscription, 'started_on')
  const months = MONTHS[must(subscription, 'interval')]!
  for (let n = 1; ; n++) {
    const begin = startOfDay(addMonths(startedOn, n * months))
    if (begin > at) return begin
  }
}

export function* holds(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  const lasting = r.int(2, 9) * DAY
  for (;;) {
    if (!free(customer, 'hold') || customer.claims.size > 0) return
    const touched = company.of(customer, 'subscription').some((s) => !free(s, 'hold'))
    // A hold must not reach into the next period: its invoice would then be owed and not owed at once.
    const clear = company
      .of(customer, 'subscription')
      .every((s) => s.state !== 'active' || nextPeriod(s, company.now) > company.now + lasting + DAY)
    if (!world.selling.has(customer) && !touched && clear) break
    yield company.now + 3 * DAY
  }
  customer.claims.add('held')
  company.change(customer, { values: { credit_hold: 'true' } }, { by: 'finance' })
  yield company.now + 10 * SECOND
  const stopped = company.of(customer, 'subscription').filter((s) => s.state === 'active')
  suspend(world, customer, stopped, true)
  yield company.now + lasting - r.int(1, 5) * HOUR
  company.change(customer, { values: { credit_hold: 'false' } }, { by: 'finance' })
  yield company.now + 30 * SECOND
  suspend(world, customer, stopped, false)
  customer.claims.delete('held')
}

function suspend(world: World, customer: Thing, subscriptions: readonly Thing[], off: boolean): void {
  const { company } = world
  const named = (thing: Thing) => subscriptions.includes(thing.values.subscription as Thing)
  const [from, to] = off ? ['active', 'suspended'] : ['suspended', 'active']
  for (const kind of ['tenant', 'entitlement']) {
    for (const thing of company.of(customer, kind))
      if (named(thing) && thing.state === from) company.change(thing, { state: to })
  }
  for (const subscription of subscriptions) company.change(subscription, { state: off ? 'paused' : 'active' })
}
