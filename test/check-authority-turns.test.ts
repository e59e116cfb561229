/** The authority check: two platforms that keep overwriting a value of each other, and what only looks like it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { checkFile } from './world/check-files.ts'
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

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const turns = (more = ''): Check =>
  checkFile('test', `kind: authority\nof: customer\nfields: [payment_terms]\nwhat: turns\n${more}`)
const crmErp: Record<string, PlatformWish> = { crm: { role: 'crm' }, erp: { role: 'erp' } }

function begin(
  check: Check,
  platforms: Record<string, PlatformWish> = crmErp,
  config: Record<string, unknown> = {},
): CheckWorld {
  return checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [check], config })
}

/** A customer record of entity `c1`, written now. */
const written = (world: CheckWorld, platform: string, fields: Record<string, unknown>, by = 'integration') => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-1`,
  entity: 'c1',
  state: 'customer',
  changed_at: new Date(world.clock.now()).toISOString(),
  changed_by: by,
  ...fields,
})

/** Both platforms agree on net_30 since long ago; a day later. */
async function agreed(world: CheckWorld, platforms = ['erp', 'crm'], fields = { payment_terms: 'net_30' }) {
  for (const platform of platforms) await world.place(written(world, platform, fields))
  await world.clock.turn(DAY)
}

async function found(world: CheckWorld) {
  world.read()
  const [result] = await world.check()
  expect(result!.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ field, owner_platform, platform, verdict, expected, actual }) => ({
      field,
      owner_platform,
      platform,
      verdict,
      expected,
      actual,
    }))
}

describe('two platforms that take turns', () => {
  async function back(world: CheckWorld, times: number) {
    for (let n = 0; n < times; n++) {
      await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'workflow'))
      await world.clock.turn(HOUR)
      await world.place(written(world, 'crm', { payment_terms: 'net_30' }, 'integration'))
      await world.clock.turn(5 * HOUR)
    }
  }

  it('are the owner and the one that writes over it, also where a third has held the value for longer', async () => {
    const world = begin(turns(), { billing: { role: 'billing' }, ...crmErp })
    await agreed(world, ['billing'])
    await agreed(world, ['erp', 'crm'])
    await back(world, 3)
    expect(await found(world)).toMatchObject([{ owner_platform: 'erp', platform: 'crm' }])
  })
  it('are told of with period, count and writers, until they are quiet', async () => {
    const world = begin(turns('quiet: 2d'))
    await agreed(world)
    await back(world, 1)
    expect(await found(world)).toEqual([])
    await back(world, 2)
    expect(await found(world)).toMatchObject([
      {
        owner_platform: 'erp',
        platform: 'crm',
        expected: { erp: 'net_30' },
        actual: { crm: 'net_90' },
        verdict: 'drift',
      },
    ])
    const says = (await world.findings())[0]!.evidence.map((e) => e.says).join(' ')
    expect(says).toMatch(/changed hands 6 times since 2026-11-21T12:00:00.000Z.*there and back takes about 5 hours/)
    expect(says).toContain('for crm wrote workflow')
    await world.clock.turn(3 * DAY)
    expect(await found(world)).toEqual([])
  })

  it('are found where each spreads to the other', async () => {
    const world = begin(turns())
    await agreed(world)
    for (let n = 0; n < 3; n++) {
      await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
      await world.clock.turn(2 * MINUTE)
      await world.place(written(world, 'erp', { payment_terms: 'net_90' }, 'integration'))
      await world.clock.turn(HOUR)
      await world.place(written(world, 'erp', { payment_terms: 'net_30' }, 'm.kaya'))
      await world.clock.turn(2 * MINUTE)
      await world.place(written(world, 'crm', { payment_terms: 'net_30' }, 'integration'))
      await world.clock.turn(HOUR)
    }
    expect(await found(world)).toHaveLength(1)
  })

  it('are not a value that its owner changes back and forth', async () => {
    const world = begin(turns())
    await agreed(world)
    for (let n = 0; n < 8; n++) {
      const terms = { payment_terms: n % 2 ? 'net_30' : 'net_90' }
      await world.place(written(world, 'erp', terms, 'finance'))
      await world.clock.turn(5 * MINUTE)
      await world.place(written(world, 'crm', terms, 'integration'))
      await world.clock.turn(HOUR)
    }
    expect(await found(world)).toEqual([])
  })
})
