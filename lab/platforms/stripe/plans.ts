/** Kinds of the simulated Stripe account: which object each is, what lives in its metadata, and the form of its ids. */

export interface KindPlan {
  prefix: string
  /** Length of the part after the prefix, as long as Stripe's own. */
  digits: number
  object: string
  path: string
  native: string[]
  /** Fields that the company keeps in metadata because Stripe has no place for them. */
  metadata: string[]
}

const BILL_TO = ['line1', 'line2', 'city', 'region', 'postal_code', 'country'].map((part) => `bill_to.${part}`)

export const PLANS: Record<string, KindPlan> = {
  customer: {
    prefix: 'cus_',
    digits: 14,
    object: 'customer',
    path: 'customers',
    native: ['name', 'email', 'phone', 'tax_id', 'currency', 'tax_exempt', 'language', ...BILL_TO],
    metadata: ['legal_name', 'payment_terms', 'credit_hold'],
  },
  product: {
    prefix: 'prod_',
    digits: 14,
    object: 'product',
    path: 'products',
    native: ['plan_code', 'name', 'price', 'currency'],
    metadata: ['code'],
  },
  subscription: {
    prefix: 'sub_',
    digits: 24,
    object: 'subscription',
    path: 'subscriptions',
    native: ['customer', 'product', 'quantity', 'amount', 'currency', 'interval', 'started_on', 'cancelled_at'],
    metadata: ['order', 'contract', 'number', 'mrr', 'ends_on', 'renews_on', 'auto_renew', 'amendment'],
  },
  invoice: {
    prefix: 'in_',
    digits: 24,
    object: 'invoice',
    path: 'invoices',
    native: [
      'customer',
      'subscription',
      'number',
      'total',
      'tax',
      'amount_due',
      'currency',
      'issued_on',
      'due_on',
      'posted_at',
      'paid_at',
    ],
    metadata: ['order', 'legal_entity'],
  },
  payment: {
    prefix: 'pi_',
    digits: 24,
    object: 'payment_intent',
    path: 'payment_intents',
    native: ['customer', 'invoice', 'amount', 'currency', 'received_at', 'method', 'failure_reason'],
    metadata: [],
  },
  credit: {
    prefix: 'cn_',
    digits: 24,
    object: 'credit_note',
    path: 'credit_notes',
    native: ['customer', 'invoice', 'number', 'amount', 'currency', 'reason'],
    metadata: ['case', 'approved_at', 'posted_at'],
  },
}

/** Metadata key of a state that Stripe has no word for. */
export const LIFECYCLE = 'lifecycle'
/** Platforms whose ids the company writes into metadata. */
export const REFERRED = [
  'salesforce',
  'netsuite',
  'zendesk',
  'provisioning',
  'hubspot',
  'shopify',
  'zuora',
  'servicenow',
  'planhat',
]

/** Canonical state → Stripe's word, where they differ. */
export const STATUS: Record<string, Record<string, string>> = {
  subscription: { pending: 'incomplete', cancelled: 'canceled', expired: 'incomplete_expired' },
  payment: { pending: 'processing', failed: 'requires_payment_method', refunded: 'succeeded' },
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The n-th id of a kind: a prefix and base-62 digits; the front of them only looks random. */
export function idOf(kind: string, n: number): string {
  const plan = PLANS[kind]!
  let tail = ''
  for (let rest = n; tail.length < 6; rest = Math.floor(rest / 62)) tail = DIGITS[rest % 62] + tail
  let head = ''
  for (let seed = (n + 1) * 2_654_435_761; head.length < plan.digits - 6; seed = (seed * 31 + 7) % 4_294_967_291)
    head += DIGITS[seed % 62]
  return plan.prefix + head + tail
}
