/** Webhooks of the simulated shop: one topic a delivery, signed over the body alone. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { gidOf, idIn, isCompany } from './plans.ts'

export const SHOPIFY_SECRET = 'lab-shopify-webhook-secret'
export const SHOP_DOMAIN = 'larkmoor.myshopify.com'

const TOPICS: Record<string, string> = {
  customer: 'customers',
  product: 'products',
  quote: 'draft_orders',
  order: 'orders',
  payment: 'order_transactions',
  credit: 'refunds',
  shipment: 'fulfillments',
  subscription: 'subscription_contracts',
  contact: 'customers',
}

export function signed(body: string, topic: string, atMs: number, n: number, secret = SHOPIFY_SECRET) {
  return {
    'content-type': 'application/json',
    'x-shopify-topic': topic,
    'x-shopify-shop-domain': SHOP_DOMAIN,
    'x-shopify-api-version': '2026-01',
    'x-shopify-webhook-id': `lab-webhook-${n}`,
    'x-shopify-event-id': `lab-event-${n}`,
    'x-shopify-triggered-at': new Date(atMs).toISOString(),
    'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
  }
}

export function shopifyHooks(
  state: PlatformState,
  kinds: readonly string[],
  url: string,
  trouble?: HookTrouble,
): HookSender {
  return createHooks(
    state,
    kinds.filter((kind) => TOPICS[kind]),
    url,
    (record, n) => {
      const verb = happened(record, { made: 'create', changed: 'update', gone: 'delete' })
      const of = isCompany(record.id) ? 'companies' : TOPICS[record.kind]!
      const topic = `${of}/${verb === 'update' && record.kind === 'order' ? 'updated' : verb}`
      const gid = gidOf(record.kind, record.id)
      const body = JSON.stringify({ id: Number(idIn(gid)), admin_graphql_api_id: gid })
      return { headers: signed(body, topic, state.now(), n), body }
    },
    trouble,
  )
}
