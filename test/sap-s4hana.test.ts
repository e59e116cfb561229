/** SAP S/4HANA: letters, names and days in canonical words, reading by key, sessions and versions, both versions of OData. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import cloudevents from '../connectors/cloudevents/connector.ts'
import type { Connector } from '../connectors/contract.ts'
import { configSchema } from '../connectors/sap-s4hana/config.ts'
import shipped from '../connectors/sap-s4hana/connector.ts'
import { mapRow, rowOf } from '../connectors/sap-s4hana/rows.ts'
import { specsOf } from '../connectors/sap-s4hana/sets.ts'
import type { SapOptions } from '../lab/platforms/sap-s4hana.ts'
import { sapSystem } from '../lab/platforms/sap-s4hana.ts'
import { idOf } from '../lab/platforms/sap-s4hana/sets.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const parsed = (extra: object = {}) =>
  configSchema.parse({ base_url: 'https://s4.example', auth: { type: 'basic', user: 'u', password: 'p' }, ...extra })
const spec = (stream: string, extra: object = {}) => specsOf(parsed(extra)).find((s) => s.stream === stream)!
const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../connectors/sap-s4hana/fixtures/${name}.json`, import.meta.url), 'utf8'),
  ) as Record<string, unknown>
const mapped = (stream: string, value: unknown, extra: object = {}) =>
  mapRow(spec(stream, extra), rowOf(spec(stream, extra), value))
const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('entities of S/4HANA', () => {
  const partner = fixture('business-partner')
  it('become customers under the number that documents name, with a name of several lines and a local stamp', () => {
    const record = mapped('customers', partner, {
      customers: {
        refs: { salesforce: 'YY1_salesforce_ID' },
        custom: { address: 'to_BusinessPartnerAddress/AddressID' },
      },
    })
    expect(record).toMatchObject({
      record_id: '17100042',
      changed_at: '2026-02-11T16:40:12',
      created_at: '2026-01-05T09:30:00',
      changed_by: 'CB9980000012',
      deleted: false,
      refs: { salesforce: '001A00000000042' },
      custom: { address: '23851' },
      fields: {
        name: 'Northwind Analytics Gesellschaft für angewandte Datenkunde mbH',
        tax_id: 'DE136695976',
        credit_hold: 'true',
        'bill_to.line1': 'Ballindamm 17',
        'bill_to.line2': null,
      },
    })
    const fresh = mapped('customers', { ...partner, LastChangeDate: null, IsMarkedForArchiving: true })
    expect(fresh).toMatchObject({ changed_at: '2026-01-05T09:30:00', deleted: true })
    expect(mapped('customers', { ...partner, to_Customer: { __deferred: {} } }).fields).not.toHaveProperty('tax_id')
  })
  it('keep every digit of an amount, and tell their state by letters', () => {
    const invoice = fixture('billing-document')
    expect(mapped('invoices', invoice)).toMatchObject({
      record_id: '90000042',
      status: 'posted',
      changed_at: '2026-02-11T16:40:12.347Z',
      fields: { total: '12345678901234567.89', issued_on: '2026-02-11', legal_entity: '1010' },
    })
    expect(mapped('invoices', { ...invoice, InvoiceClearingStatus: 'C' }).status).toBe('cleared')
    expect(mapped('invoices', { ...invoice, BillingDocumentIsCancelled: true }).status).toBe('cancelled')
    const order = {
      SalesOrder: '1',
      OverallSDProcessStatus: 'B',
      DeliveryBlockReason: '01',
      HeaderBillingBlockReason: '',
    }
    expect(mapped('orders', order)).toMatchObject({ status: 'blocked', fields: { block_reason: '01' } })
    expect(mapped('orders', { ...order, OverallSDDocumentRejectionSts: 'C' }).status).toBe('rejected')
    expect(mapped('orders', order, { orders: { status: 'OverallSDProcessStatus' } }).status).toBe('B')
    const zeros = mapped('orders', { ...order, SalesOrder: '0000000001', SoldToParty: '0017100042' })
    expect([zeros.record_id, zeros.fields['customer']]).toEqual(['1', '17100042'])
    const reference = { ReferenceSDDocument: '20000007', ReferenceSDDocumentCategory: 'G' }
    expect(mapped('orders', { ...order, ...reference }).fields['quote']).toBeNull()
    expect(mapped('orders', { ...order, ...reference, ReferenceSDDocumentCategory: 'B' }).fields['quote']).toBe(
      '20000007',
    )
  })
  it.each([
    ['entity', 'orders', []],
    ['SalesOrder', 'orders', { SalesOrder: '' }],
    ['LastChangeDateTime', 'orders', { SalesOrder: '1', LastChangeDateTime: 'yesterday' }],
    ['LastChangeDate', 'customers', { ...partner, LastChangeDate: 'yesterday' }],
    ['CompanyCode, FiscalYear, AccountingDocument, LedgerGLLineItem', 'payments', { CompanyCode: '1010' }],
  ])('are refused by name where %s cannot be read', (field, stream, value) => {
    expect(() => mapped(stream, value)).toThrow(expect.objectContaining({ field }) as Error)
  })
})

describe('S/4HANA, read', () => {
  let s: Simulated
  const start = async (options: SapOptions = {}, config?: (c: Record<string, unknown>) => Record<string, unknown>) =>
    (s = await simulated(sapSystem(options), connector, config ? { config } : {}))
  afterEach(() => s.stop())
  const id = (n: number) => idOf('customer', n)
  const put = (n: number, change = {}) =>
    s.put({ kind: 'customer', id: id(n), fields: { name: `C${n}` }, createdAt: NOW - 9e9, ...change })

  it('loses nothing of a day that many share, behind pages that the system cuts, nor after an interruption', async () => {
    await start({ cap: 3 })
    for (let n = 0; n < 20; n++) put(n, { changedAt: NOW - 3_600_000 + (n % 2) })
    const pages = await s.read('customers', null, 'changes', 4)
    expect(ids(pages)).toEqual(Array.from({ length: 20 }, (_, n) => id(n)))
    // One behind the place changes meanwhile: this run is past it, the next one sees it.
    put(1, { changedAt: NOW + 60_000, fields: { name: 'Moved' } })
    const rest = await s.read('customers', pages[2]!.cursor!, 'changes', 4)
    expect(ids(rest)).toEqual(Array.from({ length: 11 }, (_, n) => id(n + 9)))
    s.set(NOW + 86_400_000)
    const next = await s.mapped('customers', await s.read('customers', lastCursor(rest)))
    expect(next.find((record) => record.record_id === id(1))!.fields['name']).toBe('Moved')
  })
  it('reads documents by their stamp, late ones too, and partners that were made and never changed', async () => {
    await start()
    const order = (n: number, changedAt: number) =>
      s.put({ kind: 'order', id: idOf('order', n), state: 'booked', changedAt })
    order(1, NOW - 5_000_000)
    put(1, { createdAt: NOW - 9e9, changedAt: NOW - 9e9 + 1 })
    const [orders, partners] = [lastCursor(await s.read('orders')), lastCursor(await s.read('customers'))]
    order(2, NOW - 60_000)
    put(2, { createdAt: NOW, changedAt: NOW })
    s.set(NOW + 600_000)
    expect(ids(await s.read('orders', orders))).toEqual([idOf('order', 2)])
    expect(ids(await s.read('customers', partners))).toEqual([id(2)])
  })
  it('sweeps, counts what lives, reads ranges with their cost, and links', async () => {
    await start()
    put(1)
    put(2, { fields: { name: 'Old', '~archived': 'true' } })
    put(3, { deletedAt: NOW })
    const full = await s.read('customers', null, 'full')
    expect([ids(full), full.at(-1)!.last]).toEqual([[id(1), id(2)], true])
    const stream = await s.stream('customers')
    expect(await stream.count!(s.context())).toBe(1)
    expect(await stream.one!(s.context(), id(3))).toBeNull()
    expect((await s.mapped('customers', full))[1]!.deleted).toBe(true)
    for (let n = 0; n < 12; n++)
      s.put({ kind: 'invoice', id: idOf('invoice', n), state: 'open', changedAt: NOW - 100_000 + n * 1000 })
    s.put({ kind: 'credit', id: idOf('credit', 1), state: 'posted', changedAt: NOW - 98_000 })
    const invoices = await s.stream('invoices')
    const range = { from: NOW - 98_000, to: NOW - 92_000 }
    expect(await invoices.cost!(s.context(), range)).toEqual({ calls: 2, rows: 6, exact: true, by: 'change' })
    const pages = []
    for await (const page of invoices.range!(s.context({ pageSize: 4 }), range, null)) pages.push(page)
    expect(ids(pages)).toEqual([2, 3, 4, 5, 6, 7].map((n) => idOf('invoice', n)))
    expect(shipped.link!(s.context().config, 'order', '1')).toBe(
      'https://s4.lab.example/ui#SalesOrder-displayFactSheet?SalesOrder=1',
    )
  })
  it('takes of several sales areas what they agree on, page by page, and says nothing where they do not', async () => {
    await start({ cap: 2 })
    const fields = { currency: 'EUR', payment_terms: 'NT30' }
    for (let n = 1; n <= 5; n++) put(n, { fields: { ...fields, ...(n === 3 && { '~second_currency': 'USD' }) } })
    put(6, { fields: {} })
    const records = await s.mapped('customers', await s.read('customers', null, 'changes', 5))
    expect(records.map((r) => r.fields['currency'])).toEqual(['EUR', 'EUR', undefined, 'EUR', 'EUR', null])
    expect(records.map((r) => r.fields['payment_terms'])).toEqual(['NT30', 'NT30', 'NT30', 'NT30', 'NT30', null])
  })
  it('asks a release for nothing that it does not have, and says that it cannot hold it', async () => {
    await start({ lacking: ['BindingPeriodValidityEndDate'] })
    s.put({ kind: 'quote', id: idOf('quote', 1), state: 'approved', fields: { amount: '10' } })
    const pages = await s.read('quotations')
    expect(pages[0]!.held).toEqual(['customer', 'number', 'amount', 'currency', 'state'])
    const [record] = await s.mapped('quotations', pages)
    expect(record!.fields).not.toHaveProperty('valid_until')
  })
  it('reads by the key that an enterprise event carries', async () => {
    await start()
    const order = idOf('order', 7)
    s.put({ kind: 'order', id: order, state: 'blocked' })
    const config = cloudevents.config.parse({
      signature: { scheme: 'token', secrets: ['a-token-of-the-mesh'] },
      rules: [
        {
          when: { '/type': 'sap.s4.beh.salesorder.v1.SalesOrder.*' },
          hints: [{ platform: 's4hana', stream: 'orders', id: '/data/SalesOrder' }],
        },
      ],
    })
    const event = {
      specversion: '1.0',
      id: '1',
      source: '/default/sap.s4.beh/my300000',
      type: 'sap.s4.beh.salesorder.v1.SalesOrder.Changed.v1',
      data: { SalesOrder: order },
    }
    const body = new TextEncoder().encode(JSON.stringify(event))
    const headers = { 'content-type': 'application/cloudevents+json' }
    const [reading] = cloudevents.receive!.read(config, { method: 'POST', path: '/', query: {}, headers, body })
    const [hint] = reading!.hints
    expect(hint).toEqual({ platform: 's4hana', stream: 'orders', id: order })
    expect((await (await s.stream(hint!.stream)).one!(s.context(), hint!.id!))!.id).toBe(order)
  })
  it('keeps to its company and its sales organizations', async () => {
    await start({}, (c) => ({ ...c, company_code: '2020', sales_organizations: ['1010'] }))
    s.put({ kind: 'order', id: idOf('order', 1), state: 'booked' })
    s.put({ kind: 'invoice', id: idOf('invoice', 1), state: 'open' })
    expect([ids(await s.read('orders')), ids(await s.read('invoices'))]).toEqual([[idOf('order', 1)], []])
  })
  it('names the services that may not be read, or that no arrangement has', async () => {
    await start({ forbidden: ['API_SALES_CONTRACT_SRV'], absent: ['API_GLACCOUNTLINEITEM'] })
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      'read A_SalesContract of API_SALES_CONTRACT_SRV',
      expect.stringContaining('API_GLACCOUNTLINEITEM (or add payments to skip)') as string,
    ])
  })
})

describe.each(['v2', 'v4'] as const)('S/4HANA with sales orders by OData %s', (orders) => {
  let s: Simulated
  let a: Acting
  const order = idOf('order', 1)
  beforeAll(async () => {
    s = await simulated(sapSystem({ orders }), connector)
    a = acting(s, connector)
    s.put({
      kind: 'order',
      id: order,
      state: 'booked',
      fields: { amount: '1200.50', currency: 'EUR', customer: idOf('customer', 1), ordered_at: '2026-11-03' },
    })
  })
  afterAll(() => s.stop())

  it('reads the same order', async () => {
    expect(await a.mapped('orders', order)).toMatchObject({
      record_id: order,
      status: 'A',
      changed_at: '2026-11-20T12:00:00.000Z',
      fields: { amount: '1200.50', customer: idOf('customer', 1), ordered_at: '2026-11-03' },
    })
    expect(await (await s.stream('orders')).count!(s.context())).toBe(1)
  })
  it('holds and releases it against its version', async () => {
    for (const [action, block, state] of [
      ['hold', '01', 'blocked'],
      ['release', '', 'booked'],
    ] as const) {
      const { outcome, planned, wire } = await a.run(a.request({ action, kind: 'order', recordId: order }))
      expect(outcome).toEqual({ status: 'done', recordId: order })
      expect(wire).toEqual(planned)
      expect(JSON.stringify(wire[0]!.body)).toContain(`"DeliveryBlockReason":"${block}"`)
      expect(a.record('order', order).state).toBe(state)
    }
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    const late = await a.run(a.request({ action: 'hold', kind: 'order', recordId: order }))
    s.meet(() => null)
    expect(late.outcome).toMatchObject({ status: 'conflict', reason: expect.stringContaining('591') as string })
    expect(late.wire).toEqual([])
  })
})

describe('S/4HANA, written', () => {
  let s: Simulated
  let a: Acting
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(sapSystem(), connector)
    a = acting(s, connector)
    s.put({ kind: 'customer', id, fields: { name: 'Acme' } })
  })
  afterAll(() => s.stop())

  it('changes partner, customer and address each by a call of its own', async () => {
    const name = 'Northwind Analytics Gesellschaft für angewandte Datenkunde mbH'
    const fields = { name, tax_id: 'DE136695976', 'bill_to.line1': 'Ballindamm 17' }
    const { outcome, planned, wire } = await a.run(
      a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields }),
    )
    expect(outcome.status).toBe('done')
    expect(wire).toEqual(planned)
    expect(planned.map(({ path }) => path.split('/').at(-1))).toEqual([
      "A_BusinessPartner('10100001')",
      "A_Customer('17100001')",
      "A_BusinessPartnerAddress(BusinessPartner='10100001',AddressID='00001')",
    ])
    expect((await a.mapped('customers', id)).fields).toMatchObject(fields)
    const long = a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields: { name: 'x'.repeat(41) } })
    const standing = await a.action('set_fields', 'customer').look(s.context(), long)
    expect(() => a.action('set_fields', 'customer').calls(s.context().config, long, standing)).toThrow(/forty/)
  })
  it('offers nothing that posting decides, nor documents to be made', () => {
    expect(() => a.action('set_fields', 'invoice')).toThrow(/no set_fields/)
    expect(() => a.action('attach_ref', 'payment')).toThrow(/no attach_ref/)
    expect(() => a.action('create', 'order')).toThrow(/no create/)
    expect(a.action('set_fields', 'customer').guard).toBe('compare')
    expect(a.action('create', 'customer').fields).not.toContain('tax_id')
    expect(a.action('hold', 'order').guard).toBe('etag')
  })
})
