/** Back-fill: what a range costs is said first, it goes on where it stopped, and ordinary reading goes on where it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiFault, RunningSimulator, SimRecord, Simulator } from '../lab/platform.ts'
import { netsuite } from '../lab/platforms/netsuite.ts'
import { salesforce } from '../lab/platforms/salesforce.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import { backfill, backfillCost } from '../server/collect/backfill.ts'
import type { Context } from '../server/context.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import type { CollectWorld } from './world/collect-world.ts'
import { collectWorld } from './world/collect-world.ts'

const DAY = 86_400_000
const VENDORS: [Simulator, string][] = [
  [salesforce, 'Account'],
  [netsuite, 'customer'],
  [stripe, 'customers'],
  [zendesk, 'organizations'],
]
let world: CollectWorld
let ctx: Context
let fault: (path: string) => ApiFault | null = () => null
const running: RunningSimulator[] = []
let from = 0
let to = 0

beforeAll(async () => {
  world = await collectWorld()
  const now = () => world.clock.now()
  const began = now()
  from = began - 10 * DAY
  to = began - 5 * DAY
  const platforms: Record<string, Record<string, unknown>> = {}
  const maps: Record<string, unknown> = {}
  for (const [simulator] of VENDORS) {
    // One customer every two hours: sixty of them lie in the range.
    const records = Array.from({ length: 240 }, (_, n): SimRecord => {
      const at = began - 20 * DAY + n * 2 * 3_600_000 + 1000
      const fields = { name: `C ${n}`, currency: 'EUR' }
      const id = simulator.id('customer', n)
      return {
        id,
        kind: 'customer',
        fields,
        state: 'customer',
        refs: {},
        createdAt: at,
        changedAt: at,
        visibleAt: 0,
        changedBy: 'a',
      }
    })
    const api = await simulator.start({
      name: simulator.vendor,
      vendor: simulator.vendor,
      now,
      records: (kind) => (kind === 'customer' ? records : []),
      record: (kind, id) => (kind === 'customer' ? records.find((r) => r.id === id) : undefined),
      change: () => {
        throw new Error('nothing writes here')
      },
      api: { next: ({ path }) => fault(path) },
    })
    running.push(api)
    platforms[simulator.vendor] = api.platformConfig
    Object.assign(maps, api.referenceMaps)
  }
  const connectors = await discoverConnectors(foldersOf('connectors'))
  ctx = { ...world.context(platforms, { reference_maps: maps }), connectors }
})
afterAll(async () => {
  for (const api of running) await api.stop()
  await world.end()
})

describe.each(VENDORS.map(([s, stream]) => [s.vendor, stream] as const))('%s', (vendor, stream) => {
  const versions = () => world.versions('customer', vendor)

  it('says the cost, reads the range alone, and goes on after a failure', { timeout: 60_000 }, async () => {
    const range = { from, to, streams: [stream] }
    const [cost] = await backfillCost(ctx, vendor, range)
    expect(cost).toMatchObject({ stream, kind: 'customer', resumes: false })
    expect(cost!.calls).toBeGreaterThan(0)
    if (cost!.exact) expect(cost!.rows).toBe(60)
    expect(await versions()).toHaveLength(0)
    const place = ctx.control.stream(vendor, stream)?.cursor ?? null
    const [first] = await backfill(ctx, vendor, range)
    expect(first).toMatchObject({ read: 60, stored: 60, error: null })
    expect(ctx.control.stream(vendor, stream)?.cursor ?? null).toEqual(place)
    const [again] = await backfill(ctx, vendor, range)
    expect(again).toMatchObject({ read: 60, stored: 0, error: null })
  })
})

it('goes on where it was broken off, and refuses ranges and streams that are none', { timeout: 60_000 }, async () => {
  const range = { from: from - 10 * DAY, to, streams: ['customers'] }
  let pages = 0
  fault = (path) => (path === '/v1/customers' && ++pages > 1 ? { kind: 'expired_session' } : null)
  const [broken] = await backfill(ctx, 'stripe', range)
  fault = () => null
  expect(broken).toMatchObject({ read: 100, error: { code: 'auth' } })
  const [left] = await backfillCost(ctx, 'stripe', range)
  expect(left).toMatchObject({ resumes: true, exact: false, by: 'creation' })
  // Drawn out from the pace of one page: 180 there are.
  expect(Math.abs(left!.rows! - 180)).toBeLessThan(5)
  expect((await backfill(ctx, 'stripe', range))[0]).toMatchObject({ read: 80, error: null })
  expect((await backfillCost(ctx, 'stripe', range))[0]).toMatchObject({ resumes: false })
  await expect(backfillCost(ctx, 'stripe', { from: to, to: from })).rejects.toMatchObject({ code: 'config' })
  await expect(backfill(ctx, 'stripe', { from, to, streams: ['nope'] })).rejects.toMatchObject({ code: 'not_found' })
})
