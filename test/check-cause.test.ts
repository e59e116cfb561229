/** Causes: why a follower does not hold what the owner holds. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish, type WishedRecord } from './world/check-world.ts'
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

const agree = (of: string, fields: string, more = ''): Check =>
  checkFile('test', `kind: agree\nof: ${of}\nfields: [${fields}]\n${more}`)

const LONG_AGO = '2026-11-01T08:00:00Z'
const crmErp: Record<string, PlatformWish> = { crm: { role: 'crm' }, erp: { role: 'erp' } }

function begin(
  check: Check,
  platforms: Record<string, PlatformWish> = crmErp,
  config: Record<string, unknown> = {},
): CheckWorld {
  return checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [check], config })
}

/** A customer record of entity `c1`, changed long ago. */
const customer = (platform: string, fields: Record<string, unknown>): WishedRecord & { entity: string } => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-1`,
  entity: 'c1',
  state: 'customer',
  changed_at: LONG_AGO,
  ...fields,
})

async function found(world: CheckWorld) {
  const [result] = await world.check()
  expect(result!.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ field, owner_platform, platform, verdict, cause }) => ({ field, owner_platform, platform, verdict, cause }))
}

describe('why', () => {
  const rows = (owner: Record<string, unknown>, follower: Record<string, unknown>) =>
    [customer('erp', owner), customer('crm', follower)] as const

  it('says overwritten when the follower once held the owner’s value', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(...rows({ payment_terms: 'net_60' }, { payment_terms: 'net_60' }))
    await world.place(
      customer('crm', { payment_terms: 'net_30', changed_at: '2026-11-20T10:00:00Z', changed_by: 'k.albers' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ cause: 'overwritten' })])
    expect((await world.findings())[0]!.evidence.some((e) => e.says.includes('k.albers'))).toBe(true)
  })

  it('says stale event when the follower took an older value of the owner after the newer one', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(...rows({ payment_terms: 'net_30' }, { payment_terms: 'net_10' }))
    await world.place(customer('erp', { payment_terms: 'net_60', changed_at: '2026-11-10T08:00:00Z' }))
    await world.place(
      customer('crm', { payment_terms: 'net_30', changed_at: '2026-11-10T08:05:00Z', changed_by: 'integration' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ cause: 'stale_event' })])
  })

  it('says never sent when the follower has not been written since', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(
      ...rows({ payment_terms: 'net_60', changed_at: '2026-11-10T08:00:00Z' }, { payment_terms: 'net_30' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ cause: 'never_sent' })])
  })

  it('says not applied when the follower was written after the owner and this field stayed', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(...rows({ payment_terms: 'net_30', name: 'A' }, { payment_terms: 'net_30', name: 'A' }))
    await world.place(customer('erp', { payment_terms: 'net_60', name: 'B', changed_at: '2026-11-10T08:00:00Z' }))
    await world.place(
      customer('crm', {
        payment_terms: 'net_30',
        name: 'B',
        changed_at: '2026-11-10T08:02:00Z',
        changed_by: 'integration',
      }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ cause: 'not_applied' })])
  })

  it('says non-owner write when a person changed the follower after the owner', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(...rows({ payment_terms: 'net_60' }, { payment_terms: 'net_10' }))
    await world.place(
      customer('crm', { payment_terms: 'net_90', changed_at: '2026-11-10T08:02:00Z', changed_by: 'k.albers' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ cause: 'non_owner_write' })])
  })

  it('says rounding for a cent, and not for more', async () => {
    const world = begin(agree('order', 'amount, tax'))
    const order = { kind: 'order', entity: 'o1', state: 'booked', currency: 'EUR', changed_at: LONG_AGO }
    await world.place(
      { ...order, platform: 'erp', record_id: 'o1', amount: '100.01', tax: '19.00' },
      { ...order, platform: 'crm', record_id: 'o2', amount: '100.00', tax: '19.55' },
    )
    world.read()
    expect((await found(world)).map((f) => [f.field, f.cause === 'rounding'])).toEqual(
      expect.arrayContaining([
        ['amount', true],
        ['tax', false],
      ]),
    )
  })
})
