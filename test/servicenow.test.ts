/** ServiceNow: mapping of rows, key-set reading under the platform's silent ways, deletions, access, writing, requests by specification. */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../connectors/servicenow/config.ts'
import shipped from '../connectors/servicenow/connector.ts'
import { changedAfter, encoded } from '../connectors/servicenow/query.ts'
import { mapRow, rowOf, stampMs, stampText } from '../connectors/servicenow/rows.ts'
import { tableOf } from '../connectors/servicenow/tables.ts'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import type { ServiceNowOptions } from '../lab/platforms/servicenow.ts'
import { SERVICENOW_USER, serviceNowInstance } from '../lab/platforms/servicenow.ts'
import { idOf } from '../lab/platforms/servicenow/tables.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const own = (config: Record<string, unknown> = {}) => configSchema.shape.accounts.parse(config)
const fixture = (name: string) =>
  rowOf(JSON.parse(readFileSync(new URL(`../connectors/servicenow/fixtures/${name}.json`, import.meta.url), 'utf8')))

describe('rows of ServiceNow', () => {
  it('become customers with both lines of the street, opened references and ids of others', () => {
    const spec = tableOf('accounts', own({ fields: { segment: 'u_segment' }, refs: { salesforce: 'u_salesforce_id' } }))
    expect(mapRow(spec, fixture('customer_account'))).toEqual({
      record_id: '9f1c0b7adb2210108b1b5b2b5df69901',
      refs: { salesforce: '001FixtureNorthwnd' },
      custom: {},
      created_at: '2025-11-03T09:15:00Z',
      changed_at: '2026-02-11T16:40:12Z',
      changed_by: 'ayla.demir',
      fields: {
        name: 'Northwind Analytics',
        domain: 'https://www.northwind-analytics.example',
        phone: '+49 30 1234567',
        parent: '77aa0b7adb2210108b1b5b2b5df69901',
        'bill_to.line1': 'Kanalstrasse 4',
        'bill_to.line2': 'Haus B',
        'bill_to.city': 'Berlin',
        'bill_to.region': null,
        'bill_to.postal_code': '10115',
        'bill_to.country': 'DE',
        segment: 'mid_market',
      },
    })
  })
  it('become cases whose times say that they are UTC, and whose state is the choice', () => {
    const record = mapRow(tableOf('cases', own()), fixture('sn_customerservice_case'))
    expect(record.status).toBe('18')
    expect(record.fields).toMatchObject({ opened_at: '2026-02-10T07:01:02Z', resolved_at: null, entitlement: null })
  })
  it('become contracts whose currency column is taken apart', () => {
    const record = mapRow(tableOf('contracts', own({ fields: { value: 'u_value' } })), fixture('ast_contract'))
    expect(record.fields).toMatchObject({ value: '48000.50', currency: 'USD', starts_on: '2026-01-01' })
  })
  it('leave out what the table does not show, and refuse by name what is no time and what has no id', () => {
    const spec = tableOf('accounts', own())
    const bare = { sys_id: 'a', name: '', sys_created_on: '2026-01-01 00:00:00', sys_updated_on: '' }
    expect(mapRow(spec, rowOf(bare)).fields).toEqual({ name: null })
    expect(() => mapRow(spec, rowOf({ ...bare, sys_updated_on: '01/02/2026' }))).toThrow(/sys_updated_on/)
    expect(() => mapRow(spec, rowOf({ name: 'x' }))).toThrow(/sys_id/)
  })
})

describe('encoded queries', () => {
  it('go on after a place, with the condition of the configuration in every alternative', () => {
    const stamp = stampMs('2026-02-11 08:09:10')!
    expect(stampText(stamp + 999)).toBe('2026-02-11 08:09:10')
    expect(
      encoded(changedAfter({ since: null, after: { stamp, id: 'ab' } }, null), 'active=true', '^ORDERBYsys_id'),
    ).toBe(
      'sys_updated_on>2026-02-11 08:09:10^active=true^NQsys_updated_on=2026-02-11 08:09:10^sys_id>ab^active=true^ORDERBYsys_id',
    )
    expect(encoded([], null, '^ORDERBYsys_id')).toBe('ORDERBYsys_id')
  })
  it('of the configuration may not reorder', () => {
    expect(configSchema.shape.accounts.safeParse({ query: 'a=b^NQc=d' }).success).toBe(false)
  })
})

describe('ServiceNow, read', () => {
  let s: Simulated
  const start = async (
    options: ServiceNowOptions = {},
    config?: (c: Record<string, unknown>) => Record<string, unknown>,
  ) => (s = await simulated(serviceNowInstance(options), connector, config && { config }))
  afterEach(() => s.stop())
  const put = (n: number, change = {}) =>
    s.put({ kind: 'customer', id: idOf('customer', n), fields: { name: `C${n}` }, ...change })
  const all = (n: number) => Array.from({ length: n }, (_, i) => idOf('customer', i)).sort()

  it('loses no row of one shared second, nor one that changes while it pages', async () => {
    await start()
    for (let n = 0; n < 30; n++) put(n)
    let moved = false
    s.meet((_, n) => {
      if (n === 4 && !moved)
        ((moved = true), s.set(s.now() + 1000), put(3, { fields: { name: 'moved' }, changedAt: s.now() }))
      return null
    })
    const pages = await s.read('accounts', null, 'changes', 7)
    expect([...new Set(ids(pages))].sort()).toEqual(all(30))
    const names = (await s.mapped('accounts', pages)).filter((r) => r.record_id === idOf('customer', 3))
    expect(names.at(-1)!.fields['name']).toBe('moved')
  })
  it('reads on over pages from which access rules dropped every row', async () => {
    const sorted = all(20)
    await start({ hidden: (_, id) => sorted.indexOf(id) >= 5 && sorted.indexOf(id) < 15 })
    for (let n = 0; n < 20; n++) put(n)
    const seen = [...sorted.slice(0, 5), ...sorted.slice(15)]
    expect([...new Set(ids(await s.read('accounts', null, 'changes', 5)))].sort()).toEqual(seen)
    const full = await s.read('accounts', null, 'full', 5)
    expect(ids(full)).toEqual(seen)
    expect(full.at(-1)!.last).toBe(true)
    expect(await (await s.stream('accounts')).count!(s.context())).toBe(20)
  })
  it('sees in the next run what was committed late with an old stamp', async () => {
    await start()
    put(0)
    const first = await s.read('accounts')
    put(1, { changedAt: s.now() - 60_000 })
    s.set(s.now() + 300_000)
    expect(ids(await s.read('accounts', lastCursor(first)))).toContain(idOf('customer', 1))
  })
  it('refuses rows that do not meet what was asked', async () => {
    await start()
    put(0)
    const pages = await s.read('accounts')
    const inner = s.context().http
    // An instance that ignores the condition on the time.
    const http = {
      request: (r: HttpRequest) => inner.request({ ...r, query: { ...r.query, sysparm_query: 'ORDERBYsys_id' } }),
    }
    s.set(s.now() + 3_600_000)
    const later = { ...(lastCursor(pages) as object), newest: s.now(), began: s.now() }
    const read = (await s.stream('accounts')).read(s.context({ http }), later)
    await expect(read[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'schema' })
  })
  it('tells deletions from the audit, and names columns that the table does not show', async () => {
    await start({}, (config) => ({
      ...config,
      accounts: { ...(config['accounts'] as object), custom: { tier: 'u_gone' } },
    }))
    put(0)
    put(1)
    const first = await s.read('accounts')
    expect(first[0]!.notes?.join()).toContain('u_gone')
    s.set(s.now() + 60_000)
    put(1, { deletedAt: s.now() })
    const second = await s.read('accounts', lastCursor(first))
    expect(second.at(-1)!.deleted).toEqual([{ id: idOf('customer', 1), at: s.now() }])
    expect(ids(await s.read('accounts', null, 'full'))).toEqual([idOf('customer', 0)])
    expect(await (await s.stream('accounts')).one!(s.context(), idOf('customer', 1))).toBeNull()
  })
  it('names the tables that may not be read and those that are not there; signs in with a password', async () => {
    await start({ forbidden: ['ast_contract'], absent: ['service_entitlement'] }, (config) => ({
      ...config,
      audit_deletes: false,
      auth: { flow: 'basic', username: SERVICENOW_USER.name, password: SERVICENOW_USER.password },
    }))
    const { missingScopes } = await shipped.ping(s.context() as never)
    expect(missingScopes).toEqual([
      expect.stringContaining('table service_entitlement') as string,
      'role that may read ast_contract',
    ])
  })
  it('keeps to a rate rule of the instance', async () => {
    await start({ perHour: 50 })
    put(0)
    await s.read('accounts')
    expect(JSON.stringify(s.http.calls())).not.toContain('lab-servicenow-secret')
    const reply = {
      status: 200,
      headers: { 'x-ratelimit-limit': '50', 'x-ratelimit-reset': '1790000000' },
      text: '',
      json: () => null,
    }
    expect(shipped.budget!(reply, s.context().config)).toEqual({ limit: 50, resetsAt: 1_790_000_000_000 })
  })
  it('reads a range again, with its exact cost, and links to records', async () => {
    await start()
    const [from, to] = [s.now() - 10_000, s.now()]
    for (let n = 0; n < 20; n++) put(n, { changedAt: from - 10_000 + n * 1000 })
    const stream = await s.stream('accounts')
    expect(await stream.cost!(s.context(), { from, to })).toEqual({ calls: 1, rows: 10, exact: true, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 3 }), { from, to }, null)) pages.push(page)
    expect(ids(pages)).toEqual(Array.from({ length: 10 }, (_, i) => idOf('customer', i + 10)))
    expect(shipped.link!(s.context().config, 'customer', 'abc')).toMatch(
      /nav_to\.do\?uri=customer_account\.do%3Fsys_id%3Dabc$/,
    )
  })
})

describe('ServiceNow, written', () => {
  let s: Simulated
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(serviceNowInstance({ readOnly: ['ast_contract'] }), connector)
    s.put({ kind: 'customer', id, fields: { name: 'Acme', 'bill_to.line1': 'One', 'bill_to.line2': 'Two' } })
  })
  afterAll(() => s.stop())

  it('keeps the line of the street that it does not write', async () => {
    const a = acting(s, connector)
    const fields = { 'bill_to.line1': 'Eins' }
    const { outcome, wire } = await a.run(a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields }))
    expect(outcome.status).toBe('done')
    expect(wire[0]!.body).toEqual({ street: 'Eins\nTwo' })
    expect((await a.mapped('accounts', id)).fields).toMatchObject({ 'bill_to.line1': 'Eins', 'bill_to.line2': 'Two' })
  })
  it('makes a case with our key, once, and closes it by its choice', async () => {
    const a = acting(s, connector)
    const wanted = a.request({
      action: 'create',
      kind: 'case',
      fields: { priority: '2' },
      references: { customer: id },
    })
    const made = await a.run(wanted)
    expect(made.outcome.status).toBe('done')
    const again = await a.action('create', 'case').look(s.context(), wanted)
    const recordId = (made.outcome as { recordId: string }).recordId
    expect(again.row?.id).toBe(recordId)
    const cancel = a.request({ action: 'cancel', kind: 'case', recordId, words: { state: '3' } })
    expect((await a.run(cancel)).outcome.status).toBe('done')
    expect(a.record('case', recordId).state).toBe('closed')
  })
  it('says in the instance’s own words what it refuses', async () => {
    const a = acting(s, connector)
    const contract = idOf('contract', 1)
    s.put({ kind: 'contract', id: contract, fields: { number: 'X' } })
    const run = await a.run(
      a.request({ action: 'set_fields', kind: 'contract', recordId: contract, fields: { number: 'Y' } }),
    )
    expect(run.outcome).toMatchObject({ status: 'refused', reason: expect.stringMatching(/ACL/) as string })
  })
  it('offers nothing without a write section', () => {
    const { write: _, ...config } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(shipped.actionsOf!(configSchema.parse(config))).toEqual([])
  })
})

const SPEC = new URL('../../shared/vendor-data/servicenow/openapi/table-api.yaml', import.meta.url)

describe.runIf(existsSync(SPEC))('requests to ServiceNow', () => {
  interface Spec {
    paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema?: { type?: string } }[] }>>
  }
  it('go to paths of the specification, with parameters of the types that it names', async () => {
    const { paths } = parse(readFileSync(SPEC, 'utf8')) as Spec
    const s = await simulated(serviceNowInstance(), connector)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    try {
      for (let n = 0; n < 4; n++) s.put({ kind: 'customer', id: idOf('customer', n), fields: { name: 'x' } })
      const a = acting(s, connector)
      const stream = await s.stream('accounts')
      await shipped.ping(s.context({ http }) as never)
      for (const mode of ['changes', 'full'] as const)
        for await (const page of stream.read(s.context({ http, mode, pageSize: 2 }), null))
          expect(page.rows.length).toBeGreaterThan(0)
      await stream.count!(s.context({ http }))
      for (const [action, recordId] of [
        ['set_fields', idOf('customer', 1)],
        ['create', null],
      ] as const) {
        const wanted = a.request({ action, kind: 'customer', recordId, fields: { name: 'y' } })
        const act = a.action(action, 'customer')
        const outcome = await act.perform(s.context({ http }), wanted, await act.look(s.context({ http }), wanted))
        expect(outcome.status).toBe('done')
      }
    } finally {
      await s.stop()
    }
    expect(new Set(made.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET', 'PATCH', 'POST']))
    for (const { method = 'GET', url, query = {} } of made) {
      const path = /^\/api\/now\/table\/[a-z_]+(\/[0-9a-f]{32})?$/.exec(url)
      expect(path, url).not.toBeNull()
      const known = paths[`/api/now/table/{tableName}${path![1] ? '/{sys_id}' : ''}`]?.[method.toLowerCase()]
      expect(known, `${method} ${url}`).toBeDefined()
      for (const [name, value] of Object.entries(query)) {
        const parameter = known!.parameters?.find((p) => p.in === 'query' && p.name === name)
        expect(parameter, `${url}?${name}`).toBeDefined()
        expect(typeof value, name).toBe(parameter!.schema!.type)
      }
    }
  })
})
