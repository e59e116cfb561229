/** The simulated org: which object and field each canonical kind and field lives in, and the words of its picklists. */
import { id18 } from '../../../connectors/salesforce/soql.ts'

interface ObjectPlan {
  object: string
  prefix: string
  /** Canonical field → field of the object. */
  columns: Record<string, string>
  /** Field that shows the state, and its picklist. */
  status?: { column: string; words: Record<string, string> }
}

const ADDRESS = (group: string, prefix: string) => ({
  // Both lines live in one street; `sobject` joins them.
  [`${group}.line1`]: `${prefix}Street`,
  [`${group}.line2`]: `${prefix}Street`,
  [`${group}.city`]: `${prefix}City`,
  [`${group}.region`]: `${prefix}State`,
  [`${group}.postal_code`]: `${prefix}PostalCode`,
  [`${group}.country`]: `${prefix}Country`,
})
const CURRENCY = { currency: 'CurrencyIsoCode' }

export const PLANS: Record<string, ObjectPlan> = {
  customer: {
    object: 'Account',
    prefix: '001',
    columns: {
      name: 'Name',
      legal_name: 'Legal_Name__c',
      domain: 'Website',
      email: 'Billing_Email__c',
      phone: 'Phone',
      tax_id: 'VAT_Number__c',
      registration_number: 'Register_Number__c',
      parent: 'ParentId',
      legal_entity: 'Selling_Entity__c',
      type: 'Type',
      owner: 'Owner.Name',
      segment: 'Industry',
      ...ADDRESS('bill_to', 'Billing'),
      ...ADDRESS('ship_to', 'Shipping'),
      ...CURRENCY,
      payment_terms: 'Payment_Terms__c',
      credit_limit: 'Credit_Limit__c',
      credit_hold: 'Credit_Hold__c',
      language: 'Language__c',
    },
    status: {
      column: 'Lifecycle__c',
      words: { lead: 'Lead', prospect: 'Prospect', customer: 'Customer', churned: 'Former Customer', closed: 'Closed' },
    },
  },
  contact: {
    object: 'Contact',
    prefix: '003',
    columns: { customer: 'AccountId', name: 'Name', email: 'Email', phone: 'Phone', role: 'Role__c' },
    status: { column: 'Status__c', words: { active: 'Active', inactive: 'Left Company' } },
  },
  product: {
    object: 'Product2',
    prefix: '01t',
    columns: {
      code: 'ProductCode',
      sku: 'StockKeepingUnit',
      name: 'Name',
      category: 'Family',
      price: 'List_Price__c',
      ...CURRENCY,
    },
  },
  opportunity: {
    object: 'Opportunity',
    prefix: '006',
    columns: {
      customer: 'AccountId',
      name: 'Name',
      amount: 'Amount',
      ...CURRENCY,
      close_date: 'CloseDate',
      owner: 'Owner.Name',
    },
    status: { column: 'StageName', words: { open: 'Negotiation/Review', won: 'Closed Won', lost: 'Closed Lost' } },
  },
  quote: {
    object: 'Quote',
    prefix: '0Q0',
    columns: {
      customer: 'AccountId',
      opportunity: 'OpportunityId',
      number: 'QuoteNumber',
      amount: 'TotalPrice',
      ...CURRENCY,
      valid_until: 'ExpirationDate',
      approved_at: 'Approved_At__c',
      accepted_at: 'Accepted_At__c',
    },
    status: {
      column: 'Status',
      words: {
        draft: 'Draft',
        in_approval: 'In Review',
        approved: 'Approved',
        accepted: 'Accepted',
        rejected: 'Denied',
        expired: 'Expired',
      },
    },
  },
  contract: {
    object: 'Contract',
    prefix: '800',
    columns: {
      customer: 'AccountId',
      number: 'ContractNumber',
      value: 'Total_Value__c',
      ...CURRENCY,
      starts_on: 'StartDate',
      ends_on: 'EndDate',
      signed_at: 'Signed_At__c',
      renewal_term: 'Renewal_Term__c',
    },
    status: {
      column: 'Status',
      words: { draft: 'Draft', signed: 'Signed', active: 'Activated', expired: 'Expired', terminated: 'Terminated' },
    },
  },
  order: {
    object: 'Order',
    prefix: '801',
    columns: {
      customer: 'AccountId',
      quote: 'QuoteId',
      opportunity: 'OpportunityId',
      number: 'OrderNumber',
      amount: 'TotalAmount',
      tax: 'TotalTaxAmount',
      ...CURRENCY,
      ordered_at: 'Ordered_At__c',
      approved_at: 'ActivatedDate',
      block_reason: 'Block_Reason__c',
      legal_entity: 'Selling_Entity__c',
    },
    status: {
      column: 'Status',
      words: {
        draft: 'Draft',
        pending_approval: 'In Approval',
        booked: 'Activated',
        blocked: 'On Hold',
        fulfilled: 'Fulfilled',
        cancelled: 'Cancelled',
      },
    },
  },
  subscription: {
    object: 'Subscription__c',
    prefix: 'a01',
    columns: {
      customer: 'Account__c',
      order: 'Order__c',
      contract: 'Contract__c',
      product: 'Product__c',
      number: 'Name',
      quantity: 'Quantity__c',
      amount: 'Amount__c',
      ...CURRENCY,
      interval: 'Billing_Period__c',
      mrr: 'MRR__c',
      started_on: 'Start_Date__c',
      ends_on: 'End_Date__c',
      renews_on: 'Renewal_Date__c',
      auto_renew: 'Auto_Renew__c',
      amendment: 'Amendment__c',
      cancelled_at: 'Cancelled_At__c',
    },
    status: {
      column: 'Status__c',
      words: {
        pending: 'Pending',
        trialing: 'Trial',
        active: 'Active',
        past_due: 'Past Due',
        paused: 'Paused',
        cancelled: 'Cancelled',
        expired: 'Expired',
      },
    },
  },
  invoice: {
    object: 'Invoice__c',
    prefix: 'a02',
    columns: {
      customer: 'Account__c',
      order: 'Order__c',
      subscription: 'Subscription__c',
      number: 'Name',
      total: 'Total__c',
      tax: 'Tax__c',
      amount_due: 'Balance__c',
      ...CURRENCY,
      issued_on: 'Invoice_Date__c',
      due_on: 'Due_Date__c',
      posted_at: 'Posted_At__c',
      paid_at: 'Paid_At__c',
      legal_entity: 'Selling_Entity__c',
    },
    status: {
      column: 'Status__c',
      words: {
        draft: 'Draft',
        open: 'Posted',
        paid: 'Paid',
        void: 'Voided',
        uncollectible: 'Written Off',
        credited: 'Credited',
      },
    },
  },
  renewal: {
    object: 'Renewal__c',
    prefix: 'a03',
    columns: {
      customer: 'Account__c',
      subscription: 'Subscription__c',
      amount: 'Amount__c',
      ...CURRENCY,
      due_on: 'Due_Date__c',
      readiness: 'Readiness__c',
    },
    status: {
      column: 'Status__c',
      words: { upcoming: 'Upcoming', in_progress: 'In Progress', renewed: 'Renewed', lost: 'Lost' },
    },
  },
}

/** Platforms whose ids the org keeps in external-id fields. */
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
export const REFERENCES: Record<string, string> = Object.fromEntries(
  REFERRED.map((name) => [name, `${name.charAt(0).toUpperCase()}${name.slice(1)}_Id__c`]),
)

/** External-id field for the key of whoever makes a row. */
export const KEY_COLUMN = 'Plumbline_Key__c'
/** Computed on every object. */
export const READ_ONLY = ['Id', 'CreatedDate', 'SystemModstamp', 'LastModifiedDate', 'IsDeleted', 'MasterRecordId']

/** Canonical code → picklist word, for the fields that are picklists here. */
export const PICKLISTS: Record<string, Record<string, string>> = {
  'contact.role': { billing: 'Billing', technical: 'Technical', executive: 'Executive', other: 'Other' },
  'subscription.interval': { day: 'Daily', week: 'Weekly', month: 'Monthly', quarter: 'Quarterly', year: 'Annual' },
  'subscription.amendment': { none: 'None', pending: 'Pending', failed: 'Failed' },
  'customer.payment_terms': Object.fromEntries([
    ['due_on_receipt', 'Due on Receipt'],
    ['prepaid', 'Prepaid'],
    ...[7, 10, 14, 15, 20, 21, 30, 45, 60, 75, 90, 120].flatMap((days) => [
      [`net_${days}`, `Net ${days}`],
      [`eom_${days}`, `${days} days end of month`],
    ]),
  ]),
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The n-th id of a kind: three characters of the object, a pod, and a number to the base of 62. */
export function idOf(kind: string, n: number): string {
  let tail = ''
  for (let rest = n; tail.length < 10; rest = Math.floor(rest / 62)) tail = DIGITS[rest % 62] + tail
  return id18(`${PLANS[kind]?.prefix ?? 'a09'}gL${tail}`)
}
