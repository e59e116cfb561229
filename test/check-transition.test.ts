/** Illegal moves: what no path leads to, what a path requires; what was seen late, twice or not at all. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { kindOf } from '../model/kinds.ts'
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

describe('an illegal move', () => {
  const platforms = { erp: { role: 'erp' } }
  const keys = 'of: order\nfinds: illegal'

  it('is in flight at first, then open, and gone once a legal state is reached again', async () => {
    const world = begin(keys, platforms)
    await world.put(order('fulfilled', '2026-11-09T08:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
    await world.put(order('draft', '2026-11-10T11:55:00Z'))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'in_flight' })])
    await world.clock.turn(HOUR)
    world.read()
    expect(await found(world)).toEqual([
      { platform: 'erp', verdict: 'drift', expected: { erp: 'fulfilled' }, actual: { erp: 'draft' } },
    ])
    await world.put(order('booked', '2026-11-10T13:01:00Z'))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ actual: { erp: 'booked' } })])
    await world.put(order('fulfilled', '2026-11-10T13:05:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('ends by itself after thirty days, with nothing having moved', async () => {
    const world = begin(keys, platforms)
    await world.put(order('fulfilled', '2026-11-09T08:00:00Z'))
    await world.put(order('draft', '2026-11-10T08:00:00Z'))
    world.read()
    expect(await found(world)).toHaveLength(1)
    await world.clock.turn(29 * DAY)
    world.read()
    expect(await found(world)).toHaveLength(1)
    await world.clock.turn(DAY)
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is none where a poll skipped legal states in between', async () => {
    const world = begin(keys, platforms)
    await world.put(order('draft', '2026-11-09T08:00:00Z'))
    await world.put(order('fulfilled', '2026-11-10T08:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is none where versions were seen out of order or a stale page was read again', async () => {
    const world = begin(keys, platforms)
    await world.put(order('pending_approval', '2026-11-09T08:00:00Z'))
    await world.put(order('fulfilled', '2026-11-09T10:00:00Z'))
    // A page from before, and then the latest again.
    await world.put(order('booked', '2026-11-09T09:00:00Z', { tax: '1.00' }))
    world.read()
    expect(await found(world)).toEqual([])
    await world.put(order('fulfilled', '2026-11-09T10:00:00Z', { tax: '1.00' }))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('tells in its evidence of legal states that were not seen before it', async () => {
    const world = begin(keys, platforms)
    await world.put(order('draft', '2026-11-08T08:00:00Z'))
    await world.put(order('fulfilled', '2026-11-09T08:00:00Z'))
    await world.put(order('draft', '2026-11-10T08:00:00Z', { changed_by: 'jo' }))
    world.read()
    await found(world)
    const says = (await world.findings())[0]!.evidence.map((e) => e.says).join('\n')
    expect(says).toContain('went from fulfilled to draft at 2026-11-10T08:00:00.000Z by jo')
    expect(says).toContain('booked was not seen, which is legal')
  })

  it('is undecided while the platform has not been read far enough', async () => {
    const world = begin(keys, platforms)
    await world.put(order('fulfilled', '2026-11-09T08:00:00Z'))
    await world.put(order('draft', '2026-11-10T08:00:00Z'))
    world.read('2026-11-10T08:01:00Z')
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
  })

  it('is not asked of a record that was deleted, nor of a copy whose platform never owned the state', async () => {
    const world = begin(keys, { ...platforms, support: { role: 'support' } })
    const copy = { platform: 'support', record_id: 's1' }
    await world.put(
      order('fulfilled', '2026-11-09T08:00:00Z'),
      order('fulfilled', '2026-11-09T08:00:00Z', { ...copy, refs: { erp: 'so1' } }),
    )
    await world.put(order('draft', '2026-11-10T08:00:00Z', { ...copy, refs: { erp: 'so1' } }))
    world.read()
    expect(await found(world)).toEqual([])
    await world.put(order('draft', '2026-11-10T08:00:00Z'))
    await world.put(order('draft', '2026-11-10T08:30:00Z', { deleted: true }))
    world.read()
    expect(await found(world)).toEqual([])
  })
})

describe('what a move requires', () => {
  const keys = 'of: quote\nfinds: illegal'
  const quote = (state: string, changed_at: string, more: Record<string, unknown> = {}) => ({
    platform: 'crm',
    kind: 'quote',
    record_id: 'q1',
    number: 'Q-1',
    approved_at: '',
    accepted_at: '',
    state,
    changed_at,
    ...more,
  })

  it('tells an approval that was skipped from one that no poll saw', async () => {
    const world = begin(keys, { crm: { role: 'crm' } })
    await world.put(quote('draft', '2026-11-09T08:00:00Z'))
    await world.put(quote('accepted', '2026-11-10T08:00:00Z', { accepted_at: '2026-11-10T08:00:00Z' }))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift', actual: { crm: 'accepted' } })])
    expect((await world.findings())[0]!.evidence.map((e) => e.says).join(' ')).toContain('requires approved_at')
    const dates = { approved_at: '2026-11-09T12:00:00Z', accepted_at: '2026-11-10T08:00:00Z' }
    await world.put(quote('accepted', '2026-11-10T09:00:00Z', dates))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is asked of a record that was never seen in an earlier state', async () => {
    const world = begin(keys, { crm: { role: 'crm' } })
    await world.put(quote('accepted', '2026-11-10T08:00:00Z', { accepted_at: '2026-11-10T08:00:00Z' }))
    world.read()
    expect(await found(world)).toEqual([
      { platform: 'crm', verdict: 'drift', expected: {}, actual: { crm: 'accepted' } },
    ])
    await world.put(quote('rejected', '2026-11-10T09:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('need not be there any more once the record has moved on', async () => {
    const world = begin('of: order\nfinds: illegal', { erp: { role: 'erp' } })
    await world.put(order('booked', '2026-11-08T08:00:00Z', { block_reason: '' }))
    await world.put(order('blocked', '2026-11-09T08:00:00Z', { block_reason: 'credit' }))
    await world.put(order('booked', '2026-11-10T08:00:00Z', { block_reason: '' }))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is not asked of a platform that cannot hold it', async () => {
    const world = begin(keys, { crm: { role: 'crm' } })
    const bare = (state: string, changed_at: string) => ({
      platform: 'crm',
      kind: 'quote',
      record_id: 'q1',
      number: 'Q-1',
      state,
      changed_at,
    })
    await world.put(bare('draft', '2026-11-09T08:00:00Z'))
    await world.put(bare('accepted', '2026-11-10T08:00:00Z'))
    world.read()
    expect(await found(world)).toEqual([])
  })
})

describe('many records at random', () => {
  it('are judged the same by what moved as by a full pass, in any order of reading', async () => {
    const world = begin('of: [order, subscription]\nfinds: illegal', {
      erp: { role: 'erp' },
      billing: { role: 'billing' },
    })
    let seed = 7
    const next = (n: number) => (seed = (seed * 48_271) % 2_147_483_647) % n
    const states = { order: kindOf('order').states, subscription: kindOf('subscription').states }
    for (let round = 0; round < 3; round++) {
      const records = Array.from({ length: 12 }, (_, i): WishedRecord => {
        const kind = i % 2 ? 'order' : 'subscription'
        return {
          platform: kind === 'order' ? 'erp' : 'billing',
          kind,
          record_id: `r${i}`,
          number: `N-${i}`,
          amount: next(2) ? '5.00' : '',
          currency: 'EUR',
          started_on: next(2) ? '2026-11-01' : '',
          state: states[kind][next(states[kind].length)]!,
          changed_at: new Date(world.clock.now() - next(3 * HOUR)).toISOString(),
        }
      })
      await world.put(
        ...records
          .filter(() => next(3) > 0)
          .map(({ started_on, ...r }) => (r.kind === 'order' ? r : { ...r, started_on })),
      )
      world.read()
      await found(world)
      await world.clock.turn(2 * HOUR)
    }
    expect((await world.findings()).length).toBeGreaterThan(0)
  })
})
