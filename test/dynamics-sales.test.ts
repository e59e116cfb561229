/** Dynamics 365 Sales: rows in canonical words, change tracking with its deletions and its expiry, versions, and columns against the vendor's model. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import { config } from '../connectors/dynamics-sales/config.ts'
import shipped from '../connectors/dynamics-sales/connector.ts'
import { mapRow } from '../connectors/dynamics-sales/mapping.ts'
import { columnsOf, tablesOf } from '../connectors/dynamics-sales/tables.ts'
import { dynamicsEnvironment, dynamicsSales } from '../lab/platforms/dynamics-sales.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const BASE = { url: 'https://acme.crm4.dynamics.com', auth: { tenant_id: 't', client_id: 'c', client_secret: 's' } }
const parsed = (extra: object = {}) => config.parse({ ...BASE, ...extra })
const spec = (set: string, extra: object = {}) =>
  tablesOf(parsed({ tables: { [set]: extra } })).specs.find((s) => s.set === set)!
const row = (value: unknown) => ({ id: null, value, raw: '' })
const ACCOUNT = JSON.parse(
  readFileSync(new URL('../connectors/dynamics-sales/fixtures/account.json', import.meta.url), 'utf8'),
) as Record<string, unknown>

describe('a Dataverse row in canonical words', () => {
  it('keeps numbers as they are written, statuses as numbers, and what is not in the row absent', () => {
    const record = mapRow(spec('accounts', { refs: { netsuite: 'new_netsuiteid' } }), row(ACCOUNT), {})
    expect(record).toMatchObject({
      record_id: '1a2b3c4d-0000-4000-8000-000000000017',
      status: '1',
      refs: { netsuite: '1042' },
      changed_at: '2026-02-11T16:40:12Z',
      deleted: false,
      fields: { credit_limit: '25000.5', credit_hold: 'false', currency: 'EUR', parent: null, payment_terms: '1' },
    })
    expect(record.fields).not.toHaveProperty('segment')
  })
  it('says into what a row was merged, and that a person is no company', () => {
    const survivor = '1A2B3C4D-0000-4000-8000-000000000018'
    const merged = mapRow(spec('accounts'), row({ ...ACCOUNT, merged: true, _masterid_value: survivor }), {})
    expect(merged).toMatchObject({ deleted: true, merged_into: survivor.toLowerCase() })
    const deal = {
      opportunityid: survivor,
      statecode: 2,
      _customerid_value: survivor,
      '_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname': 'contact',
    }
    expect(mapRow(spec('opportunities'), row(deal), {}).fields).toMatchObject({ customer: null, state: 'lost' })
  })
  it.each([
    ['row', []],
    ['accountid', {}],
    ['modifiedon', { accountid: 'a', modifiedon: '/Date(1)/' }],
    ['name', { accountid: 'a', name: {} }],
  ])('refuses what it cannot read and names %s', (field, value) => {
    expect(() => mapRow(spec('accounts'), row(value), {})).toThrow(expect.objectContaining({ field }) as MappingError)
  })
})

describe('reading the simulated environment', () => {
  let s: Simulated
  afterEach(() => s?.stop())
  const NOW = Date.parse('2026-11-20T12:00:00Z')
  const put = (n: number, more: object = {}) =>
    s.put({ kind: 'customer', id: dynamicsSales.id('customer', n), fields: { name: `Account ${n}` }, ...more })

  it('reads by its delta link what changed and what was deleted, however old the stamp of a late row is', async () => {
    s = await simulated(dynamicsSales, connector)
    for (let n = 1; n <= 12; n++) put(n, { changedAt: NOW - 5_000_000 })
    const loaded = await s.read('accounts', null, 'changes', 5)
    expect(new Set(ids(loaded)).size).toBe(12)
    s.set(NOW + 600_000)
    put(1, { changedAt: NOW + 1_000 })
    put(2, { deletedAt: NOW + 1_000 })
    put(13, { changedAt: NOW - 9_000_000 })
    const pages = await s.read('accounts', lastCursor(loaded))
    expect(new Set(ids(pages))).toEqual(new Set([1, 13].map((n) => dynamicsSales.id('customer', n))))
    expect(pages.flatMap((p) => p.deleted ?? [])).toEqual([{ id: dynamicsSales.id('customer', 2) }])
    expect(ids(await s.read('accounts', lastCursor(pages)))).toEqual([])
    expect(await (await s.stream('accounts')).count!(s.context())).toBe(12)
  })
  it('reads everything again when the link is too old', async () => {
    s = await simulated(dynamicsSales, connector)
    for (let n = 1; n <= 7; n++) put(n)
    const loaded = lastCursor(await s.read('accounts'))
    s.set(NOW + 8 * 86_400_000)
    const again = await s.read('accounts', loaded)
    expect(new Set(ids(again)).size).toBe(7)
    expect(s.logged.join()).toMatch(/no longer good/)
    expect(ids(await s.read('accounts', lastCursor(again)))).toEqual([])
  })
  it('says what to do where change tracking is off, and then reads tied stamps by modifiedon', async () => {
    const simulator = dynamicsEnvironment({ untracked: ['account'] })
    s = await simulated(simulator, connector)
    await expect(s.read('accounts')).rejects.toMatchObject({
      code: 'config',
      remedy: expect.stringMatching(/modifiedon/) as string,
    })
    await s.stop()
    const config = (c: Record<string, unknown>) => ({ ...c, tables: { accounts: { changes: 'modifiedon' } } })
    s = await simulated(simulator, connector, { config })
    for (let n = 1; n <= 23; n++) put(n, { changedAt: NOW - 500_000 + (n % 3) })
    put(30, { changedAt: NOW - 5_000_000 })
    const pages = await s.read('accounts', null, 'changes', 5)
    for (const { cursor } of pages.slice(0, 2)) {
      const resumed = new Set([...ids(pages.slice(0, 2)), ...ids(await s.read('accounts', cursor!, 'changes', 5))])
      expect(resumed.size).toBe(24)
    }
    s.set(NOW + 600_000)
    put(4, { changedAt: NOW + 60_000 })
    // What stands within the lag of the newest stamp is read again, and nothing before it.
    const later = ids(await s.read('accounts', lastCursor(pages)))
    expect(later).toContain(dynamicsSales.id('customer', 4))
    expect(later).not.toContain(dynamicsSales.id('customer', 30))
    const stream = await s.stream('accounts')
    const range = { from: NOW, to: NOW + 120_000 }
    expect(await stream.cost!(s.context(), range)).toMatchObject({ rows: 1, exact: true, by: 'change' })
  })
  it('names the privileges that are lacking', async () => {
    s = await simulated(dynamicsEnvironment({ hidden: ['quotes'] }), connector)
    expect((await connector.ping(s.context() as never)).missingScopes).toEqual(['prvReadquote'])
  })
  it('writes against the version that was read, and makes an opportunity of its account once', async () => {
    s = await simulated(dynamicsSales, connector)
    put(1)
    const a = acting(s, connector)
    const customer = dynamicsSales.id('customer', 1)
    const fields = { name: 'Renewal', amount: '1200.50' }
    const wanted = a.request({ action: 'create', kind: 'opportunity', fields, references: { customer } })
    const { outcome, planned, wire } = await a.run(wanted)
    expect(wire).toEqual(planned)
    const { recordId } = outcome as { recordId: string }
    expect((await a.mapped('opportunities', recordId)).fields).toMatchObject({
      name: 'Renewal',
      amount: '1200.5',
      customer,
    })
    const create = a.action('create', 'opportunity')
    const blind = await create.perform(s.context(), wanted, { row: null, mark: null })
    expect(blind.status).toBe('conflict')
    const rename = a.request({ action: 'set_fields', kind: 'customer', recordId: customer, fields: { name: 'Ours' } })
    const set = a.action('set_fields', 'customer')
    const standing = await set.look(s.context(), rename)
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    s.set(s.now() + 1_000)
    expect(await set.perform(s.context(), rename, standing)).toMatchObject({ status: 'conflict' })
    expect(() => set.calls(s.context().config, { ...rename, fields: { state: 'closed' } }, standing)).toThrow(/state/)
    expect(connector.link!(parsed() as never, 'order', customer)).toBe(
      `https://acme.crm4.dynamics.com/main.aspx?pagetype=entityrecord&etn=salesorder&id=${customer}`,
    )
  })
})

const MODEL = new URL('../../shared/vendor-data/dynamics-dataverse/cdm/', import.meta.url)

describe.runIf(existsSync(MODEL))('against the model that the vendor publishes', () => {
  const FILES: Record<string, string> = {
    quotes: 'Quote',
    salesorders: 'Order',
    invoices: 'Invoice',
    products: 'Product',
    opportunities: 'Opportunity',
    incidents: 'Case',
    entitlements: 'Entitlement',
    quotedetails: 'QuoteProduct',
    salesorderdetails: 'OrderProduct',
  }
  /** Columns in the Common Data Model's base entity or polymorphic, spelled apart from the table's own. */
  const ELSEWHERE = new Set(['createdon', 'modifiedon', 'customerid', 'statecode', 'statuscode'])
  function published(name: string): Set<string> {
    const at = new URL(`${name}.cdm.json`, MODEL)
    const text = existsSync(at)
      ? readFileSync(at, 'utf8')
      : gunzipSync(readFileSync(new URL(`${name}.cdm.json.gz`, MODEL))).toString()
    const names = [...text.matchAll(/"(?:sourceName|name)":\s*"([A-Za-z0-9_]+)"/g)].map(([, n]) => n!.toLowerCase())
    return new Set(names)
  }

  it.each(Object.entries(FILES))('asks %s only for columns that it has', (set, name) => {
    const known = published(name)
    expect(known.size).toBeGreaterThan(20)
    const columns = Object.values(spec(set).fields).flatMap(columnsOf)
    const names = columns.map((c) => /^_(.+)_value$/.exec(c)?.[1] ?? c)
    expect(names.filter((n) => !known.has(n) && !ELSEWHERE.has(n))).toEqual([])
  })
})
