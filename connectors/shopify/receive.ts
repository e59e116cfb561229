/**
 * Shopify's webhooks: HMAC over the raw body. The stamp stands in a header that is not signed, so that it keeps out what is
 * old but proves nothing; deliveries may be late, come twice and in any order, and each only says what to read again.
 */
import { MappingError } from '../contract.ts'
import { hashKey, jsonObject } from '../hook-body.ts'
import type { HookReading, Receiver } from '../receiver.ts'
import { unconfigured, verdictOf } from '../signature.ts'
import type { ObjectName, ShopifyConfig } from './config.ts'
import { specsOf } from './objects.ts'

export const receive: Receiver<ShopifyConfig> = {
  verify({ webhook }, { headers, body }, now) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    const at = Date.parse(headers['x-shopify-triggered-at'] ?? '')
    return verdictOf(
      {
        secrets: webhook.secrets,
        message: body,
        offered: [Buffer.from(headers['x-shopify-hmac-sha256'] ?? '', 'base64')],
        at: Number.isNaN(at) ? null : at,
        tolerance: webhook.tolerance,
      },
      now,
    )
  },
  read(config, { headers, body }) {
    const domain = headers['x-shopify-shop-domain']
    const own = config.webhook?.shop_domain
    if (own !== undefined && domain !== own)
      throw new MappingError('X-Shopify-Shop-Domain', `the delivery is of ${domain ?? 'no shop'}, not of ${own}`)
    const topic = headers['x-shopify-topic'] ?? ''
    const key = headers['x-shopify-webhook-id'] ?? hashKey(body)
    return [{ key, events: [], hints: hintsOf(config, topic, jsonObject(body)) }]
  },
}

type Body = Record<string, unknown>

/** Numbers beyond 2^53 arrive as texts; ids that are global are cut to their number. */
function idIn(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  return /^(?:gid:\/\/shopify\/\w+\/)?(\d+)$/.exec(String(value))?.[1] ?? null
}

type About = [stream: ObjectName, id: string | null][]

/** What a delivery of a topic is about. */
const TOPICS: Record<string, (body: Body) => About> = {
  customers: (body) => [['customers', idIn(body['id']) ?? idIn((body['customer'] as Body | undefined)?.['id'])]],
  companies: (body) => [['companies', gidIn(body)]],
  company_locations: (body) => [['companies', gidIn((body['company'] ?? {}) as Body)]],
  // Variants are named inside, all of them anew.
  products: () => [['variants', null]],
  draft_orders: (body) => [
    ['draft_orders', idIn(body['id'])],
    ['draft_lines', null],
  ],
  orders: (body) => [
    ['orders', idIn(body['id'])],
    ['lines', null],
  ],
  order_transactions: (body) => [['transactions', idIn(body['id'])]],
  refunds: (body) => [
    ['refunds', idIn(body['id'])],
    ['orders', idIn(body['order_id'])],
  ],
  fulfillments: (body) => [
    ['fulfillments', idIn(body['id'])],
    ['orders', idIn(body['order_id'])],
  ],
  fulfillment_orders: (body) => [['orders', idIn(((body['fulfillment_order'] ?? body) as Body)['order_id'])]],
  subscription_contracts: (body) => [
    ['subscription_contracts', idIn(body['admin_graphql_api_id']) ?? idIn(body['id'])],
  ],
}

/** Companies keep their whole id. */
function gidIn(body: Body): string | null {
  const id = idIn(body['admin_graphql_api_id']) ?? idIn(body['id'])
  return id === null ? null : `gid://shopify/Company/${id}`
}

function hintsOf(config: ShopifyConfig, topic: string, body: Body): HookReading['hints'] {
  const about = TOPICS[topic.split('/')[0]!]
  if (!about) return []
  const streams = new Set(specsOf(config).map((spec) => spec.name))
  return about(body)
    .filter(([stream]) => streams.has(stream))
    .map(([stream, id]) => ({ stream, ...(id !== null && { id }) }))
}
