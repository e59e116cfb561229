/** Business Central: mapping of entities, reading along next links, access, writing by ETag, properties and paths by specification. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { configSchema, ENTITY_NAMES } from '../connectors/business-central/config.ts'
import shipped from '../connectors/business-central/connector.ts'
import { entityOf } from '../connectors/business-central/entities.ts'
import { mapRow, rowOf } from '../connectors/business-central/rows.ts'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import type { CentralOptions } from '../lab/platforms/business-central.ts'
import { centralCompany } from '../lab/platforms/business-central.ts'
import { idOf } from '../lab/platforms/business-central/entities.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const spec = (name: (typeof ENTITY_NAMES)[number]) => entityOf(name, configSchema.shape.customers.parse({}))
const FIXTURE = new URL('../connectors/business-central/fixtures/customer.json', import.meta.url)

describe('entities of Business Central', () => {
  const customer = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, unknown>
  it('become customers whose empty currency is the company’s own, and whose block is a hold', () => {
    const record = mapRow(spec('customers'), rowOf(customer), { local_currency: 'EUR' })
    expect(record).toMatchObject({ record_id: customer['id'], changed_at: '2026-02-11T16:40:12.347Z' })
    expect(record.fields).toMatchObject({
      name: 'Northwind Analytics',
      'bill_to.line2': null,
      currency: 'EUR',
      credit_limit: '12000.5',
      credit_hold: 'false',
    })
    expect(mapRow(spec('customers'), rowOf(customer), {}).fields).not.toHaveProperty('currency')
    const blocked = mapRow(spec('customers'), rowOf({ ...customer, blocked: 'Ship' }), {})
    expect(blocked.fields['credit_hold']).toBe('true')
  })
  it('know the year 1 and the GUID of zeros as nothing, and are refused by name', () => {
    const invoice = { id: 'a', dueDate: '0001-01-01', orderId: '00000000-0000-0000-0000-000000000000', status: 'Open' }
    const record = mapRow(spec('salesInvoices'), rowOf(invoice), {})
    expect(record.fields).toEqual({ due_on: null, order: null })
    expect(record.status).toBe('Open')
    expect(() => mapRow(spec('items'), rowOf({ id: '' }), {})).toThrow(/id/)
    expect(() => mapRow(spec('items'), rowOf({ id: 'a', lastModifiedDateTime: 'yesterday' }), {})).toThrow(
      /lastModified/,
    )
  })
})

describe('Business Central, read', () => {
  let s: Simulated
  const start = async (options: CentralOptions = {}) => (s = await simulated(centralCompany(options), connector))
  afterEach(() => s.stop())
  const id = (n: number) => idOf('customer', n)
  const put = (n: number, change = {}) =>
    s.put({
      kind: 'customer',
      id: id(n),
      fields: { name: `C${n}` },
      changedAt: Date.parse('2026-11-20T10:00:00Z'),
      ...change,
    })
  const all = (n: number) => Array.from({ length: n }, (_, i) => id(i)).sort()

  it('loses no row of one stamp, whichever page address is gone, nor after an interruption', async () => {
    await start()
    for (let n = 0; n < 20; n++) put(n, { changedAt: Date.parse('2026-11-20T10:00:00Z') + Math.floor(n / 10) })
    s.meet((_, n) => (n === 4 ? { kind: 'expired_cursor' } : null))
    const pages = await s.read('customers', null, 'changes', 4)
    expect([...new Set(ids(pages))].sort()).toEqual(all(20))
    s.meet(() => null)
    const rest = await s.read('customers', pages[1]!.cursor!, 'changes', 4)
    expect([...new Set([...ids(pages.slice(0, 2)), ...ids(rest)])].sort()).toEqual(all(20))
  })
  it('sees what was committed late, sweeps what is gone, counts and links', async () => {
    await start()
    put(0)
    const first = await s.read('customers')
    put(1, { changedAt: s.now() - 60_000 })
    s.set(s.now() + 300_000)
    expect(ids(await s.read('customers', lastCursor(first)))).toContain(id(1))
    put(0, { deletedAt: s.now() })
    const full = await s.read('customers', null, 'full')
    expect(ids(full)).toEqual([id(1)])
    expect(full.at(-1)!.last).toBe(true)
    const stream = await s.stream('customers')
    expect(await stream.count!(s.context())).toBe(1)
    expect(await stream.one!(s.context(), id(0))).toBeNull()
    expect(shipped.link!(s.context().config, 'customer', 'x')).toBe('https://bc.lab.example/?page=21&id=x')
  })
  it('reads a range again with its exact cost', async () => {
    await start()
    const from = Date.parse('2026-11-20T10:00:00Z')
    for (let n = 0; n < 12; n++) put(n, { changedAt: from + n * 1000 })
    const range = { from: from + 2_000, to: from + 8_000 }
    const stream = await s.stream('customers')
    expect(await stream.cost!(s.context(), range)).toEqual({ calls: 1, rows: 6, exact: true, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 4 }), range, null)) pages.push(page)
    expect(ids(pages)).toEqual([2, 3, 4, 5, 6, 7].map(id))
  })
  it('names what the application may not read and what the route does not have', async () => {
    await start({ forbidden: ['salesOrders'], absent: ['customerPayments'] })
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      'permission set that may read salesOrders',
      expect.stringContaining('entity customerPayments') as string,
    ])
    await s.stop()
    await start({ forbidden: ENTITY_NAMES })
    await expect(shipped.ping(s.context() as never)).rejects.toMatchObject({ code: 'auth' })
  })
})

describe('Business Central, written', () => {
  let s: Simulated
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(centralCompany(), connector)
    s.put({ kind: 'customer', id, fields: { name: 'Acme' } })
  })
  afterAll(() => s.stop())

  it('holds and releases by the block', async () => {
    const a = acting(s, connector)
    for (const [action, held, word] of [
      ['hold', 'true', 'All'],
      ['release', 'false', '_x0020_'],
    ] as const) {
      const { outcome, wire } = await a.run(a.request({ action, kind: 'customer', recordId: id }))
      expect(outcome.status).toBe('done')
      expect(wire[0]!.body).toEqual({ blocked: word })
      expect(a.record('customer', id).fields['credit_hold']).toBe(held)
    }
  })
  it('is refused by the ETag when somebody comes between the last look and the write', async () => {
    const a = acting(s, connector)
    const wanted = a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields: { name: 'Ours' } })
    s.meet(({ method }) => (method === 'PATCH' ? { kind: 'conflict' } : null))
    const { outcome, wire } = await a.run(wanted)
    s.meet(() => null)
    expect(outcome).toMatchObject({
      status: 'conflict',
      reason: expect.stringContaining('Request_EntityChanged') as string,
    })
    expect(wire).toEqual([])
  })
  it('does not offer what posting decides', () => {
    const a = acting(s, connector)
    expect(a.action('set_fields', 'invoice').fields).not.toContain('total')
    expect(() => a.action('create', 'invoice')).toThrow(/no create/)
  })
})

const DATA = new URL('../../shared/vendor-data/dynamics-business-central/', import.meta.url)
const stored = (file: string) => JSON.parse(gunzipSync(readFileSync(new URL(file, DATA))).toString()) as unknown

describe.runIf(existsSync(DATA))('Business Central by its specification', () => {
  it('every property that is read or written is one of the resource', () => {
    const resources = stored('v2.0-resource-definitions.json.gz') as Record<string, { properties: { name: string }[] }>
    for (const name of ENTITY_NAMES) {
      const known = resources[name.slice(0, -1).toLowerCase()]!.properties.map((p) => p.name)
      const { fields, status } = spec(name)
      const unknown = [...Object.values(fields), ...(status === null ? [] : [status])].filter((p) => !known.includes(p))
      expect(unknown, name).toEqual([])
    }
  })
  it('the example of every resource is mapped without loss of what it names', () => {
    const resources = stored('v2.0-resource-definitions.json.gz') as Record<string, { json: string | string[] }>
    for (const name of ENTITY_NAMES) {
      const text = String(resources[name.slice(0, -1).toLowerCase()]!.json)
      const example = JSON.parse(
        text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1).replaceAll('\\n', ''),
      ) as Record<string, unknown>
      // The example names types, no values: a time that is none is refused by name.
      expect(() => mapRow(spec(name), rowOf(example), {}), name).toThrow(/lastModifiedDateTime/)
      const value = { ...example, lastModifiedDateTime: '2026-01-01T00:00:00Z' }
      expect(Object.keys(mapRow(spec(name), rowOf(value), {}).fields).sort(), name).toEqual(
        Object.keys(spec(name).fields).sort(),
      )
    }
  })
  it('every request goes to a path and method of the specification', async () => {
    const { paths } = stored('openapi/BCOpenApiSpecification.json.gz') as {
      paths: Record<string, Record<string, unknown>>
    }
    const s = await simulated(centralCompany(), connector)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    try {
      const id = idOf('customer', 1)
      s.put({ kind: 'customer', id, fields: { name: 'x' } })
      await shipped.ping(s.context({ http }) as never)
      for (const stream of await connector.discover!(s.context()))
        for await (const page of stream.read(s.context({ http }), null)) expect(page.rows.length).toBeLessThan(2)
      const a = acting(s, connector)
      for (const [action, recordId] of [
        ['set_fields', id],
        ['create', null],
      ] as const) {
        const act = a.action(action, 'customer')
        const wanted = a.request({ action, kind: 'customer', recordId, fields: { name: 'y' } })
        const outcome = await act.perform(s.context({ http }), wanted, await act.look(s.context({ http }), wanted))
        expect(outcome.status).toBe('done')
      }
    } finally {
      await s.stop()
    }
    const ours = made.filter((r) => !r.url.endsWith('/token'))
    expect(new Set(ours.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET', 'PATCH', 'POST']))
    for (const { method = 'GET', url } of ours) {
      const [, entity, one] = /companies\([0-9a-f-]{36}\)\/(\w+)(\([0-9a-f-]{36}\))?$/.exec(url)!
      const path = `/companies({company_id})/${entity}${one ? `({${entity!.slice(0, -1)}_id})` : ''}`
      expect(paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined()
    }
  })
})
