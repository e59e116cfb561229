/** Flows: where an instance stands, since when, who must act, and how long legs take; by what moved as in a full run. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowStage } from '../model/flow.ts'
import { FLOWS } from '../model/flows.ts'
import { measureFlows, plannedFlows } from '../server/measure/flows/measure.ts'
import { flowCounts, flowInstance, flowInstances, legTimes, type FlowInstanceRow } from '../server/store/facts/flows.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const HOUR = 3_600_000

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const ALL = {
  crm: { role: 'crm' },
  erp: { role: 'erp' },
  billing: { role: 'billing' },
  support: { role: 'support' },
  provisioning: { role: 'provisioning' },
}
const begin = (platforms: Record<string, PlatformWish> = ALL, at = '2026-11-20T12:00:00Z'): CheckWorld =>
  checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [], at })

const listed = async (world: CheckWorld, flow: string) => {
  const nowIso = new Date(world.clock.now()).toISOString()
  return (await flowInstances(facts.facts, { flow, nowIso, limit: 100, offset: 0 })).rows
}

/** All instances of a flow after a run over what moved. */
async function stand(world: CheckWorld, flow: string): Promise<FlowInstanceRow[]> {
  expect((await measureFlows(world.ctx)).error).toBeNull()
  return await listed(world, flow)
}

/** A full run says of every flow what the runs over what moved have said. */
async function agreesInFull(world: CheckWorld): Promise<void> {
  const all = () => Promise.all(FLOWS.map((flow) => listed(world, flow.name)))
  const before = await all()
  expect((await measureFlows(world.ctx, { full: true })).error).toBeNull()
  expect(await all()).toEqual(before)
}

const record = (platform: string, kind: string, record_id: string, more: Record<string, unknown>): WishedRecord => ({
  platform,
  kind,
  record_id,
  changed_at: '2026-11-19T08:00:00Z',
  ...more,
})

describe('the declared flows', () => {
  it('leave out legs that no platform keeps, and say why', async () => {
    const world = begin({ crm: { role: 'crm' }, billing: { role: 'billing' } })
    await world.put(
      record('crm', 'contract', 'k1', { number: 'C-1', state: 'active', starts_on: '2026-11-01' }),
      record('billing', 'subscription', 's1', {
        number: 'S-1',
        contract: 'crm:k1',
        state: 'active',
        started_on: '2026-11-01',
      }),
    )
    const planned = (await plannedFlows(world.ctx)).find(({ flow }) => flow.name === 'contract-to-service')!.planned
    expect(planned.plan!.legs.map((l) => l.leg.name)).toEqual(['signed', 'active', 'subscription'])
    expect(planned.unwatched.map((u) => [u.leg.name, u.why])).toEqual([
      ['entitlement', 'No platform keeps entitlements.'],
      ['tenant', 'No platform keeps tenants.'],
    ])
    const [row] = await stand(world, 'contract-to-service')
    expect(row).toMatchObject({ stage: 'complete', leg: '' })
  })
})

describe('quote to cash', () => {
  const quote = (state: string, more: Record<string, unknown> = {}) =>
    record('crm', 'quote', 'q1', {
      number: 'Q-1',
      amount: '1000.00',
      currency: 'EUR',
      state,
      approved_at: '2026-11-10T08:00:00Z',
      accepted_at: '2026-11-11T08:00:00Z',
      ...more,
    })
  const order = (platform: string, state: string, more: Record<string, unknown> = {}) =>
    record(platform, 'order', platform === 'crm' ? 'o1' : 'so1', {
      number: 'SO-1',
      amount: '1000.00',
      currency: 'EUR',
      state,
      approved_at: '2026-11-11T12:00:00Z',
      ...(platform === 'crm' && { quote: 'q1' }),
      ...more,
    })
  const invoice = (platform: string, state: string, more: Record<string, unknown> = {}) =>
    record(platform, 'invoice', platform === 'crm' ? 'x1' : 'i1', {
      number: 'R-1',
      total: '1190.00',
      currency: 'EUR',
      state,
      ...(platform === 'erp' && { order: 'so1', posted_at: '2026-11-12T08:00:00Z' }),
      ...more,
    })

  it('stops at the first leg that lacks, says since when and who must act, and moves on with the records', async () => {
    const world = begin()
    // Somebody else's chain, so that every leg is watched.
    await world.put(
      quote('rejected', { record_id: 'q9', number: 'Q-9' }),
      order('crm', 'draft', { record_id: 'o9', number: 'SO-9', quote: 'q9' }),
      order('erp', 'cancelled', { record_id: 'so9', number: 'SO-9' }),
      invoice('erp', 'void', { record_id: 'i9', number: 'R-9', order: 'so9' }),
      invoice('crm', 'void', { record_id: 'x9', number: 'R-9' }),
    )
    const mine = async () => (await stand(world, 'quote-to-cash')).find((r) => r.record_id === 'q1')!
    await world.put(quote('accepted'))
    expect(await mine()).toMatchObject({
      stage: 'waiting',
      leg: 'ordered',
      since: '2026-11-11T08:00:00.000Z',
      due_at: '2026-11-18T08:00:00.000Z',
      act: 'crm',
      amount: '1000',
      currency: 'EUR',
    })
    await world.put(order('crm', 'booked'))
    expect(await mine()).toMatchObject({ leg: 'in-erp', since: '2026-11-11T12:00:00.000Z', act: 'erp' })
    await world.put(order('erp', 'booked'))
    expect(await mine()).toMatchObject({ leg: 'invoiced', act: 'erp' })
    await world.put(invoice('erp', 'open'))
    expect(await mine()).toMatchObject({ leg: 'paid', since: '2026-11-12T08:00:00.000Z', act: 'erp' })
    await world.put(invoice('erp', 'paid', { paid_at: '2026-11-20T08:00:00Z' }), invoice('crm', 'open'))
    expect(await mine()).toMatchObject({ leg: 'told-sales', due_at: '2026-11-20T08:15:00.000Z', act: 'crm' })
    await world.put(invoice('crm', 'paid', { changed_at: '2026-11-20T09:00:00Z' }))
    const done = await mine()
    expect(done).toMatchObject({ stage: 'complete', leg: '', due_at: null, completed_at: '2026-11-20T09:00:00.000Z' })
    expect(done.legs.map((l) => [l.leg, l.reached, l.at])).toEqual([
      ['quoted', 1, '2026-11-10T08:00:00.000Z'],
      ['approved', 1, '2026-11-10T08:00:00.000Z'],
      ['accepted', 1, '2026-11-11T08:00:00.000Z'],
      ['ordered', 1, '2026-11-11T12:00:00.000Z'],
      ['in-erp', 1, '2026-11-12T08:00:00.000Z'],
      ['invoiced', 1, '2026-11-12T08:00:00.000Z'],
      ['paid', 1, '2026-11-20T08:00:00.000Z'],
      ['told-sales', 1, '2026-11-20T09:00:00.000Z'],
    ])
    const { hashes, ...same } = (await flowInstance(facts.facts, 'quote-to-cash', done.entity_id))!
    expect(same).toEqual(done)
    expect(hashes).toHaveLength(3)
    await agreesInFull(world)
  })

  it('is not complete while one of several invoices is open, nor where a validation of a hand-over is missing', async () => {
    const world = begin()
    await world.put(
      quote('accepted'),
      order('crm', 'booked', { approved_at: '' }),
      order('erp', 'booked', { approved_at: '' }),
      invoice('erp', 'paid', { paid_at: '2026-11-20T08:00:00Z' }),
      invoice('erp', 'open', { record_id: 'i2', number: 'R-2' }),
      invoice('crm', 'paid'),
    )
    const [waiting] = await stand(world, 'quote-to-cash')
    expect(waiting).toMatchObject({ stage: 'waiting', leg: 'ordered' })
    expect(waiting!.legs.find((l) => l.leg === 'ordered')).toMatchObject({
      reached: 0,
      state: 'booked',
      lacking: ['approved_at'],
    })
    await world.put(order('crm', 'booked'), order('erp', 'booked'))
    const [open] = await stand(world, 'quote-to-cash')
    expect(open).toMatchObject({ leg: 'paid' })
    expect(open!.legs.find((l) => l.leg === 'paid')).toMatchObject({
      reached: 0,
      records: 2,
      record_id: 'i2',
      state: 'open',
    })
  })

  it('ends with a quote that was declined, and is taken back with one that was deleted', async () => {
    const world = begin({ crm: { role: 'crm' } })
    await world.put(quote('rejected'), order('crm', 'draft', { quote: 'q7' }))
    expect(await stand(world, 'quote-to-cash')).toEqual([expect.objectContaining({ stage: 'ended', due_at: null })])
    await world.put(quote('rejected', { deleted: true }))
    expect(await stand(world, 'quote-to-cash')).toEqual([])
    await agreesInFull(world)
  })
})

describe('flows of one customer', () => {
  const customer = (platform: string, state: string, more: Record<string, unknown> = {}) =>
    record(platform, 'customer', `${platform}1`, {
      name: 'Ferro Tools',
      legal_name: 'Ferro Tools GmbH',
      ...(platform !== 'erp' && { refs: { erp: 'erp1' } }),
      state,
      credit_hold: 'false',
      ...more,
    })
  const tenant = (state: string) => record('provisioning', 'tenant', 'w1', { customer: 'provisioning1', state })
  const everywhere = (state: string, more: Record<string, unknown> = {}) =>
    ['crm', 'erp', 'billing', 'support', 'provisioning'].map((p) => customer(p, state, more))

  it('a credit hold is complete only when every platform did its part', async () => {
    const world = begin()
    await world.put(...everywhere('customer', { credit_hold: 'true' }), tenant('active'))
    expect(await stand(world, 'credit-hold')).toEqual([
      expect.objectContaining({
        stage: 'waiting',
        leg: 'blocked',
        act: 'provisioning',
        due_at: '2026-11-19T08:15:00.000Z',
      }),
    ])
    await world.put({ ...tenant('suspended'), changed_at: '2026-11-20T08:00:00Z' })
    expect(await stand(world, 'credit-hold')).toEqual([expect.objectContaining({ stage: 'complete' })])
    await world.put(customer('erp', 'customer'))
    expect(await stand(world, 'credit-hold')).toEqual([])
    await agreesInFull(world)
  })

  it('an account that is closed waits for what goes on, and needs nothing that never was', async () => {
    const world = begin()
    await world.put(...everywhere('customer', { changed_at: '2026-11-18T08:00:00Z' }), tenant('active'))
    await world.put(...everywhere('churned'))
    expect(await stand(world, 'account-closure')).toEqual([
      expect.objectContaining({ leg: 'tenants', act: 'provisioning' }),
    ])
    await world.put({ ...tenant('deprovisioned'), changed_at: '2026-11-19T09:30:00Z' })
    const [done] = await stand(world, 'account-closure')
    expect(done).toMatchObject({ stage: 'complete', completed_at: '2026-11-19T09:30:00.000Z' })
    expect((await legTimes(facts.facts)).find((t) => t.flow === 'account-closure' && t.leg === 'tenants')).toEqual({
      flow: 'account-closure',
      leg: 'tenants',
      reached: 1,
      timed: 1,
      p50_s: 5400,
      p95_s: 5400,
    })
  })

  it('does not ask a copy for what its platform cannot hold, and gives no length of time that nobody knows', async () => {
    const world = begin({ crm: { role: 'crm' }, erp: { role: 'erp' }, billing: { role: 'billing' } })
    const { state: _, ...bare } = customer('billing', '')
    await world.put(customer('crm', 'customer'), customer('erp', 'customer'), bare as WishedRecord)
    const [row] = await stand(world, 'customer-lifecycle')
    expect(row).toMatchObject({ stage: 'complete' })
    expect(row!.legs.map((l) => l.took_s)).toEqual([null, null, null, null, null])
  })

  it('what waits is running until its deadline and stopped after it, with nothing having moved', async () => {
    const world = begin()
    await world.put(...everywhere('churned', { changed_at: '2026-11-20T08:00:00Z' }), tenant('active'))
    await stand(world, 'account-closure')
    const counts = async () =>
      (await flowCounts(facts.facts, new Date(world.clock.now()).toISOString())).filter(
        (c) => c.flow === 'account-closure',
      )
    expect(await counts()).toEqual([
      expect.objectContaining({ leg: 'tenants', stage: 'running', instances: 1, oldest: '2026-11-20T08:00:00.000Z' }),
    ])
    await world.clock.turn(24 * HOUR)
    expect(await counts()).toEqual([expect.objectContaining({ leg: 'tenants', stage: 'stopped', instances: 1 })])
    const [row] = (
      await flowInstances(facts.facts, {
        flow: 'account-closure',
        stage: 'stopped',
        leg: 'tenants',
        nowIso: new Date(world.clock.now()).toISOString(),
        limit: 10,
        offset: 0,
      })
    ).rows
    expect(flowStage(row!.stage, row!.due_at, world.clock.now())).toBe('stopped')
  })
})
