/** Planhat: mapping of objects, lists that lose nothing while rows go, access, writing, and the objects of its own documentation. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { configSchema } from '../connectors/planhat/config.ts'
import shipped from '../connectors/planhat/connector.ts'
import type { ModelSpec } from '../connectors/planhat/models.ts'
import { modelOf } from '../connectors/planhat/models.ts'
import { mapObject, rowOf } from '../connectors/planhat/objects.ts'
import type { PlanhatOptions } from '../lab/platforms/planhat.ts'
import { planhatTenant } from '../lab/platforms/planhat.ts'
import { idOf } from '../lab/platforms/planhat/models.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const spec = (name: ModelSpec['name'], own: Record<string, unknown> = {}) =>
  modelOf(name, configSchema.shape.companies.parse(own))
const fixture = (name: string) =>
  rowOf(JSON.parse(readFileSync(new URL(`../connectors/planhat/fixtures/${name}.json`, import.meta.url), 'utf8')))

describe('objects of Planhat', () => {
  it('become customers with health, ids of others and properties of the tenant', () => {
    const companies = spec('companies', {
      external_id: 'stripe',
      source_id: 'salesforce',
      fields: {
        segment: 'custom.Segment',
        domain: 'custom.Domains',
        credit_hold: 'custom.Credit hold',
        legal_name: 'custom.Gone',
      },
      custom: { phase: 'phase' },
    })
    expect(mapObject(companies, fixture('company'))).toEqual({
      record_id: '5f01fixture0000000000001',
      status: 'customer',
      refs: { stripe: 'cus_FixtureNorthwind', salesforce: '001FixtureNorthwnd' },
      custom: { phase: 'onboarding' },
      created_at: '2025-11-03T09:15:00.000Z',
      changed_at: '2026-02-11T16:40:12.345Z',
      fields: {
        name: 'Northwind Analytics',
        health_score: 7.5,
        segment: 'mid_market',
        domain: 'northwind.example',
        credit_hold: false,
      },
    })
  })
  it('become subscriptions', () => {
    const record = mapObject(spec('licenses'), fixture('license'))
    expect(record.status).toBe('ongoing')
    expect(record.fields).toMatchObject({
      mrr: 1200.5,
      currency: 'USD',
      auto_renew: true,
      customer: '5f01fixture0000000000001',
    })
  })
  it('are refused by name without an id, with a stamp that is none, and where one value is asked of several', () => {
    expect(() => mapObject(spec('companies'), rowOf({ name: 'x' }))).toThrow(/_id/)
    expect(() => mapObject(spec('companies'), rowOf({ _id: 'a', updatedAt: 'yesterday' }))).toThrow(/updatedAt/)
    expect(() => mapObject(spec('companies'), rowOf({ _id: 'a', name: { first: 'x' } }))).toThrow(/name/)
  })
})

const DOCS = new URL('../../shared/vendor-data/planhat/docs-2017/', import.meta.url)

describe.runIf(existsSync(DOCS))('objects of Planhat’s documentation', () => {
  const examples = (file: string) =>
    [...readFileSync(new URL(file, DOCS), 'utf8').matchAll(/-d '(\{[\s\S]*?\})' \\\n(https\S+)/g)].map(
      ([, body, url]) => ({ url: url!, value: JSON.parse(body!) as Record<string, unknown> }),
    )
  it('are mapped without loss, or refused with the name of what they lack', () => {
    let mapped = 0
    for (const { url, value } of readdirSync(DOCS).flatMap(examples)) {
      const name = /planhat\.com\/(companies|tickets)$/.exec(url)?.[1] as ModelSpec['name'] | undefined
      if (!name) continue
      expect(() => mapObject(spec(name), rowOf(value))).toThrow(/_id/)
      const own = spec(name, { custom: Object.fromEntries(Object.keys(value).map((key) => [key, key])) })
      const record = mapObject(own, rowOf({ ...value, _id: 'abc' }))
      for (const [key, held] of Object.entries(value)) {
        const said = [
          ...Object.values(record.fields),
          record.status,
          record.changed_at,
          ...Object.values(record.custom!),
        ]
        if (typeof held === 'string') expect(said, `${name}.${key}`).toContain(held)
      }
      mapped++
    }
    expect(mapped).toBeGreaterThanOrEqual(2)
  })
  it('name the properties that we read of companies, end users, licenses and tickets', () => {
    const named = (file: string) => readFileSync(new URL(file, DOCS), 'utf8').replaceAll('\\', '')
    // Said to be unverified in the README, or named by the present list of models alone.
    const newer = ['status', 'h', 'companyId', 'createdAt']
    const files = {
      companies: '_companies.md',
      endusers: '_contacts.md',
      licenses: '_licenses.md',
      tickets: '_tickets.md',
    }
    for (const [name, file] of Object.entries(files)) {
      const { fields, status } = spec(name as ModelSpec['name'])
      for (const property of [...Object.values(fields), ...(status === null ? [] : [status])])
        expect(newer.includes(property) || named(file).includes(property), `${name}.${property}`).toBe(true)
    }
  })
})

describe('Planhat, read', () => {
  let s: Simulated
  const start = async (options: PlanhatOptions = {}, more: Record<string, unknown> = {}) =>
    (s = await simulated(planhatTenant(options), connector, {
      config: (shippedConfig) => ({ ...shippedConfig, ...more }),
    }))
  afterEach(() => s.stop())
  const id = (n: number) => idOf('customer', n)
  const put = (n: number, change = {}) => s.put({ kind: 'customer', id: id(n), fields: { name: `C${n}` }, ...change })

  it('loses no row when many before the place are deleted between two pages', async () => {
    await start()
    for (let n = 0; n < 40; n++) put(n)
    s.meet((_, n) => {
      if (n === 3) for (let gone = 0; gone < 15; gone++) put(gone, { deletedAt: s.now() })
      return null
    })
    const got = ids(await s.read('companies', null, 'changes', 10))
    expect(new Set(got).size).toBe(got.length)
    for (let n = 15; n < 40; n++) expect(got).toContain(id(n))
  })
  it('reads on where a page is shorter than it was asked for, and finds rows that came meanwhile', async () => {
    await start({ most: 7 })
    for (let n = 0; n < 20; n++) put(n)
    s.meet((_, n) => (n === 2 && put(90), null))
    const pages = await s.read('companies')
    expect(ids(pages)).toEqual([...Array.from({ length: 20 }, (_, n) => id(n)), id(90)])
    expect(pages.at(-1)).toMatchObject({ last: true, snapshot: true })
    expect(pages.slice(0, -1).every((page) => page.cursor === undefined && page.last === undefined)).toBe(true)
  })
  it('takes the present state again in every run', async () => {
    await start()
    put(0)
    put(1)
    const first = await s.read('companies')
    put(1, { deletedAt: s.now() })
    expect(ids(await s.read('companies', lastCursor(first)))).toEqual([id(0)])
    const stream = await s.stream('companies')
    expect(await stream.count!(s.context())).toBe(1)
    expect(await stream.one!(s.context(), id(1))).toBeNull()
    expect((await stream.one!(s.context(), id(0)))!.id).toBe(id(0))
  })
  it('says so where the order is not kept, and reads without one when told to', async () => {
    await start({ unordered: true })
    for (let n = 0; n < 5; n++) put(n)
    await expect(s.read('companies')).rejects.toMatchObject({
      code: 'schema',
      remedy: expect.stringContaining('sort') as string,
    })
    await s.stop()
    await start({ unordered: true }, { sort: null })
    for (let n = 0; n < 5; n++) put(n)
    const pages = await s.read('companies', null, 'full', 2)
    expect(ids(pages).sort()).toEqual(Array.from({ length: 5 }, (_, n) => id(n)))
    expect(pages.at(-1)!.last).toBe(true)
  })
  it('names what the token may not view and what the tenant does not have', async () => {
    await start({ forbidden: ['licenses'], absent: ['projects'] })
    const { missingScopes } = await shipped.ping(s.context() as never)
    expect(missingScopes).toEqual([
      'permission to view License',
      expect.stringContaining('add projects to skip') as string,
    ])
    await s.stop()
    await start({}, { token: 'wrong-token' })
    await expect(shipped.ping(s.context() as never)).rejects.toMatchObject({ code: 'auth' })
    expect(s.logged.join() + JSON.stringify(s.http.calls())).not.toContain('wrong-token')
  })
  it('links to records where the tenant’s address is configured', async () => {
    await start()
    expect(shipped.link!(s.context().config, 'customer', 'a b')).toBe('https://ws.lab.example/profile/a%20b')
    expect(shipped.link!(s.context().config, 'case', 'a')).toBeNull()
  })
})

describe('Planhat, written', () => {
  let s: Simulated
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(planhatTenant(), connector)
    s.put({ kind: 'customer', id, fields: { name: 'Acme', segment: 'smb', health_score: '7' } })
  })
  afterAll(() => s.stop())

  it('writes custom properties one by one, and never what Planhat computes', async () => {
    const a = acting(s, connector)
    const wanted = a.request({
      action: 'set_fields',
      kind: 'customer',
      recordId: id,
      fields: { segment: 'enterprise' },
    })
    const { outcome, wire } = await a.run(wanted)
    expect(outcome.status).toBe('done')
    expect(wire).toEqual([{ method: 'PUT', path: `/companies/${id}`, body: { custom: { Segment: 'enterprise' } } }])
    expect(a.action('set_fields', 'customer').fields).not.toContain('health_score')
  })
  it('is not stopped by a figure that was computed meanwhile without a field of ours', async () => {
    const a = acting(s, connector)
    const wanted = a.request({ action: 'hold', kind: 'customer', recordId: id })
    const act = a.action('hold', 'customer')
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 60_000)
    s.state.change('customer', id, { by: 'planhat', fields: { '~usage': '12' } })
    expect((await act.perform(s.context(), wanted, standing)).status).toBe('done')
    expect(a.record('customer', id).fields['credit_hold']).toBe('true')
  })
  it('finds a company again by our key where no other platform’s id is known', async () => {
    const a = acting(s, connector)
    const wanted = a.request({ action: 'create', kind: 'customer', fields: { name: 'New' } })
    const { outcome, wire } = await a.run(wanted)
    expect(wire[0]!.body).toEqual({ name: 'New', externalId: `plumbline-${wanted.key}` })
    const again = await a.action('create', 'customer').look(s.context(), wanted)
    expect(again.row!.id).toBe((outcome as { recordId: string }).recordId)
  })
  it('says in Planhat’s own words what it refuses', async () => {
    const a = acting(s, connector)
    const wanted = a.request({
      action: 'set_fields',
      kind: 'customer',
      recordId: id,
      fields: { state: 'closed' },
      words: { state: 'gone' },
    })
    expect((await a.run(wanted)).outcome).toEqual({ status: 'refused', reason: 'status is not valid: gone' })
  })
  it('asks only for what its README names', async () => {
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    await shipped.ping(s.context({ http }) as never)
    for (const stream of await connector.discover!(s.context()))
      for await (const page of stream.read(s.context({ http }), null)) expect(page.snapshot).toBe(true)
    expect(new Set(made.map((r) => r.method ?? 'GET'))).toEqual(new Set(['GET']))
    expect([...new Set(made.map((r) => r.url))].sort()).toEqual([
      '/companies',
      '/endusers',
      '/licenses',
      '/projects',
      '/tickets',
    ])
    expect([...new Set(made.flatMap((r) => Object.keys(r.query ?? {})))].sort()).toEqual(['limit', 'offset', 'sort'])
  })
})
