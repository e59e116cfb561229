/** What the simulated shop can be asked: lists by change or id, single objects, counts, its own events and its schema. */
import type { ApiFault, PlatformState, SimRecord } from '../../platform.ts'
import { metafieldsOf } from './metafields.ts'
import type { BulkOptions } from './bulk.ts'
import type { Around } from './nodes.ts'
import { externalIdOf } from './companies.ts'
import { nodeOf, stamp } from './nodes.ts'
import { pageOf } from './pages.ts'
import { COMPANY, gidOf, planOf, PLANS, recordOf } from './plans.ts'
import type { Arguments, Node } from './run.ts'

export class LostPlace extends Error {}

export interface ShopOptions {
  kinds?: readonly string[]
  /** The shop sells to companies: they are the customers, and its customers are their people. */
  companies?: boolean
  /** Scopes that the app does not have. */
  lacking?: readonly string[]
  /** Fields that this version of the API does not have, as `Order.note`. */
  missing?: readonly string[]
  /** Version that answers, whatever is asked for. */
  serves?: string
  /** Points that one query may cost, and the bucket where its filling is to be simulated. */
  maxCost?: number
  bucket?: { most: number; restore: number }
  bulk?: BulkOptions
}

/** Connection → type of what it lists. */
const LISTS: Record<string, string> = {
  customers: 'Customer',
  companies: 'Company',
  productVariants: 'ProductVariant',
  draftOrders: 'DraftOrder',
  orders: 'Order',
  subscriptionContracts: 'SubscriptionContract',
}
const COUNTS: Record<string, string> = {
  customersCount: 'Customer',
  companiesCount: 'Company',
  productVariantsCount: 'ProductVariant',
  ordersCount: 'Order',
}

/** How records of a shop lie in each other. */
export function aroundOf(state: PlatformState): Around {
  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  function parent(child: SimRecord): SimRecord | undefined {
    const { fields, kind } = child
    if (kind === 'line') {
      const of = fields['document_kind'] ?? 'order'
      return live(of).find(({ id }) => id === fields['document'])
    }
    const orders = live('order')
    if (fields['order']) return orders.find(({ id }) => id === fields['order'])
    // Payments and refunds do not say what they belong to: any order of the same customer will do.
    const customer = fields['customer'] ?? null
    return orders.find((order) => (order.fields['customer'] ?? null) === customer)
  }
  const children: Around['children'] = (order, kind) => live(kind).filter((child) => parent(child)?.id === order.id)
  const changedAt: Around['changedAt'] = (record) => {
    const inside =
      record.kind === 'order' ? ['line', 'payment', 'credit', 'shipment'] : record.kind === 'quote' ? ['line'] : []
    return Math.max(
      record.changedAt,
      ...inside.flatMap((kind) => children(record, kind)).map((child) => child.changedAt),
    )
  }
  return { state, children, parent, changedAt }
}

export function rootOf(state: PlatformState, options: ShopOptions, fault: ApiFault | null): Node {
  const around = aroundOf(state)
  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const every = (type: string) =>
    KINDS.flatMap((kind) => state.records(kind)).filter((r) => planOf(r.kind, r.id).type === type)
  const there = (type: string) => every(type).filter((r) => r.deletedAt === undefined)
  const shown = (record: SimRecord) => hidden(nodeOf(around, record), options)

  function listed(type: string, given: Arguments): Node {
    if (fault?.kind === 'expired_cursor' && given['after'])
      throw new LostPlace('Invalid cursor for current pagination sort.')
    const seconds = (record: SimRecord) => Math.floor(around.changedAt(record) / 1000)
    const byChange = given['sortKey'] === 'UPDATED_AT'
    const place = (record: SimRecord) => `${byChange ? String(seconds(record)).padStart(12, '0') : ''}|${record.id}`
    const found = there(type)
      .filter((record) => matches(record, given['query'], seconds(record) * 1000))
      .map((record) => ({ record, place: place(record) }))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
    const places = new Map(found.map(({ record, place }) => [gidOf(record.kind, record.id), place]))
    const page = pageOf(
      found.map(({ record }) => shown(record)),
      given,
      (node) => places.get(String(node['id']))!,
    )
    const nodes = page['nodes'] as Node[]
    const bad = fault?.kind === 'poison' ? nodes[fault.recordIndex % nodes.length] : undefined
    if (bad) bad['createdAt'] = 'yesterday'
    return page
  }

  return {
    __typename: 'QueryRoot',
    ...Object.fromEntries(
      Object.entries(LISTS).map(([name, type]) => [name, (given: Arguments) => listed(type, given)]),
    ),
    ...Object.fromEntries(
      Object.entries(COUNTS).map(([name, type]) => [
        name,
        (given: Arguments) => {
          const count = there(type).filter((r) => matches(r, given['query'], around.changedAt(r))).length
          const most = name === 'ordersCount' && given['limit'] === undefined ? 10_000 : Infinity
          return { __typename: 'Count', count: Math.min(count, most), precision: count > most ? 'AT_LEAST' : 'EXACT' }
        },
      ]),
    ),
    node: ({ id }: Arguments) => {
      const record = recordOf(state, id)
      return record && record.deletedAt === undefined ? shown(record) : null
    },
    customerByIdentifier: ({ identifier }: Arguments) => {
      const { customId } = identifier as { customId: { namespace: string; key: string; value: string } }
      const record = there('Customer').find(
        (r) => metafieldsOf(r)[`${customId.namespace}.${customId.key}`] === customId.value,
      )
      return record ? shown(record) : null
    },
    events: (given: Arguments) => {
      const type = Object.keys(SUBJECTS).find((name) =>
        String(given['query']).includes(`subject_type:${SUBJECTS[name]} `),
      )
      const gone = type === undefined ? [] : every(type).filter((r) => r.deletedAt !== undefined)
      const nodes = gone.map((record) => ({
        __typename: 'BasicEvent',
        id: `gid://shopify/BasicEvent/${record.id}`,
        action: 'destroy',
        createdAt: stamp(record.deletedAt!),
        subjectId: gidOf(record.kind, record.id),
        subjectType: SUBJECTS[type!],
      }))
      return pageOf(nodes, given, (node) => String(node['id']))
    },
    shop: {
      __typename: 'Shop',
      name: 'Larkmoor',
      myshopifyDomain: 'larkmoor.myshopify.com',
      plan: { __typename: 'ShopPlan', displayName: 'Development' },
    },
    currentAppInstallation: {
      __typename: 'AppInstallation',
      accessScopes: SCOPES.filter((scope) => !options.lacking?.includes(scope)).map((handle) => ({
        __typename: 'AccessScope',
        handle,
      })),
    },
    __type: ({ name }: Arguments) => {
      const kind =
        name === COMPANY.type
          ? 'customer'
          : KINDS.find((k) => PLANS[k]!.type === name || (name === 'DraftOrderLineItem' && k === 'line'))
      if (kind === undefined) return null
      const some = {
        id: name === COMPANY.type ? 'gid://shopify/Company/0' : '0',
        kind,
        fields: {},
        state: null,
        refs: {},
        createdAt: 0,
        changedAt: 0,
        visibleAt: 0,
        changedBy: '',
      }
      const names = Object.keys(hidden(nodeOf(around, some), options)).filter((member) => member !== '__typename')
      return {
        __typename: '__Type',
        fields: names.map((member) => ({ __typename: '__Field', name: member, isDeprecated: false })),
      }
    },
  }
}

const SUBJECTS: Record<string, string> = {
  Customer: 'CUSTOMER',
  Company: 'COMPANY',
  ProductVariant: 'PRODUCT_VARIANT',
  DraftOrder: 'DRAFT_ORDER',
  Order: 'ORDER',
}
const KINDS = Object.keys(PLANS)

const OF = [
  'customers',
  'companies',
  'products',
  'orders',
  'draft_orders',
  'merchant_managed_fulfillment_orders',
  'own_subscription_contracts',
]
const SCOPES = [...OF.flatMap((of) => [`read_${of}`, `write_${of}`]), 'read_all_orders']

/** Without the fields that this version does not have. */
function hidden(node: Node, { missing = [] }: ShopOptions): Node {
  const prefix = `${node.__typename}.`
  for (const field of missing) if (field.startsWith(prefix)) delete node[field.slice(prefix.length)]
  return node
}

/** The search: terms that it does not know are left out without a word. */
function matches(record: SimRecord, query: unknown, changed: number): boolean {
  if (typeof query !== 'string') return true
  return query.split(' AND ').every((term) => {
    const [, name, operator, value] = /^(\w+):(>=|<)?'?([^']*)'?$/.exec(term) ?? []
    if (name === 'updated_at') return operator === '<' ? changed < Date.parse(value!) : changed >= Date.parse(value!)
    if (name === 'external_id') return externalIdOf(record) === value
    return name === 'test' ? (record.fields['~test'] ?? 'false') === value : true
  })
}
