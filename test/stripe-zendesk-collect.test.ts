/** Stripe and Zendesk through the collect stage: what ends up in the store after loads, changes, gaps, merges and sweeps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import stripeConnector from '../connectors/stripe/connector.ts'
import zendeskConnector from '../connectors/zendesk/connector.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../lab/platform.ts'
import { collect } from '../server/collect/collect.ts'
import type { Context } from '../server/context.ts'
import type { CollectWorld } from './world/collect-world.ts'
import { collectWorld } from './world/collect-world.ts'

const DAY = 86_400_000
const connectors = new Map([
  ['stripe', stripeConnector as unknown as Connector<never>],
  ['zendesk', zendeskConnector as unknown as Connector<never>],
])

interface Played {
  running: RunningSimulator
  put(record: Partial<SimRecord> & { kind: string; id: string }): void
  fault: (path: string) => ApiFault | null
}

let world: CollectWorld
let ctx: Context
const played: Record<string, Played> = {}

async function play(simulator: Simulator): Promise<Played> {
  const records = new Map<string, SimRecord>()
  const made = { fault: () => null } as unknown as Played
  const now = () => world.clock.now()
  const state: PlatformState = {
    name: simulator.vendor,
    vendor: simulator.vendor,
    now,
    records: (kind) => [...records.values()].filter((r) => r.kind === kind && r.visibleAt <= now()),
    record: (kind, id) => records.get(`${kind}/${id}`),
    change: () => {
      throw new Error('nothing writes here')
    },
    api: { next: ({ path }) => made.fault(path) },
  }
  made.put = (record) => {
    const before = records.get(`${record.kind}/${record.id}`) ?? {
      state: null,
      refs: {},
      createdAt: now(),
      visibleAt: 0,
      changedBy: 'finance',
    }
    records.set(`${record.kind}/${record.id}`, { ...before, changedAt: now(), ...record } as SimRecord)
  }
  made.running = await simulator.start(state)
  return made
}

beforeAll(async () => {
  world = await collectWorld()
  for (const simulator of [stripe, zendesk]) played[simulator.vendor] = await play(simulator)
  const platforms = Object.fromEntries(Object.entries(played).map(([name, p]) => [name, p.running.platformConfig]))
  const reference_maps = Object.assign({}, ...Object.values(played).map((p) => p.running.referenceMaps)) as Record<
    string,
    unknown
  >
  ctx = { ...world.context(platforms, { reference_maps }), connectors }
})
afterAll(async () => {
  for (const p of Object.values(played)) await p.running.stop()
  await world.end()
})

const run = async (platform: string, stream: string, mode: 'changes' | 'full' = 'changes') => {
  const { streams } = await collect(ctx, platform, { mode, streams: [stream] })
  expect(streams[0]!.error).toBeNull()
  return streams[0]!
}
const latest = async (kind: string, platform: string) =>
  new Map((await world.versions(kind, platform)).map((v) => [String(v['record_id']), v]))
const customer = (name: string) => ({ name, currency: 'EUR', tax_exempt: 'false' })

describe('Stripe, collected', () => {
  const id = (n: number) => stripe.id('customer', n)

  it('stores a first load once, and nothing when nothing changed', async () => {
    for (let n = 0; n < 130; n++) played['stripe']!.put({ kind: 'customer', id: id(n), fields: customer(`C ${n}`) })
    await world.clock.turn(120_000)
    expect(await run('stripe', 'customers')).toMatchObject({ stored: 130, quarantined: 0 })
    await world.clock.turn(300_000)
    expect(await run('stripe', 'customers')).toMatchObject({ stored: 0, deleted: 0 })
    expect(await run('stripe', 'customers', 'full')).toMatchObject({ stored: 0, deleted: 0 })
  })
  it('keeps a row that cannot be mapped apart and takes it when it can be', async () => {
    played['stripe']!.put({ kind: 'customer', id: id(5), fields: customer('C 5 renamed') })
    await world.clock.turn(120_000)
    played['stripe']!.fault = (path) => (path.endsWith(id(5)) ? { kind: 'poison', recordIndex: 0 } : null)
    expect(await run('stripe', 'customers')).toMatchObject({ quarantined: 1 })
    played['stripe']!.fault = () => null
    expect(await run('stripe', 'customers', 'full')).toMatchObject({ stored: 1, quarantined: 0, deleted: 0 })
    expect((await latest('customer', 'stripe')).get(id(5))).toMatchObject({ name: 'C 5 renamed' })
  })
  it('after a gap longer than events are kept, knows what changed and what was deleted in it', async () => {
    await world.clock.turn(5 * DAY)
    played['stripe']!.put({ kind: 'customer', id: id(7), fields: customer('C 7 renamed') })
    played['stripe']!.put({ kind: 'customer', id: id(8), deletedAt: world.clock.now() })
    await world.clock.turn(40 * DAY)
    const result = await run('stripe', 'customers')
    expect(result).toMatchObject({ stored: 1, deleted: 1, stopped: null, completeThrough: world.clock.now() - 60_000 })
    expect(result.notes.join()).toContain('no longer kept')
    const now = await latest('customer', 'stripe')
    expect([now.get(id(7))!['name'], now.get(id(8))!['deleted'], now.get(id(9))!['deleted']]).toEqual([
      'C 7 renamed',
      1,
      0,
    ])
    await world.clock.turn(60_000)
    expect((await run('stripe', 'customers')).notes).toEqual([])
  })
})

describe('Zendesk, collected', () => {
  const id = (n: number) => zendesk.id('customer', n)

  it('stores a load once and follows a merge to its survivor', async () => {
    for (let n = 0; n < 40; n++)
      played['zendesk']!.put({ kind: 'customer', id: id(n), fields: { name: `Org ${n}`, domain: `org${n}.example` } })
    await world.clock.turn(180_000)
    expect(await run('zendesk', 'organizations')).toMatchObject({ stored: 40 })
    await world.clock.turn(180_000)
    played['zendesk']!.put({ kind: 'customer', id: id(1), deletedAt: world.clock.now(), mergedInto: id(2) })
    await world.clock.turn(180_000)
    expect(await run('zendesk', 'organizations')).toMatchObject({ stored: 0, deleted: 1 })
    expect((await latest('customer', 'zendesk')).get(id(1))).toMatchObject({ deleted: 1, merged_into: id(2) })
    expect(await run('zendesk', 'organizations', 'full')).toMatchObject({ stored: 0, deleted: 0, stopped: null })
  })
  it('a sweep of tickets takes a ticket of the last second for alive', async () => {
    for (let n = 0; n < 20; n++)
      played['zendesk']!.put({
        kind: 'case',
        id: zendesk.id('case', n),
        state: 'open',
        fields: { priority: 'high', number: `T-${n}` },
      })
    await world.clock.turn(180_000)
    expect(await run('zendesk', 'tickets')).toMatchObject({ stored: 20 })
    played['zendesk']!.put({ kind: 'case', id: zendesk.id('case', 3), state: 'resolved' })
    expect(await run('zendesk', 'tickets', 'full')).toMatchObject({ stored: 1, deleted: 0 })
    expect((await latest('case', 'zendesk')).get(zendesk.id('case', 3))).toMatchObject({
      state: 'resolved',
      deleted: 0,
    })
  })
  it('finds a custom object record that is gone without a trace', async () => {
    for (let n = 0; n < 20; n++)
      played['zendesk']!.put({
        kind: 'entitlement',
        id: zendesk.id('entitlement', n),
        state: 'active',
        fields: { customer: id(n), quantity: '5', starts_on: '2026-01-01' },
      })
    await world.clock.turn(180_000)
    expect(await run('zendesk', 'entitlements')).toMatchObject({ stored: 20 })
    played['zendesk']!.put({ kind: 'entitlement', id: zendesk.id('entitlement', 4), deletedAt: world.clock.now() })
    await world.clock.turn(180_000)
    expect(await run('zendesk', 'entitlements', 'full')).toMatchObject({ stored: 0, deleted: 1 })
  })
})
