/** The simulated environment: which data entity and property each canonical kind and field lives in, and its words. */

export interface EntityPlan {
  set: string
  /** Key without the company: properties, and how they are read out of the record's id. */
  keys: readonly string[]
  properties: Record<string, string>
  status?: { property: string; words: Record<string, string> }
}

export const PLANS: Record<string, EntityPlan> = {
  customer: {
    set: 'CustomersV3',
    keys: ['CustomerAccount'],
    properties: {
      name: 'OrganizationName',
      type: 'CustomerGroupId',
      phone: 'PrimaryContactPhone',
      email: 'PrimaryContactEmail',
      domain: 'PrimaryContactURL',
      tax_id: 'TaxExemptNumber',
      registration_number: 'OrganizationNumber',
      segment: 'SalesSegmentId',
      language: 'LanguageId',
      'bill_to.line1': 'AddressStreet',
      'bill_to.city': 'AddressCity',
      'bill_to.region': 'AddressState',
      'bill_to.postal_code': 'AddressZipCode',
      'bill_to.country': 'AddressCountryRegionISOCode',
      'ship_to.line1': 'DeliveryAddressStreet',
      'ship_to.city': 'DeliveryAddressCity',
      'ship_to.region': 'DeliveryAddressState',
      'ship_to.postal_code': 'DeliveryAddressZipCode',
      'ship_to.country': 'DeliveryAddressCountryRegionISOCode',
      currency: 'SalesCurrencyCode',
      payment_terms: 'PaymentTerms',
      credit_limit: 'CreditLimit',
      credit_hold: 'OnHoldStatus',
    },
  },
  product: {
    set: 'ReleasedProductsV2',
    keys: ['ItemNumber'],
    properties: { sku: 'ProductNumber', name: 'SearchName', category: 'ProductGroupId', price: 'SalesPrice' },
    status: { property: 'ProductLifecycleStateId', words: { active: 'Operational', retired: 'EndOfLife' } },
  },
  quote: {
    set: 'SalesQuotationHeadersV2',
    keys: ['SalesQuotationNumber'],
    properties: {
      customer: 'RequestingCustomerAccountNumber',
      amount: 'QuotationTotalAmount',
      currency: 'CurrencyCode',
      valid_until: 'SalesQuotationExpiryDate',
      accepted_at: 'SalesQuotationConfirmationDate',
    },
    status: {
      property: 'SalesQuotationStatus',
      words: { draft: 'Created', approved: 'Sent', accepted: 'Confirmed', rejected: 'Lost', expired: 'Cancelled' },
    },
  },
  order: {
    set: 'SalesOrderHeadersV2',
    keys: ['SalesOrderNumber'],
    properties: {
      customer: 'OrderingCustomerAccountNumber',
      amount: 'OrderTotalAmount',
      tax: 'OrderTotalTaxAmount',
      currency: 'CurrencyCode',
      ordered_at: 'OrderCreationDateTime',
    },
    status: {
      property: 'SalesOrderStatus',
      words: { draft: 'None', booked: 'Backorder', fulfilled: 'Invoiced', cancelled: 'Canceled' },
    },
  },
  invoice: {
    set: 'SalesInvoiceHeadersV2',
    keys: ['InvoiceNumber'],
    properties: {
      customer: 'InvoiceCustomerAccountNumber',
      order: 'SalesOrderNumber',
      total: 'TotalInvoiceAmount',
      tax: 'TotalTaxAmount',
      currency: 'CurrencyCode',
      issued_on: 'InvoiceDate',
    },
  },
  credit: {
    set: 'SalesInvoiceHeadersV2',
    keys: ['InvoiceNumber'],
    properties: {
      customer: 'InvoiceCustomerAccountNumber',
      amount: 'TotalInvoiceAmount',
      currency: 'CurrencyCode',
      posted_at: 'InvoiceDate',
    },
  },
  payment: {
    set: 'CustomerPaymentJournalLines',
    keys: ['JournalBatchNumber', 'LineNumber'],
    properties: {
      customer: 'AccountDisplayValue',
      invoice: 'MarkedInvoice',
      amount: 'CreditAmount',
      currency: 'CurrencyCode',
      received_at: 'TransactionDate',
      method: 'PaymentMethodName',
    },
  },
}

/** Properties of the company's own extensions. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify', 'servicenow', 'planhat']
export const refProperty = (platform: string) => `LM_${platform}Id`
export const KEY = 'LM_PlumblineKey'
export const MODIFIED = 'LM_ModifiedDateTime'
export const COMPANY = 'lmde'

const PREFIX: Record<string, string> = {
  customer: 'LM-',
  product: 'SKU-',
  quote: 'SQ-',
  order: 'SO-',
  invoice: 'INV-',
  credit: 'CN-',
  payment: 'PJ-',
}

export function idOf(kind: string, n: number): string {
  const number = `${PREFIX[kind]}${String(n).padStart(6, '0')}`
  return `${COMPANY}/${number}${kind === 'payment' ? '/1' : ''}`
}
