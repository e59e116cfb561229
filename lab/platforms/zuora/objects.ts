/** Zuora objects as the simulated tenant shows them: what is Zuora's own, what lives in custom fields, and versions. */
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord } from '../../platform.ts'
import { Digits } from '../../wire.ts'

export type Rendered = Record<string, unknown>

/** Per kind: name in the API, name in ZOQL, canonical fields under members of Zuora's own, and those in custom fields. */
export interface Plan {
  path: string
  zoql: string
  native: Record<string, string>
  custom: string[]
  /** Members that are worked out below. */
  further: string[]
}

const address = (group: string) =>
  ['line1', 'line2', 'city', 'region', 'postal_code', 'country'].map((part) => `${group}.${part}`)

export const PLANS: Record<string, Plan> = {
  customer: {
    path: 'accounts',
    zoql: 'Account',
    native: { name: 'name', tax_id: 'vatId', parent: 'parentId', owner: 'salesRepName', currency: 'currency' },
    custom: ['segment', 'credit_hold'],
    further: ['email', 'phone', 'payment_terms', ...address('bill_to'), ...address('ship_to')],
  },
  contact: {
    path: 'contacts',
    zoql: 'Contact',
    native: { customer: 'accountId', email: 'workEmail', phone: 'workPhone' },
    custom: ['role'],
    further: ['name'],
  },
  product: {
    path: 'product-rate-plans',
    zoql: 'ProductRatePlan',
    native: { code: 'productRatePlanNumber', name: 'name' },
    custom: [],
    further: ['sku', 'category'],
  },
  order: {
    path: 'orders',
    zoql: 'Order',
    native: { customer: 'accountId', number: 'orderNumber', ordered_at: 'orderDate', currency: 'currency' },
    custom: ['amount'],
    further: [],
  },
  subscription: {
    path: 'subscriptions',
    zoql: 'Subscription',
    native: {
      customer: 'accountId',
      order: 'orderId',
      currency: 'currency',
      started_on: 'contractEffectiveDate',
      ends_on: 'subscriptionEndDate',
      auto_renew: 'autoRenew',
      cancelled_at: 'cancelledDate',
    },
    custom: ['contract'],
    further: ['number', 'product', 'quantity', 'amount', 'interval', 'mrr'],
  },
  invoice: {
    path: 'invoices',
    zoql: 'Invoice',
    native: {
      customer: 'accountId',
      number: 'invoiceNumber',
      total: 'amount',
      tax: 'taxAmount',
      amount_due: 'balance',
      currency: 'currency',
      issued_on: 'invoiceDate',
      due_on: 'dueDate',
      posted_at: 'postedDate',
    },
    custom: ['subscription'],
    further: [],
  },
  payment: {
    path: 'payments',
    zoql: 'Payment',
    native: {
      customer: 'accountId',
      amount: 'amount',
      currency: 'currency',
      received_at: 'effectiveDate',
      method: 'type',
      failure_reason: 'gatewayResponse',
    },
    custom: ['invoice'],
    further: [],
  },
  credit: {
    path: 'credit-memos',
    zoql: 'CreditMemo',
    native: {
      customer: 'accountId',
      invoice: 'referredInvoiceId',
      number: 'memoNumber',
      amount: 'totalAmount',
      currency: 'currency',
      reason: 'reasonCode',
      posted_at: 'postedOn',
    },
    custom: ['case'],
    further: [],
  },
}

/** Platforms whose ids the tenant keeps: the CRM's where Zuora has a member for it, the others in custom fields. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'provisioning', 'zendesk', 'hubspot', 'shopify', 'planhat']

const camel = (name: string) => name.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
export const customName = (field: string) => `Lab${camel(field)}__c`
export const refName = (kind: string, platform: string) =>
  kind === 'customer' && platform === 'salesforce' ? 'CrmId' : `${camel(platform)}Id__c`

/** Canonical state → the tenant's word. */
export const STATUS: Record<string, Record<string, string>> = {
  customer: { prospect: 'Draft', customer: 'Active', closed: 'Canceled' },
  product: { active: 'Active', retired: 'Expired' },
  order: { draft: 'Draft', pending_approval: 'Pending', booked: 'Completed', cancelled: 'Cancelled' },
  subscription: { pending: 'Pending Activation', active: 'Active', paused: 'Suspended', cancelled: 'Cancelled' },
  invoice: { draft: 'Draft', open: 'Posted', void: 'Canceled' },
  payment: { pending: 'Processing', succeeded: 'Processed', failed: 'Error' },
  credit: { requested: 'Draft', posted: 'Posted', void: 'Canceled' },
}

const PREFIX: Record<string, string> = {
  customer: '8ad0a001',
  contact: '8ad0a002',
  product: '8ad0a003',
  order: '8ad0a004',
  invoice: '8ad0a005',
  payment: '8ad0a006',
  credit: '8ad0a007',
}

/** The n-th id of a kind: 32 hexadecimal digits, and for subscriptions the number that all versions share. */
export function idOf(kind: string, n: number): string {
  if (kind === 'subscription') return `A-S${String(n).padStart(8, '0')}`
  return `${PREFIX[kind]!}${n.toString(16).padStart(24, '0')}`
}

export const changedSeconds = (record: SimRecord) => Math.floor(record.changedAt / 1000)
export const stamp = (ms: number) => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000+00:00`

const PERIODS: Record<string, string> = {
  month: 'Month',
  quarter: 'Quarter',
  year: 'Annual',
  week: 'Week',
  day: 'Specific_Days',
}

/** Every row that the tenant shows of a record: an amended subscription is two, the older one expired by the same change. */
export function rowsOf(record: SimRecord): Rendered[] {
  const row = objectOf(record)
  if (record.kind !== 'subscription' || record.changedAt === record.createdAt) return [row]
  const older = { ...row, id: versionId(record, 1), version: 1, status: 'Expired', isLatestVersion: false }
  return [older, row]
}

const versionId = ({ id }: SimRecord, version: number) =>
  `8ad0b${String(version)}${Buffer.from(id).toString('hex').padStart(26, '0').slice(-26)}`

export function objectOf(record: SimRecord): Rendered {
  const { kind } = record
  const plan = PLANS[kind]!
  const row: Rendered = {
    id: record.id,
    createdDate: stamp(record.createdAt),
    updatedDate: stamp(record.changedAt),
    updatedById: record.changedBy,
  }
  for (const [field, member] of Object.entries(plan.native)) row[member] = spelled(record, field)
  for (const field of plan.custom) row[customName(field)] = spelled(record, field)
  for (const platform of REFERRED) row[refName(kind, platform)] = record.refs[platform] ?? null
  if (STATUS[kind]) row['status'] = record.oddStatus ?? statusOf(record)
  Object.assign(row, FURTHER[kind]?.(record))
  return row
}

function statusOf({ kind, state }: SimRecord): string | null {
  if (state === null) return null
  return kind === 'invoice' && state === 'paid' ? 'Posted' : (STATUS[kind]![state] ?? state)
}

const text = (record: SimRecord, field: string) => record.fields[field] ?? null

const FURTHER: Record<string, (record: SimRecord) => Rendered> = {
  customer: (r) => ({
    paymentTerm: text(r, 'payment_terms')?.replace(/^net_(\d+)$/, 'Net $1') ?? null,
    billTo: { ...contactOf(r, 'bill_to'), workEmail: text(r, 'email'), workPhone: text(r, 'phone') },
    soldTo: contactOf(r, 'ship_to'),
  }),
  contact: (r) => {
    const parts = (text(r, 'name') ?? '').split(' ')
    return { firstName: parts.slice(0, -1).join(' ') || null, lastName: parts.at(-1) || null }
  },
  product: (r) => ({ product: { sku: text(r, 'sku'), category: text(r, 'category') } }),
  subscription: (r) => {
    const version = r.changedAt === r.createdAt ? 1 : 2
    return {
      id: versionId(r, version),
      name: r.id,
      version,
      isLatestVersion: true,
      ratePlans: [
        {
          productRatePlanId: text(r, 'product'),
          ratePlanCharges: [
            {
              chargeType: 'Recurring',
              chargeModel: 'Flat Fee Pricing',
              billingPeriod: PERIODS[text(r, 'interval') ?? ''] ?? null,
              price: spelled(r, 'amount'),
              quantity: spelled(r, 'quantity'),
              mrr: spelled(r, 'mrr'),
            },
          ],
        },
      ],
    }
  },
  invoice: (r) => (r.state === 'paid' ? { balance: 0 } : {}),
}

function contactOf(record: SimRecord, group: string): Rendered {
  return {
    firstName: 'Erika',
    lastName: 'Lab',
    address1: text(record, `${group}.line1`),
    address2: text(record, `${group}.line2`),
    city: text(record, `${group}.city`),
    state: text(record, `${group}.region`),
    postalCode: text(record, `${group}.postal_code`),
    country: text(record, `${group}.country`),
  }
}

function spelled({ kind, fields }: SimRecord, field: string): unknown {
  const value = fields[field] ?? null
  if (value === null) return null
  const { type } = fieldOf(kind, field)
  if (type === 'money' || type === 'number') return /^-?\d+(\.\d+)?$/.test(value) ? new Digits(value) : value
  return type === 'bool' ? value === 'true' : value
}
