/** The simulated system: which service, set and property each canonical kind and field lives in, and what its letters say. */

export interface SetPlan {
  service: string
  set: string
  keys: readonly string[]
  /** Canonical field → property; with `to_X/` one of the part that is expanded. */
  properties: Record<string, string>
  /** Canonical state → the letters that say so. */
  states: Record<string, Record<string, string | boolean>>
  stamp: 'LastChangeDateTime' | 'LastChangeDate'
  /** Has a version to write against. */
  versioned: boolean
  /** Of what else the set has this is a part by. */
  fixed?: Record<string, string>
}

const V2 = '/sap/opu/odata/sap'
export const V4_ORDERS = '/sap/opu/odata4/sap/api_salesorder/srvd_a2x/sap/salesorder/0001'
const ADDRESS = 'to_BusinessPartnerAddress'

const BILLING = {
  service: `${V2}/API_BILLING_DOCUMENT_SRV`,
  set: 'A_BillingDocument',
  keys: ['BillingDocument'],
  stamp: 'LastChangeDateTime',
  versioned: true,
} as const
const posted = { BillingDocumentIsCancelled: false, AccountingPostingStatus: 'C', InvoiceClearingStatus: 'A' }

export const PLANS: Record<string, SetPlan> = {
  customer: {
    service: `${V2}/API_BUSINESS_PARTNER`,
    set: 'A_BusinessPartner',
    keys: ['BusinessPartner'],
    properties: {
      name: 'OrganizationBPName1',
      language: 'CorrespondenceLanguage',
      currency: 'A_CustomerSalesArea/Currency',
      payment_terms: 'A_CustomerSalesArea/CustomerPaymentTerms',
      tax_id: 'to_Customer/VATRegistration',
      credit_hold: 'to_Customer/OrderIsBlockedForCustomer',
      'bill_to.line1': `${ADDRESS}/StreetName`,
      'bill_to.line2': `${ADDRESS}/AdditionalStreetPrefixName`,
      'bill_to.city': `${ADDRESS}/CityName`,
      'bill_to.region': `${ADDRESS}/Region`,
      'bill_to.postal_code': `${ADDRESS}/PostalCode`,
      'bill_to.country': `${ADDRESS}/Country`,
    },
    states: {},
    stamp: 'LastChangeDate',
    versioned: false,
  },
  product: {
    service: `${V2}/API_PRODUCT_SRV`,
    set: 'A_Product',
    keys: ['Product'],
    properties: { sku: 'ProductStandardID', name: 'to_Description/ProductDescription', category: 'ProductGroup' },
    states: { active: { IsMarkedForDeletion: false }, retired: { IsMarkedForDeletion: true } },
    stamp: 'LastChangeDateTime',
    versioned: false,
  },
  quote: {
    service: `${V2}/API_SALES_QUOTATION_SRV`,
    set: 'A_SalesQuotation',
    keys: ['SalesQuotation'],
    properties: {
      customer: 'SoldToParty',
      amount: 'TotalNetAmount',
      currency: 'TransactionCurrency',
      valid_until: 'BindingPeriodValidityEndDate',
    },
    states: {
      draft: { OverallSDProcessStatus: '' },
      in_approval: { SalesDocApprovalStatus: 'A' },
      approved: { OverallSDProcessStatus: 'A' },
      accepted: { OverallSDProcessStatus: 'C' },
      rejected: { OverallSDDocumentRejectionSts: 'C' },
    },
    stamp: 'LastChangeDateTime',
    versioned: true,
  },
  order: {
    service: `${V2}/API_SALES_ORDER_SRV`,
    set: 'A_SalesOrder',
    keys: ['SalesOrder'],
    properties: {
      customer: 'SoldToParty',
      amount: 'TotalNetAmount',
      currency: 'TransactionCurrency',
      ordered_at: 'SalesOrderDate',
    },
    states: {
      draft: { OverallSDProcessStatus: '' },
      pending_approval: { SalesDocApprovalStatus: 'A' },
      booked: { OverallSDProcessStatus: 'A' },
      blocked: { OverallSDProcessStatus: 'A', DeliveryBlockReason: '01' },
      fulfilled: { OverallSDProcessStatus: 'C' },
      cancelled: { OverallSDDocumentRejectionSts: 'C' },
    },
    stamp: 'LastChangeDateTime',
    versioned: true,
  },
  contract: {
    service: `${V2}/API_SALES_CONTRACT_SRV`,
    set: 'A_SalesContract',
    keys: ['SalesContract'],
    properties: {
      customer: 'SoldToParty',
      value: 'TotalNetAmount',
      currency: 'TransactionCurrency',
      starts_on: 'SalesContractValidityStartDate',
      ends_on: 'SalesContractValidityEndDate',
      signed_at: 'SalesContractSignedDate',
    },
    states: {
      draft: { OverallSDProcessStatus: '' },
      signed: { OverallSDProcessStatus: 'A' },
      active: { OverallSDProcessStatus: 'B' },
      expired: { OverallSDProcessStatus: 'C' },
      terminated: { OverallSDDocumentRejectionSts: 'C' },
    },
    stamp: 'LastChangeDateTime',
    versioned: true,
  },
  invoice: {
    ...BILLING,
    properties: {
      customer: 'SoldToParty',
      total: 'TotalGrossAmount',
      tax: 'TaxAmount',
      currency: 'TransactionCurrency',
      issued_on: 'BillingDocumentDate',
    },
    states: {
      draft: { ...posted, AccountingPostingStatus: 'A' },
      open: posted,
      paid: { ...posted, InvoiceClearingStatus: 'C' },
      void: { ...posted, BillingDocumentIsCancelled: true },
    },
    fixed: { SDDocumentCategory: 'M' },
  },
  credit: {
    ...BILLING,
    properties: { customer: 'SoldToParty', amount: 'TotalGrossAmount', currency: 'TransactionCurrency' },
    states: {
      approved: { ...posted, AccountingPostingStatus: 'A' },
      posted,
      applied: { ...posted, InvoiceClearingStatus: 'C' },
      void: { ...posted, BillingDocumentIsCancelled: true },
    },
    fixed: { SDDocumentCategory: 'O' },
  },
  payment: {
    service: `${V2}/API_GLACCOUNTLINEITEM`,
    set: 'GLAccountLineItem',
    keys: ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'LedgerGLLineItem'],
    properties: {
      customer: 'Customer',
      amount: 'AmountInTransactionCurrency',
      currency: 'TransactionCurrency',
      received_at: 'PostingDate',
    },
    states: { succeeded: { IsReversed: false }, refunded: { IsReversed: true } },
    stamp: 'LastChangeDateTime',
    versioned: false,
    fixed: { Ledger: '0L', FinancialAccountType: 'D', AccountingDocumentType: 'DZ' },
  },
}

/** Fields of the company's own, added to every set. */
export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify', 'servicenow', 'planhat']
export const refProperty = (platform: string) => `YY1_${platform}_ID`
export const KEY = 'YY1_plumbline_key'
export const AREAS = 'A_CustomerSalesArea'
export const COMPANY_CODE = '1010'
export const SALES_ORGANIZATION = '1010'

const FIRST: Record<string, number> = {
  customer: 17_100_000,
  quote: 20_000_000,
  order: 30_000_000,
  contract: 40_000_000,
  invoice: 90_000_000,
  credit: 91_000_000,
  payment: 1_400_000_000,
}

export function idOf(kind: string, n: number): string {
  if (kind === 'product') return `SKU-${String(n).padStart(5, '0')}`
  const number = String(FIRST[kind]! + n)
  return kind === 'payment' ? `${COMPANY_CODE}/2026/${number}/000001` : number
}

/** A customer need not have the number of its business partner. */
export const partnerOf = (customer: string) => customer.replace(/^17/, '10')
export const customerOf = (partner: string) => partner.replace(/^10/, '17')
