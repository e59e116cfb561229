/** NetSuite: what its documents say, what its refusals mean, and the rest of the connector contract. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import netsuiteConnector from '../connectors/netsuite/connector.ts'
import netsuite, { netsuiteAccount } from '../lab/platforms/netsuite.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, simulated } from './world/simulated.ts'

const T = Date.parse('2026-11-20T10:00:00Z')
const connector = netsuiteConnector as never
let world: Simulated
let opened: Simulated[] = []

async function open(
  ...rest: [options?: Parameters<typeof simulated>[2], simulator?: typeof netsuite]
): Promise<Simulated> {
  const made = await simulated(rest[1] ?? netsuite, connector, rest[0])
  opened.push(made)
  return made
}

beforeEach(async () => {
  world = await open()
})
afterEach(async () => {
  for (const each of opened) await each.stop()
  opened = []
})

const customer = (n: number, more: object = {}, to = world) =>
  to.put({
    kind: 'customer',
    id: netsuite.id('customer', n),
    state: 'customer',
    fields: { name: `Firm ${n}` },
    createdAt: T,
    changedAt: T,
    ...more,
  })
const suiteql = (r: { path: string }) => r.path.endsWith('/suiteql')

describe('failures', () => {
  it('waits as long as the account asks', async () => {
    customer(1)
    const before = world.now()
    let n = 0
    world.meet((r) => (suiteql(r) && n++ < 2 ? { kind: 'throttle', retryAfterSeconds: 7 } : null))
    expect(ids(await world.read('customer'))).toHaveLength(1)
    expect(world.now() - before).toBeGreaterThanOrEqual(14_000)
    expect(world.http.budget()).toMatchObject({ throttles: 2 })
  })

  it.each([
    { kind: 'error', status: 500 },
    { kind: 'error', status: 503 },
    { kind: 'hang' },
    { kind: 'truncated' },
  ] as const)('tries again after $kind $status', async (fault) => {
    customer(1)
    let n = 0
    world.meet((r) => (suiteql(r) && n++ < 1 ? fault : null))
    expect(ids(await world.read('customer'))).toHaveLength(1)
    expect(n).toBeGreaterThan(1)
  })

  it('says what is wrong when the table itself is not there', async () => {
    const other = await open({}, netsuiteAccount({ absent: ['customer'] }))
    await expect(other.read('customer')).rejects.toMatchObject({
      message: expect.stringContaining('400') as string,
      code: 'schema',
    })
    const ping = await netsuiteConnector.ping(other.context() as never)
    expect(ping).toEqual({ account: '7654321_SB1', missingScopes: ['read customer'], clockSkewMs: 0 })
  })
})

describe('documents', () => {
  const id = (kind: string) => netsuite.id(kind, 1)
  beforeEach(() => {
    const write = (kind: string, state: string, fields: Record<string, string | null>) =>
      world.put({
        kind,
        id: id(kind),
        state,
        fields,
        createdAt: T,
        changedAt: T,
        refs: { salesforce: '801x', stripe: 'in_1' },
      })
    const money = { currency: 'USD', legal_entity: 'US01', customer: '1001' }
    write('order', 'blocked', {
      ...money,
      number: 'SO-1',
      amount: '9007199254740993.10',
      tax: '0.90',
      ordered_at: '2026-11-20T09:30:00.000Z',
      block_reason: 'Credit',
    })
    write('invoice', 'credited', {
      ...money,
      number: 'INV-1',
      order: id('order'),
      total: '119',
      tax: '19',
      amount_due: '0',
      issued_on: '2026-11-19',
      due_on: '2026-12-19',
      paid_at: '2026-11-20T01:02:03.000Z',
    })
    write('payment', 'succeeded', {
      customer: '1001',
      currency: 'USD',
      invoice: id('invoice'),
      amount: '119',
      method: 'ACH',
      received_at: '2026-11-20T01:02:03.000Z',
    })
    write('credit', 'approved', {
      customer: '1001',
      currency: 'USD',
      invoice: id('invoice'),
      number: 'CM-1',
      amount: '25.5',
      reason: 'Outage',
    })
  })
  const one = async (name: string) => (await world.mapped(name, await world.read(name)))[0]!

  it('reads an order net of the tax that stands on its lines, and its hold as part of the status', async () => {
    expect(await one('salesorder')).toMatchObject({
      record_id: '5000001',
      status: 'SalesOrd:B (on hold)',
      refs: { salesforce: '801x', stripe: 'in_1' },
      changed_by: 'somebody@example.com',
      fields: {
        customer: '1001',
        number: 'SO-1',
        amount: '9007199254740993.1',
        tax: '0.9',
        currency: 'USD',
        block_reason: 'Credit',
        legal_entity: 'US01',
        quote: null,
        ordered_at: '2026-11-20 02:30:00',
      },
    })
  })

  it('reads an invoice with the order it was made from', async () => {
    expect(await one('invoice')).toMatchObject({
      status: 'CustInvc:B (credited)',
      fields: {
        total: '119',
        tax: '19',
        amount_due: '0',
        issued_on: '2026-11-19',
        due_on: '2026-12-19',
        order: '5000001',
        paid_at: '2026-11-19 18:02:03',
      },
    })
  })

  it('reads what payments and credits are worth, and the one invoice they are applied to', async () => {
    expect(await one('customerpayment')).toMatchObject({
      status: 'CustPymt:C',
      fields: { amount: '119', invoice: '6000001', method: 'ACH' },
    })
    expect(await one('creditmemo')).toMatchObject({
      status: 'CustCred:D (approved)',
      fields: { amount: '25.5', invoice: '6000001', reason: 'Outage' },
    })
  })

  it('leaves tax and net amount absent where tax stands on no lines and no column is named', async () => {
    const other = await open({ config: (c) => ({ ...c, tax_lines: false }) })
    other.put({
      kind: 'order',
      id: id('order'),
      state: 'booked',
      fields: { amount: '1', currency: 'USD' },
      createdAt: T,
      changedAt: T,
    })
    const [order] = await other.mapped('salesorder', await other.read('salesorder'))
    expect(order!.fields).not.toHaveProperty('tax')
    expect(order!.fields).not.toHaveProperty('amount')
    expect((await other.stream('salesorder')).holds).not.toContain('amount')
  })
})

describe('the rest of the contract', () => {
  it('enumerates what is there, counts it, and reads one row', async () => {
    for (let n = 0; n < 250; n++) customer(n, n === 7 ? { deletedAt: T } : {})
    const pages = await world.read('customer', null, 'full')
    expect(ids(pages)).toHaveLength(249)
    expect(pages.map((p) => p.last ?? false)).toEqual([false, true])
    const rest = await world.read('customer', pages[0]!.cursor ?? null, 'full')
    expect(ids(rest)).toEqual(ids(pages.slice(1)))
    expect(rest[0]).toMatchObject({ last: true, completeThrough: pages[1]!.completeThrough })
    const stream = await world.stream('customer')
    expect(await stream.count!(world.context())).toBe(249)
    expect((await stream.one!(world.context(), '1003'))?.id).toBe('1003')
    expect(await stream.one!(world.context(), '1007')).toBeNull()
    expect(await stream.one!(world.context(), '1 OR 1 = 1')).toBeNull()
  })

  it('reads custom records, items and contacts', async () => {
    world.put({
      kind: 'contract',
      id: netsuite.id('contract', 1),
      state: 'active',
      fields: { number: 'C-1', signed_at: '2026-01-02T03:04:05.000Z', starts_on: '2026-02-01' },
      createdAt: T,
      changedAt: T,
    })
    world.put({
      kind: 'product',
      id: netsuite.id('product', 1),
      state: 'retired',
      fields: { code: 'P', price: '10.00', currency: 'EUR' },
      createdAt: T,
      changedAt: T,
    })
    world.put({
      kind: 'contact',
      id: netsuite.id('contact', 1),
      state: 'active',
      fields: { name: 'A B', customer: '1001' },
      createdAt: T,
      changedAt: T,
    })
    const one = async (name: string) => (await world.mapped(name, await world.read(name)))[0]!
    expect(await one('customrecord_contract')).toMatchObject({
      status: 'In Force',
      fields: { number: 'C-1', signed_at: '2026-01-01 20:04:05', starts_on: '2026-02-01' },
    })
    expect(await one('item')).toMatchObject({
      fields: { state: 'retired', code: 'P', price: '10.00', currency: 'EUR' },
    })
    expect(await one('contact')).toMatchObject({ fields: { state: 'active', name: 'A B', customer: '1001' } })
  })

  it('links to the record', () => {
    const link = (kind: string, id: string) => netsuiteConnector.link!({ account: '7654321_SB1' } as never, kind, id)
    expect(link('invoice', '42')).toBe(
      'https://7654321-sb1.app.netsuite.com/app/accounting/transactions/transaction.nl?id=42',
    )
    expect(link('posting', '42')).toBeNull()
    expect(link('invoice', '42&x=1')).toBeNull()
  })
})
