/** Gainsight: rows in canonical words, queries that lose nothing, what it calls a failure, access, and writing. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, HttpReply, HttpRequest } from '../connectors/contract.ts'
import { config as schema } from '../connectors/gainsight/config.ts'
import shipped from '../connectors/gainsight/connector.ts'
import { errors } from '../connectors/gainsight/dialect.ts'
import { objectsOf } from '../connectors/gainsight/objects.ts'
import { mapRow, rowOf } from '../connectors/gainsight/rows.ts'
import type { GainsightOptions } from '../lab/platforms/gainsight.ts'
import { gainsightTenant } from '../lab/platforms/gainsight.ts'
import { GAINSIGHT_KEY } from '../lab/platforms/gainsight/entry.ts'
import { idOf } from '../lab/platforms/gainsight/objects.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const NOW = Date.parse('2026-11-20T12:00:00Z')
const settings = (more: Record<string, unknown> = {}) =>
  schema.parse({
    base_url: 'https://example.gainsightcloud.com',
    auth: { flow: 'access_key', access_key: 'key' },
    ...more,
  })
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../connectors/gainsight/fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >
const mapped = (name: string, value: Record<string, unknown>, own: Record<string, unknown> = {}) => {
  const spec = objectsOf(settings({ objects: { [name]: own } })).specs.find((one) => one.name === name)!
  return mapRow(spec, rowOf(spec, value))
}

describe('rows of Gainsight', () => {
  it('become customers with what the tenant’s own fields mean', () => {
    const own = {
      fields: { health_score: 'Score__gc', credit_hold: 'CreditHold__gc', legal_name: 'Gone__gc' },
      custom: { renewal: 'RenewalDate' },
      status: 'Status',
    }
    expect(mapped('Company', fixture('company'), own)).toEqual({
      record_id: '1P02FIXTURE0000000000000001',
      status: '1I00FIXTUREACTIVE',
      refs: { crm: '001FixtureNorthwnd' },
      custom: { renewal: '1798675200000' },
      created_at: '2025-11-03T09:15:00.000Z',
      changed_at: '2026-02-11T16:40:12.345Z',
      fields: {
        name: 'Northwind Analytics',
        parent: null,
        segment: '1I00FIXTUREMIDMARKET',
        health_score: '7.5',
        credit_hold: false,
      },
    })
    const dated = mapped('renewal__gc', fixture('company'), { kind: 'renewal', fields: { due_on: 'RenewalDate' } })
    expect(dated.fields).toEqual({ due_on: '2026-12-31' })
  })
  it('become contacts through their lookups', () => {
    expect(mapped('Company_Person', fixture('person'))).toMatchObject({
      changed_at: '2026-02-11T16:40:12.345Z',
      fields: { customer: '1P02FIXTURE0000000000000001', name: 'Ada Byron', email: 'ada@northwind.example' },
    })
  })
  it('are refused by name without an id, with a stamp that is none, or with a value that is several', () => {
    const company = fixture('company')
    expect(() => mapped('Company', { ...company, Gsid: null })).toThrow(/no Gsid/)
    expect(() => mapped('Company', { ...company, ModifiedDate: 'yesterday' })).toThrow(/ModifiedDate is no time/)
    expect(() => mapped('Company', { ...company, Name: ['A', 'B'] })).toThrow(/a list/)
  })
  it('of an object without a kind are not guessed at', () => {
    const config = settings({ objects: { renewal__gc: {} } })
    expect(() => shipped.discover!({ config, platform: 'gainsight' } as never)).toThrow(/no canonical kind/)
  })
})

const reply = (status: number, body: unknown): HttpReply => ({
  status,
  headers: {},
  text: JSON.stringify(body),
  json: () => body,
})

describe('the dialect of Gainsight', () => {
  it.each([
    [200, { result: false, errorCode: 'GSOBJ_1005', errorDesc: 'Invalid field' }, 'schema'],
    [400, { result: false, errorCode: 'GS_APIG_2401', errorDesc: 'Invalid access key' }, 'auth'],
    [401, { result: false, errorCode: 'x' }, 'auth'],
    [429, {}, 'rate_limited'],
    [500, { result: false, errorDesc: 'Internal' }, 'upstream'],
    [400, { result: false, errorCode: 'OBJECT_NOT_FOUND', errorDesc: 'Requested object not found' }, 'not_found'],
  ])('%i %j is %s', (status, body, code) => {
    expect(errors(reply(status, body))).toMatchObject({ code })
  })
  it('is silent about what succeeded, and about nothing found, which is told as a failure', () => {
    expect(errors(reply(200, { result: true, data: [] }))).toBeUndefined()
    expect(errors(reply(400, { result: false, errorCode: 'GSOBJ_1011' }))).toBeUndefined()
    expect(errors(reply(200, { result: false, errorDesc: 'No data found for given criteria' }))).toBeUndefined()
  })
})

describe('Gainsight, read', () => {
  let s: Simulated
  const start = async (options: GainsightOptions = {}, more: Record<string, unknown> = {}) =>
    (s = await simulated(gainsightTenant(options), connector, { config: (own) => ({ ...own, ...more }) }))
  afterEach(() => s.stop())
  const put = (n: number, change = {}) =>
    s.put({ kind: 'customer', id: idOf('customer', n), fields: { name: `C${n}` }, changedAt: NOW - 9e6, ...change })

  it('loses no row of a second that fills pages, nor of seconds that a page edge cuts', async () => {
    await start()
    for (let n = 0; n < 30; n++) put(n, { changedAt: NOW - 9e6 + (n % 3) * 100 })
    for (let n = 30; n < 45; n++) put(n, { changedAt: NOW - 8e6 + n * 400 })
    const got = ids(await s.read('Company', null, 'changes', 7))
    expect(new Set(got).size).toBe(45)
    for (const mode of ['changes', 'full'] as const) {
      s.meet((_, n) => (n % 3 === 0 && put(0, { changedAt: s.now() - n }), null))
      expect(new Set(ids(await s.read('Company', null, mode, 7))).size).toBe(45)
    }
  })
  it('reads again what is younger than the overlap, and learns of deletions from the log', async () => {
    await start()
    for (let n = 0; n < 3; n++) put(n)
    put(3, { changedAt: NOW - 30_000 })
    const cursor = lastCursor(await s.read('Company'))
    s.set(s.now() + 600_000)
    put(1, { changedAt: NOW - 1_800_000 })
    put(2, { deletedAt: s.now() - 1000 })
    const pages = await s.read('Company', cursor)
    expect(ids(pages)).toEqual([idOf('customer', 1), idOf('customer', 3)])
    expect(pages.flatMap((page) => page.deleted ?? [])).toEqual([{ id: idOf('customer', 2), at: s.now() - 1000 }])
    const stream = await s.stream('Company')
    expect(await stream.one!(s.context(), idOf('customer', 2))).toBeNull()
    expect((await stream.one!(s.context(), idOf('customer', 1)))!.id).toBe(idOf('customer', 1))
  })
  it('stops by name where the tenant reads times of conditions otherwise, instead of skipping rows', async () => {
    await start({ hoursOff: -2 })
    for (let n = 0; n < 20; n++) put(n, { changedAt: NOW - 9e6 + n * 1000 })
    await expect(s.read('Company', null, 'changes', 5)).rejects.toMatchObject({
      code: 'schema',
      remedy: expect.stringContaining('filter_dates') as string,
    })
    await s.stop()
    await start({ hoursOff: 2 })
    for (let n = 0; n < 20; n++) put(n, { changedAt: NOW - 9e6 + n * 1000_000 })
    await expect(s.read('Company', null, 'changes', 5)).rejects.toMatchObject({ code: 'schema' })
  })
  it('leaves out what the object does not have, says so, and reads the rest', async () => {
    await start({ lacking: ['Domain__gc'] })
    put(1)
    const [page] = await s.read('Company')
    expect(page!.held).not.toContain('domain')
    expect(page!.notes).toEqual([expect.stringContaining('Company has no Domain__gc') as string])
    expect((await s.mapped('Company', [page!]))[0]!.fields).not.toHaveProperty('domain')
  })
  it('signs in with the key or as a machine, and names the objects that are not there', async () => {
    await start({ absent: ['renewal__gc'] }, { auth: { flow: 'access_key', access_key: GAINSIGHT_KEY } })
    expect((await shipped.ping(s.context() as never)).missingScopes).toEqual([
      expect.stringContaining('add renewal__gc to skip') as string,
    ])
    await s.stop()
    await start({}, { auth: { flow: 'm2m', client_id: 'wrong', client_secret: 'wrong-client-secret' } })
    await expect(shipped.ping(s.context() as never)).rejects.toMatchObject({ code: 'auth' })
    expect(s.logged.join() + JSON.stringify(s.http.calls())).not.toContain('wrong-client-secret')
  })
  it('asks only for what its README names, never by number', async () => {
    await start()
    for (let n = 0; n < 9; n++) put(n)
    const made: HttpRequest[] = []
    const inner = s.context().http
    const http = { request: (r: HttpRequest) => (made.push(r), inner.request(r)) }
    for (const stream of await connector.discover!(s.context()))
      for await (const page of stream.read(s.context({ http, pageSize: 4 }), null))
        expect(page.rows.length).toBeLessThan(9)
    expect(new Set(made.map((r) => r.url.replace(/query\/\w+$/, 'query')))).toEqual(
      new Set(['/v1/meta/services/objects/describe', '/v1/data/objects/query']),
    )
    const bodies = made.map((r) => r.json as Record<string, unknown>).filter((json) => 'select' in json)
    expect(bodies.every((json) => json['offset'] === 0)).toBe(true)
    expect([...new Set(bodies.flatMap((json) => Object.keys(json)))].sort()).toEqual([
      'limit',
      'offset',
      'orderBy',
      'select',
      'where',
    ])
  })
})

describe('Gainsight, written', () => {
  let s: Simulated
  let a: Acting
  const id = idOf('customer', 1)
  beforeAll(async () => {
    s = await simulated(gainsightTenant(), connector, {
      config: (own) => {
        const objects = own['objects'] as Record<string, object>
        return { ...own, objects: { ...objects, Company: { ...objects['Company'], read_only: ['Score__gc'] } } }
      },
    })
    a = acting(s, connector)
    s.put({ kind: 'customer', id, state: 'customer', fields: { name: 'Acme', segment: 'smb', health_score: '7' } })
  })
  afterAll(() => s.stop())

  it('writes by the id, never what is computed, and holds by a field', async () => {
    const { outcome, wire } = await a.run(
      a.request({ action: 'set_fields', kind: 'customer', recordId: id, fields: { segment: 'mid' } }),
    )
    expect(outcome).toEqual({ status: 'done', recordId: id })
    expect(wire).toEqual([
      { method: 'PUT', path: '/v1/data/objects/Company?keys=Gsid', body: { records: [{ Gsid: id, Industry: 'mid' }] } },
    ])
    expect(a.action('set_fields', 'customer').fields).not.toContain('health_score')
    expect(a.action('set_fields', 'contact').fields).not.toContain('email')
    expect((await a.run(a.request({ action: 'hold', kind: 'customer', recordId: id }))).outcome.status).toBe('done')
    expect(a.record('customer', id).fields['credit_hold']).toBe('true')
  })
  it('is not stopped by what was computed meanwhile without a field of ours', async () => {
    const act = a.action('release', 'customer')
    const wanted = a.request({ action: 'release', kind: 'customer', recordId: id })
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 60_000)
    s.state.change('customer', id, { by: 'gainsight', fields: { '~usage': '12' } })
    expect((await act.perform(s.context(), wanted, standing)).status).toBe('done')
  })
  it('finds what it made by our key, and gives a refusal in Gainsight’s words', async () => {
    const wanted = a.request({ action: 'create', kind: 'customer', fields: { name: 'New' } })
    const { outcome, wire } = await a.run(wanted)
    expect(wire[0]!.body).toEqual({ records: [{ Name: 'New', PlumblineKey__gc: wanted.key }] })
    const again = await a.action('create', 'customer').look(s.context(), wanted)
    expect(again.row!.id).toBe((outcome as { recordId: string }).recordId)
    const odd = a.request({
      action: 'set_fields',
      kind: 'customer',
      recordId: id,
      fields: { state: 'closed' },
      words: { state: 'gone' },
    })
    expect((await a.run(odd)).outcome).toEqual({ status: 'refused', reason: 'Status has no item gone [GSOBJ_1006]' })
  })
  it('plans nothing that could not be found again, and links to records', () => {
    const at = { row: null, mark: null }
    const bare = a.request({ action: 'create', kind: 'customer', fields: { name: 'A' } })
    const config = settings({ write: {} })
    const create = shipped.actionsOf!(config).find((x) => x.name === 'create')!
    expect(() => create.calls(config, bare, at)).toThrow(/found again/)
    expect(shipped.actionsOf!(settings())).toEqual([])
    expect(shipped.link!(s.context().config, 'customer', 'a b')).toContain('cid=a%20b')
    expect(shipped.link!(s.context().config, 'contact', 'a')).toBeNull()
  })
})
