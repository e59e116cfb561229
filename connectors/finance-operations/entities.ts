/** Which data entity each stream reads, by which properties it is known, and where the canonical fields are. */
import type { EntityConfig, OperationsConfig } from './config.ts'

export interface EntitySpec {
  stream: string
  set: string
  kind: string
  /** Key properties, `dataAreaId` first. */
  keys: readonly string[]
  /** Properties that make its id beside the company, where the whole key says more than others refer to. */
  id: readonly string[]
  /** Canonical field → property. */
  fields: Record<string, string>
  status: string | null
  refs: Record<string, string>
  custom: Record<string, string>
  key: string | null
  modified: string | null
  /** What of the set is this stream. */
  only: string | null
  /** Fields that the platform computes or posting decides. */
  readOnly: readonly string[]
  /** Fields that are written when it is made. */
  madeWith: readonly string[]
  creatable: boolean
  hold: { property: string; on: string; off: string } | null
}

type Usual = Pick<EntitySpec, 'set' | 'kind' | 'fields'> &
  Partial<EntitySpec> & {
    /** Key without the company. */
    named: readonly string[]
    byDefault?: false
  }

/** Every row lies in a company; its id is the first part of every id. */
export const COMPANY = 'dataAreaId'

const INVOICE = {
  set: 'SalesInvoiceHeadersV2',
  named: ['InvoiceNumber', 'InvoiceDate', 'LedgerVoucher'],
  // Others name the number alone; it is given once in a company.
  id: ['InvoiceNumber'],
  readOnly: ['customer', 'number', 'total', 'tax', 'amount', 'currency', 'issued_on', 'order', 'legal_entity'],
}

const SHIPPED: Record<string, Usual> = {
  CustomersV3: {
    set: 'CustomersV3',
    kind: 'customer',
    named: ['CustomerAccount'],
    fields: {
      legal_entity: COMPANY,
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
    readOnly: ['bill_to.country', 'ship_to.country', 'credit_hold'],
    madeWith: ['legal_entity'],
    creatable: true,
    hold: { property: 'OnHoldStatus', on: 'All', off: 'No' },
  },
  ReleasedProductsV2: {
    set: 'ReleasedProductsV2',
    kind: 'product',
    named: ['ItemNumber'],
    fields: {
      code: 'ItemNumber',
      sku: 'ProductNumber',
      name: 'SearchName',
      category: 'ProductGroupId',
      price: 'SalesPrice',
    },
    status: 'ProductLifecycleStateId',
    readOnly: ['code', 'sku', 'category'],
  },
  SalesQuotationHeadersV2: {
    set: 'SalesQuotationHeadersV2',
    kind: 'quote',
    named: ['SalesQuotationNumber'],
    fields: {
      customer: 'RequestingCustomerAccountNumber',
      number: 'SalesQuotationNumber',
      amount: 'QuotationTotalAmount',
      currency: 'CurrencyCode',
      valid_until: 'SalesQuotationExpiryDate',
      accepted_at: 'SalesQuotationConfirmationDate',
    },
    status: 'SalesQuotationStatus',
    readOnly: ['customer', 'number', 'amount', 'currency', 'accepted_at'],
  },
  SalesOrderHeadersV2: {
    set: 'SalesOrderHeadersV2',
    kind: 'order',
    named: ['SalesOrderNumber'],
    fields: {
      legal_entity: COMPANY,
      customer: 'OrderingCustomerAccountNumber',
      number: 'SalesOrderNumber',
      amount: 'OrderTotalAmount',
      tax: 'OrderTotalTaxAmount',
      currency: 'CurrencyCode',
      ordered_at: 'OrderCreationDateTime',
    },
    status: 'SalesOrderStatus',
    readOnly: ['legal_entity', 'customer', 'number', 'amount', 'tax', 'currency', 'ordered_at'],
  },
  SalesInvoiceHeadersV2: {
    ...INVOICE,
    kind: 'invoice',
    fields: {
      legal_entity: COMPANY,
      customer: 'InvoiceCustomerAccountNumber',
      order: 'SalesOrderNumber',
      number: 'InvoiceNumber',
      total: 'TotalInvoiceAmount',
      tax: 'TotalTaxAmount',
      currency: 'CurrencyCode',
      issued_on: 'InvoiceDate',
    },
    only: 'TotalInvoiceAmount ge 0',
  },
  // A credit note is an invoice below zero.
  SalesCreditNotes: {
    ...INVOICE,
    kind: 'credit',
    fields: {
      customer: 'InvoiceCustomerAccountNumber',
      number: 'InvoiceNumber',
      amount: 'TotalInvoiceAmount',
      currency: 'CurrencyCode',
      posted_at: 'InvoiceDate',
    },
    readOnly: [...INVOICE.readOnly, 'posted_at'],
    only: 'TotalInvoiceAmount lt 0',
  },
  CustomerPaymentJournalLines: {
    set: 'CustomerPaymentJournalLines',
    kind: 'payment',
    named: ['JournalBatchNumber', 'LineNumber'],
    fields: {
      customer: 'AccountDisplayValue',
      invoice: 'MarkedInvoice',
      amount: 'CreditAmount',
      currency: 'CurrencyCode',
      received_at: 'TransactionDate',
      method: 'PaymentMethodName',
    },
    readOnly: ['customer', 'invoice', 'amount', 'currency'],
  },
  SalesOrderLines: {
    set: 'SalesOrderLines',
    kind: 'line',
    named: ['InventoryLotId'],
    byDefault: false,
    fields: {
      document: 'SalesOrderNumber',
      product: 'ItemNumber',
      quantity: 'OrderedSalesQuantity',
      unit_price: 'SalesPrice',
      amount: 'LineAmount',
      currency: 'CurrencyCode',
    },
    readOnly: ['document', 'product', 'quantity', 'unit_price', 'amount', 'currency'],
  },
}

const NOTHING: EntityConfig = { fields: {}, refs: {}, custom: {}, read_only: [] }

/** The entities of one configuration. `missing`: those whose kind or key nobody told. */
export function entitiesOf(config: Pick<OperationsConfig, 'entities' | 'skip'>): {
  specs: EntitySpec[]
  missing: string[]
} {
  const shipped = Object.keys(SHIPPED).filter((name) => SHIPPED[name]!.byDefault !== false)
  const names = [...new Set([...shipped, ...Object.keys(config.entities)])].filter(
    (name) => !config.skip.includes(name),
  )
  const missing: string[] = []
  const specs = names.flatMap((stream): EntitySpec[] => {
    const own = config.entities[stream] ?? NOTHING
    const found = SHIPPED[stream]
    const kind = own.kind ?? found?.kind
    // A kind of its own makes the shipped fields meaningless.
    const known = found?.kind === kind ? found : undefined
    const named = own.keys ?? found?.named
    if (kind === undefined || named === undefined) {
      missing.push(stream)
      return []
    }
    const fields = { ...known?.fields, ...own.fields }
    const guarded = Object.keys(fields).filter((field) => own.read_only.includes(fields[field]!))
    return [
      {
        stream,
        set: known?.set ?? found?.set ?? stream,
        kind,
        keys: [COMPANY, ...named],
        id: known?.id ?? named,
        fields,
        status: own.status ?? known?.status ?? null,
        refs: own.refs,
        custom: own.custom,
        key: own.key ?? null,
        modified: own.modified ?? null,
        only: known?.only ?? null,
        readOnly: [...(known?.readOnly ?? []), ...guarded],
        madeWith: known?.madeWith ?? [],
        creatable: known?.creatable ?? false,
        hold: known?.hold ?? null,
      },
    ]
  })
  return { specs, missing }
}

export const holdsOf = (spec: EntitySpec) => [
  ...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)]),
  ...(spec.kind === 'line' && spec.fields['document'] ? ['document_kind'] : []),
  // Out of the configuration, for prices.
  ...(spec.kind === 'product' && spec.fields['currency'] === undefined ? ['currency'] : []),
]
