/** The simulated company: which entity and property each canonical kind and field lives in, and its words. */
import { createHash } from 'node:crypto'

export interface EntityPlan {
  entity: string
  properties: Record<string, string>
  status?: { property: string; words: Record<string, string> }
}

export const PLANS: Record<string, EntityPlan> = {
  customer: {
    entity: 'customers',
    properties: {
      name: 'displayName',
      phone: 'phoneNumber',
      email: 'email',
      domain: 'website',
      tax_id: 'taxRegistrationNumber',
      'bill_to.line1': 'addressLine1',
      'bill_to.line2': 'addressLine2',
      'bill_to.city': 'city',
      'bill_to.region': 'state',
      'bill_to.postal_code': 'postalCode',
      'bill_to.country': 'country',
      currency: 'currencyCode',
      credit_limit: 'creditLimit',
      credit_hold: 'blocked',
    },
  },
  product: {
    entity: 'items',
    properties: { code: 'number', sku: 'gtin', name: 'displayName', category: 'itemCategoryCode', price: 'unitPrice' },
    status: { property: 'blocked', words: { active: 'false', retired: 'true' } },
  },
  order: {
    entity: 'salesOrders',
    properties: {
      customer: 'customerId',
      number: 'number',
      amount: 'totalAmountExcludingTax',
      tax: 'totalTaxAmount',
      currency: 'currencyCode',
      ordered_at: 'orderDate',
    },
    status: {
      property: 'status',
      words: {
        draft: 'Draft',
        pending_approval: 'In Review',
        booked: 'Open',
        blocked: 'On Hold',
        fulfilled: 'Shipped',
        cancelled: 'Canceled',
      },
    },
  },
  invoice: {
    entity: 'salesInvoices',
    properties: {
      customer: 'customerId',
      order: 'orderId',
      number: 'number',
      total: 'totalAmountIncludingTax',
      tax: 'totalTaxAmount',
      amount_due: 'remainingAmount',
      currency: 'currencyCode',
      issued_on: 'invoiceDate',
      due_on: 'dueDate',
    },
    status: {
      property: 'status',
      words: {
        draft: 'Draft',
        open: 'Open',
        paid: 'Paid',
        void: 'Canceled',
        uncollectible: 'Written Off',
        credited: 'Corrective',
      },
    },
  },
  credit: {
    entity: 'salesCreditMemos',
    properties: {
      customer: 'customerId',
      invoice: 'invoiceId',
      number: 'number',
      amount: 'totalAmountIncludingTax',
      currency: 'currencyCode',
    },
    status: {
      property: 'status',
      words: { requested: 'Draft', approved: 'In Review', posted: 'Open', applied: 'Paid', void: 'Canceled' },
    },
  },
  payment: {
    entity: 'customerPayments',
    properties: { customer: 'customerId', invoice: 'appliesToInvoiceId', amount: 'amount', received_at: 'postingDate' },
  },
}

/** Properties of an API page of the company's own. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify', 'servicenow', 'planhat']
export const refProperty = (platform: string) => `${platform}Id`
export const KEY = 'plumblineKey'
export const COMPANY = '9c5fd5d5-ba56-4e2e-9e2c-2f6f5ad9a001'

export const kindOfEntity = (entity: string) => Object.keys(PLANS).find((kind) => PLANS[kind]!.entity === entity)

export function idOf(kind: string, n: number): string {
  const hex = createHash('md5').update(`business central ${kind} ${n}`).digest('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
