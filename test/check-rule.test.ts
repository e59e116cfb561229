/** Rules: who is asked, what time does to the answer, and what is not said while evidence is missing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { readCheck } from '../server/check/read.ts'
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

const EXAMPLES = `examples:
  - { name: a, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [] }
  - { name: b, at: 2026-11-20T12:00:00Z, platforms: { crm: { role: crm } }, records: [], findings: [{ field: name }] }
`
const read = (body: string) =>
  readCheck(
    'test.yaml',
    'test',
    `title: t\nwhy: w\nfix: f\nkind: rule\nseverity: high\nowner: o\n${body}\n${EXAMPLES}`,
    undefined,
  )

function rule(body: string): Check {
  const { check, problems } = read(body)
  if (!check) throw new Error(JSON.stringify(problems))
  return check
}

const LONG_AGO = '2026-10-01T08:00:00Z'
const both: Record<string, PlatformWish> = { crm: { role: 'crm' }, billing: { role: 'billing' } }
const begin = (check: Check, platforms = both): CheckWorld =>
  checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [check] })

const OVER = `of: subscription
when: { state: active }
exists:
  - { of: contract, via: contract, where: { any_of: [{ state: terminated }, { state: active, ends_on: { before_today: true } }] } }
amount: { take: monthly }`
const subscription = (more: Record<string, unknown> = {}) => ({
  platform: 'billing',
  kind: 'subscription',
  record_id: 's1',
  number: 'S-1',
  customer: 'b1',
  contract: 'k1',
  state: 'active',
  amount: '1200.00',
  currency: 'EUR',
  interval: 'year',
  changed_at: LONG_AGO,
  ...more,
})
const contract = (more: Record<string, unknown> = {}) => ({
  platform: 'crm',
  kind: 'contract',
  record_id: 'k1',
  number: 'C-1',
  customer: 'c1',
  state: 'active',
  changed_at: LONG_AGO,
  ...more,
})
const customers = [
  {
    platform: 'crm',
    kind: 'customer',
    record_id: 'c1',
    refs: { billing: 'b1' },
    state: 'customer',
    changed_at: LONG_AGO,
  },
  {
    platform: 'billing',
    kind: 'customer',
    record_id: 'b1',
    refs: { crm: 'c1' },
    state: 'customer',
    changed_at: LONG_AGO,
  },
]

async function found(world: CheckWorld, full = false) {
  const [result] = await world.check({ full })
  expect(result!.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ platform, verdict, amount_at_risk }) => ({ platform, verdict, amount_at_risk }))
}

describe('a rule', () => {
  it('finds what a date alone made wrong, in an incremental run as in a full one', async () => {
    const world = begin(rule(OVER))
    await world.put(...customers, subscription(), contract({ ends_on: '2026-11-20' }))
    world.read()
    expect(await found(world)).toEqual([])
    await world.clock.turn(13 * 3_600_000)
    world.read()
    const wrong = [{ platform: 'billing', verdict: 'drift', amount_at_risk: '100' }]
    expect(await found(world)).toEqual(wrong)
    expect(await found(world, true)).toEqual(wrong)
  })

  it('counts from the first of several wanted values: to go from one to another is no new beginning', async () => {
    const world = begin(rule('window: 7d\nof: subscription\nwhen: { state: [active, past_due], quantity: "5" }'))
    await world.put({ ...subscription({ quantity: '5' }), contract: '' })
    await world.put({
      ...subscription({ quantity: '5', state: 'past_due', changed_at: '2026-11-19T08:00:00Z' }),
      contract: '',
    })
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
  })

  it('does not begin anew when something else of the record changes, though nobody knows when it began', async () => {
    const world = begin(rule('of: subscription\nwindow: 7d\nwhen: { state: [active, past_due], amendment: pending }'))
    const waiting = { amendment: 'pending', created_at: LONG_AGO, renews_on: '2026-12-01' }
    await world.put(...customers, subscription({ ...waiting, changed_at: null }))
    world.read()
    await world.check()
    expect((await world.findings()).map((f) => f.state)).toEqual(['open'])
    await world.put(subscription({ ...waiting, renews_on: '2027-12-01', changed_at: '2026-11-20T11:00:00Z' }))
    world.read()
    await world.check()
    expect((await world.findings()).map((f) => [f.state, f.since])).toEqual([
      ['open', new Date(LONG_AGO).toISOString()],
    ])
  })

  it('closes when the record around its subject is put right', async () => {
    const world = begin(rule(OVER))
    await world.put(...customers, subscription(), contract({ state: 'terminated' }))
    world.read()
    expect(await found(world)).toHaveLength(1)
    await world.put(contract({ state: 'active', changed_at: '2026-11-20T11:59:00Z' }))
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('is undecided while a stream that it rests on has not been read far enough', async () => {
    const world = begin(rule(OVER))
    await world.put(...customers, subscription(), contract({ state: 'terminated', changed_at: '2026-11-20T10:00:00Z' }))
    world.read()
    world.read('2026-11-20T10:05:00Z', ['billing'])
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
    world.read()
    expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift' })])
  })

  it('asks the owner of the state where copies of one record differ', async () => {
    const world = begin(rule('of: subscription\nwhen: { state: active, quantity: { gt: 5 } }'))
    await world.put(
      { ...subscription({ state: 'cancelled', quantity: '10' }), contract: '' },
      { ...subscription({ quantity: '10' }), platform: 'crm', record_id: 'x1', customer: 'c1', contract: '' },
    )
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('says nothing of a field that the platform cannot hold', async () => {
    const world = begin(rule('of: subscription\nwhen: { state: active, product: { is_empty: true } }'))
    await world.put(subscription())
    world.read()
    expect(await found(world)).toEqual([])
  })

  it('misses nothing where nobody keeps such records', async () => {
    const check = rule(
      'of: subscription\nwhen: { state: active }\nmissing: [{ of: entitlement, via: [subscription, customer], where: { state: active } }]',
    )
    const world = begin(check)
    await world.put(...customers, subscription())
    world.read()
    expect(await found(world)).toEqual([])
    await world.put({
      platform: 'billing',
      kind: 'entitlement',
      record_id: 'e9',
      state: 'active',
      subscription: 's9',
      changed_at: LONG_AGO,
    })
    world.read()
    expect(await found(world, true)).toHaveLength(1)
  })

  it('tells of unknown fields, states and links with a suggestion of what is meant', () => {
    const says = (body: string) =>
      read(body)
        .problems.map((p) => p.message)
        .join('; ')
    expect(says('of: subscription\nwhen: { stat: active }')).toContain('subscription has no field "stat"')
    expect(says('of: subscription\nwhen: { state: aktiv }')).toContain('use pending, trialing, active')
    expect(says('of: subscription\nexists: [{ of: payment, via: contract }]')).toContain(
      '"contract" joins no payment with a subscription',
    )
    expect(says('of: subscription\nwhen: { number: { before_today: true } }')).toContain(
      'subscription.number is no date',
    )
    expect(says('of: [subscription, order]\nwhen: { state: active }')).toContain('a rule is about one kind')
  })
})

describe('a rule over every record', () => {
  it('leaves a reference alone whose target nobody keeps, and mends its finding when the target arrives', async () => {
    const world = begin(rule('of: [subscription]\nas: every\nfields: ["*"]\nlacks: target\ncategory: quality'))
    await world.put(subscription({ customer: '' }))
    world.read()
    expect(await found(world)).toEqual([])
    await world.put(contract({ record_id: 'k9', customer: '' }))
    world.read()
    expect(await found(world, true)).toEqual([expect.objectContaining({ platform: 'billing', verdict: 'drift' })])
    await world.put(contract({ customer: '', number: 'C-2' }))
    world.read()
    expect(await found(world)).toEqual([])
  })
})
