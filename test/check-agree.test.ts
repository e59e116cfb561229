/** The agreement check: who speaks, who follows, what a difference is and what time says. */
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

describe('who speaks', () => {
  it('lets the owner speak and finds one finding for each follower that differs', async () => {
    const world = begin(agree('customer', 'payment_terms'), {
      ...crmErp,
      billing: { role: 'billing' },
      support: { role: 'support' },
    })
    await world.place(
      customer('erp', { payment_terms: 'net_60' }),
      customer('crm', { payment_terms: 'net_30' }),
      customer('billing', { payment_terms: 'net_30' }),
      customer('support', { payment_terms: 'NET 60' }),
    )
    world.read()
    expect((await found(world)).map((f) => [f.owner_platform, f.platform, f.verdict])).toEqual(
      expect.arrayContaining([
        ['erp', 'crm', 'drift'],
        ['erp', 'billing', 'drift'],
      ]),
    )
    expect(await world.findings()).toHaveLength(2)
  })

  it('passes over an empty owner to the next one, and is silent where nobody speaks', async () => {
    const world = begin(agree('customer', 'payment_terms, tax_id'), { ...crmErp, mdm: { role: 'mdm' } })
    await world.place(
      customer('erp', { payment_terms: '', tax_id: '' }),
      customer('mdm', { payment_terms: 'net_45', tax_id: '' }),
      customer('crm', { payment_terms: 'net_30', tax_id: 'DE136695976' }),
    )
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ field: 'payment_terms', owner_platform: 'mdm', platform: 'crm' }),
    ])
  })

  it('takes a follower’s empty value against the owner’s value for a difference, and a field it cannot hold for none', async () => {
    const world = begin(agree('customer', 'payment_terms, tax_id'))
    await world.place(
      customer('erp', { payment_terms: 'net_60', tax_id: 'DE136695976' }),
      customer('crm', { payment_terms: '' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ field: 'payment_terms', platform: 'crm' })])
  })

  it('hands a customer’s state from the CRM to the ERP once it is a customer', async () => {
    const world = begin(agree('customer', 'state'))
    await world.place(customer('crm', { state: 'prospect' }), customer('erp', { state: 'customer' }))
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ owner_platform: 'erp', platform: 'crm' })])
  })

  it('holds the ERP to the CRM’s booking while the hand-over of an order is under way', async () => {
    const world = begin(agree('order', 'state'))
    const order = { kind: 'order', entity: 'o1', changed_at: LONG_AGO }
    await world.place(
      { ...order, platform: 'crm', record_id: 'o-crm', state: 'booked' },
      { ...order, platform: 'erp', record_id: 'o-erp', state: 'draft' },
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ owner_platform: 'crm', platform: 'erp' })])
  })

  it('lets the ERP of the legal entity speak where several share the role', async () => {
    const platforms = {
      crm: { role: 'crm' },
      'erp-eu': { role: 'erp', scope: { legal_entity: ['DE01'] } },
      'erp-us': { role: 'erp', scope: { legal_entity: ['US01'] } },
    }
    const world = begin(agree('customer', 'payment_terms'), platforms)
    await world.place(
      customer('erp-eu', { legal_entity: 'DE01', payment_terms: 'net_60' }),
      customer('erp-us', { legal_entity: 'DE01', payment_terms: 'net_10' }),
      customer('crm', { legal_entity: 'DE01', payment_terms: 'net_30' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ owner_platform: 'erp-eu', platform: 'crm' })])
  })

  it('does not hold an advisory copy against its platform unless asked to, and then as low', async () => {
    const platforms = { ...crmErp, billing: { role: 'billing' } }
    const rows = [
      customer('crm', { email: 'office@talwind.example' }),
      customer('billing', { email: 'rechnung@talwind.example' }),
    ]
    const silent = begin(agree('customer', 'email'), platforms)
    await silent.place(...rows)
    silent.read()
    expect(await found(silent)).toEqual([])
    const telling = begin(agree('customer', 'email', 'advisory: true\n'), platforms)
    expect((await telling.check())[0]!.newlyOpen).toBe(1)
    expect((await telling.findings())[0]).toMatchObject({ severity: 'low', platform: 'billing' })
  })
})

describe('what time says', () => {
  const young = '2026-11-20T11:30:00Z'

  it('leaves a change in flight within its window and calls it drift after', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(
      customer('erp', { payment_terms: 'net_60', changed_at: young }),
      customer('crm', { payment_terms: 'net_30' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'in_flight' })])
    await world.clock.turn(31 * 60_000)
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
    expect((await world.findings())[0]).toMatchObject({
      since: '2026-11-20T11:30:00.000Z',
      due_at: '2026-11-20T12:30:00.000Z',
      first_seen_at: '2026-11-20T12:00:00.000Z',
    })
  })

  it('stays undecided until the follower has been read through the end of the window', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(
      customer('erp', { payment_terms: 'net_60', changed_at: '2026-11-20T10:30:00Z' }),
      customer('crm', { payment_terms: 'net_30' }),
    )
    world.read()
    world.read('2026-11-20T11:00:00Z', ['crm'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
    world.read('2026-11-20T11:31:00Z', ['crm'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
  })

  it('is undecided while the follower was never read completely', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(customer('erp', { payment_terms: 'net_60' }), customer('crm', { payment_terms: 'net_30' }))
    world.read()
    world.read(null, ['crm'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
  })

  it('counts from the change of the field, not from a later change of something else', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(
      customer('erp', { payment_terms: 'net_60', name: 'Talwind' }),
      customer('crm', { payment_terms: 'net_30' }),
    )
    await world.place(
      customer('erp', { payment_terms: 'net_60', name: 'Talwind AG', changed_at: '2026-11-20T11:59:00Z' }),
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
  })

  it('closes as late what healed after its window', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(
      customer('erp', { payment_terms: 'net_60', changed_at: young }),
      customer('crm', { payment_terms: 'net_30' }),
    )
    world.read()
    await world.check()
    await world.clock.turn(60 * 60_000)
    await world.place(customer('crm', { payment_terms: 'net_60', changed_at: '2026-11-20T12:50:00Z' }))
    world.read()
    await world.check()
    expect((await world.findings())[0]).toMatchObject({ state: 'resolved', verdict: 'late' })
  })
})

describe('what a difference is', () => {
  it('names the platform whose code has no entry in its reference map', async () => {
    const world = begin(agree('customer', 'state'))
    await world.place(
      customer('erp', { state: undefined, status: 'customer' }),
      customer('crm', { state: undefined, status: 'Golden Client' }),
    )
    world.read()
    expect(await found(world)).toEqual([
      expect.objectContaining({ field: 'state', platform: 'crm', verdict: 'unmapped', cause: 'unmapped_code' }),
    ])
  })

  it('does not compare amounts in two currencies: the currency is the difference', async () => {
    const world = begin(agree('order', 'amount, currency'))
    const order = { kind: 'order', entity: 'o1', state: 'booked', changed_at: LONG_AGO }
    await world.place(
      { ...order, platform: 'erp', record_id: 'o1', amount: '100.00', currency: 'EUR' },
      { ...order, platform: 'crm', record_id: 'o2', amount: '110.00', currency: 'USD' },
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ field: 'currency', cause: 'currency' })])
  })

  it('puts the absolute difference of two amounts at risk, exactly', async () => {
    const world = begin(agree('order', 'amount'))
    const order = { kind: 'order', entity: 'o1', state: 'booked', currency: 'EUR', changed_at: LONG_AGO }
    await world.place(
      { ...order, platform: 'erp', record_id: 'o1', amount: '90071992547409.93' },
      { ...order, platform: 'crm', record_id: 'o2', amount: '90071992547400.10' },
    )
    world.read()
    await world.check()
    expect((await world.findings())[0]).toMatchObject({
      amount_at_risk: '9.83',
      currency: 'EUR',
      expected: { erp: '90071992547409.93' },
    })
  })

  it('puts the total of an invoice at risk that is paid on one side only', async () => {
    const world = begin(agree('invoice', 'state'))
    const invoice = { kind: 'invoice', entity: 'i1', total: '1190.00', currency: 'EUR', changed_at: LONG_AGO }
    await world.place(
      { ...invoice, platform: 'erp', record_id: 'i1', state: 'paid' },
      { ...invoice, platform: 'crm', record_id: 'x1', state: 'open' },
    )
    world.read()
    await world.check()
    expect((await world.findings())[0]).toMatchObject({ amount_at_risk: '1190', currency: 'EUR', platform: 'crm' })
  })

  it('takes a legal form that one side leaves out for information, and another name for a difference', async () => {
    const world = begin(agree('customer', 'legal_name'))
    await world.place(customer('erp', { legal_name: 'Talwind GmbH' }), customer('crm', { legal_name: 'TALWIND' }))
    world.read()
    expect(await found(world)).toEqual([])
    await world.place(customer('crm', { legal_name: 'Talwind Nord GmbH', changed_at: '2026-11-20T11:00:00Z' }))
    expect(await found(world)).toHaveLength(1)
  })

  it('compares references by entity, whatever ids the platforms use', async () => {
    const world = begin(agree('order', 'quote'))
    const order = { kind: 'order', entity: 'o1', state: 'booked', changed_at: LONG_AGO }
    await world.place(
      { ...order, platform: 'erp', record_id: 'o1', quote: 'quote-A' },
      { ...order, platform: 'crm', record_id: 'o2', quote: 'quote-B' },
    )
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ field: 'quote' })])
  })

  it('leaves deleted records to the existence check', async () => {
    const world = begin(agree('customer', 'payment_terms'))
    await world.place(customer('erp', { payment_terms: 'net_60' }), customer('crm', { payment_terms: 'net_30' }))
    world.read()
    expect(await found(world)).toHaveLength(1)
    await world.place(customer('crm', { payment_terms: 'net_30', deleted: true }))
    expect(await found(world)).toEqual([])
  })
})
