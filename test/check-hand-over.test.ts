/** Hand-overs and standstill: moves by a platform that does not own the state, records that stay where they are. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkWorld, forget, type CheckWorld, type PlatformWish, type WishedRecord } from './world/check-world.ts'
import { checkFile } from './world/check-files.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

function begin(keys: string, platforms: Record<string, PlatformWish>, at = '2026-11-10T12:00:00Z'): CheckWorld {
  return checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms,
    checks: [checkFile('lifecycle/test', `kind: transition\n${keys}`)],
    at,
  })
}

/** What is found by a run over what moved; a full pass right after it must say the same. */
async function found(world: CheckWorld) {
  const say = async (full: boolean) => {
    const [result] = await world.check({ full })
    expect(result!.error).toBeNull()
    return (await world.findings())
      .filter((f) => f.state !== 'resolved')
      .map(({ platform, verdict, expected, actual }) => ({ platform, verdict, expected, actual }))
  }
  const first = await say(false)
  expect(await say(true)).toEqual(first)
  return first
}

const order = (state: string, changed_at: string | null, more: Partial<WishedRecord> = {}): WishedRecord => ({
  platform: 'erp',
  kind: 'order',
  record_id: 'so1',
  number: 'SO-1',
  amount: '100.00',
  currency: 'EUR',
  state,
  ...(changed_at !== null && { changed_at }),
  ...more,
})

describe('a hand-over', () => {
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' } }
  const keys = 'of: order\nfinds: hand_over\nwindow: 1h'
  const both = (erp: string, crm: string, changed_at: string) => [
    order(erp, changed_at),
    order(crm, changed_at, { platform: 'crm', record_id: 'c1', refs: { erp: 'so1' } }),
  ]

  it('is broken by a platform that moves a record which the owner leaves where it is', async () => {
    const world = begin(keys, platforms)
    await world.put(...both('booked', 'booked', '2026-11-09T08:00:00Z'))
    const early = { platform: 'crm', record_id: 'c1', refs: { erp: 'so1' }, changed_by: 'jo' }
    await world.put(order('fulfilled', '2026-11-10T08:00:00Z', early))
    world.read()
    expect(await found(world)).toEqual([
      { platform: 'crm', verdict: 'drift', expected: { erp: 'booked' }, actual: { crm: 'fulfilled' } },
    ])
    await world.put(order('fulfilled', '2026-11-10T11:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is kept where the owner moved first, also if the follower was slow', async () => {
    const world = begin(keys, platforms)
    await world.put(...both('booked', 'booked', '2026-11-08T08:00:00Z'))
    await world.put(order('blocked', '2026-11-09T08:00:00Z', { block_reason: 'credit' }))
    await world.put(order('booked', '2026-11-09T09:00:00Z', { block_reason: '' }))
    await world.put(
      order('blocked', '2026-11-10T08:00:00Z', { platform: 'crm', record_id: 'c1', refs: { erp: 'so1' } }),
    )
    world.read()
    expect(await found(world)).toEqual([])
  })
})

describe('a stuck record', () => {
  const keys = 'of: tenant\nfinds: stuck\nin: [provisioning]\nfor: 1d'
  const tenant = (state: string, changed_at: string, more: Record<string, unknown> = {}) => ({
    platform: 'provisioning',
    kind: 'tenant',
    record_id: 'w1',
    seats: '5',
    state,
    changed_at,
    ...more,
  })

  it('has its time from the day on which it came to the state, whatever else changed since', async () => {
    const world = begin(keys, { provisioning: { role: 'provisioning' } })
    await world.put(tenant('provisioning', '2026-11-09T18:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'in_flight' })])
    await world.put(tenant('provisioning', '2026-11-10T11:00:00Z', { seats: '9' }))
    await world.clock.turn(7 * HOUR)
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ platform: 'provisioning', verdict: 'drift' })])
    await world.put(tenant('active', '2026-11-10T18:30:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })
})
