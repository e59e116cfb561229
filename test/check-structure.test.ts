/** Structure: circles of any length, deep trees that are none, sets of roles, lines by product. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changes } from '../server/check/kinds/structure-lines.ts'
import type { Line } from '../server/check/kinds/structure-lines-sql.ts'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { checkWorld, forget, type CheckWorld, type WishedRecord } from './world/check-world.ts'
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

const shipped = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
const OLD = '2026-11-01T08:00:00Z'

async function found(
  id: string,
  platforms: Record<string, { role: string }>,
  ...records: (WishedRecord & { entity: string })[]
) {
  const world: CheckWorld = checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms,
    checks: [shipped.find((c) => c.id === id)!],
  })
  await world.place(...records)
  world.read()
  const [result] = await world.check()
  expect(result!.error?.message ?? null).toBeNull()
  return (await world.findings()).map((f) => ({
    title: f.title,
    verdict: f.verdict,
    members: f.subject.map((s) => s.record_id).sort(),
    actual: f.actual,
  }))
}

const customer = (platform: string, entity: string, parent: string, more: Record<string, unknown> = {}) => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-${entity}`,
  entity,
  name: entity,
  state: 'customer',
  parent,
  changed_at: OLD,
  ...more,
})

describe('account trees', () => {
  const crm = { crm: { role: 'crm' } }
  it('find a circle of three and name its members, and not those that hang on it', async () => {
    const tree = [
      customer('crm', 'A', 'B'),
      customer('crm', 'B', 'C'),
      customer('crm', 'C', 'A'),
      customer('crm', 'D', 'A'),
      customer('crm', 'E', ''),
    ]
    expect(await found('structure/account-tree', crm, ...tree)).toMatchObject([
      { members: ['crm-A', 'crm-B', 'crm-C'] },
    ])
  })

  it('take a tree of ten generations for what it is', async () => {
    const tree = Array.from({ length: 10 }, (_, i) => customer('crm', `G${i}`, i === 0 ? '' : `G${i - 1}`))
    expect(await found('structure/account-tree', crm, ...tree)).toEqual([])
  })

  it('do not take the bill-to record of a party for its own child', async () => {
    expect(
      await found(
        'structure/account-tree',
        crm,
        customer('crm', 'A', ''),
        customer('crm', 'A', 'A', { record_id: 'crm-A-bill', role: 'bill_to' }),
      ),
    ).toEqual([])
  })
})

describe('roles of a party', () => {
  const two = { erp: { role: 'erp' }, billing: { role: 'billing' } }
  const to = (platform: string, id: string, role: string, city: string) => ({
    ...customer(platform, 'A', ''),
    record_id: `${platform}-${id}`,
    role,
    ship_to: { city },
    bill_to: { city },
  })
  it('compare several ship-to records as a set, whatever their order', async () => {
    const same = [
      to('erp', '1', 'ship_to', 'Kiel'),
      to('erp', '2', 'ship_to', 'Bremen'),
      to('billing', '1', 'ship_to', 'Bremen'),
      to('billing', '2', 'ship_to', 'Kiel'),
    ]
    expect(await found('structure/party-roles', two, ...same)).toEqual([])
  })

  it('name the address that the other platform lacks', async () => {
    const differ = [
      to('erp', '1', 'ship_to', 'Kiel'),
      to('erp', '2', 'ship_to', 'Bremen'),
      to('billing', '1', 'ship_to', 'Bremen'),
    ]
    expect(await found('structure/party-roles', two, ...differ)).toMatchObject([
      {
        title: 'The ship-to address of a party differs in billing',
        members: ['erp-1'],
        actual: { billing: '1 ship-to' },
      },
    ])
  })
})

describe('lines', () => {
  const line = (product: string, quantity: string | null, amount: string | null, more: Partial<Line> = {}): Line => ({
    platform: 'erp',
    record_id: `${product}${quantity}`,
    deleted: 0,
    line: '1',
    product,
    product_id: product,
    quantity,
    amount,
    currency: 'EUR',
    changed_at: null,
    created_at: null,
    observed_at: null,
    stamp: 'ms',
    ...more,
  })
  it.each([
    [
      'the same in another order',
      [line('7', '1', '5'), line('8', '2', '6')],
      [line('8', '2', '6.00'), line('7', '1', '5')],
      [],
    ],
    ['one line in two', [line('7', '3', '9')], [line('7', '1', '3'), line('7', '2', '6')], []],
    ['a missing product', [line('7', '1', '5'), line('8', '2', '6')], [line('7', '1', '5')], ['missing']],
    ['a product too much', [line('7', '1', '5')], [line('7', '1', '5'), line('8', '2', '6')], ['extra']],
    ['another quantity', [line('7', '1', '5')], [line('7', '2', '5')], ['changed']],
    ['a platform that holds no quantity', [line('7', '1', '5')], [line('7', null, '5')], []],
    [
      'products that mean nothing, by their sums',
      [line('0', '1', '5'), line('8', '2', '6')],
      [line('8', '3', '11')],
      [],
    ],
    ['products that mean nothing and other sums', [line('0', '1', '5')], [line('8', '1', '6')], ['changed']],
    ['another currency', [line('7', '1', '5')], [line('7', '1', '5', { currency: 'USD' })], ['missing', 'extra']],
  ])('are compared by what they add up to: %s', (_, ours, theirs, expected) => {
    expect(
      changes(ours, theirs)
        .map((c) => c.how)
        .sort(),
    ).toEqual([...expected].sort())
  })
})
