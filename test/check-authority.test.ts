/** The authority check: whose write it was, what is no such write, and how long it stays. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { writerSort } from '../model/writer.ts'
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
const writes = (of: string, fields: string, more = ''): Check =>
  checkFile('test', `kind: authority\nof: ${of}\nfields: [${fields}]\n${more}`)
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

describe('a write by a platform that does not own the field', () => {
  it('names the owner, the writer, the value and the time', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([
      {
        field: 'payment_terms',
        owner_platform: 'erp',
        platform: 'crm',
        verdict: 'drift',
        expected: { erp: 'net_30' },
        actual: { crm: 'net_90' },
      },
    ])
    const [finding] = await world.findings()
    expect(finding).toMatchObject({
      cause: 'non_owner_write',
      since: '2026-11-21T12:00:00.000Z',
      category: 'authority',
    })
    expect(finding!.evidence.map((e) => e.says).join(' ')).toMatch(
      /changed payment terms from "net_30" to "net_90", while erp said "net_30" at 2026-11-21T12:00:00.000Z, by j.lindner, a person/,
    )
  })

  it('tells an integration that carries values from a person', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'svc-integration'))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toHaveLength(1)
    const [finding] = await world.findings()
    expect(finding!.evidence.map((e) => e.says).join(' ')).toContain('which carries values')
    expect(['j.lindner', 'mulesoft@corp.example', null].map(writerSort)).toEqual(['person', 'carrier', 'unknown'])
  })

  it('is in flight while the owner may still say the same, and is none once it does', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(10 * MINUTE)
    expect(await found(world)).toMatchObject([{ verdict: 'in_flight' }])
    await world.place(written(world, 'erp', { payment_terms: 'net_90' }, 'finance'))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([])
  })

  it('stays undecided until the owner has been read through the window', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    const at = world.clock.now()
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(2 * HOUR)
    world.read(at + 10 * MINUTE, ['erp'])
    world.read(undefined, ['crm'])
    const [result] = await world.check()
    expect([result!.error, (await world.findings())[0]!.verdict]).toEqual([null, 'undecided'])
    expect(await found(world)).toMatchObject([{ verdict: 'drift' }])
  })

  it('stays open after it was undone until it has been quiet for its period', async () => {
    const world = begin(writes('customer', 'payment_terms', 'quiet: 3d'))
    await agreed(world)
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(5 * HOUR)
    await world.place(written(world, 'crm', { payment_terms: 'net_30' }))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toMatchObject([{ verdict: 'drift', actual: { crm: 'net_90' } }])
    expect((await world.findings())[0]!.title).toContain('put right since')
    await world.clock.turn(3 * DAY)
    // Nothing moved: time alone ends it, also for a run that looks only at what moved.
    expect(await found(world)).toEqual([])
    expect((await world.findings())[0]!.state).toBe('resolved')
  })

  it.each(['gated', 'foreign'])('holds a %s platform to its standing', async (standing) => {
    const world = begin(writes('customer', 'payment_terms'), crmErp, {
      ownership: { 'customer.payment_terms': { owners: ['erp'], [standing]: ['crm'] } },
    })
    await agreed(world)
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toMatchObject([{ verdict: 'drift', platform: 'crm' }])
    const says = (await world.findings())[0]!.evidence.map((e) => e.says).join(' ')
    expect(says).toContain(standing === 'gated' ? 'needs approval' : 'must never write')
    await world.place(written(world, 'erp', { payment_terms: 'net_90' }, 'finance'))
    await world.clock.turn(2 * HOUR)
    // Approval is the owner's word; a foreign write stays one.
    expect(await found(world)).toHaveLength(standing === 'gated' ? 0 : 1)
  })
})

describe('what is no such write', () => {
  it('is a follower that catches up, however late, and first versions', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await world.place(
      written(world, 'erp', { payment_terms: 'net_30' }),
      written(world, 'crm', { payment_terms: 'net_7' }),
    )
    await world.clock.turn(DAY)
    await world.place(written(world, 'erp', { payment_terms: 'net_60' }))
    await world.clock.turn(5 * DAY)
    await world.place(written(world, 'crm', { payment_terms: 'net_60' }))
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([])
  })

  it('is a value of the owner that came while the owner was changing and that we never saw', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    // The owner said net_14 for a minute between two readings; the follower got it before net_60.
    await world.place(
      written(world, 'erp', { payment_terms: 'net_60' }),
      written(world, 'crm', { payment_terms: 'net_14' }),
    )
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([])
  })

  it('is an older value of the owner, a rounded one and one that was cut short', async () => {
    const world = begin(writes('customer', 'credit_limit, bill_to.line1'))
    const street = 'Am Alten Hafen 117, Eingang Nord, zweiter Hof'
    await agreed(world, ['erp', 'crm'], {
      credit_limit: '100.00',
      currency: 'EUR',
      'bill_to.line1': 'Hafen 1',
    } as never)
    await world.place(written(world, 'erp', { credit_limit: '250.49', currency: 'EUR', 'bill_to.line1': street }))
    await world.clock.turn(DAY)
    await world.place(
      written(world, 'crm', { credit_limit: '250.50', currency: 'EUR', 'bill_to.line1': street.slice(0, 20) }, 'a.b'),
    )
    await world.clock.turn(DAY)
    await world.place(
      written(world, 'crm', { credit_limit: '100.00', currency: 'EUR', 'bill_to.line1': 'Hafen 1' }, 'a.b'),
    )
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([])
  })

  it('is a version that was only read with other eyes: its stamp did not move', async () => {
    const world = begin(writes('customer', 'payment_terms'))
    await agreed(world)
    const again = {
      ...written(world, 'crm', { payment_terms: 'net_31' }, 'j.lindner'),
      changed_at: '2026-11-20T12:00:00.000Z',
    }
    await world.place(again)
    await world.clock.turn(2 * HOUR)
    expect(await found(world)).toEqual([])
  })

  it('is a write of the platform that owned the field then: a draft order in the CRM', async () => {
    const world = begin(writes('order', 'amount, state'))
    const order = (platform: string, state: string, amount: string, by: string) => ({
      platform,
      kind: 'order',
      record_id: `${platform}-o`,
      entity: 'o1',
      state,
      amount,
      currency: 'EUR',
      changed_at: new Date(world.clock.now()).toISOString(),
      changed_by: by,
    })
    await world.place(order('crm', 'draft', '100.00', 'j.lindner'))
    await world.clock.turn(DAY)
    await world.place(order('crm', 'draft', '120.00', 'j.lindner'))
    await world.clock.turn(DAY)
    await world.place(order('crm', 'booked', '130.00', 'j.lindner'))
    await world.clock.turn(10 * MINUTE)
    await world.place(order('erp', 'booked', '130.00', 'integration'))
    await world.clock.turn(DAY)
    expect(await found(world)).toEqual([])
    await world.place(order('crm', 'booked', '99.00', 'j.lindner'))
    await world.clock.turn(DAY)
    expect(await found(world)).toMatchObject([{ field: 'amount', platform: 'crm', owner_platform: 'erp' }])
    expect((await world.findings())[0]).toMatchObject({ amount_at_risk: '31', currency: 'EUR' })
  })

  it('is a value that another follower wrote first and this one only got from it', async () => {
    const world = begin(writes('customer', 'payment_terms'), { ...crmErp, support: { role: 'support' } })
    await agreed(world, ['erp', 'crm', 'support'])
    await world.place(written(world, 'crm', { payment_terms: 'net_90' }, 'j.lindner'))
    await world.clock.turn(30 * MINUTE)
    await world.place(written(world, 'support', { payment_terms: 'net_90' }))
    await world.clock.turn(2 * HOUR)
    expect((await found(world)).map((f) => f.platform)).toEqual(['crm'])
  })
})
