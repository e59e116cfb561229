/** Shopify: objects in canonical words, how it says that something went wrong, and webhooks. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { HttpReply } from '../connectors/contract.ts'
import type { HookRequest } from '../connectors/receiver.ts'
import { config as schema } from '../connectors/shopify/config.ts'
import shipped from '../connectors/shopify/connector.ts'
import { budget, errors } from '../connectors/shopify/dialect.ts'
import { mapNode, rowOf } from '../connectors/shopify/mapping.ts'
import { specsOf } from '../connectors/shopify/objects.ts'
import { selectionOf, valueAt } from '../connectors/shopify/paths.ts'

const settings = (more: Record<string, unknown> = {}) =>
  schema.parse({ base_url: 'https://larkmoor.myshopify.com', auth: { flow: 'token', access_token: 'shpat' }, ...more })
const mapped = (name: string, value: object, more: Record<string, unknown> = {}) => {
  const spec = specsOf(settings(more)).find((s) => s.name === name)!
  return mapNode(spec, rowOf(value as Record<string, unknown>))
}
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../connectors/shopify/fixtures/${name}.json`, import.meta.url), 'utf8')) as object
const NOW = Date.parse('2026-11-20T12:00:00Z')

describe('objects of Shopify', () => {
  it('become orders net of tax, held for a reason, of the company that buys', () => {
    const more = { holds: true, objects: { companies: {}, orders: { refs: { erp: 'metafield.custom.erp_id' } } } }
    expect(mapped('orders', fixture('order'), more)).toEqual({
      record_id: '5001000000001',
      status: 'ON_HOLD',
      refs: { erp: 'SO-88' },
      created_at: '2026-11-18T16:40:00Z',
      changed_at: '2026-11-19T08:15:02Z',
      deleted: false,
      fields: {
        customer: 'gid://shopify/Company/3001',
        number: '#1042',
        amount: '100',
        tax: '19.00',
        currency: 'EUR',
        ordered_at: '2026-11-18T16:39:58Z',
        block_reason: 'credit check',
        state: 'blocked',
      },
    })
    expect(mapped('orders', fixture('order')).fields['customer']).toBe('7001000000001')
    expect(mapped('orders', { ...fixture('order'), cancelledAt: '2026-11-19T08:00:00Z' }).fields['state']).toBe(
      'cancelled',
    )
  })
  it('become companies under their whole id, with what their first location says', () => {
    const record = mapped('companies', fixture('company'), { objects: { companies: { refs: { erp: 'externalId' } } } })
    expect(record).toMatchObject({ record_id: 'gid://shopify/Company/3001', refs: { erp: '10042' } })
    expect(record.fields).toMatchObject({
      name: 'Northwind Analytics',
      email: 'ada@northwind.example',
      tax_id: 'DE136695976',
      payment_terms: 'Net 30',
      'bill_to.country': 'DE',
      'bill_to.line2': null,
      'ship_to.city': null,
    })
  })
  it('become subscriptions by quarter, with the sum of their lines where all are at hand', () => {
    const more = { objects: { subscription_contracts: {} } }
    const contract = fixture('contract') as { lines: object }
    expect(mapped('subscription_contracts', contract, more).fields).toMatchObject({
      state: 'past_due',
      amount: '24.95',
      interval: 'quarter',
      product: '8001',
      order: '5001000000001',
    })
    const cut = { ...contract, lines: { ...contract.lines, pageInfo: { hasNextPage: true } } }
    expect(mapped('subscription_contracts', cut, more).fields).not.toHaveProperty('amount')
  })
  it('are refused by name without an id of theirs, or with a stamp or value that is none', () => {
    expect(() => mapped('orders', { ...fixture('order'), id: 42 })).toThrow(/global id/)
    expect(() => mapped('orders', { ...fixture('order'), id: undefined })).toThrow(/no id/)
    expect(() => mapped('orders', { ...fixture('order'), createdAt: 'yesterday' })).toThrow(/stamp/)
    expect(() => mapped('orders', { ...fixture('order'), name: ['#1'] })).toThrow(/a list/)
  })
  it('are asked for and found again by one path', () => {
    const paths = [
      'id',
      'purchasingEntity.PurchasingCompany.company.id',
      'lines(first: 2).nodes.0.sku',
      'metafield.a-b1.c_d',
    ]
    expect(selectionOf(paths)).toBe(
      'id purchasingEntity { ... on PurchasingCompany { company { id } } } lines(first: 2) { nodes { sku } } ' +
        'metafield_a_2db1_2ec_5fd: metafield(namespace: "a-b1", key: "c_d") { value compareDigest }',
    )
    const node = {
      purchasingEntity: { company: { id: 'x' } },
      lines: { nodes: [{ sku: 'S' }] },
      metafield_a_2db1_2ec_5fd: null,
    }
    expect(paths.map((path) => valueAt(node, path))).toEqual([undefined, 'x', 'S', null])
  })
  it('take no text into a query that is no path', () => {
    for (const path of ['a { b }', 'metafield.custom."x', 'name(first: 1)', 'metafield.x', '../y'])
      expect(() => settings({ objects: { orders: { fields: { number: path } } } })).toThrow()
  })
})

const reply = (status: number, body: unknown): HttpReply => ({
  status,
  headers: {},
  text: JSON.stringify(body),
  json: () => body,
})

describe('the dialect of Shopify', () => {
  const cost = (currentlyAvailable: number) => ({
    cost: {
      requestedQueryCost: 240,
      actualQueryCost: 10,
      throttleStatus: { maximumAvailable: 4000, currentlyAvailable, restoreRate: 200 },
    },
  })
  it.each([
    [
      200,
      { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: cost(40) },
      { code: 'rate_limited', retryAfterMs: 1000 },
    ],
    [
      200,
      { errors: [{ message: 'Access denied for companies field.', extensions: { code: 'ACCESS_DENIED' } }] },
      { code: 'auth' },
    ],
    [
      200,
      { errors: [{ message: "Field 'x' doesn't exist", extensions: { code: 'undefinedField' } }] },
      { code: 'schema' },
    ],
    [
      200,
      { errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
      { code: 'upstream', retryable: true },
    ],
    [401, { errors: '[API] Invalid API key or access token' }, { code: 'auth' }],
    [402, { errors: 'Unavailable Shop' }, { code: 'auth' }],
    [404, { errors: 'Not Found' }, { code: 'schema' }],
    [429, { errors: 'Exceeded 2 calls per second' }, { code: 'rate_limited' }],
    [503, {}, { code: 'upstream' }],
  ])('%i %j is %j', (status, body, said) => {
    expect(errors(reply(status, body))).toMatchObject(said)
  })
  it('is silent about what succeeded, and counts the bucket in calls of what the last one cost', () => {
    expect(errors(reply(200, { data: {}, extensions: cost(3990) }))).toBeUndefined()
    expect(budget(reply(200, { data: {}, extensions: cost(3990) }))).toEqual({
      limit: 400,
      remaining: 399,
      resetsInMs: 0,
    })
    expect(budget(reply(200, { data: {}, extensions: cost(1000) }))).toEqual({
      limit: 400,
      remaining: 100,
      resetsInMs: 5000,
    })
    expect(budget(reply(200, { data: {} }))).toBeUndefined()
  })
})

describe('webhooks of Shopify', () => {
  const secrets = ['new-secret', 'old-secret']
  const own = settings({ webhook: { secrets, shop_domain: 'larkmoor.myshopify.com' }, objects: { companies: {} } })
  const delivery = (
    topic: string,
    value: object,
    headers: Record<string, string> = {},
    secret = 'old-secret',
  ): HookRequest => {
    const bytes = Buffer.from(JSON.stringify(value))
    return {
      method: 'POST',
      path: '/',
      query: {},
      body: bytes,
      headers: {
        'x-shopify-topic': topic,
        'x-shopify-shop-domain': 'larkmoor.myshopify.com',
        'x-shopify-triggered-at': '2026-11-20T11:00:00.123456789Z',
        'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(bytes).digest('base64'),
        ...headers,
      },
    }
  }
  const receive = shipped.receive!
  it('are let in with either secret while it is rotated, a day late too, and not with another', () => {
    for (const secret of secrets)
      expect(receive.verify(own, delivery('orders/paid', { id: 1 }, {}, secret), NOW + 86_400_000)).toEqual({
        trust: 'signed',
      })
    expect(receive.verify(own, delivery('orders/paid', { id: 1 }, {}, 'wrong'), NOW)).toMatchObject({
      trust: 'refused',
    })
    expect(receive.verify(own, delivery('orders/paid', { id: 1 }), NOW + 3 * 86_400_000)).toMatchObject({
      reason: 'the stamp is too old',
    })
  })
  it.each([
    ['orders/updated', { id: 450789469 }, [{ stream: 'orders', id: '450789469' }, { stream: 'lines' }]],
    ['customers/delete', { id: 7 }, [{ stream: 'customers', id: '7' }]],
    ['customers/redact', { customer: { id: 7 } }, [{ stream: 'customers', id: '7' }]],
    ['companies/update', { id: 3 }, [{ stream: 'companies', id: 'gid://shopify/Company/3' }]],
    [
      'refunds/create',
      { id: 8, order_id: 9 },
      [
        { stream: 'refunds', id: '8' },
        { stream: 'orders', id: '9' },
      ],
    ],
    ['products/update', { id: 5 }, [{ stream: 'variants' }]],
    [
      'fulfillment_orders/placed_on_hold',
      { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/1' } },
      [{ stream: 'orders' }],
    ],
    ['subscription_contracts/update', { admin_graphql_api_id: 'gid://shopify/SubscriptionContract/1' }, []],
    ['themes/publish', { id: 1 }, []],
  ])('%s %j cause reads of %j', (topic, value, hints) => {
    expect(receive.read(own, delivery(topic, value))).toEqual([
      { key: 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043', events: [], hints },
    ])
  })
  it('of another shop of the same app are set aside by name', () => {
    const other = delivery('orders/paid', { id: 1 }, { 'x-shopify-shop-domain': 'other.myshopify.com' })
    expect(() => receive.read(own, other)).toThrow(/other.myshopify.com, not of larkmoor/)
  })
  it('and records have addresses in the admin', () => {
    const link = (kind: string, id: string) => shipped.link!(own, kind, id)
    expect(link('order', '42')).toBe('https://larkmoor.myshopify.com/admin/orders/42')
    expect(link('customer', 'gid://shopify/Company/3')).toBe('https://larkmoor.myshopify.com/admin/companies/3')
    expect(link('customer', '7')).toBe('https://larkmoor.myshopify.com/admin/customers/7')
    expect(link('payment', '7')).toBeNull()
  })
})
