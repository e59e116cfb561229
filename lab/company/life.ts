/** Life: what becomes of one company that we hear of, from lead to churn. */
import type { Process } from '../agenda.ts'
import type { Random } from '../random.ts'
import { DAY, HOUR, MINUTE } from '../time.ts'
import { login } from '../words.ts'
import { cases } from './cases.ts'
import { changes } from './changes.ts'
import { deal, workday } from './deal.ts'
import { grow } from './growth.ts'
import { holds } from './holds.ts'
import { renew } from './renewals.ts'
import type { Thing } from './thing.ts'
import { free } from './thing.ts'
import type { World } from './world.ts'

export interface Fate {
  kind: 'wins' | 'stays_prospect' | 'stays_lead' | 'lost'
  /** When the first deal is won, or when the story ends otherwise. */
  at: number
  churnsAt: number | null
  holdAt: number | null
  parent: Thing | null
}

/** A lead of the CRM, known to nobody else. */
export function lead(world: World, r: Random): Thing {
  return world.company.create('customer', world.newcomer(r), { state: 'lead', by: login(r) })
}

export function* live(world: World, r: Random, fate: Fate): Process {
  const { company } = world
  yield Math.max(company.now, fate.at - r.int(40, 80) * DAY)
  const customer = lead(world, r)
  if (fate.kind === 'stays_lead') return
  yield fate.at - r.int(26, 34) * DAY
  company.change(customer, { state: 'prospect' }, { by: login(r) })
  if (fate.kind === 'stays_prospect') return
  yield fate.at - 20 * DAY
  if (fate.kind === 'lost') return yield* lose(world, r, customer, fate.at)
  if (fate.parent && fate.parent !== customer)
    company.change(customer, { values: { parent: fate.parent } }, { by: login(r) })
  yield* deal(world, r, customer, workday(r, fate.at), true)
  afterwards(world, r, customer, fate)
}

function* lose(world: World, r: Random, customer: Thing, at: number): Process {
  const { company } = world
  const currency = customer.values.currency ?? null
  const opportunity = company.create(
    'opportunity',
    {
      customer,
      name: `Trial of ${customer.values.name as string}`,
      amount: '5000',
      currency,
      close_date: null,
      owner: login(r),
    },
    { state: 'open', customer, by: login(r) },
  )
  yield at
  company.change(opportunity, { state: 'lost' }, { by: login(r) })
  yield at + r.int(1, 5) * DAY
  company.change(customer, { state: 'closed' }, { by: login(r) })
}

/** Everything that ordinary customers do beside paying their bills. */
export function afterwards(world: World, r: Random, customer: Thing, fate: Pick<Fate, 'churnsAt' | 'holdAt'>): void {
  const { now } = world.company
  const name = `${customer.n}`
  world.spawn(now + r.int(2, 30) * DAY, `changes/${name}`, (own) => changes(world, own, customer))
  world.spawn(now + r.int(2, 30) * DAY, `cases/${name}`, (own) => cases(world, own, customer))
  world.spawn(now + r.int(15, 90) * DAY, `grow/${name}`, (own) => grow(world, own, customer))
  world.spawn(now + DAY, `renew/${name}`, (own) => renew(world, own, customer))
  if (fate.holdAt !== null) world.spawn(fate.holdAt, `hold/${name}`, (own) => holds(world, own, customer))
  if (fate.churnsAt !== null)
    world.spawn(Math.max(fate.churnsAt, now + 40 * DAY), `churn/${name}`, (own) => churn(world, own, customer))
}

/** The customer leaves: service off first, then billing, contract and account, each at its owner. */
export function* churn(world: World, r: Random, customer: Thing): Process {
  const { company } = world
  while (customer.values.credit_hold === 'true' || world.selling.has(customer)) yield company.now + 6 * HOUR
  // A fault holds on to this customer: it stays.
  if (
    customer.claims.size > 0 ||
    !free(customer, 'churn') ||
    company.of(customer, 'subscription').some((s) => s.claims.size > 0)
  )
    return
  customer.claims.add('churned')
  for (const subscription of company.of(customer, 'subscription')) {
    if (subscription.state === 'active') endService(world, customer, subscription)
  }
  yield company.now + 2 * MINUTE
  for (const contract of company.of(customer, 'contract'))
    company.change(contract, { state: 'terminated' }, { by: login(r) })
  yield company.now + r.int(20, 60) * MINUTE
  company.change(customer, { state: 'churned' }, { by: 'finance' })
}

/** Cancels one subscription with everything that hangs on it, in one step at the owners. */
export function endService(world: World, customer: Thing, subscription: Thing): void {
  const { company } = world
  company.change(subscription, {
    state: 'cancelled',
    values: { cancelled_at: new Date(company.now).toISOString(), auto_renew: 'false' },
  })
  for (const entitlement of company.of(customer, 'entitlement'))
    if (entitlement.values.subscription === subscription) company.change(entitlement, { state: 'revoked' })
  for (const tenant of company.of(customer, 'tenant'))
    if (tenant.values.subscription === subscription) company.change(tenant, { state: 'deprovisioned' })
}
