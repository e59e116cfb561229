/** The simulated shop: which type each kind is, which canonical fields have a place of Shopify's own, and which are metafields. */
import type { PlatformState, SimRecord } from '../../platform.ts'

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

const PARTS = ['line1', 'line2', 'city', 'region', 'postal_code', 'country']
const SHIP_TO = PARTS.map((part) => `ship_to.${part}`)

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
  contact: {
    object: 'customers',
    type: 'Customer',
    native: ['customer', 'name', 'email', 'phone'],
    metafields: [],
  },
}

/**
 * Who buys in a shop that sells to companies. Its customers are the people of one; what a company is asked for beyond its name
 * stands in its first location. Its e-mail address is that of its main contact, not its own.
 */
export const COMPANY: Plan = {
  object: 'companies',
  type: 'Company',
  native: [
    ...['name', 'phone', 'currency', 'tax_id', 'payment_terms'],
    ...PARTS.map((part) => `bill_to.${part}`),
    ...SHIP_TO,
  ],
  metafields: ['legal_name', 'segment', 'credit_hold'],
  stateWord: true,
}

/** Companies share their numbers with customers and go by their whole global id. */
export const isCompany = (id: unknown): id is string =>
  typeof id === 'string' && id.startsWith('gid://shopify/Company/')
export const planOf = (kind: string, id: string): Plan => (isCompany(id) ? COMPANY : PLANS[kind]!)
/** The plan of a kind in a shop that sells to companies, or to people. */
export const planIn = (kind: string, companies: boolean): Plan =>
  companies && kind === 'customer' ? COMPANY : PLANS[kind]!
/** Kinds of which a shop keeps records. */
export const kindsOf = (companies: boolean) => Object.keys(PLANS).filter((kind) => companies || kind !== 'contact')

export const NAMESPACE = 'lab'
/** Platforms whose ids the shop keeps, each in a metafield of its own. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'zuora', 'planhat', 'provisioning']
/** The one whose id is the external id of a company. */
export const ERP = 'netsuite'
export const refKey = (platform: string) => `${platform}_id`
export const KEY = 'plumbline_key'
export const STATE = 'state'
/** Where the simulated record keeps the value of the key. */
export const KEPT_KEY = '~key'

/** Kinds of which every object carries metafields. */
export const carriesMetafields = (kind: string) => ['customer', 'contact', 'product', 'quote', 'order'].includes(kind)

const SPACES = Object.keys(PLANS)
/** The n-th id: numbers, a space for each kind. */
export const idOf = (kind: string, n: number) => String((SPACES.indexOf(kind) + 1) * 1_000_000_000_000 + n)
export const companyIdOf = (n: number) => `gid://shopify/Company/${30_000_000_000_000 + n}`
export const gidOf = (kind: string, id: string) => (isCompany(id) ? id : `gid://shopify/${PLANS[kind]!.type}/${id}`)
/** The record behind a global id. */
export function recordOf(state: PlatformState, gid: unknown): SimRecord | undefined {
  if (isCompany(gid)) return state.record('customer', gid)
  const kinds = Object.keys(PLANS).filter((kind) => String(gid).startsWith(`gid://shopify/${PLANS[kind]!.type}/`))
  return kinds.map((kind) => state.record(kind, idIn(gid) ?? '')).find((record) => record !== undefined)
}
export const idIn = (gid: unknown) => (typeof gid === 'string' ? /\/(\d+)$/.exec(gid)?.[1] : undefined)

/** Words of the shop for states that it has none of its own for. */
export const wordOf = ({ state, oddStatus }: Pick<SimRecord, 'state' | 'oddStatus'>) =>
  oddStatus ?? (state === null ? null : `shop_${state}`)
