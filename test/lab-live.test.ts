/** The laboratory in real time, its simulated APIs, and the history that both read. */
import { beforeAll, describe, expect, test } from 'vitest'
import { apiFaults } from '../lab/api-faults.ts'
import { secretsApart } from '../lab/config.ts'
import { Agenda } from '../lab/agenda.ts'
import { PlatformHistory } from '../lab/history.ts'
import { createLandscape, HEAVY } from '../lab/landscape.ts'
import { createLive, DEMO_WINDOWS } from '../lab/live.ts'
import type { Live } from '../lab/live.ts'
import { statusAt } from '../lab/truth.ts'
import { configSchema } from '../server/config/schema.ts'
import { handClock } from './world/clock.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 86_400_000

test('a configuration keeps its secrets in files of their own, and nothing else', () => {
  const kept: [string, string][] = []
  const apart = secretsApart(
    {
      company: 'Larkmoor Systems',
      platforms: {
        billing: { connector: 'stripe', config: { key: 'rk_1', base: 'http://127.0.0.1' } },
        support: {
          connector: 'zendesk',
          config: { auth: { flow: 'client_credentials', client_secret: 's' }, entitlement: { key: 'plan' } },
        },
      },
    },
    (name, secret) => `kept ${kept.push([name, secret])}`,
  )
  expect(kept).toEqual([
    ['billing-key', 'rk_1'],
    ['support-client_secret', 's'],
  ])
  expect(apart).toEqual({
    company: 'Larkmoor Systems',
    platforms: {
      billing: { connector: 'stripe', config: { key: 'kept 1', base: 'http://127.0.0.1' } },
      support: {
        connector: 'zendesk',
        config: { auth: { flow: 'client_credentials', client_secret: 'kept 2' }, entitlement: { key: 'plan' } },
      },
    },
  })
})

describe('the demo', () => {
  const clock = handClock('2026-11-20T09:00:00.000Z')
  const begin = clock.now()
  let live: Live
  beforeAll(async () => {
    live = await createLive({ clock, via: 'files', faults: 0, customers: 80 })
  })

  test('shows new faults within half a minute and healed ones within one and a half', async () => {
    const { truth } = live.landscape
    const fresh = () => truth.faults.filter((f) => f.injectedAt >= begin)
    clock.set(begin + 30 * SECOND)
    await live.tick()
    expect(fresh().filter((f) => statusAt(f, clock.now()) === 'open').length).toBeGreaterThan(2)
    clock.set(begin + 90 * SECOND)
    await live.tick()
    expect(fresh().filter((f) => f.driftFrom !== null && statusAt(f, clock.now()) === 'healed').length).toBeGreaterThan(
      1,
    )
    clock.set(begin + 5 * MINUTE)
    await live.tick()
    expect(fresh().length).toBeGreaterThan(20)
    expect(new Set(fresh().map((f) => f.drift)).size).toBeGreaterThan(4)
  })

  test('heals what it says it heals: the platform at fault holds what its owner holds', () => {
    const { truth, states, company } = live.landscape
    const healed = truth.faults.filter(
      (f) =>
        f.injectedAt >= begin &&
        f.category === 'mismatch' &&
        f.kind === 'customer' &&
        statusAt(f, clock.now() - MINUTE) === 'healed',
    )
    expect(healed.length).toBeGreaterThan(3)
    for (const fault of healed) {
      const thing = company
        .all('customer')
        .find((c) => fault.subjects.some((s) => c.on.get(s.platform)?.id === s.record_id))!
      const held = states
        .get(fault.platform!)!
        .versions('customer', thing.on.get(fault.platform!)!.id)
        .find((v) => v.changedAt >= fault.healsAt!)!
      expect(held.changedBy).toBe('steward')
    }
  })

  test('configures short windows and quick rounds that the product accepts', () => {
    const config = configSchema.parse(live.config())
    const windows = config.edges.map((edge) => Number(edge.window!.replace('s', '')) * SECOND)
    expect(windows.sort()).toEqual(Object.values(DEMO_WINDOWS).sort())
    expect(config.schedules.collect.split(' ')).toHaveLength(6)
  })
})

describe('simulated APIs', () => {
  test('are found by their files, started, read and stopped', async () => {
    const landscape = await createLandscape({ seed: 'http', customers: 30, days: 30, faults: 1 })
    await landscape.begin()
    try {
      const config = configSchema.parse(landscape.config())
      expect(Object.keys(config.platforms).sort()).toEqual([
        'middleware',
        'netsuite',
        'provisioning',
        'salesforce',
        'stripe',
        'zendesk',
      ])
      expect(config.platforms.provisioning!.connector).toBe('files')
      for (const name of Object.keys(landscape.requests()))
        expect(config.platforms[name]!.allow_private_network).toBe(true)
      for (const [name, map] of Object.entries(config.platforms).flatMap(([, p]) => Object.entries(p.maps ?? {})))
        expect(config.reference_maps[map], name).toBeDefined()
    } finally {
      await landscape.stop()
    }
  })

  test('only get fields that they can hold', async () => {
    const landscape = await createLandscape({ seed: 'holds', customers: 30, days: 30, faults: 1 })
    for (const plan of landscape.company.plans)
      for (const [kind, held] of plan.kinds)
        for (const record of landscape.states.get(plan.name)!.records(kind))
          for (const field of Object.keys(record.fields)) expect(held, `${plan.name} ${kind}.${field}`).toContain(field)
  })

  test('meet the faults of their seed in the same order every time', () => {
    const draw = (seed: string) => {
      const faults = apiFaults(seed, HEAVY.api)
      return Array.from({ length: 2000 }, () => faults.next({ method: 'GET', path: '/' })?.kind ?? null)
    }
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
    expect(draw('a').filter((kind) => kind === 'throttle').length).toBeGreaterThan(15)
    expect(new Set(draw('a'))).toEqual(
      new Set([null, 'throttle', 'error', 'hang', 'truncated', 'expired_session', 'expired_cursor']),
    )
  })
})

describe('history', () => {
  let at = 0
  const history = (over = {}) => new PlatformHistory({ name: 'p', vendor: 'v', now: () => at, ...over })

  test('folds patches in order of time, whatever order they were written in', () => {
    const p = history()
    p.write('customer', '1', { at: 30, by: 'b', fields: { name: 'C' } })
    p.write('customer', '1', { at: 10, by: 'a', fields: { name: 'A', phone: '1' }, state: 'lead' })
    at = 20
    expect(p.record('customer', '1')).toMatchObject({ fields: { name: 'A', phone: '1' }, state: 'lead', changedAt: 10 })
    at = 30
    expect(p.records('customer')).toMatchObject([
      { fields: { name: 'C', phone: '1' }, state: 'lead', createdAt: 10, changedAt: 30, changedBy: 'b' },
    ])
  })

  test('shows a late row late, stamps it with the platform’s own clock, and never shows an older version after a newer', () => {
    const p = history({ skewMs: -5, visibleAfterMs: (write: number) => (write === 10 ? 100 : 0) })
    p.write('customer', '1', { at: 10, by: 'a', fields: { name: 'A' } })
    p.write('customer', '1', { at: 20, by: 'a', fields: { name: 'B' } })
    at = 50
    expect(p.records('customer')).toEqual([])
    at = 110
    expect(p.record('customer', '1')).toMatchObject({ fields: { name: 'B' }, changedAt: 15 })
  })

  test('stands still while frozen, hides rows while veiled, and counts them all the same', () => {
    const p = history()
    for (const id of ['1', '2']) p.write('case', id, { at: 1, by: 'a', state: 'new' })
    p.write('case', '1', { at: 20, by: 'a', state: 'open' })
    p.freeze('case', 10, 30)
    p.hide('case', ['2'], 40, 50)
    at = 25
    expect(p.record('case', '1')!.state).toBe('new')
    expect(p.frozenSince('case')).toBe(10)
    at = 30
    expect(
      p
        .records('case')
        .map((r) => r.state)
        .sort(),
    ).toEqual(['new', 'open'])
    at = 45
    expect([p.records('case').length, p.count('case'), p.record('case', '2')]).toEqual([1, 2, undefined])
    at = 50
    expect(p.records('case').length).toBe(2)
  })
})

describe('agenda', () => {
  test('lets things happen in order of time, and in order of asking at the same time', () => {
    const agenda = new Agenda(0)
    const seen: string[] = []
    const say = function* (name: string, ...more: number[]) {
      seen.push(`${name}@${agenda.now}`)
      for (const at of more) {
        yield at
        seen.push(`${name}@${agenda.now}`)
      }
    }
    agenda.spawn(5, say('b', 7, 6))
    agenda.spawn(3, say('a', 7))
    agenda.spawn(100, say('late'))
    agenda.run(50)
    expect(seen).toEqual(['a@3', 'b@5', 'a@7', 'b@7', 'b@7'])
    expect(agenda.now).toBe(50)
  })
})

test('the heavy landscape is generated too, with rough APIs and clocks that are off', async () => {
  const heavy = await createLandscape({ ...HEAVY, customers: 200, faults: 3 })
  expect(heavy.truth.lacking).toEqual({})
  expect(heavy.states.get('salesforce')!.api.next).not.toBe(heavy.states.get('stripe')!.api.next)
  const late = heavy.states
    .get('salesforce')!
    .records('invoice')
    .filter((r) => r.visibleAt > r.changedAt)
  expect(late.length).toBeGreaterThan(0)
  expect(heavy.end - heavy.start).toBe(90 * DAY)
})
