/** Deadlines: when the time begins and ends, what counts as having come, and that time alone is noticed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bills, periods, startOf } from '../server/check/kinds/deadline-period.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const shipped = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
function begin(id: string, platforms: Record<string, PlatformWish>, at = '2026-11-20T12:00:00Z'): CheckWorld {
  const check = shipped.find((c) => c.id === id)!
  return checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms,
    checks: [check],
    at,
    config: { issuer: { '*': 'billing' } },
  })
}

async function found(world: CheckWorld, full = false) {
  const [result] = await world.check({ full })
  expect(result!.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ category, platform, verdict, due_at }) => ({ category, platform, verdict, due_at }))
}

const HOUR = 3_600_000
const active = (more: Record<string, unknown> = {}) => ({
  platform: 'billing',
  kind: 'subscription',
  record_id: 's1',
  number: 'S-1',
  customer: 'b1',
  state: 'active',
  amount: '90.00',
  currency: 'EUR',
  interval: 'month',
  started_on: '2026-08-20',
  changed_at: '2026-08-20T08:00:00Z',
  ...more,
})
const customer = {
  platform: 'billing',
  kind: 'customer',
  record_id: 'b1',
  state: 'customer',
  changed_at: '2026-08-01T08:00:00Z',
}
const invoice = (id: string, issued_on: string, more: Record<string, unknown> = {}) => ({
  platform: 'billing',
  kind: 'invoice',
  record_id: id,
  number: id,
  subscription: 's1',
  customer: 'b1',
  state: 'open',
  total: '90.00',
  currency: 'EUR',
  issued_on,
  changed_at: `${issued_on}T08:00:00Z`,
  ...more,
})

describe('billing periods', () => {
  it('begin on the day of the first, or on the last of a shorter month', () => {
    expect(periods('2026-01-31', 'month', '2026-03-01')).toEqual(['2026-01-31', '2026-02-28'])
    expect(periods('2026-08-20', 'quarter', '2026-11-20')).toEqual(['2026-08-20', '2026-11-20'])
    expect(periods('2026-11-02', 'week', '2026-11-20')).toEqual(['2026-11-09', '2026-11-16'])
    expect(periods('2026-08-20', 'year', '2026-11-20')).toEqual(['2026-08-20'])
    expect(periods('2026-12-01', 'month', '2026-11-20')).toEqual([])
    expect(periods(null, 'month', '2026-11-20')).toEqual([])
  })

  it('begin at midnight of the platform, and take an invoice dated up to three days before', () => {
    expect(new Date(startOf('2026-11-20', 'Europe/Berlin')).toISOString()).toBe('2026-11-19T23:00:00.000Z')
    expect([bills('2026-11-17', '2026-11-20'), bills('2026-11-16', '2026-11-20')]).toEqual([true, false])
  })
})

describe('an invoice for every period', () => {
  it('is asked for when a period begins, with nothing having moved, and is drift three days later', async () => {
    const world = begin('deadlines/subscription-invoiced', { billing: { role: 'billing' } }, '2026-11-19T12:00:00Z')
    await world.put(customer, active(), invoice('R-1', '2026-10-20'))
    world.read()
    expect(await found(world)).toEqual([])
    await world.clock.turn(24 * HOUR)
    world.read()
    expect(await found(world)).toEqual([
      { category: 'deadline', platform: 'billing', verdict: 'in_flight', due_at: '2026-11-23T00:00:00.000Z' },
    ])
    await world.clock.turn(72 * HOUR)
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
    expect(await found(world, true)).toEqual([expect.objectContaining({ verdict: 'drift' })])
    await world.put(invoice('R-2', '2026-11-23'))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('stays drift for the period before while the next is still young', async () => {
    const world = begin('deadlines/subscription-invoiced', { billing: { role: 'billing' } }, '2026-11-21T12:00:00Z')
    await world.put(customer, active(), invoice('R-1', '2026-09-20'))
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ verdict: 'drift', due_at: '2026-10-23T00:00:00.000Z' }),
    ])
  })
})

describe('what must follow within an hour', () => {
  const platforms = { billing: { role: 'billing' }, support: { role: 'support' } }
  const right = (state: string) => ({
    platform: 'support',
    kind: 'entitlement',
    record_id: 'e1',
    subscription: 's1',
    state,
    changed_at: '2026-11-20T11:40:00Z',
  })

  it('is in flight, then undecided on a stale stream, then drift', async () => {
    const world = begin('deadlines/entitlement-active', platforms)
    await world.put(customer, active({ changed_at: '2026-11-20T11:30:00Z' }), right('pending'))
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ verdict: 'in_flight', due_at: '2026-11-20T12:30:00.000Z' }),
    ])
    await world.clock.turn(HOUR)
    world.read(world.clock.now(), ['billing'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift', category: 'deadline' })])
  })

  it('counts from when the subscription came to be active, not from its last change', async () => {
    const world = begin('deadlines/entitlement-active', platforms)
    await world.put(customer, active({ changed_at: '2026-11-20T08:00:00Z' }), right('pending'))
    await world.put(active({ changed_at: '2026-11-20T11:50:00Z', quantity: '7' }))
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ verdict: 'drift', due_at: '2026-11-20T09:00:00.000Z' }),
    ])
  })

  it('asks nothing of a company without such a platform', async () => {
    const world = begin('deadlines/entitlement-active', { billing: { role: 'billing' } })
    await world.put(customer, active())
    world.read()
    expect(await found(world)).toEqual([])
  })
})

describe('what must end within a time', () => {
  const platforms = { billing: { role: 'billing' }, provisioning: { role: 'provisioning' } }
  const workspace = (state: string, changed_at: string, more: Record<string, unknown> = {}) => ({
    platform: 'provisioning',
    kind: 'tenant',
    record_id: 'w1',
    subscription: 'billing:s1',
    state,
    changed_at,
    ...more,
  })

  it('is in flight, then drift at the platform that lets it go on, and gone with the last of several', async () => {
    const world = begin('deadlines/cancelled-tenant-removed', platforms)
    await world.put(
      customer,
      active({ state: 'cancelled', changed_at: '2026-11-20T11:00:00Z' }),
      workspace('active', '2026-11-01T08:00:00Z'),
      workspace('suspended', '2026-11-01T08:00:00Z', { record_id: 'w2' }),
    )
    world.read()
    expect(await found(world)).toEqual([
      { category: 'deadline', platform: 'provisioning', verdict: 'in_flight', due_at: '2026-11-21T11:00:00.000Z' },
    ])
    await world.clock.turn(24 * HOUR)
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
    await world.put(workspace('deprovisioned', '2026-11-21T11:30:00Z'))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
    await world.put(workspace('deprovisioned', '2026-11-21T11:40:00Z', { record_id: 'w2' }))
    world.read()
    expect(await found(world)).toEqual([])
    expect(await found(world, true)).toEqual([])
  })
})
