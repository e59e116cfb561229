/** Oracle Fusion: numbers beyond what JavaScript counts, totals and balances, capped pages, dated rows, business units that are not seen, addresses and ETags of items. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import { parseExact } from '../connectors/exact-json.ts'
import { configSchema } from '../connectors/oracle-fusion/config.ts'
import shipped from '../connectors/oracle-fusion/connector.ts'
import { resourcesOf } from '../connectors/oracle-fusion/resources.ts'
import { mapRow, rowOf } from '../connectors/oracle-fusion/rows.ts'
import type { FusionOptions } from '../lab/platforms/oracle-fusion.ts'
import { fusionEnvironment } from '../lab/platforms/oracle-fusion.ts'
import { idOf, UNIT } from '../lab/platforms/oracle-fusion/resources.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const parsed = (extra: object = {}) =>
  configSchema.parse({ url: 'https://fusion.example', auth: { type: 'basic', user: 'u', password: 'p' }, ...extra })
const spec = (stream: string, resource: object = {}, extra: object = {}) =>
  resourcesOf(parsed({ resources: { [stream]: resource }, ...extra })).specs.find((s) => s.stream === stream)!
const mapped = (stream: string, value: unknown, resource: object = {}) =>
  mapRow(spec(stream, resource), rowOf(spec(stream, resource), value))
const NOW = Date.parse('2026-11-20T12:00:00Z')
const FIXTURE = new URL('../connectors/oracle-fusion/fixtures/receivables-invoice.json', import.meta.url)

describe('items of Fusion', () => {
  it('keep their eighteen digits, and are paid when a completed one has no balance', () => {
    const invoice = parseExact(readFileSync(FIXTURE, 'utf8')) as Record<string, unknown>
    const record = mapped('receivablesInvoices', invoice, { custom: { author: 'LastUpdatedBy' } })
    expect(record).toMatchObject({
      record_id: '300000046987000042',
      status: 'Complete, paid',
      changed_at: '2026-02-11T16:40:12.347+00:00',
      changed_by: 'FIN_IMPL',
      custom: { author: 'FIN_IMPL' },
      fields: { total: '1234.5', amount_due: '0', issued_on: '2026-02-11', legal_entity: 'Larkmoor Germany' },
    })
    expect(mapped('receivablesInvoices', { ...invoice, InvoiceBalanceAmount: 0.5 }).status).toBe('Complete')
    const { InvoiceBalanceAmount: _, ...silent } = invoice
    expect(mapped('receivablesInvoices', silent).status).toBe('Complete')
    expect(mapped('receivablesInvoices', silent).fields).not.toHaveProperty('amount_due')
  })
  it('have their amount among the totals, as children or as a plain list', () => {
    const rows = [
      { TotalCode: 'QP_TOTAL_TAX', TotalAmount: 19 },
      { TotalCode: 'QP_TOTAL_NET_PRICE', TotalAmount: '100.00' },
    ]
    for (const totals of [rows, { items: rows, hasMore: false }])
      expect(mapped('salesOrders', { HeaderId: '1', totals }).fields['amount']).toBe('100.00')
    expect(mapped('salesOrders', { HeaderId: '1', totals: [] }).fields['amount']).toBeNull()
    expect(mapped('salesOrders', { HeaderId: '1' }).fields).not.toHaveProperty('amount')
    const credit = { CustomerTransactionId: '1', EnteredAmount: '-12.50' }
    expect(mapped('receivablesCreditMemos', credit).fields['amount']).toBe('12.50')
  })
  it.each([
    ['item', []],
    ['PartyNumber', { PartyId: 1 }],
    ['LastUpdateDate', { PartyNumber: 'C1', LastUpdateDate: 'yesterday' }],
  ])('are refused by name where %s cannot be read', (field, value) => {
    expect(() => mapped('accounts', value)).toThrow(expect.objectContaining({ field }) as Error)
  })
  it('of resources that nobody described are asked for', () => {
    const config = parsed({ resources: { plans: { kind: 'entitlement' } } })
    expect(() => shipped.discover!({ config, platform: 'fusion' } as never)).toThrow(/plans/)
    expect(spec('subscriptions').kind).toBe('subscription')
    expect(spec('salesOrders', {}, { business_units: ['A', 'B'] }).only).toBe("BusinessUnitName in ('A','B')")
  })
})

describe('Oracle Fusion, read', () => {
  let s: Simulated
  const start = async (options: FusionOptions = {}, config?: (c: Record<string, unknown>) => Record<string, unknown>) =>
    (s = await simulated(fusionEnvironment(options), connector, config ? { config } : {}))
  afterEach(() => s.stop())
  const id = (n: number) => idOf('customer', n)
  const put = (n: number, change = {}) =>
    s.put({ kind: 'customer', id: id(n), state: 'customer', fields: { name: `C${n}` }, ...change })

  it('loses nothing of one stamp, nor after an interruption, and nothing behind a page that was capped', async () => {
    await start()
    for (let n = 0; n < 20; n++) put(n, { changedAt: NOW - 9_000_000 })
    const pages = await s.read('accounts', null, 'changes', 6)
    expect(ids(pages)).toEqual(Array.from({ length: 20 }, (_, n) => id(n)))
    const rest = await s.read('accounts', pages[1]!.cursor!, 'changes', 6)
    expect(ids(rest)).toEqual(Array.from({ length: 8 }, (_, n) => id(n + 12)))
    await s.stop()
    // Capped at seven, and it says that there is nothing more.
    await start({ cap: 7 })
    for (let n = 0; n < 20; n++) put(n)
    const full = await s.read('accounts', null, 'full', 200)
    expect([ids(full).length, full.at(-1)!.last]).toEqual([20, true])
    expect(full.at(-1)!.rows).toEqual([])
  })
  it('sees what was committed late, sweeps what is gone, counts, and links', async () => {
    await start()
    put(1, { changedAt: NOW - 9_000_000 })
    const loaded = lastCursor(await s.read('accounts'))
    put(2, { changedAt: NOW - 200_000 })
    s.set(NOW + 300_000)
    expect(ids(await s.read('accounts', loaded))).toContain(id(2))
    put(1, { deletedAt: s.now() })
    expect(ids(await s.read('accounts', null, 'full'))).toEqual([id(2)])
    const stream = await s.stream('accounts')
    expect(await stream.count!(s.context())).toBe(1)
    expect(await stream.one!(s.context(), id(1))).toBeNull()
    await expect(stream.one!(s.context(), "x'; PartyId > 0")).rejects.toMatchObject({ code: 'config' })
    expect(shipped.link!(s.context().config, 'customer', 'x')).toBe('https://fusion.lab.example/?account=x')
  })
  it('reads a range with what it costs, by numbers that no JavaScript number carries', async () => {
    await start()
    for (let n = 0; n < 12; n++) {
      const fields = { total: '12.50', amount_due: '12.50' }
      s.put({ kind: 'invoice', id: idOf('invoice', n), state: 'open', fields, changedAt: NOW - 100_000 + n * 1000 })
    }
    const stream = await s.stream('receivablesInvoices')
    const range = { from: NOW - 98_000, to: NOW - 92_000 }
    expect(await stream.cost!(s.context(), range)).toEqual({ calls: 2, rows: 6, exact: false, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 4 }), range, null)) pages.push(page)
    expect(ids(pages)).toEqual([2, 3, 4, 5, 6, 7].map((n) => idOf('invoice', n)))
    expect((await stream.one!(s.context(), idOf('invoice', 3)))!.id).toBe('300000046987000003')
  })
  it('takes of dated rows the one in force, reads them whole, and not more often than it is told to', async () => {
    const row = (ItemId: number, from: string, to: string, ItemDescription: string) => {
      const period = { EffectiveStartDate: from, EffectiveEndDate: to }
      return { ItemId, ItemNumber: `SKU-${ItemId}`, ItemDescription, ...period }
    }
    const dated = [
      row(1, '2026-01-01', '2026-11-20', 'Old name'),
      row(1, '2026-11-21', '4712-12-31', 'New name'),
      row(2, '2026-12-01', '4712-12-31', 'To come'),
      row(3, '2026-01-01', '4712-12-31', 'Always'),
    ]
    await start({ besides: { itemsV2: dated } }, (c) => ({ ...c, resources: { items: { effective: {} } } }))
    const named = async (from: Parameters<typeof s.read>[1], pageSize = 2) => {
      const pages = await s.read('items', from, 'changes', pageSize)
      const names = (await s.mapped('items', pages)).map((r) => r.fields['name'])
      return { names, cursor: lastCursor(pages) }
    }
    const first = await named(null)
    expect(first.names).toEqual(['Old name', 'Always'])
    s.set(NOW + 10 * 60_000)
    expect((await named(first.cursor)).names).toEqual([])
    s.set(NOW + 24 * 3_600_000)
    expect((await named(first.cursor)).names).toEqual(['New name', 'Always'])
  })
  it('says what a release does not have, and reads one that does not describe itself', async () => {
    await start({ lacking: ['OwnerName'] })
    put(1)
    const [page] = await s.read('accounts')
    expect(page!.held).toContain('name')
    expect(page!.held).not.toContain('owner')
    await s.stop()
    await start({ lacking: ['LastUpdateDate'] })
    await expect(s.read('accounts')).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('LastUpdateDate') as string,
    })
    await s.stop()
    await start({ silent: true })
    put(1)
    const silent = await s.read('accounts')
    expect([ids(silent), silent[0]!.held]).toEqual([[id(1)], undefined])
  })
  it('names privileges, resources and business units that are lacking, and keeps to its units', async () => {
    await start({ forbidden: ['opportunities'], absent: ['itemsV2'] })
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      'privilege that may view opportunities',
      expect.stringContaining('itemsV2 (not in this release') as string,
    ])
    await s.stop()
    await start({}, (c) => ({ ...c, business_units: ['Elsewhere'] }))
    s.put({ kind: 'order', id: idOf('order', 1), state: 'booked' })
    expect(ids(await s.read('salesOrders'))).toEqual([])
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      expect.stringContaining('business unit Elsewhere') as string,
    ])
    await s.stop()
    await start()
    s.put({ kind: 'invoice', id: idOf('invoice', 1), state: 'open' })
    expect(await shipped.ping(s.context() as never)).not.toHaveProperty('missingScopes')
    expect(UNIT).toBe('Larkmoor Germany')
  })
})

describe('Oracle Fusion, written', () => {
  let s: Simulated
  let a: Acting
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(fusionEnvironment(), connector)
    a = acting(s, connector)
    s.put({ kind: 'customer', id, state: 'customer', fields: { name: 'Acme' } })
  })
  afterAll(() => s.stop())

  it('writes at the address that an item names, against its ETag', async () => {
    const fields = { name: 'Acme AG', email: 'ap@acme.example' }
    const { outcome, planned, wire } = await a.run(
      a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields }),
    )
    expect(outcome).toEqual({ status: 'done', recordId: id })
    expect(wire).toEqual(planned)
    expect(planned[0]!.path).toMatch(/\/accounts\/[0-9a-f]{24}$/)
    expect((await a.mapped('accounts', id)).fields).toMatchObject(fields)
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    const late = await a.run(
      a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields: { name: 'Ours' } }),
    )
    s.meet(() => null)
    expect(late.outcome).toMatchObject({ status: 'conflict' })
    expect(late.wire).toEqual([])
  })
  it('attaches an id to what accounting owns, and offers no more of it', async () => {
    const invoice = idOf('invoice', 1)
    s.put({ kind: 'invoice', id: invoice, state: 'open', fields: { total: '10' } })
    const request = a.request({ action: 'attach_ref', kind: 'invoice', recordId: invoice, refs: { stripe: 'in_1' } })
    expect((await a.run(request)).outcome.status).toBe('done')
    expect(a.record('invoice', invoice).refs['stripe']).toBe('in_1')
    expect(() => a.action('set_fields', 'invoice')).toThrow(/no set_fields/)
    expect(() => a.action('create', 'order')).toThrow(/no create/)
    expect(shipped.actionsOf!(parsed())).toEqual([])
  })
})
