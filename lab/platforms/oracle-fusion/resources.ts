/** The simulated environment: which resource and attribute each canonical kind and field lives in, and its words. */

export interface ResourcePlan {
  path: string
  /** Attribute with its number, and the one that others name it by. */
  key: string
  id: string
  attributes: Record<string, string>
  status?: { attribute: string; words: Record<string, string> }
  /** Attribute of its business unit. */
  unit?: string
}

const CRM = '/crmRestApi/resources/11.13.18.05'
const ERP = '/fscmRestApi/resources/11.13.18.05'

export const PLANS: Record<string, ResourcePlan> = {
  customer: {
    path: `${CRM}/accounts`,
    key: 'PartyId',
    id: 'PartyNumber',
    attributes: {
      name: 'OrganizationName',
      phone: 'PhoneNumber',
      email: 'EmailAddress',
      domain: 'URL',
      owner: 'OwnerName',
      segment: 'Industry',
      'bill_to.line1': 'AddressLine1',
      'bill_to.city': 'City',
      'bill_to.region': 'State',
      'bill_to.postal_code': 'PostalCode',
      'bill_to.country': 'Country',
      currency: 'CurrencyCode',
    },
    status: {
      attribute: 'Type',
      words: {
        lead: 'ZCA_LEAD',
        prospect: 'ZCA_PROSPECT',
        customer: 'ZCA_CUSTOMER',
        churned: 'ZCA_FORMER',
        closed: 'ZCA_CLOSED',
      },
    },
  },
  contact: {
    path: `${CRM}/contacts`,
    key: 'PartyId',
    id: 'PartyNumber',
    attributes: { customer: 'AccountPartyNumber', name: 'FullName', email: 'EmailAddress', phone: 'WorkPhoneNumber' },
  },
  opportunity: {
    path: `${CRM}/opportunities`,
    key: 'OptyId',
    id: 'OptyNumber',
    attributes: {
      customer: 'AccountPartyNumber',
      name: 'Name',
      amount: 'Revenue',
      currency: 'CurrencyCode',
      close_date: 'CloseDate',
      owner: 'OwnerName',
    },
    status: { attribute: 'Status', words: { open: 'OPEN', won: 'WON', lost: 'LOST' } },
  },
  case: {
    path: `${CRM}/serviceRequests`,
    key: 'SrId',
    id: 'SrNumber',
    attributes: { customer: 'AccountPartyNumber', priority: 'Severity', resolved_at: 'ResolvedDate' },
    status: {
      attribute: 'Status',
      words: {
        new: 'New',
        open: 'In Progress',
        pending: 'Waiting',
        escalated: 'Escalated',
        resolved: 'Resolved',
        closed: 'Closed',
      },
    },
  },
  product: {
    path: `${ERP}/itemsV2`,
    key: 'ItemId',
    id: 'ItemNumber',
    attributes: { name: 'ItemDescription', category: 'ItemClass' },
    status: { attribute: 'ItemStatusValue', words: { active: 'Active', retired: 'Inactive' } },
  },
  order: {
    path: `${ERP}/salesOrdersForOrderHub`,
    key: 'HeaderId',
    id: 'HeaderId',
    attributes: {
      customer: 'BuyingPartyNumber',
      number: 'OrderNumber',
      amount: 'totals',
      currency: 'TransactionalCurrencyCode',
      ordered_at: 'TransactionOn',
    },
    status: {
      attribute: 'StatusCode',
      words: { draft: 'DOO_DRAFT', booked: 'OPEN', fulfilled: 'CLOSED', cancelled: 'CANCELED' },
    },
    unit: 'BusinessUnitName',
  },
  invoice: {
    path: `${ERP}/receivablesInvoices`,
    key: 'CustomerTransactionId',
    id: 'CustomerTransactionId',
    attributes: {
      customer: 'BillToCustomerNumber',
      number: 'TransactionNumber',
      total: 'EnteredAmount',
      amount_due: 'InvoiceBalanceAmount',
      currency: 'InvoiceCurrencyCode',
      issued_on: 'TransactionDate',
      due_on: 'DueDate',
    },
    status: {
      attribute: 'InvoiceStatus',
      words: { draft: 'Incomplete', open: 'Complete', paid: 'Complete', void: 'Frozen' },
    },
    unit: 'BusinessUnit',
  },
  credit: {
    path: `${ERP}/receivablesCreditMemos`,
    key: 'CustomerTransactionId',
    id: 'CustomerTransactionId',
    attributes: {
      customer: 'BillToCustomerNumber',
      number: 'TransactionNumber',
      amount: 'EnteredAmount',
      currency: 'CreditMemoCurrency',
      reason: 'CreditReason',
    },
    status: { attribute: 'CreditMemoStatus', words: { requested: 'Incomplete', posted: 'Complete', void: 'Frozen' } },
    unit: 'BusinessUnit',
  },
  payment: {
    path: `${ERP}/standardReceipts`,
    key: 'StandardReceiptId',
    id: 'StandardReceiptId',
    attributes: {
      customer: 'CustomerAccountNumber',
      amount: 'Amount',
      currency: 'Currency',
      received_at: 'ReceiptDate',
      method: 'ReceiptMethod',
    },
    status: {
      attribute: 'State',
      words: { pending: 'Confirmed', succeeded: 'Cleared', failed: 'Reversed', refunded: 'Refunded' },
    },
    unit: 'BusinessUnit',
  },
}

/** Attributes of the company's own. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify', 'servicenow', 'planhat']
export const refAttribute = (platform: string) => `${platform}Id_c`
export const KEY = 'PlumblineKey_c'
export const UNIT = 'Larkmoor Germany'

const PREFIX: Record<string, string> = {
  customer: 'CDRM_',
  contact: 'CDRM_P',
  opportunity: 'OPTY_',
  case: 'SR',
  product: 'SKU-',
}

/** Numbers of eighteen digits, which no JavaScript number carries. */
const number = (n: number) => `300000046987${String(n).padStart(6, '0')}`

export function idOf(kind: string, n: number): string {
  const prefix = PREFIX[kind]
  return prefix === undefined ? number(n) : `${prefix}${String(n).padStart(6, '0')}`
}

export function keyOf(id: string): string {
  return /^\d{18}$/.test(id) ? id : number(Number(/(\d+)$/.exec(id)?.[1] ?? '0'))
}
