/** Objects of a tenant: what each is called in the API, and which of its fields mean what. */
import type { ObjectConfig, ObjectName, ZuoraConfig } from './config.ts'
import { OBJECT_NAMES } from './config.ts'

export interface ObjectSpec {
  object: ObjectName
  kind: string
  /** The platform's own word for it. */
  source: string
  /** Name in ZOQL, where that can be asked; null: there is no count. */
  zoql: string | null
  expand: readonly string[]
  /** Member that is the record's id: subscriptions keep their number over all versions, their id is a new one each time. */
  id: readonly string[]
  /** Canonical field → members of which the first that is there counts. */
  fields: Readonly<Record<string, readonly string[]>>
  /** Fields that are worked out (mapping.ts). */
  derived: readonly string[]
  refs: Readonly<Record<string, string>>
  status: boolean
}

const address = (group: string, member: string) => ({
  [`${group}.line1`]: [`${member}.address1`],
  [`${group}.line2`]: [`${member}.address2`],
  [`${group}.city`]: [`${member}.city`],
  [`${group}.region`]: [`${member}.state`],
  [`${group}.postal_code`]: [`${member}.postalCode`, `${member}.zipCode`],
  [`${group}.country`]: [`${member}.country`],
})

const CURRENCY = ['currency', 'account.currency']

const SHIPPED: Record<ObjectName, Omit<ObjectSpec, 'object'>> = {
  accounts: {
    kind: 'customer',
    source: 'Account',
    zoql: 'Account',
    expand: ['billto', 'soldto'],
    id: ['id'],
    fields: {
      name: ['name'],
      email: ['billTo.workEmail'],
      phone: ['billTo.workPhone'],
      tax_id: ['vatId'],
      parent: ['parentId'],
      owner: ['salesRepName', 'salesRep'],
      currency: ['currency'],
      payment_terms: ['paymentTerm'],
      ...address('bill_to', 'billTo'),
      ...address('ship_to', 'soldTo'),
    },
    derived: [],
    refs: { crm: 'crmId' },
    status: true,
  },
  contacts: {
    kind: 'contact',
    source: 'Contact',
    zoql: 'Contact',
    expand: [],
    id: ['id'],
    fields: { customer: ['accountId'], email: ['workEmail'], phone: ['workPhone'] },
    derived: ['name'],
    refs: {},
    status: false,
  },
  'product-rate-plans': {
    kind: 'product',
    source: 'Product rate plan',
    zoql: 'ProductRatePlan',
    expand: ['product'],
    id: ['id'],
    fields: { code: ['productRatePlanNumber'], name: ['name'], sku: ['product.sku'], category: ['product.category'] },
    derived: [],
    refs: {},
    status: true,
  },
  orders: {
    kind: 'order',
    source: 'Order',
    zoql: null,
    expand: [],
    id: ['id'],
    fields: {
      customer: ['accountId', 'existingAccountId'],
      number: ['orderNumber'],
      ordered_at: ['orderDate'],
      currency: ['currency'],
    },
    derived: [],
    refs: {},
    status: true,
  },
  subscriptions: {
    kind: 'subscription',
    source: 'Subscription',
    // Every version is a row there, so that its count is none of ours.
    zoql: null,
    expand: ['account', 'rateplans.rateplancharges'],
    id: ['name', 'subscriptionNumber'],
    fields: {
      customer: ['accountId'],
      order: ['orderId'],
      number: ['name', 'subscriptionNumber'],
      currency: CURRENCY,
      started_on: ['contractEffectiveDate', 'subscriptionStartDate'],
      ends_on: ['subscriptionEndDate', 'termEndDate'],
      auto_renew: ['autoRenew'],
      cancelled_at: ['cancelledDate'],
    },
    derived: ['product', 'quantity', 'amount', 'interval', 'mrr', 'renews_on', 'amendment'],
    refs: {},
    status: true,
  },
  invoices: {
    kind: 'invoice',
    source: 'Invoice',
    zoql: 'Invoice',
    expand: ['account'],
    id: ['id'],
    fields: {
      customer: ['accountId'],
      number: ['invoiceNumber'],
      total: ['amount'],
      tax: ['taxAmount'],
      amount_due: ['balance'],
      currency: CURRENCY,
      issued_on: ['invoiceDate'],
      due_on: ['dueDate'],
      posted_at: ['postedDate'],
    },
    derived: [],
    refs: {},
    status: true,
  },
  payments: {
    kind: 'payment',
    source: 'Payment',
    zoql: 'Payment',
    expand: ['account'],
    id: ['id'],
    fields: {
      customer: ['accountId'],
      amount: ['amount'],
      currency: CURRENCY,
      received_at: ['effectiveDate'],
      method: ['type'],
    },
    derived: ['failure_reason'],
    refs: {},
    status: true,
  },
  'credit-memos': {
    kind: 'credit',
    source: 'Credit memo',
    zoql: null,
    expand: ['account'],
    id: ['id'],
    fields: {
      customer: ['accountId'],
      invoice: ['referredInvoiceId', 'invoiceId'],
      number: ['memoNumber', 'number'],
      amount: ['totalAmount', 'amount'],
      currency: CURRENCY,
      reason: ['reasonCode'],
      posted_at: ['postedOn'],
    },
    derived: [],
    refs: {},
    status: true,
  },
}

export function specOf(object: ObjectName, config: ObjectConfig | undefined): ObjectSpec {
  const { fields, refs, expand, derived, ...spec } = SHIPPED[object]
  const own = config?.fields ?? {}
  return {
    object,
    ...spec,
    fields: { ...fields, ...Object.fromEntries(Object.entries(own).map(([field, path]) => [field, [path]])) },
    derived: derived.filter((field) => own[field] === undefined),
    // Ids that the configuration names replace what is shipped: the same member twice would be two ids of one thing.
    refs: config && Object.keys(config.refs).length > 0 ? config.refs : refs,
    expand: [...new Set([...expand, ...(config?.expand ?? [])])],
  }
}

export function specsOf(config: Pick<ZuoraConfig, 'objects' | 'skip'>): ObjectSpec[] {
  return OBJECT_NAMES.filter((name) => !config.skip.includes(name)).map((name) => specOf(name, config.objects[name]))
}
