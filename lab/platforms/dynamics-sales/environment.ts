/** The simulated environment: which table and column each canonical kind and field lives in, and the numbers of its choices. */
interface TablePlan {
  set: string
  logical: string
  /** Canonical field → column; what the environment added begins with `lab_`, lookups are `_name_value`. */
  columns: Record<string, string>
  /** Canonical state → [statecode, statuscode]. */
  states: Record<string, readonly [state: number, status: number]>
  /** Navigation property → canonical reference and its kind. */
  binds: Record<string, { field: string; kind: string }>
}

const CURRENCY = { currency: '_transactioncurrencyid_value' }
const OWNED = { customerid_account: { field: 'customer', kind: 'customer' } }

export const PLANS: Record<string, TablePlan> = {
  customer: {
    set: 'accounts',
    logical: 'account',
    columns: {
      name: 'name',
      legal_name: 'lab_legalname',
      domain: 'websiteurl',
      email: 'emailaddress1',
      phone: 'telephone1',
      tax_id: 'lab_vatnumber',
      parent: '_parentaccountid_value',
      legal_entity: 'lab_sellingentity',
      'bill_to.line1': 'address1_line1',
      'bill_to.line2': 'address1_line2',
      'bill_to.city': 'address1_city',
      'bill_to.region': 'address1_stateorprovince',
      'bill_to.postal_code': 'address1_postalcode',
      'bill_to.country': 'address1_country',
      credit_limit: 'creditlimit',
      credit_hold: 'creditonhold',
      ...CURRENCY,
    },
    states: { lead: [0, 100], prospect: [0, 101], customer: [0, 1], churned: [1, 2], closed: [1, 102] },
    binds: { parentaccountid: { field: 'parent', kind: 'customer' } },
  },
  contact: {
    set: 'contacts',
    logical: 'contact',
    columns: { customer: '_parentcustomerid_value', name: 'fullname', email: 'emailaddress1', phone: 'telephone1' },
    states: { active: [0, 1], inactive: [1, 2] },
    binds: { parentcustomerid_account: { field: 'customer', kind: 'customer' } },
  },
  product: {
    set: 'products',
    logical: 'product',
    columns: { code: 'productnumber', name: 'name', price: 'price', ...CURRENCY },
    states: { active: [0, 1], retired: [1, 2] },
    binds: {},
  },
  opportunity: {
    set: 'opportunities',
    logical: 'opportunity',
    columns: {
      customer: '_customerid_value',
      name: 'name',
      amount: 'estimatedvalue',
      close_date: 'estimatedclosedate',
      ...CURRENCY,
    },
    states: { open: [0, 1], won: [1, 3], lost: [2, 4] },
    binds: OWNED,
  },
  quote: {
    set: 'quotes',
    logical: 'quote',
    columns: {
      customer: '_customerid_value',
      opportunity: '_opportunityid_value',
      number: 'quotenumber',
      amount: 'totalamountlessfreight',
      valid_until: 'effectiveto',
      ...CURRENCY,
    },
    states: {
      draft: [0, 1],
      in_approval: [0, 100],
      approved: [1, 3],
      accepted: [2, 4],
      rejected: [3, 5],
      expired: [3, 6],
    },
    binds: { ...OWNED, opportunityid: { field: 'opportunity', kind: 'opportunity' } },
  },
  order: {
    set: 'salesorders',
    logical: 'salesorder',
    columns: {
      customer: '_customerid_value',
      quote: '_quoteid_value',
      opportunity: '_opportunityid_value',
      number: 'ordernumber',
      amount: 'totalamountlessfreight',
      tax: 'totaltax',
      ordered_at: 'submitdate',
      ...CURRENCY,
    },
    states: {
      draft: [0, 1],
      pending_approval: [0, 100],
      booked: [1, 3],
      blocked: [0, 690970000],
      fulfilled: [3, 100001],
      cancelled: [2, 4],
    },
    binds: {
      ...OWNED,
      quoteid: { field: 'quote', kind: 'quote' },
      opportunityid: { field: 'opportunity', kind: 'opportunity' },
    },
  },
}

export const SETS = Object.fromEntries(Object.entries(PLANS).map(([kind, plan]) => [plan.set, kind]))
export const TABLES = Object.fromEntries(Object.entries(PLANS).map(([kind, plan]) => [plan.logical, kind]))

/** Columns with an alternate key that hold other platforms' ids. */
export const REFERENCES: Record<string, string> = Object.fromEntries(
  ['salesforce', 'netsuite', 'stripe', 'zendesk', 'provisioning', 'hubspot'].map((name) => [name, `lab_${name}id`]),
)
/** Alternate key for whoever makes a row. */
export const KEY = 'lab_plumblinekey'
export const READ_ONLY = [
  'modifiedon',
  'createdon',
  'fullname',
  'quotenumber',
  'ordernumber',
  'totaltax',
  'totalamountlessfreight',
]

const CODES = ['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'JPY', 'CAD', 'AUD', 'SGD', 'BRL', 'INR']
const guid = (head: number, n: number) =>
  `${(0x1a000000 + head).toString(16)}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

export const CURRENCIES = CODES.map((iso, i) => ({ transactioncurrencyid: guid(255, i + 1), isocurrencycode: iso }))

/** The n-th id of a kind. */
export const idOf = (kind: string, n: number) => guid(Object.keys(PLANS).indexOf(kind) + 1, n)
