/** Finance & Operations: rows of companies in canonical words, reading whole by a key of several parts, what change times spare, companies that are not seen, versions. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import { configSchema } from '../connectors/finance-operations/config.ts'
import shipped from '../connectors/finance-operations/connector.ts'
import { entitiesOf } from '../connectors/finance-operations/entities.ts'
import { mapRow, rowOf } from '../connectors/finance-operations/rows.ts'
import type { OperationsOptions } from '../lab/platforms/finance-operations.ts'
import { operationsEnvironment } from '../lab/platforms/finance-operations.ts'
import { idOf, MODIFIED } from '../lab/platforms/finance-operations/entities.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const BASE = { url: 'https://acme.operations.dynamics.com', tenant: 't', client_id: 'c', client_secret: 's' }
const parsed = (extra: object = {}) => configSchema.parse({ ...BASE, ...extra })
const spec = (stream: string, entity: object = {}) =>
  entitiesOf(parsed({ entities: { [stream]: entity } })).specs.find((s) => s.stream === stream)!
const mapped = (stream: string, value: unknown, entity: object = {}) =>
  mapRow(spec(stream, entity), rowOf(spec(stream, entity), value), { currencies: { usmf: 'USD' } })
const NOW = Date.parse('2026-11-20T12:00:00Z')
const FIXTURE = new URL('../connectors/finance-operations/fixtures/customer.json', import.meta.url)

describe('rows of data entities', () => {
  it('lie in a company, know the year 1900 as nothing, and any block as a hold', () => {
    const customer = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, unknown>
    const record = mapped('CustomersV3', customer, {
      refs: { salesforce: 'LM_salesforceId' },
      custom: { valid_to: 'AddressValidTo' },
    })
    expect(record).toMatchObject({
      record_id: 'lmde/LM-000042',
      changed_at: null,
      refs: { salesforce: '001A00000000042' },
      custom: { valid_to: null },
      fields: {
        legal_entity: 'LMDE',
        domain: null,
        credit_limit: '25000.5',
        credit_hold: 'true',
        payment_terms: 'Net30',
      },
    })
    expect(record.fields).not.toHaveProperty('segment')
    expect(mapped('CustomersV3', { ...customer, OnHoldStatus: 'No' }).fields['credit_hold']).toBe('false')
  })
  it('refer within their company, and are credit notes below zero', () => {
    const row = {
      dataAreaId: 'usmf',
      InvoiceNumber: 'CN-1',
      InvoiceDate: '2026-11-03T12:00:00Z',
      InvoiceCustomerAccountNumber: 'US/001',
      SalesOrderNumber: '',
      TotalInvoiceAmount: '-9007199254740993.01',
    }
    expect(mapped('SalesCreditNotes', row)).toMatchObject({
      record_id: 'usmf/CN-1',
      fields: { customer: 'usmf/US/001', amount: '9007199254740993.01', posted_at: '2026-11-03T12:00:00Z' },
    })
    expect(mapped('SalesInvoiceHeadersV2', row).fields).toMatchObject({ order: null, issued_on: '2026-11-03' })
    const line = {
      dataAreaId: 'usmf',
      InventoryLotId: 'L1',
      SalesOrderNumber: 'SO-1',
      ItemNumber: 'A*1',
      SalesPrice: 0,
    }
    expect(mapped('SalesOrderLines', line).fields).toEqual({
      document: 'usmf/SO-1',
      document_kind: 'order',
      product: 'usmf/A*1',
      unit_price: '0',
    })
  })
  it('have a price only where the currency of their company is told', () => {
    const item = { ItemNumber: 'A', SalesPrice: 12.5 }
    expect(mapped('ReleasedProductsV2', { ...item, dataAreaId: 'USMF' }).fields).toEqual({
      code: 'A',
      price: '12.5',
      currency: 'USD',
    })
    expect(mapped('ReleasedProductsV2', { ...item, dataAreaId: 'demf' }).fields).toEqual({ code: 'A' })
  })
  it.each([
    ['entity', []],
    ['dataAreaId, CustomerAccount', { dataAreaId: 'usmf' }],
    [MODIFIED, { dataAreaId: 'usmf', CustomerAccount: '1', [MODIFIED]: 'yesterday' }],
  ])('are refused by name where %s cannot be read', (field, value) => {
    expect(() => mapped('CustomersV3', value, { modified: MODIFIED })).toThrow(
      expect.objectContaining({ field }) as Error,
    )
  })
  it('of entities that nobody described are asked for', async () => {
    const config = parsed({ entities: { AcmeSubscriptions: { kind: 'subscription' } } })
    expect(() => shipped.discover!({ config, platform: 'fo' } as never)).toThrow(/AcmeSubscriptions/)
    const whole = parsed({
      entities: { AcmeSubscriptions: { kind: 'subscription', keys: ['Id'] } },
      skip: ['SalesOrderHeadersV2'],
    })
    const streams = await shipped.discover!({ config: whole } as never)
    expect(streams.map((s) => s.name)).toContain('AcmeSubscriptions')
    expect(streams.map((s) => s.name)).not.toContain('SalesOrderHeadersV2')
  })
})

describe('Finance & Operations, read', () => {
  let s: Simulated
  const start = async (
    options: OperationsOptions = {},
    config?: (c: Record<string, unknown>) => Record<string, unknown>,
  ) => (s = await simulated(operationsEnvironment(options), connector, config ? { config } : {}))
  afterEach(() => s.stop())
  const id = (n: number) => idOf('customer', n)
  const put = (n: number, change = {}) => s.put({ kind: 'customer', id: id(n), fields: { name: `C${n}` }, ...change })
  const withChanges = (c: Record<string, unknown>) => ({
    ...c,
    entities: { ...(c['entities'] as object), CustomersV3: { modified: MODIFIED } },
  })

  it('goes through the whole key, behind pages that are cut and after an interruption', async () => {
    await start({ cap: 3 }, (c) => ({ ...c, companies: [] }))
    const all = [
      'lmde/PJ-1/1',
      'lmde/PJ-1/2',
      'lmde/PJ-1/10',
      'lmde/PJ-2/1',
      'lmus/PJ-1/1',
      'lmus/PJ-1/3',
      'lmus/PJ-9/1',
    ]
    for (const payment of all) s.put({ kind: 'payment', id: payment, fields: { amount: '10.00' } })
    const pages = await s.read('CustomerPaymentJournalLines', null, 'changes', 2)
    expect(ids(pages)).toEqual(all)
    const rest = await s.read('CustomerPaymentJournalLines', pages[1]!.cursor!, 'changes', 2)
    expect(ids(rest)).toEqual(all.slice(4))
    const stream = await s.stream('CustomerPaymentJournalLines')
    expect((await stream.one!(s.context(), 'lmde/PJ-1/10'))!.id).toBe('lmde/PJ-1/10')
  })
  it('reads an entity without change times whole, but not more often than it is told to', async () => {
    await start()
    put(1)
    const loaded = await s.read('CustomersV3')
    const before = s.seen.length
    s.set(NOW + 20 * 60_000)
    put(2)
    const early = await s.read('CustomersV3', lastCursor(loaded))
    expect([ids(early), s.seen.length]).toEqual([[], before])
    expect(early[0]!.completeThrough).toBe(loaded.at(-1)!.completeThrough)
    s.set(NOW + 31 * 60_000)
    expect(ids(await s.read('CustomersV3', lastCursor(early)))).toEqual([id(1), id(2)])
    put(1, { deletedAt: s.now() })
    const full = await s.read('CustomersV3', null, 'full')
    expect([ids(full), full.at(-1)!.last]).toEqual([[id(2)], true])
    expect((await s.stream('CustomersV3')).range).toBeUndefined()
  })
  it('asks only for what changed where an entity has its time, late rows too, and knows the cost of a range', async () => {
    await start({}, withChanges)
    for (let n = 1; n <= 9; n++) put(n, { changedAt: NOW - 9_000_000 + n * 1000 })
    const loaded = lastCursor(await s.read('CustomersV3', null, 'changes', 4))
    put(3, { changedAt: NOW - 60_000 })
    s.set(NOW + 300_000)
    expect(ids(await s.read('CustomersV3', loaded))).toEqual([id(3)])
    const stream = await s.stream('CustomersV3')
    const range = { from: NOW - 8_999_000, to: NOW - 8_995_000 }
    expect(await stream.cost!(s.context(), range)).toEqual({ calls: 1, rows: 3, exact: true, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 2 }), range, null)) pages.push(page)
    expect(ids(pages)).toEqual([id(1), id(2), id(4)])
    await s.stop()
    await start({ lacking: [MODIFIED] }, withChanges)
    await expect(s.read('CustomersV3')).rejects.toMatchObject({
      code: 'config',
      remedy: expect.stringContaining('modified') as string,
    })
  })
  it('keeps to its companies, tells invoices from credit notes, and counts both', async () => {
    await start()
    s.put({ kind: 'customer', id: 'lmus/LM-1', fields: { name: 'Elsewhere' } })
    put(1)
    s.put({ kind: 'invoice', id: idOf('invoice', 1), fields: { total: '12.50' } })
    s.put({ kind: 'credit', id: idOf('credit', 1), fields: { amount: '2.50' } })
    expect(ids(await s.read('CustomersV3'))).toEqual([id(1)])
    for (const [stream, one] of [
      ['SalesInvoiceHeadersV2', idOf('invoice', 1)],
      ['SalesCreditNotes', idOf('credit', 1)],
    ] as const) {
      expect(ids(await s.read(stream))).toEqual([one])
      expect(await (await s.stream(stream)).count!(s.context())).toBe(1)
    }
    expect(await (await s.stream('SalesInvoiceHeadersV2')).one!(s.context(), idOf('credit', 1))).toBeNull()
    expect(shipped.link!(s.context().config, 'order', 'lmde/SO-1')).toMatch(/\/\?cmp=lmde&mi=SalesTableListPage$/)
  })
  it('says what an entity does not have, and reads an environment that does not describe itself', async () => {
    await start({ lacking: ['CreditLimit'] })
    put(1)
    const [page] = await s.read('CustomersV3')
    expect(page!.held).toContain('credit_hold')
    expect(page!.held).not.toContain('credit_limit')
    await s.stop()
    await start({ silent: true })
    put(1)
    const silent = await s.read('CustomersV3')
    expect([ids(silent), silent[0]!.held]).toEqual([[id(1)], undefined])
  })
  it('names roles, entities and companies that are lacking', async () => {
    await start({ forbidden: ['SalesOrderHeadersV2'], absent: ['ReleasedProductsV2'] })
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      expect.stringContaining('data entity ReleasedProductsV2') as string,
      'security role that may read SalesOrderHeadersV2',
    ])
    await s.stop()
    await start({}, (c) => ({ ...c, companies: ['lmde', 'lmus'] }))
    put(1)
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      expect.stringContaining('company lmus') as string,
    ])
  })
})

describe('Finance & Operations, written', () => {
  let s: Simulated
  let a: Acting
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(operationsEnvironment(), connector)
    a = acting(s, connector)
    s.put({ kind: 'customer', id, fields: { name: 'Acme' } })
  })
  afterAll(() => s.stop())

  it('holds and releases under the whole key, across companies', async () => {
    for (const [action, held, word] of [
      ['hold', 'true', 'All'],
      ['release', 'false', 'No'],
    ] as const) {
      const { outcome, planned, wire } = await a.run(a.request({ action, kind: 'customer', recordId: id }))
      expect(outcome).toEqual({ status: 'done', recordId: id })
      expect(wire).toEqual(planned)
      expect(wire[0]).toMatchObject({
        path: "/data/CustomersV3(dataAreaId='lmde',CustomerAccount='LM-000001')?cross-company=true",
        body: { OnHoldStatus: word },
      })
      expect(a.record('customer', id).fields['credit_hold']).toBe(held)
    }
  })
  it('attaches an id to an invoice, whose key has parts that its id leaves out', async () => {
    const invoice = idOf('invoice', 1)
    s.put({ kind: 'invoice', id: invoice, fields: { total: '10', issued_on: '2026-11-03' } })
    const { outcome, planned } = await a.run(
      a.request({ action: 'attach_ref', kind: 'invoice', recordId: invoice, refs: { stripe: 'in_1' } }),
    )
    expect(outcome.status).toBe('done')
    expect(decodeURIComponent(planned[0]!.path)).toContain(
      "InvoiceDate=2026-11-03T12:00:00Z,LedgerVoucher='V-INV-000001'",
    )
    expect(a.record('invoice', invoice).refs['stripe']).toBe('in_1')
  })
  it('is refused by the version when somebody comes between', async () => {
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    const { outcome, wire } = await a.run(
      a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields: { name: 'Ours' } }),
    )
    s.meet(() => null)
    expect(outcome).toMatchObject({ status: 'conflict', reason: expect.stringContaining('another user') as string })
    expect(wire).toEqual([])
  })
  it('makes a customer in the company that is meant, and never loses digits', () => {
    const config = parsed({ companies: ['lmde', 'lmus'], entities: { CustomersV3: { key: 'LM_Key' } }, write: {} })
    const create = shipped.actionsOf!(config).find((x) => x.name === 'create')!
    const nothing = { row: null, mark: null }
    const wanted = (fields: Record<string, string>) => a.request({ action: 'create', kind: 'customer', fields })
    expect(() => create.calls(config, wanted({ name: 'New' }), nothing)).toThrow(/company/)
    expect(create.calls(config, wanted({ name: 'New', legal_entity: 'lmus' }), nothing)[0]!.body).toMatchObject({
      dataAreaId: 'lmus',
      OrganizationName: 'New',
    })
    const huge = { legal_entity: 'lmus', credit_limit: '12345678901234567.89' }
    expect(() => create.calls(config, wanted(huge), nothing)).toThrow(/digits/)
    expect(() => a.action('set_fields', 'invoice')).toThrow(/no set_fields/)
  })
})
