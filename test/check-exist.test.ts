/** Existence, duplicates and the state of collecting. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { writeQuarantine } from '../server/store/facts/quarantine.ts'
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

const exist = (keys: string): Check => checkFile('test', `kind: exist\n${keys}`)
const CUSTOMER = 'of: customer\nstates: [customer, churned]\non: [crm, erp, billing, support]'
const LONG_AGO = '2026-11-01T08:00:00Z'
const PLATFORMS: Record<string, PlatformWish> = {
  crm: { role: 'crm' },
  erp: { role: 'erp' },
  billing: { role: 'billing' },
}

/** Every platform keeps customers unless a test says otherwise. */
function begin(check: Check, platforms: Record<string, PlatformWish> = PLATFORMS, kinds = ['customer']): CheckWorld {
  const world = checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [check] })
  for (const platform of Object.keys(platforms))
    for (const kind of kinds) control.control.declareStream(platform, kind, kind)
  return world
}

const customer = (platform: string, fields: Record<string, unknown> = {}) => ({
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
    .map(({ category, owner_platform, platform, verdict, cause }) => ({
      category,
      owner_platform,
      platform,
      verdict,
      cause,
    }))
}

describe('a record that must exist', () => {
  it('is missing where it is not, one finding for each platform at fault', async () => {
    const world = begin(exist(CUSTOMER))
    await world.place(customer('crm'))
    world.read()
    expect((await found(world)).map((f) => [f.category, f.platform, f.verdict, f.cause])).toEqual(
      expect.arrayContaining([
        ['missing', 'erp', 'drift', 'never_sent'],
        ['missing', 'billing', 'drift', 'never_sent'],
      ]),
    )
  })

  it('is in flight while it is young, and arrives', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm', { changed_at: '2026-11-20T11:50:00Z' }))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ platform: 'erp', verdict: 'in_flight' })])
    await world.clock.turn(5 * 60_000)
    await world.place(customer('erp', { changed_at: '2026-11-20T12:04:00Z' }))
    world.read()
    expect(await found(world)).toEqual([])
    expect((await world.findings())[0]).toMatchObject({ state: 'resolved', verdict: 'agrees' })
  })

  it('that arrives after its window is late', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm', { changed_at: '2026-11-20T11:50:00Z' }))
    world.read()
    await world.check()
    await world.clock.turn(3 * 3_600_000)
    await world.place(customer('erp', { created_at: '2026-11-20T14:10:00Z', changed_at: '2026-11-20T14:10:00Z' }))
    world.read()
    await world.check()
    expect((await world.findings())[0]).toMatchObject({ state: 'resolved', verdict: 'late' })
  })

  it('counts from when it reached the state, not from later changes', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm', { state: 'prospect' }))
    await world.place(customer('crm', { state: 'customer', changed_at: '2026-11-20T11:00:00Z' }))
    await world.place(customer('crm', { state: 'customer', name: 'Talwind', changed_at: '2026-11-20T11:59:00Z' }))
    world.read()
    await world.check()
    expect((await world.findings())[0]).toMatchObject({ since: '2026-11-20T11:00:00.000Z' })
  })

  it('is not asked for while it is a prospect, nor of a platform that keeps no such records', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } }, [])
    await world.place(customer('crm', { state: 'prospect' }), { ...customer('crm'), record_id: 'crm-2', entity: 'c2' })
    world.ctx.control.declareStream('erp', 'order', 'order')
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('that was deleted at the follower is missing because it was deleted', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm'), customer('erp', { deleted: true, changed_at: '2026-11-10T08:00:00Z' }))
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ platform: 'erp', cause: 'deleted', verdict: 'drift' }),
    ])
  })

  it('is asked of the platform whose scope covers it alone', async () => {
    const platforms = {
      crm: { role: 'crm' },
      'erp-eu': { role: 'erp', scope: { legal_entity: ['DE01'] } },
      'erp-us': { role: 'erp', scope: { legal_entity: ['US01'] } },
    }
    const world = begin(exist('of: customer\nstates: [customer]\non: [crm, erp]'), platforms)
    await world.place(customer('crm', { legal_entity: 'US01' }), customer('erp-eu', { legal_entity: 'US01' }))
    await world.place(
      { ...customer('crm', { legal_entity: 'DE01' }), record_id: 'crm-2', entity: 'c2' },
      { ...customer('erp-eu', { legal_entity: 'DE01' }), record_id: 'eu-2', entity: 'c2' },
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ category: 'missing', platform: 'erp-us' })])
  })

  it('is undecided while the very record that another names could not be read', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm', { refs: { erp: '4711' } }))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift', cause: 'not_applied' })])
    await writeQuarantine(facts.facts, control.control, [
      {
        platform: 'erp',
        stream: 'customer',
        kind: 'customer',
        record_id: '4711',
        at: LONG_AGO,
        field: 'tax_id',
        reason: 'unreadable',
        place: 'page 1',
        raw_base64: '',
      },
    ])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
  })

  it('is undecided while the platform has not been read completely', async () => {
    const world = begin(exist(CUSTOMER), { crm: { role: 'crm' }, erp: { role: 'erp' } })
    await world.place(customer('crm'))
    world.read()
    world.read(null, ['erp'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
  })
})

describe('a record that only a follower holds', () => {
  it('is an orphan of that follower', async () => {
    const world = begin(exist(CUSTOMER))
    await world.place(customer('billing', { created_at: LONG_AGO }))
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ category: 'orphan', platform: 'billing', owner_platform: 'crm', verdict: 'drift' }),
    ])
  })

  it('after its owner deleted it, is an orphan because it was deleted', async () => {
    const world = begin(exist('of: subscription\npast: pending\non: [billing, crm]'), PLATFORMS, ['subscription'])
    const subscription = { kind: 'subscription', entity: 's1', changed_at: LONG_AGO, state: 'active' }
    await world.place(
      { ...subscription, platform: 'billing', record_id: 'sub', deleted: true, changed_at: '2026-11-05T08:00:00Z' },
      { ...subscription, platform: 'crm', record_id: 'x' },
    )
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ category: 'orphan', platform: 'crm', owner_platform: 'billing', cause: 'deleted' }),
    ])
  })

  it('is undecided while the owner has not been read that far', async () => {
    const world = begin(exist(CUSTOMER))
    await world.place(customer('billing', { created_at: '2026-11-20T09:00:00Z', changed_at: '2026-11-20T09:00:00Z' }))
    world.read()
    world.read('2026-11-20T09:30:00Z', ['crm'])
    expect(await found(world)).toEqual([expect.objectContaining({ category: 'orphan', verdict: 'undecided' })])
  })

  it('is not one where the ERP alone knows the order: the CRM lacks it', async () => {
    const world = begin(exist('of: order\npast: draft\non: [crm, erp]\nowners: [crm, erp]'), PLATFORMS, ['order'])
    await world.place({
      platform: 'erp',
      kind: 'order',
      record_id: 'o1',
      entity: 'o1',
      state: 'booked',
      amount: '80.00',
      currency: 'EUR',
      changed_at: LONG_AGO,
    })
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ category: 'missing', platform: 'crm', owner_platform: 'erp' }),
    ])
    expect((await world.findings())[0]).toMatchObject({ amount_at_risk: '80', currency: 'EUR' })
  })
})

describe('duplicates', () => {
  it('of a parent and its child in one entity are none', async () => {
    const world = begin(checkFile('test', 'kind: duplicate\nof: customer'))
    await world.place(customer('crm'), { ...customer('crm', { parent: 'c1' }), record_id: 'crm-child' })
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('are gone when all but one are deleted', async () => {
    const world = begin(checkFile('test', 'kind: duplicate\nof: customer'))
    const twin = { ...customer('crm'), record_id: 'crm-2' }
    await world.place(customer('crm'), twin)
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ category: 'duplicate', platform: 'crm', verdict: 'drift' }),
    ])
    await world.place({ ...twin, deleted: true, merged_into: 'crm-1' })
    expect(await found(world)).toEqual([])
  })
})

describe('the state of collecting', () => {
  it('tells of a refused credential, a stop and a count that does not match, and that they are over', async () => {
    const world = begin(checkFile('test', 'kind: fresh\nwhat: [late, failing, stopped, incomplete]'), {
      crm: { role: 'crm' },
    })
    world.read()
    const now = world.clock.now()
    control.control.commitStream('crm', 'customer', {
      lastSuccessAt: now - 1000,
      lastError: { code: 'auth', message: 'The token is no longer good.', at: now },
      stopped: { reason: '40 of 100 records vanished.', at: now },
      completeness: { theirs: 100, ours: 99, at: now },
    })
    expect((await found(world)).map((f) => f.cause).sort()).toEqual([
      'incomplete_stream',
      'incomplete_stream',
      'stale_stream',
    ])
    control.control.commitStream('crm', 'customer', {
      lastSuccessAt: now + 1,
      stopped: null,
      completeness: { theirs: 100, ours: 100, at: now },
    })
    expect(await found(world)).toEqual([])
  })
})
