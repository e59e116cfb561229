/** Back-fill: what a range costs is said first, it goes on where it stopped, and ordinary reading goes on where it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiFault, RunningSimulator, SimRecord, Simulator } from '../lab/platform.ts'
import { netsuite } from '../lab/platforms/netsuite.ts'
import { planhat } from '../lab/platforms/planhat.ts'
import { rest } from '../lab/platforms/rest.ts'
import { salesforce } from '../lab/platforms/salesforce.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import { backfill, backfillCost } from '../server/collect/backfill.ts'
import { digest } from '../server/api/passwords.ts'
import { createApp } from '../server/app.ts'
import type { Context } from '../server/context.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import { createRuntime } from '../server/runtime.ts'
import type { CollectWorld } from './world/collect-world.ts'
import { collectWorld } from './world/collect-world.ts'

const DAY = 86_400_000
const TOKEN = 'a token of the command line, for this test alone'
const VENDORS: [Simulator, string][] = [
  [salesforce, 'Account'],
  [netsuite, 'customer'],
  [stripe, 'customers'],
  [zendesk, 'organizations'],
  [planhat, 'companies'],
  [rest, 'accounts'],
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
  const { config, ...entry } = platforms['rest'] as { config: { streams: { accounts: object } } }
  const { changes: _, changed: __, ...accounts } = config.streams.accounts as Record<string, unknown>
  platforms['unstamped'] = { ...entry, config: { ...config, streams: { accounts } } }
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
  await expect(backfillCost(ctx, 'unstamped', { from, to })).rejects.toMatchObject({
    message: 'unstamped cannot read a range of time.',
    remedy: expect.stringMatching(/Read everything once/) as string,
  })
  await expect(backfill(ctx, 'stripe', { from, to, streams: ['nope'] })).rejects.toMatchObject({ code: 'not_found' })
})

it(
  'runs as a job that tells how far it is, runs once a platform, and stops when it is told to',
  { timeout: 60_000 },
  async () => {
    const runtime = createRuntime(ctx)
    const app = createApp({
      ...{ runtime, telemetry: null, origin: 'http://127.0.0.1', version: '0' },
      ...{ localToken: digest(TOKEN), dashboardFolder: null },
    })
    const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
      const reply = await app.request(`/v1/backfills${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: reply.status, ...((await reply.json()) as Record<string, unknown>) }
    }
    const wish = {
      from: new Date(from - 11 * DAY).toISOString(),
      to: new Date(to).toISOString(),
      streams: ['customers'],
    }
    try {
      const begun = await ask('POST', '/stripe', wish)
      expect(begun).toMatchObject({ status: 200, platform: 'stripe', state: 'running', error: null })
      expect(await ask('POST', '/stripe', wish)).toMatchObject({ status: 409 })
      const state = async () => (await ask('GET', `/${String(begun['id'])}`))['state']
      await expect.poll(state, { timeout: 20_000 }).toBe('done')
      expect(await ask('GET', `/${String(begun['id'])}`)).toMatchObject({
        read: 180,
        done: [{ read: 180, error: null }],
      })
      const second = await ask('POST', '/stripe', wish)
      await ask('DELETE', `/${String(second['id'])}`)
      const later = async () => (await ask('GET', `/${String(second['id'])}`))['state']
      await expect.poll(later, { timeout: 20_000 }).toBe('stopped')
      expect(await ask('GET', '/none')).toMatchObject({ status: 404 })
      expect(await ask('POST', '/stripe', { ...wish, to: wish.from, from: wish.to })).toMatchObject({ status: 400 })
    } finally {
      runtime.courier.close()
    }
  },
)
