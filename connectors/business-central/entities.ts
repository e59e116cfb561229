/** Which entity each stream reads, and in which properties the canonical fields are. */
import type { CentralConfig, EntityConfig } from './config.ts'
import { ENTITY_NAMES } from './config.ts'

export interface EntitySpec {
  name: (typeof ENTITY_NAMES)[number]
  kind: string
  /** Canonical field → property. */
  fields: Record<string, string>
  status: string | null
  refs: Record<string, string>
  custom: Record<string, string>
  key: string | null
  /** Fields that the platform computes or that posting decides. */
  readOnly: readonly string[]
}

type Usual = Pick<EntitySpec, 'kind' | 'fields' | 'status' | 'readOnly'>

const USUAL: Record<EntitySpec['name'], Usual> = {
  customers: {
    kind: 'customer',
    status: null,
    fields: {
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
    readOnly: [],
  },
  items: {
    kind: 'product',
    status: 'blocked',
    fields: { code: 'number', sku: 'gtin', name: 'displayName', category: 'itemCategoryCode', price: 'unitPrice' },
    readOnly: ['category', 'state'],
  },
  salesOrders: {
    kind: 'order',
    status: 'status',
    fields: {
      customer: 'customerId',
      number: 'number',
      amount: 'totalAmountExcludingTax',
      tax: 'totalTaxAmount',
      currency: 'currencyCode',
      ordered_at: 'orderDate',
    },
    readOnly: ['amount', 'tax', 'state'],
  },
  salesInvoices: {
    kind: 'invoice',
    status: 'status',
    fields: {
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
    readOnly: ['order', 'total', 'tax', 'amount_due', 'state'],
  },
  salesCreditMemos: {
    kind: 'credit',
    status: 'status',
    fields: {
      customer: 'customerId',
      invoice: 'invoiceId',
      number: 'number',
      amount: 'totalAmountIncludingTax',
      currency: 'currencyCode',
    },
    readOnly: ['amount', 'state'],
  },
  customerPayments: {
    kind: 'payment',
    status: null,
    fields: { customer: 'customerId', invoice: 'appliesToInvoiceId', amount: 'amount', received_at: 'postingDate' },
    readOnly: [],
  },
}

export function entityOf(name: EntitySpec['name'], own: EntityConfig): EntitySpec {
  const usual = USUAL[name]
  return {
    ...usual,
    name,
    fields: { ...usual.fields, ...own.fields },
    refs: own.refs,
    custom: own.custom,
    key: own.key ?? null,
  }
}

export function entitiesOf(config: CentralConfig): EntitySpec[] {
  return ENTITY_NAMES.filter((name) => !config.skip.includes(name)).map((name) => entityOf(name, config[name]))
}

export function holdsOf(spec: EntitySpec): string[] {
  return [...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)])]
}
