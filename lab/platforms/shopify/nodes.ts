/** Records of the simulated shop as objects of its API. */
import type { PlatformState, SimRecord } from '../../platform.ts'
import { digestOf, metafieldsOf } from './metafields.ts'
import { boughtBy, companyOf, profilesOf } from './companies.ts'
import { pageOf } from './pages.ts'
import { gidOf, isCompany, planOf } from './plans.ts'
import type { Arguments, Node } from './run.ts'

export const stamp = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')
const text = (record: SimRecord, field: string) => record.fields[field] ?? null
/** Shopify has no days: they begin at midnight. */
const timeOf = (record: SimRecord, field: string) =>
  text(record, field)?.replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00Z') ?? null

const money = (amount: string | null, currency: string | null): Node | null =>
  amount === null ? null : { __typename: 'MoneyV2', amount, currencyCode: currency ?? 'EUR' }
const bag = (amount: string | null, currency: string | null): Node => ({
  __typename: 'MoneyBag',
  shopMoney: money(amount ?? '0', currency),
  presentmentMoney: money(amount ?? '0', currency),
})

/** Cents and nothing below: as far as the laboratory's amounts go. */
const sum = (a: string | null, b: string | null) => {
  const digits = Math.max(...[a, b].map((one) => one?.split('.')[1]?.length ?? 0))
  const whole = (one: string | null) =>
    BigInt((one ?? '0').split('.')[0]! + (one?.split('.')[1] ?? '').padEnd(digits, '0'))
  const all = (whole(a) + whole(b)).toString().padStart(digits + 1, '0')
  return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
}

const STATES: Record<string, Record<string, Partial<Node>>> = {
  order: {
    draft: { displayFulfillmentStatus: 'UNFULFILLED' },
    pending_approval: { displayFulfillmentStatus: 'UNFULFILLED' },
    booked: { displayFulfillmentStatus: 'UNFULFILLED' },
    blocked: { displayFulfillmentStatus: 'ON_HOLD' },
    fulfilled: { displayFulfillmentStatus: 'FULFILLED' },
    cancelled: { displayFulfillmentStatus: 'UNFULFILLED' },
  },
  payment: {
    pending: { status: 'PENDING' },
    succeeded: { status: 'SUCCESS' },
    failed: { status: 'FAILURE' },
    refunded: { status: 'SUCCESS' },
  },
  shipment: {
    pending: { status: 'OPEN', displayStatus: 'CONFIRMED' },
    shipped: { status: 'SUCCESS', displayStatus: 'IN_TRANSIT' },
    delivered: { status: 'SUCCESS', displayStatus: 'DELIVERED' },
  },
  subscription: {
    active: { status: 'ACTIVE' },
    paused: { status: 'PAUSED' },
    cancelled: { status: 'CANCELLED' },
    expired: { status: 'EXPIRED' },
    past_due: { status: 'FAILED' },
  },
}

/** Shopify's own words for a state; one that it does not have is shown as the first. */
const statusOf = ({ kind, state }: SimRecord): Partial<Node> => {
  const words = STATES[kind] ?? {}
  return words[state ?? ''] ?? Object.values(words)[0] ?? {}
}

const INTERVALS: Record<string, [string, number]> = {
  day: ['DAY', 1],
  week: ['WEEK', 1],
  month: ['MONTH', 1],
  quarter: ['MONTH', 3],
  year: ['YEAR', 1],
}

/** What a shop knows of a record beyond the record: what is in it, and what it is in. */
export interface Around {
  state: PlatformState
  children(order: SimRecord, kind: string): SimRecord[]
  parent(child: SimRecord): SimRecord | undefined
  changedAt(record: SimRecord): number
}

export function nodeOf(around: Around, record: SimRecord): Node {
  const { kind } = record
  const plan = planOf(kind, record.id)
  const currency = text(record, 'currency')
  const reference = (field: string, of = field): Node | null => {
    const id = text(record, field)
    return id === null ? null : { __typename: planOf(of, id).type, id: gidOf(of, id), legacyResourceId: id }
  }
  const list = (of: string) => around.children(record, of).map((child) => nodeOf(around, child))
  const outer = (): Node | null => {
    const parent = around.parent(record)
    return parent ? nodeOf(around, parent) : null
  }
  return {
    __typename: plan.type,
    id: gidOf(kind, record.id),
    legacyResourceId: record.id,
    createdAt: stamp(record.createdAt),
    updatedAt: stamp(around.changedAt(record)),
    metafield: ({ namespace, key }: Arguments) => {
      const value = metafieldsOf(record)[`${String(namespace)}.${String(key)}`] ?? null
      return value === null ? null : { __typename: 'Metafield', value, compareDigest: digestOf(value) }
    },
    ...statusOf(record),
    ...(isCompany(record.id) ? companyOf : OBJECTS[kind === 'contact' ? 'customer' : kind]!)({
      record,
      around,
      currency,
      reference,
      list,
      outer,
    }),
    ...(record.oddStatus !== undefined && 'status' in statusOf(record) && { status: record.oddStatus }),
  }
}

export interface Given {
  record: SimRecord
  around: Around
  currency: string | null
  reference(field: string, of?: string): Node | null
  list(kind: string): Node[]
  outer(): Node | null
}

const paged = (all: () => Node[]) => (given: Arguments) => pageOf(all(), given, (node) => String(node['id']))

const OBJECTS: Record<string, (given: Given) => Partial<Node>> = {
  customer: ({ record }) => {
    const parts = (text(record, 'name') ?? '').split(' ')
    const [line1, line2, city, province, zip, country] = [
      'line1',
      'line2',
      'city',
      'region',
      'postal_code',
      'country',
    ].map((part) => text(record, `ship_to.${part}`))
    return {
      displayName: text(record, 'name') ?? '',
      firstName: parts.slice(0, -1).join(' ') || null,
      lastName: parts.at(-1) ?? null,
      email: text(record, 'email'),
      phone: text(record, 'phone'),
      locale: text(record, 'language') ?? '',
      taxExempt: text(record, 'tax_exempt') === 'true',
      defaultAddress: {
        __typename: 'MailingAddress',
        address1: line1,
        address2: line2,
        city,
        province,
        zip,
        countryCodeV2: country,
      },
      companyContactProfiles: profilesOf(record),
    }
  },
  product: ({ record }) => ({
    sku: text(record, 'sku'),
    barcode: text(record, 'code'),
    displayName: text(record, 'name') ?? '',
    price: text(record, 'price') ?? '0.00',
    product: {
      __typename: 'Product',
      id: `gid://shopify/Product/9${record.id}`,
      productType: text(record, 'category') ?? '',
      status: record.oddStatus ?? (record.state === 'retired' ? 'ARCHIVED' : 'ACTIVE'),
    },
  }),
  quote: ({ record, currency, reference, list }) => ({
    name: text(record, 'number') ?? '',
    status: record.state === 'accepted' ? 'COMPLETED' : 'OPEN',
    completedAt: timeOf(record, 'accepted_at'),
    currencyCode: currency,
    totalPriceSet: bag(text(record, 'amount'), currency),
    totalTaxSet: bag('0', currency),
    ...boughtBy(reference('customer')),
    lineItems: paged(() => list('line').map((node) => ({ ...node, __typename: 'DraftOrderLineItem' }))),
  }),
  order: ({ record, around, currency, reference, list }) => ({
    name: text(record, 'number') ?? '',
    currencyCode: currency,
    test: text(record, '~test') === 'true',
    processedAt: timeOf(record, 'ordered_at') ?? stamp(record.createdAt),
    cancelledAt: record.state === 'cancelled' ? stamp(record.changedAt) : null,
    displayFinancialStatus: around.children(record, 'payment').some((p) => p.state === 'refunded')
      ? 'REFUNDED'
      : 'PAID',
    currentTotalPriceSet: bag(sum(text(record, 'amount'), text(record, 'tax')), currency),
    currentTotalTaxSet: bag(text(record, 'tax'), currency),
    ...boughtBy(reference('customer')),
    fulfillmentOrders: paged(() => [fulfillmentOrderOf(record)]),
    lineItems: paged(() => list('line')),
    transactions: ({ first }: Arguments) => list('payment').slice(0, Number(first)),
    refunds: ({ first }: Arguments) => list('credit').slice(0, Number(first)),
    fulfillments: ({ first }: Arguments) => list('shipment').slice(0, Number(first)),
  }),
  line: ({ record, currency, reference }) => ({
    quantity: Number(text(record, 'quantity') ?? '1'),
    currentQuantity: Number(text(record, 'quantity') ?? '1'),
    discountedUnitPriceAfterAllDiscountsSet: bag(text(record, 'unit_price'), currency),
    approximateDiscountedUnitPriceSet: bag(text(record, 'unit_price'), currency),
    variant: reference('product'),
  }),
  payment: ({ record, currency, outer }) => ({
    kind: text(record, '~kind') ?? 'SALE',
    amountSet: bag(text(record, 'amount'), currency),
    processedAt: timeOf(record, 'received_at'),
    formattedGateway: text(record, 'method'),
    errorCode: text(record, 'failure_reason'),
    order: outer(),
  }),
  credit: ({ record, currency, outer }) => ({
    totalRefundedSet: bag(text(record, 'amount'), currency),
    note: text(record, 'reason'),
    createdAt: timeOf(record, 'posted_at') ?? stamp(record.createdAt),
    order: outer(),
  }),
  shipment: ({ record, outer }) => ({
    name: text(record, 'number') ?? '',
    createdAt: timeOf(record, 'shipped_at') ?? stamp(record.createdAt),
    deliveredAt: timeOf(record, 'delivered_at'),
    order: outer(),
  }),
  subscription: ({ record, currency, reference }) => {
    const [interval, intervalCount] = INTERVALS[text(record, 'interval') ?? ''] ?? ['MONTH', 1]
    const product = reference('product')
    const line: Node = {
      __typename: 'SubscriptionLine',
      id: `gid://shopify/SubscriptionLine/${record.id}`,
      variantId: product?.['id'] ?? null,
      quantity: Number(text(record, 'quantity') ?? '1'),
      lineDiscountedPrice: money(text(record, 'amount') ?? '0', currency),
    }
    return {
      currencyCode: currency,
      billingPolicy: { __typename: 'SubscriptionBillingPolicy', interval, intervalCount },
      createdAt: timeOf(record, 'started_on') ?? stamp(record.createdAt),
      nextBillingDate: timeOf(record, 'renews_on'),
      customer: reference('customer'),
      originOrder: reference('order'),
      lines: paged(() => [line]),
    }
  },
}

function fulfillmentOrderOf(record: SimRecord): Node {
  const held = record.state === 'blocked'
  const reason = record.fields['block_reason'] ?? null
  const ours = record.fields['~held'] === 'plumbline'
  const hold = {
    __typename: 'FulfillmentHold',
    id: `gid://shopify/FulfillmentHold/${record.id}`,
    displayReason: 'Other',
    reasonNotes: reason,
    heldByRequestingApp: ours,
  }
  const over = record.state === 'fulfilled' || record.state === 'cancelled'
  return {
    __typename: 'FulfillmentOrder',
    id: `gid://shopify/FulfillmentOrder/${record.id}`,
    status: held ? 'ON_HOLD' : over ? 'CLOSED' : 'OPEN',
    fulfillmentHolds: held ? [hold] : [],
  }
}
