/** Bustle: ordinary events in quick succession, all of them right, so that a demo has something to look at. */
import type { Process } from './agenda.ts'
import { changeSomething } from './company/changes.ts'
import { onboard } from './company/deal.ts'
import { lead } from './company/life.ts'
import type { Thing } from './company/thing.ts'
import { free, must } from './company/thing.ts'
import type { World } from './company/world.ts'
import { amount } from './money.ts'
import type { Random } from './random.ts'
import { instant, SECOND, wholeSecond } from './time.ts'
import { login } from './words.ts'

export function* bustle(world: World, r: Random, everyMs: number): Process {
  for (let n = 0; ; n++) {
    yield world.company.now + Math.max(SECOND, wholeSecond(everyMs * (0.5 + r.next())))
    const what = r.weighted([
      ['change', 6],
      ['pay', 3],
      ['case', 3],
      ['newcomer', 1],
    ] as const)
    const customer = r.pick(world.settled)
    if (what === 'change' && customer.state === 'customer' && !customer.claims.has('held'))
      changeSomething(world, r, customer)
    if (what === 'pay') payOne(world, r)
    if (what === 'case') world.spawn(world.company.now, `bustle/case/${n}`, (own) => quickCase(world, own, customer))
    if (what === 'newcomer') world.spawn(world.company.now, `bustle/newcomer/${n}`, (own) => newcomer(world, own))
  }
}

/** Money for one open invoice: the payment, and the invoice paid, in one second. */
function payOne(world: World, r: Random): void {
  const { company } = world
  const open = company.all('invoice').filter((i) => i.state === 'open' && free(i, 'payment') && i.claims.size === 0)
  if (open.length === 0) return
  const invoice = r.pick(open)
  const paidAt = instant(company.now)
  company.create(
    'payment',
    {
      customer: invoice.customer,
      invoice,
      amount: invoice.values.amount_due ?? null,
      currency: must(invoice, 'currency'),
      received_at: paidAt,
      method: 'card',
      failure_reason: null,
    },
    { state: 'succeeded', customer: invoice.customer, by: 'bank' },
  )
  company.change(
    invoice,
    { state: 'paid', values: { amount_due: amount(0n, must(invoice, 'currency')), paid_at: paidAt } },
    { by: 'bank' },
  )
}

export function* quickCase(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  const entitlement = company.of(customer, 'entitlement').find((e) => e.state === 'active')
  if (!entitlement || customer.values.credit_hold === 'true') return
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
  yield company.now + r.int(10, 40) * SECOND
  company.change(it, { state: 'open' }, { by: 'agent' })
  yield company.now + r.int(30, 240) * SECOND
  company.change(it, { state: 'resolved', values: { resolved_at: instant(company.now) } }, { by: 'agent' })
}

function* newcomer(world: World, r: Random): Process {
  const { company } = world
  const customer = lead(world, r)
  yield company.now + r.int(5, 30) * SECOND
  company.change(customer, { state: 'prospect' }, { by: login(r) })
  yield company.now + r.int(10, 60) * SECOND
  onboard(world, r, customer)
}
