/** The simulated shop: which type each kind is, which canonical fields have a place of Shopify's own, and which are metafields. */
import type { SimRecord } from '../../platform.ts'

export interface Plan {
  /** Object of the connector. */
  object: string
  type: string
  /** Canonical fields that Shopify itself keeps. */
  native: readonly string[]
  /** Canonical fields in metafields of the namespace `lab`. */
  metafields: readonly string[]
  /** The state is a word in a metafield: Shopify has none for it. */
  stateWord?: boolean
}

const SHIP_TO = ['line1', 'line2', 'city', 'region', 'postal_code', 'country'].map((part) => `ship_to.${part}`)

export const PLANS: Record<string, Plan> = {
  customer: {
    object: 'customers',
    type: 'Customer',
    native: ['name', 'email', 'phone', 'language', 'tax_exempt', ...SHIP_TO],
    metafields: ['legal_name', 'currency', 'segment', 'credit_hold'],
    stateWord: true,
  },
  product: {
    object: 'variants',
    type: 'ProductVariant',
    native: ['sku', 'code', 'name', 'category', 'price'],
    metafields: ['currency'],
  },
  quote: {
    object: 'draft_orders',
    type: 'DraftOrder',
    native: ['customer', 'number', 'amount', 'currency', 'accepted_at'],
    metafields: ['valid_until'],
    stateWord: true,
  },
  order: {
    object: 'orders',
    type: 'Order',
    native: ['customer', 'number', 'amount', 'tax', 'currency', 'ordered_at', 'block_reason'],
    metafields: ['legal_entity', 'approved_at'],
  },
  line: {
    object: 'lines',
    type: 'LineItem',
    native: ['document_kind', 'document', 'product', 'quantity', 'unit_price', 'currency'],
    metafields: [],
  },
  payment: {
    object: 'transactions',
    type: 'OrderTransaction',
    native: ['customer', 'amount', 'currency', 'received_at', 'method', 'failure_reason'],
    metafields: [],
  },
  credit: {
    object: 'refunds',
    type: 'Refund',
    native: ['customer', 'amount', 'currency', 'reason', 'posted_at'],
    metafields: [],
  },
  shipment: {
    object: 'fulfillments',
    type: 'Fulfillment',
    native: ['order', 'number', 'shipped_at', 'delivered_at'],
    metafields: [],
  },
  subscription: {
    object: 'subscription_contracts',
    type: 'SubscriptionContract',
    native: ['customer', 'order', 'product', 'quantity', 'amount', 'currency', 'interval', 'started_on', 'renews_on'],
    metafields: [],
  },
}

export const NAMESPACE = 'lab'
/** Platforms whose ids the shop keeps, each in a metafield of its own. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'zuora', 'planhat', 'provisioning']
export const refKey = (platform: string) => `${platform}_id`
export const KEY = 'plumbline_key'
export const STATE = 'state'
/** Where the simulated record keeps the value of the key. */
export const KEPT_KEY = '~key'

/** Kinds of which every object carries metafields. */
export const carriesMetafields = (kind: string) => ['customer', 'product', 'quote', 'order'].includes(kind)

const SPACES = Object.keys(PLANS)
/** The n-th id: numbers, a space for each kind. */
export const idOf = (kind: string, n: number) => String((SPACES.indexOf(kind) + 1) * 1_000_000_000_000 + n)
export const gidOf = (kind: string, id: string) => `gid://shopify/${PLANS[kind]!.type}/${id}`
export const idIn = (gid: unknown) => (typeof gid === 'string' ? /\/(\d+)$/.exec(gid)?.[1] : undefined)

/** Words of the shop for states that it has none of its own for. */
export const wordOf = ({ state, oddStatus }: Pick<SimRecord, 'state' | 'oddStatus'>) =>
  oddStatus ?? (state === null ? null : `shop_${state}`)
