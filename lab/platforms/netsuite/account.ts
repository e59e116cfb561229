/** The simulated account: ids, status letters, custom fields and words of each canonical kind. */
import { fieldOf } from '../../../model/kinds.ts'

/**
 * A zone far from UTC that never changes its clocks. Where they do change, NetSuite’s local times of one hour a year mean
 * two instants, and no reader can tell which (the connector’s README says so).
 */
export const TIMEZONE = 'America/Phoenix'

export interface Status {
  word: string
  /** Check-box that qualifies the word. */
  mark?: string
}

export interface KindPlan {
  /** Record type, as streams and the log of deletions name it. */
  record: string
  /** First id; kinds have number spaces of their own. */
  from: number
  /** Transaction type, for documents. */
  type?: string
  /** Canonical field → custom column; those without one are where NetSuite itself keeps them. */
  custom: Record<string, string>
  native: readonly string[]
  status?: Record<string, Status>
}

const words = (text: string) => text.split(' ')
const ADDRESS = ['line1', 'line2', 'city', 'region', 'postal_code', 'country'].flatMap((part) => [
  `bill_to.${part}`,
  `ship_to.${part}`,
])

export const PLANS: Record<string, KindPlan> = {
  customer: {
    record: 'customer',
    from: 1000,
    native: [
      ...words(
        'name domain email phone tax_id parent legal_entity currency payment_terms credit_limit credit_hold language',
      ),
      ...ADDRESS,
    ],
    custom: {
      legal_name: 'custentity_legal_name',
      registration_number: 'custentity_register_number',
      tax_exempt: 'custentity_tax_exempt',
    },
    status: {
      lead: { word: 'LEAD-Qualified' },
      prospect: { word: 'PROSPECT-In Discussion' },
      customer: { word: 'CUSTOMER-Closed Won' },
      churned: { word: 'CUSTOMER-Lost Customer' },
      closed: { word: 'CUSTOMER-Lost Customer', mark: 'isinactive' },
    },
  },
  contact: { record: 'contact', from: 2_000_000, native: words('customer name email phone'), custom: {} },
  product: {
    record: 'item',
    from: 3_000_000,
    native: words('code sku name category'),
    custom: { price: 'custitem_list_price', currency: 'custitem_currency' },
  },
  contract: {
    record: 'customrecord_contract',
    from: 4_000_000,
    native: [],
    custom: Object.fromEntries(
      words('customer number value currency starts_on ends_on signed_at renewal_term').map((f) => [
        f,
        `custrecord_contract_${f}`,
      ]),
    ),
    status: {
      draft: { word: 'Draft' },
      signed: { word: 'Signed' },
      active: { word: 'In Force' },
      expired: { word: 'Expired' },
      terminated: { word: 'Terminated' },
    },
  },
  order: {
    record: 'salesorder',
    from: 5_000_000,
    type: 'SalesOrd',
    native: words('customer number amount tax currency legal_entity'),
    custom: {
      ordered_at: 'custbody_ordered_at',
      approved_at: 'custbody_approved_at',
      block_reason: 'custbody_block_reason',
    },
    status: {
      draft: { word: 'Y' },
      pending_approval: { word: 'A' },
      booked: { word: 'B' },
      blocked: { word: 'B', mark: 'custbody_on_hold' },
      fulfilled: { word: 'G' },
      cancelled: { word: 'C' },
    },
  },
  invoice: {
    record: 'invoice',
    from: 6_000_000,
    type: 'CustInvc',
    native: words('customer order number total tax amount_due currency issued_on due_on legal_entity'),
    custom: { subscription: 'custbody_subscription', posted_at: 'custbody_posted_at', paid_at: 'custbody_paid_at' },
    status: {
      draft: { word: 'D' },
      open: { word: 'A' },
      paid: { word: 'B' },
      void: { word: 'V' },
      uncollectible: { word: 'A', mark: 'custbody_written_off' },
      credited: { word: 'B', mark: 'custbody_credited' },
    },
  },
  payment: {
    record: 'customerpayment',
    from: 7_000_000,
    type: 'CustPymt',
    native: words('customer invoice amount currency method'),
    custom: { received_at: 'custbody_received_at', failure_reason: 'custbody_failure_reason' },
    status: {
      pending: { word: 'A' },
      succeeded: { word: 'C' },
      failed: { word: 'E' },
      refunded: { word: 'C', mark: 'custbody_refunded' },
    },
  },
  credit: {
    record: 'creditmemo',
    from: 8_000_000,
    type: 'CustCred',
    native: words('customer invoice number amount currency reason'),
    custom: { approved_at: 'custbody_approved_at', posted_at: 'custbody_posted_at' },
    status: {
      requested: { word: 'D' },
      approved: { word: 'D', mark: 'custbody_approved' },
      posted: { word: 'A' },
      applied: { word: 'B' },
      void: { word: 'V' },
    },
  },
  posting: {
    record: 'posting',
    from: 9_000_000,
    native: words('invoice account period amount currency posted_on'),
    custom: {},
  },
}

export const DOCUMENTS = Object.keys(PLANS).filter((kind) => PLANS[kind]!.type)

/** What a set check-box says behind the status word. */
export const MARKS: Record<string, string> = {
  custbody_on_hold: 'on hold',
  custbody_written_off: 'written off',
  custbody_credited: 'credited',
  custbody_refunded: 'refunded',
  custbody_approved: 'approved',
  isinactive: 'inactive',
}

const REFERRED = [
  'salesforce',
  'netsuite',
  'stripe',
  'zendesk',
  'provisioning',
  'hubspot',
  'shopify',
  'zuora',
  'servicenow',
  'planhat',
]

/** Column that keeps another platform's id: one platform owns the external id, the others have fields of their own. */
export function referenceColumns(kind: string): Record<string, string> {
  const prefix = PLANS[kind]!.type
    ? 'custbody'
    : kind === 'product'
      ? 'custitem'
      : kind === 'contract'
        ? 'custrecord'
        : 'custentity'
  return Object.fromEntries(
    REFERRED.map((name) => [name, name === 'salesforce' ? 'externalid' : `${prefix}_${name}_id`]),
  )
}

/** Column that says who wrote last, for records that have none of their own. */
export function writerColumn(kind: string): string | null {
  if (PLANS[kind]!.type || kind === 'posting') return null
  return `${kind === 'product' ? 'custitem' : kind === 'contract' ? 'custrecord' : 'custentity'}_changed_by`
}

/** `YYYY-MM-DD` for dates, with a time for instants: how a custom column of this field is stored and read. */
export function shapeOf(kind: string, field: string): 'day' | 'moment' | 'flag' | 'plain' {
  const { type } = fieldOf(kind, field)
  return type === 'date' ? 'day' : type === 'instant' ? 'moment' : type === 'bool' ? 'flag' : 'plain'
}

/** Canonical payment terms → the account's own. */
export const TERMS: Record<string, string> = Object.fromEntries([
  ['due_on_receipt', 'Due on receipt'],
  ['prepaid', 'Prepayment'],
  ...[7, 10, 14, 15, 20, 21, 30, 45, 60, 75, 90, 120].flatMap((days) => [
    [`net_${days}`, `Net ${days}`],
    [`eom_${days}`, `EOM + ${days}`],
  ]),
])

export function idOf(kind: string, n: number): string {
  return String((PLANS[kind]?.from ?? 90_000_000) + n)
}
