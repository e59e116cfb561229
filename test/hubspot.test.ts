/** HubSpot: objects in canonical words, changes that no page edge or wall loses, deletions and merges, and the v3 signature. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import { config } from '../connectors/hubspot/config.ts'
import shipped from '../connectors/hubspot/connector.ts'
import { errors } from '../connectors/hubspot/dialect.ts'
import { mapObject } from '../connectors/hubspot/mapping.ts'
import { objectsOf } from '../connectors/hubspot/objects.ts'
import { hubspot, hubspotAccount } from '../lab/platforms/hubspot.ts'
import { signed } from '../lab/platforms/hubspot/hooks.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const parsed = (extra: object = {}) =>
  config.parse({ auth: { flow: 'private_app', access_token: 'pat-test' }, ...extra })
const spec = (object: string, extra: object = {}) =>
  objectsOf(parsed({ objects: { [object]: extra } })).specs.find((s) => s.object === object)!
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../connectors/hubspot/fixtures/${name}.json`, import.meta.url), 'utf8')) as unknown
const row = (value: unknown) => ({ id: null, value, raw: '' })

describe('a HubSpot object in canonical words', () => {
  it('keeps texts as they are, emptied ones as empty, and what is not in the reply absent', () => {
    const record = mapObject(spec('companies', { refs: { netsuite: 'netsuite_id' } }), row(fixture('company')), {})
    expect(record).toMatchObject({
      record_id: '9100000017',
      status: 'customer',
      refs: { netsuite: '1042' },
      changed_at: '2026-02-11T16:40:12.345Z',
      deleted: false,
      fields: { name: 'Northwind Analytics', parent: null, 'bill_to.line2': null, 'bill_to.postal_code': '10115' },
    })
    expect(record.fields).not.toHaveProperty('type')
  })
  it('takes the primary company, the day that a date names, and what HubSpot says the stage means', () => {
    const { fields, status } = mapObject(spec('deals'), row(fixture('deal')), parsed({ currency: 'USD' }))
    expect(fields).toEqual({
      name: 'Northwind renewal',
      amount: '3000',
      currency: 'EUR',
      close_date: '2026-03-31',
      state: 'won',
      customer: '9100000017',
    })
    expect(status).toBe('closedwon')
  })
  it.each([
    ['row', 42],
    ['id', { properties: {} }],
    ['properties', { id: '1' }],
    ['hs_lastmodifieddate', { id: '1', properties: { hs_lastmodifieddate: 'yesterday' } }],
    ['name', { id: '1', properties: { name: ['x'] }, updatedAt: '2026-01-01T00:00:00Z' }],
  ])('refuses what it cannot read and names %s', (field, value) => {
    expect(() => mapObject(spec('companies'), row(value), {})).toThrow(
      expect.objectContaining({ field }) as MappingError,
    )
  })
})

describe('reading the simulated account', () => {
  let s: Simulated
  afterEach(() => s?.stop())
  const NOW = Date.parse('2026-11-20T12:00:00Z')
  const put = (n: number, more: object = {}) =>
    s.put({ kind: 'customer', id: hubspot.id('customer', n), fields: { name: `Company ${n}` }, ...more })

  it('reads more rows of one stamp than a page has, and none twice too few', async () => {
    s = await simulated(hubspot, connector)
    put(0, { changedAt: NOW - 9_000_000, createdAt: NOW - 9_000_000 })
    const loaded = lastCursor(await s.read('companies'))
    for (let n = 1; n <= 40; n++) put(n, { changedAt: NOW + (n < 5 ? n : n < 35 ? 1_000 : 1_000 + n) })
    s.set(NOW + 60_000)
    const got = ids(await s.read('companies', loaded, 'changes', 7))
    expect(new Set(got).size).toBe(40)
  })
  it('loses no row that changes while it pages', async () => {
    s = await simulated(hubspot, connector)
    const loaded = lastCursor(await s.read('companies'))
    for (let n = 1; n <= 30; n++) put(n, { changedAt: NOW + n * 10 })
    s.set(NOW + 60_000)
    const before = s.seen.length
    let moved = false
    s.meet((_, n) => {
      if (n === before + 4 && !moved) {
        moved = true
        for (let m = 1; m <= 3; m++) put(m, { changedAt: s.now() })
      }
      return null
    })
    const got = new Set(ids(await s.read('companies', loaded, 'changes', 5)))
    expect(moved).toBe(true)
    expect([...Array(30).keys()].map((n) => hubspot.id('customer', n + 1)).filter((id) => !got.has(id))).toEqual([])
  })
  it('tells archived and merged records from the cursor on, and a merged id is gone', async () => {
    s = await simulated(hubspot, connector)
    for (let n = 1; n <= 6; n++) put(n, { changedAt: NOW - 1_000_000, createdAt: NOW - 1_000_000 })
    const loaded = lastCursor(await s.read('companies'))
    s.set(NOW + 600_000)
    put(1, { deletedAt: NOW + 300_000 })
    put(2, { deletedAt: NOW + 300_000, mergedInto: hubspot.id('customer', 3) })
    put(3, { changedAt: NOW + 300_000 })
    const pages = await s.read('companies', loaded)
    expect(pages.flatMap((p) => p.deleted ?? [])).toEqual([
      { id: hubspot.id('customer', 2), mergedInto: hubspot.id('customer', 3) },
      { id: hubspot.id('customer', 1), at: NOW + 300_000 },
    ])
    const stream = await s.stream('companies')
    expect(await stream.one!(s.context(), hubspot.id('customer', 2))).toBeNull()
    expect(await stream.one!(s.context(), hubspot.id('customer', 1))).toBeNull()
    expect(await stream.count!(s.context())).toBe(4)
    expect(ids(await s.read('companies', null, 'full'))).toHaveLength(4)
  })
  it('reads a range again, and says before how many rows and calls it takes', async () => {
    s = await simulated(hubspot, connector)
    for (let n = 1; n <= 20; n++) put(n, { changedAt: NOW - n * 60_000 })
    const stream = await s.stream('companies')
    const range = { from: NOW - 10 * 60_000, to: NOW - 2 * 60_000 }
    expect(await stream.cost!(s.context(), range)).toEqual({ calls: 1, rows: 8, exact: true, by: 'change' })
    const pages = []
    for await (const page of stream.range!(s.context({ pageSize: 3 }), range, null)) pages.push(page)
    expect(new Set(ids(pages)).size).toBe(8)
  })
  it('names the scopes that are lacking', async () => {
    s = await simulated(hubspotAccount(['deals', 'tickets']), connector)
    expect(await connector.ping(s.context() as never)).toMatchObject({
      account: 'account 4242, developer_test',
      missingScopes: ['crm.objects.deals.read', 'crm.objects.tickets.read'],
    })
  })
  it('links to the record, and makes a deal with its company in one call', async () => {
    s = await simulated(hubspot, connector)
    put(1)
    const a = acting(s, connector)
    const customer = hubspot.id('customer', 1)
    const fields = { name: 'Renewal', amount: '1200.50', currency: 'EUR' }
    const made = a.request({ action: 'create', kind: 'opportunity', fields, references: { customer } })
    const { outcome, planned, wire } = await a.run(made)
    expect(outcome.status).toBe('done')
    expect(wire).toEqual(planned)
    const id = (outcome as { recordId: string }).recordId
    expect((await a.mapped('deals', id)).fields).toMatchObject({ ...fields, customer })
    expect(connector.link!(s.context().config, 'opportunity', id)).toBe(
      `https://app.hubspot.com/contacts/4242/record/0-3/${id}`,
    )
    expect((await a.run({ ...made, fields: { name: 'Again' } })).outcome.status).not.toBe('done')
  })
})

describe('HubSpot’s own words', () => {
  const reply = (status: number, body: object, headers: Record<string, string> = {}) => ({
    status,
    headers,
    text: '',
    json: () => body,
  })
  it('waits by the policy that a throttled reply names, and names lacking scopes', () => {
    expect(errors(reply(429, { policyName: 'DAILY' }))).toMatchObject({ code: 'rate_limited', retryAfterMs: 3_600_000 })
    expect(errors(reply(429, { policyName: 'SECONDLY' }))).toMatchObject({ retryAfterMs: 1_000 })
    expect(errors(reply(429, {}, { 'retry-after': '3' }))).toBeUndefined()
    const lacking = { category: 'MISSING_SCOPES', errors: [{ context: { requiredGranularScopes: ['tickets'] } }] }
    expect(errors(reply(403, lacking))).toMatchObject({ code: 'auth', message: 'The app lacks tickets.' })
    expect(errors(reply(423, {}))).toMatchObject({ code: 'upstream', retryable: true })
  })
  it('takes a delivery only for the address that is registered', () => {
    const url = 'https://plumbline.lab.example/hooks/hubspot'
    const body = '[{"eventId":1,"subscriptionType":"deal.creation","objectId":7,"occurredAt":5,"portalId":1}]'
    const now = 1_795_000_000_000
    const delivery = { method: 'POST', path: '/', query: {}, headers: signed(body, now), body: Buffer.from(body) }
    const of = (webhook: object) => shipped.receive!.verify(parsed({ webhook }), delivery, now)
    const secrets = ['old-secret', 'lab-hubspot-client-secret']
    expect(of({ secrets, url })).toEqual({ trust: 'signed' })
    expect(of({ secrets, url: `${url}/other` })).toMatchObject({ trust: 'refused' })
    expect(of({ secrets: ['old-secret'], url })).toMatchObject({ trust: 'refused' })
    const [reading] = shipped.receive!.read(parsed(), delivery)
    expect(reading!.hints).toEqual([{ stream: 'deals', id: '7' }])
  })
})
