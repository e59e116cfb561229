/** The simulated account: which object and property each canonical kind and field lives in, and the words of its stages. */
interface ObjectPlan {
  object: string
  /** Canonical field → property; what the account added begins with `lab_`. */
  properties: Record<string, string>
  /** Canonical reference → object and number of the association. */
  links?: Record<string, { to: string; type: number }>
  status: { property: string; words: Record<string, string> } | null
}

const customer = (type: number) => ({ customer: { to: 'companies', type } })

export const PLANS: Record<string, ObjectPlan> = {
  customer: {
    object: 'companies',
    properties: {
      name: 'name',
      legal_name: 'lab_legal_name',
      domain: 'domain',
      email: 'lab_billing_email',
      phone: 'phone',
      tax_id: 'lab_vat_number',
      parent: 'hs_parent_company_id',
      legal_entity: 'lab_selling_entity',
      type: 'type',
      segment: 'industry',
      'bill_to.line1': 'address',
      'bill_to.line2': 'address2',
      'bill_to.city': 'city',
      'bill_to.region': 'state',
      'bill_to.postal_code': 'zip',
      'bill_to.country': 'country',
      currency: 'lab_currency',
      payment_terms: 'lab_payment_terms',
      credit_limit: 'lab_credit_limit',
      credit_hold: 'lab_credit_hold',
    },
    status: {
      property: 'lifecyclestage',
      words: { lead: 'lead', prospect: 'opportunity', customer: 'customer', churned: 'churned', closed: 'closed' },
    },
  },
  contact: {
    object: 'contacts',
    properties: { name: 'lastname', email: 'email', phone: 'phone', role: 'lab_role' },
    links: customer(1),
    status: { property: 'lab_status', words: { active: 'active', inactive: 'left' } },
  },
  product: {
    object: 'products',
    properties: {
      code: 'lab_code',
      sku: 'hs_sku',
      name: 'name',
      price: 'price',
      category: 'hs_product_type',
      currency: 'lab_currency',
    },
    status: { property: 'lab_status', words: { active: 'active', retired: 'retired' } },
  },
  opportunity: {
    object: 'deals',
    properties: { name: 'dealname', amount: 'amount', currency: 'deal_currency_code', close_date: 'closedate' },
    links: customer(5),
    status: { property: 'dealstage', words: { open: 'qualifiedtobuy', won: 'closedwon', lost: 'closedlost' } },
  },
  quote: {
    object: 'quotes',
    properties: {
      number: 'hs_quote_number',
      amount: 'hs_quote_amount',
      currency: 'hs_currency',
      valid_until: 'hs_expiration_date',
      approved_at: 'lab_approved_at',
      accepted_at: 'lab_accepted_at',
    },
    links: { ...customer(71), opportunity: { to: 'deals', type: 64 } },
    status: {
      property: 'hs_status',
      words: {
        draft: 'DRAFT',
        in_approval: 'PENDING_APPROVAL',
        approved: 'APPROVED',
        accepted: 'ACCEPTED',
        rejected: 'REJECTED',
        expired: 'EXPIRED',
      },
    },
  },
  case: {
    object: 'tickets',
    properties: {
      number: 'lab_number',
      priority: 'hs_ticket_priority',
      opened_at: 'createdate',
      resolved_at: 'closed_date',
    },
    links: customer(26),
    status: {
      property: 'hs_pipeline_stage',
      words: { new: '1', open: '2', pending: '3', escalated: '5', resolved: '6', closed: '4' },
    },
  },
}

export const OBJECTS = Object.fromEntries(Object.entries(PLANS).map(([kind, plan]) => [plan.object, kind]))

/** Properties with unique values that keep other platforms' ids. */
export const REFERENCES: Record<string, string> = Object.fromEntries(
  ['salesforce', 'netsuite', 'stripe', 'zendesk', 'provisioning', 'shopify', 'zuora', 'servicenow'].map((name) => [
    name,
    `lab_${name}_id`,
  ]),
)
/** Property with unique values for the key of whoever makes a record. */
export const KEY = 'lab_plumbline_key'
export const READ_ONLY = [
  'hs_object_id',
  'hs_lastmodifieddate',
  'lastmodifieddate',
  'hs_quote_number',
  'hs_quote_amount',
]

/** The n-th id of a kind: numbers of ten digits, apart for each object. */
export const idOf = (kind: string, n: number) =>
  String(9_000_000_000 + (Object.keys(PLANS).indexOf(kind) + 1) * 10_000_000 + n)

export const stampOf = (kind: string) => (kind === 'contact' ? 'lastmodifieddate' : 'hs_lastmodifieddate')
