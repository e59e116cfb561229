/** Zuora: versions, ties and expired cursors, its two ways to refuse, the vendor's own examples, and requests held against its specification. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Connector, HttpRequest } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import shipped from '../connectors/zuora/connector.ts'
import { isOldVersion, mapRow } from '../connectors/zuora/mapping.ts'
import { specOf } from '../connectors/zuora/objects.ts'
import type { ObjectName } from '../connectors/zuora/config.ts'
import { zuora, zuoraTenant } from '../lab/platforms/zuora.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const connector = shipped as unknown as Connector<never>
const SPEC = new URL('../../shared/vendor-data/zuora/openapi/zuora-swagger-2017-11-15.yml.gz', import.meta.url)
const NOW = Date.parse('2026-11-20T12:00:00Z')
const mapped = (object: ObjectName, value: unknown) =>
  mapRow(specOf(object, undefined), { id: null, value, raw: JSON.stringify(value) })

let s: Simulated
let a: Acting
const made: HttpRequest[] = []

beforeAll(async () => {
  s = await simulated(zuora, connector)
  a = acting(s, connector)
})
afterAll(() => s.stop())

describe('a Zuora subscription', () => {
  const { data } = JSON.parse(
    readFileSync(new URL('../connectors/zuora/fixtures/subscriptions.json', import.meta.url), 'utf8'),
  ) as { data: Record<string, unknown>[] }

  it('is its latest version, under the number that all versions share', () => {
    const [older, latest] = data as [Record<string, unknown>, Record<string, unknown>]
    const config = { expired_subscriptions: 'old_version' as const }
    expect([isOldVersion(older, config), isOldVersion(latest, config)]).toEqual([true, false])
    const { isLatestVersion: _, ...silent } = older
    expect(isOldVersion(silent, config)).toBe(true)
    expect(isOldVersion(silent, { expired_subscriptions: 'state' })).toBe(false)
    expect(mapped('subscriptions', latest)).toMatchObject({
      record_id: 'A-S00000042',
      status: 'Active',
      changed_at: '2026-11-19T08:15:02+00:00',
      fields: {
        customer: '8ad08f7a9e0000000000000000000001',
        product: '8ad08f7a9b0000000000000000000001',
        currency: 'EUR',
        quantity: '25',
        amount: '497.5',
        interval: 'quarter',
        mrr: '165.833333333',
        renews_on: '2026-12-31',
        amendment: 'none',
      },
    })
    expect(mapped('subscriptions', { ...latest, version: 3, status: 'Pending Activation' }).fields['amendment']).toBe(
      'pending',
    )
  })

  it('has unknown amounts where its charges are several or not all there', () => {
    const charge = {
      chargeType: 'Recurring',
      chargeModel: 'Flat Fee Pricing',
      price: 10,
      mrr: 10,
      billingPeriod: 'Month',
    }
    const of = (...ratePlans: unknown[]) => mapped('subscriptions', { ...data[1], ratePlans }).fields
    expect(of({ ratePlanCharges: [charge, charge] })).toMatchObject({ mrr: '20' })
    expect(of({ ratePlanCharges: [charge, charge] })).not.toHaveProperty('amount')
    expect(of({ productRatePlanId: 'x' })).not.toHaveProperty('mrr')
  })

  it('is read once however often it was amended, and is whole where its lists were cut', async () => {
    for (let n = 1; n <= 6; n++)
      s.put({
        kind: 'subscription',
        id: zuora.id('subscription', n),
        createdAt: NOW - 9e6,
        changedAt: NOW - 6e6,
        state: 'active',
        fields: { amount: '30.00', interval: 'month', currency: 'EUR' },
      })
    const pages = await s.read('subscriptions', null, 'changes', 1)
    expect(ids(pages)).toEqual([1, 2, 3, 4, 5, 6].map((n) => zuora.id('subscription', n)))
    // A page of one cuts every list to one: each is read by itself.
    expect(s.seen.filter(({ path }) => path.startsWith('/object-query/subscriptions/'))).toHaveLength(6)
    expect((await s.mapped('subscriptions', pages))[0]!.fields).toMatchObject({ amount: '30', interval: 'month' })
  })
})

describe('reading Zuora', () => {
  it('loses no row that shares a stamp, nor when the cursor expires half-way, and counts what it read', async () => {
    for (let n = 1; n <= 250; n++)
      s.put({
        kind: 'invoice',
        id: zuora.id('invoice', n),
        changedAt: NOW - 9e6,
        state: n % 2 ? 'open' : 'paid',
        fields: { total: '12345678901234567.89', amount_due: '1.00' },
      })
    expect(new Set(ids(await s.read('invoices', null, 'changes', 60))).size).toBe(250)
    let met = 0
    const from = s.seen.length
    s.meet(({ path }, n) =>
      path.endsWith('/invoices') && n === from + 3 && met++ === 0 ? { kind: 'expired_cursor' } : null,
    )
    const again = await s.read('invoices', null, 'changes', 60)
    s.meet(() => null)
    expect(met).toBe(1)
    expect(new Set(ids(again)).size).toBe(250)
    expect(await (await s.stream('invoices')).count!(s.context())).toBe(250)
    const [first, second] = await s.mapped('invoices', again)
    expect(first).toMatchObject({ status: 'Posted', fields: { total: '12345678901234567.89', amount_due: '1' } })
    expect(first!.fields).not.toHaveProperty('state')
    expect(second!.fields['state']).toBe('paid')
  })

  it('reads again what the index may have shown late, and nothing older', async () => {
    s.put({ kind: 'invoice', id: zuora.id('invoice', 3), changedAt: NOW - 30_000 })
    const cursor = lastCursor(await s.read('invoices'))
    s.set(s.now() + 600_000)
    s.put({ kind: 'invoice', id: zuora.id('invoice', 1), changedAt: s.now() - 1000 })
    // Committed before the last run and visible only now.
    s.put({ kind: 'invoice', id: zuora.id('invoice', 2), changedAt: NOW - 60_000 })
    expect(ids(await s.read('invoices', cursor)).sort()).toEqual([1, 2, 3].map((n) => zuora.id('invoice', n)))
  })

  it('names what the user may not read, object by object', async () => {
    const other = await simulated(zuoraTenant({ hidden: ['payments', 'credit-memos'] }), connector)
    await expect(shipped.ping(other.context() as never)).resolves.toMatchObject({
      missingScopes: ['read payments', 'read credit-memos'],
    })
    await expect(other.read('payments')).rejects.toMatchObject({ code: 'auth' })
    await other.stop()
  })
})

describe('writing to Zuora', () => {
  const id = zuora.id('subscription', 1)
  it('suspends, resumes and cancels, and gives the reason of a refusal in its own words', async () => {
    const run = (action: 'hold' | 'release' | 'cancel') =>
      a.run(a.request({ action, kind: 'subscription', recordId: id }))
    expect((await run('hold')).outcome).toEqual({ status: 'done', recordId: id })
    expect(a.record('subscription', id).state).toBe('paused')
    expect((await run('hold')).outcome).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('53200030') as string,
    })
    await run('release')
    expect((await run('cancel')).planned).toEqual([
      {
        method: 'PUT',
        path: `/v1/subscriptions/${id}/cancel`,
        body: { cancellationPolicy: 'EndOfCurrentTerm', invoiceCollect: false },
      },
    ])
    expect(a.record('subscription', id).state).toBe('cancelled')
  })
  it('makes no account that could not be found again, nor one without what Zuora asks for', () => {
    const create = a.action('create', 'customer')
    const bare = a.request({ action: 'create', kind: 'customer', fields: { name: 'A' } })
    const at = { row: null, mark: null }
    expect(() => create.calls(s.context().config, bare, at)).toThrow(/id of another platform/)
    expect(() => create.calls(s.context().config, { ...bare, refs: { salesforce: '001' } }, at)).toThrow(/currency/)
  })
})

interface Operation {
  parameters?: { name?: string; in?: string; schema?: Schema }[]
  responses: Record<string, { examples?: Record<string, unknown> }>
}
interface Schema {
  $ref?: string
  properties?: Record<string, Schema>
  allOf?: Schema[]
  required?: string[]
}

describe.runIf(existsSync(SPEC))('the specification of Zuora', () => {
  let spec: { paths: Record<string, Record<string, Operation>>; definitions: Record<string, Schema> }
  beforeAll(() => {
    spec = parse(gunzipSync(readFileSync(SPEC)).toString()) as typeof spec
  })
  const example = (path: string) => Object.values(spec.paths[path]!['get']!.responses['200']!.examples ?? {})[0]

  it.each([
    [
      'accounts',
      '/v1/object/account/{id}',
      { name: 'AC_1476935136687', currency: 'USD', payment_terms: 'Due Upon Receipt' },
    ],
    ['contacts', '/v1/object/contact/{id}', { name: 'FN1476934918260_new LN1476934918260', email: 'work@test.com' }],
    [
      'invoices',
      '/v1/object/invoice/{id}',
      { number: 'INV00000002', total: '23.92', amount_due: '23.92', due_on: '2011-01-10' },
    ],
    ['payments', '/v1/object/payment/{id}', { amount: '19696.44', method: 'Electronic', received_at: '2017-01-03' }],
    ['product-rate-plans', '/v1/object/product-rate-plan/{id}', { name: 'ProductRatePlan1476934869186_new' }],
    ['credit-memos', '/v1/creditmemos/{creditMemoId}', { number: 'CM00000012', amount: '3.1', currency: 'USD' }],
  ] as const)('has an example of %s that is mapped', (object, path, fields) => {
    const value = example(path)
    const record = mapped(object, value)
    expect(record.record_id).toMatch(/^[0-9a-f]{32}$/)
    expect(record.fields).toMatchObject(fields)
    expect(record.changed_at).toMatch(/^20\d\d-\d\d-\d\dT/)
  })
  it('has a row without an id refused by name', () => {
    const { Id: _, ...rest } = example('/v1/object/account/{id}') as Record<string, unknown>
    expect(() => mapped('accounts', rest)).toThrow(MappingError)
  })

  it('knows every call and every member of what is written', async () => {
    const inner = s.context().http
    const http = { request: (request: HttpRequest) => (made.push(request), inner.request(request)) }
    const ctx = s.context({ http })
    s.put({
      kind: 'customer',
      id: zuora.id('customer', 1),
      state: 'customer',
      fields: { name: 'Acme', currency: 'EUR' },
    })
    s.put({ kind: 'subscription', id: zuora.id('subscription', 2), state: 'active' })
    for (const stream of await shipped.discover!(ctx as never)) await stream.count?.(ctx as never)
    const everything = Object.fromEntries(a.action('set_fields', 'customer').fields.map((f) => [f, 'x']))
    const perform = async (request: Parameters<Acting['request']>[0]) => {
      const act = a.action(request.action, request.kind)
      const wanted = a.request(request)
      await act.perform(ctx as never, wanted, await act.look(ctx as never, wanted))
    }
    await perform({ action: 'set_fields', kind: 'customer', recordId: zuora.id('customer', 1), fields: everything })
    await perform({
      action: 'create',
      kind: 'customer',
      fields: { ...everything, currency: 'EUR' },
      refs: { salesforce: '001X' },
    })
    const subscription = { kind: 'subscription', recordId: zuora.id('subscription', 2) } as const
    await perform({ action: 'attach_ref', ...subscription, refs: { netsuite: '17' } })
    for (const action of ['hold', 'release', 'cancel'] as const) await perform({ action, ...subscription })

    const wrong: string[] = []
    // Object Query is younger than the specification at hand; the README says so of what it rests on.
    const known = made.filter(({ url }) => !url.startsWith('/object-query/'))
    for (const { method = 'GET', url, json } of known) {
      const parts = url.split('/')
      const path = Object.keys(spec.paths).filter(
        (p) =>
          p.split('/').length === parts.length && p.split('/').every((x, i) => x === parts[i] || x.startsWith('{')),
      )[0]
      const operation = path === undefined ? undefined : spec.paths[path]![method.toLowerCase()]
      if (!operation) wrong.push(`${method} ${url}`)
      else wrong.push(...unknown(json as object, operation.parameters?.find((p) => p.in === 'body')?.schema ?? {}, url))
    }
    expect(wrong).toEqual([])
    expect(new Set(known.map(({ method, url }) => `${method} ${url.split('/').at(-1)}`)).size).toBeGreaterThanOrEqual(6)
  })

  function membersOf(schema: Schema): { properties: Record<string, Schema>; required: string[] } {
    const whole = schema.$ref ? spec.definitions[schema.$ref.split('/').at(-1)!]! : schema
    const parts = (whole.allOf ?? []).map(membersOf)
    return {
      properties: Object.assign({}, whole.properties, ...parts.map((p) => p.properties)) as Record<string, Schema>,
      required: [...(whole.required ?? []), ...parts.flatMap((p) => p.required)],
    }
  }
  function unknown(value: object, schema: Schema, at: string): string[] {
    const { properties, required } = membersOf(schema)
    const lacking = required.filter((name) => !(name in value)).map((name) => `${at} without ${name}`)
    return lacking.concat(
      Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
        if (name.endsWith('__c')) return []
        if (!properties[name]) return [`${at} ${name}`]
        return typeof inner === 'object' && inner !== null ? unknown(inner, properties[name], `${at}.${name}`) : []
      }),
    )
  }
})
