/** Which entity set each stream reads, and in which properties the canonical fields are. */
import type { Entity } from '../odata.ts'
import { anyOf, quoted } from '../odata.ts'
import type { SapConfig, SetConfig, StreamName } from './config.ts'
import { STREAMS } from './config.ts'
import type { Source } from './letters.ts'
import { agreed, billing, BLOCKS, is, joined, NAMES, progress, propertiesOf, unsigned, word } from './letters.ts'

export interface SetSpec {
  stream: StreamName
  kind: string
  /** Path of the service below the host. */
  service: string
  set: string
  version: 2 | 4
  /** Properties that order the list and never change. */
  keys: readonly string[]
  /** Property that others refer to it by; the keys where they are its id. */
  id: string | null
  stamp: 'LastChangeDateTime' | 'LastChangeDate'
  expand: readonly string[]
  /** What of the set is this stream. */
  only: string | null
  fields: Record<string, Source>
  status: Source | null
  refs: Record<string, string>
  custom: Record<string, string>
  key: string | null
  /** Canonical field → property that is written. */
  writes: Record<string, string>
  hold?: { property: string; on: string; off: string } | undefined
}

type Usual = Omit<SetSpec, 'stream' | 'refs' | 'custom' | 'key' | 'expand' | 'writes' | 'version' | 'only'> &
  Partial<Pick<SetSpec, 'expand' | 'writes' | 'version' | 'only'>>

const V2 = '/sap/opu/odata/sap'
const ADDRESS = 'to_BusinessPartnerAddress'
function usual(config: SapConfig): Record<StreamName, Usual> {
  const sold = anyOf('SalesOrganization', config.sales_organizations)
  const owned = config.company_code === undefined ? null : `CompanyCode eq ${quoted(config.company_code)}`
  const both = (...conditions: (string | null)[]) => conditions.filter((c) => c !== null).join(' and ') || null
  const v4 = config.sales_order_api === 'v4'
  const invoice: Omit<Usual, 'kind' | 'fields'> = {
    service: `${V2}/API_BILLING_DOCUMENT_SRV`,
    set: 'A_BillingDocument',
    keys: ['BillingDocument'],
    id: null,
    stamp: 'LastChangeDateTime',
    status: billing,
  }
  return {
    customers: {
      kind: 'customer',
      service: `${V2}/API_BUSINESS_PARTNER`,
      set: 'A_BusinessPartner',
      keys: ['BusinessPartner'],
      // Documents name the customer, which need not have the number of its business partner.
      id: 'Customer',
      stamp: 'LastChangeDate',
      expand: ['to_Customer', ADDRESS],
      only: "Customer ne ''",
      status: null,
      fields: {
        name: {
          from: [...NAMES, 'BusinessPartnerFullName'],
          read: (entity) =>
            NAMES.flatMap((name) => word(entity, name) ?? []).join(' ') || word(entity, 'BusinessPartnerFullName'),
        },
        tax_id: 'to_Customer/VATRegistration',
        language: 'CorrespondenceLanguage',
        currency: agreed('Currency'),
        payment_terms: agreed('CustomerPaymentTerms'),
        'bill_to.line1': joined(`${ADDRESS}/StreetName`, `${ADDRESS}/HouseNumber`),
        'bill_to.line2': `${ADDRESS}/AdditionalStreetPrefixName`,
        'bill_to.city': `${ADDRESS}/CityName`,
        'bill_to.region': `${ADDRESS}/Region`,
        'bill_to.postal_code': `${ADDRESS}/PostalCode`,
        'bill_to.country': `${ADDRESS}/Country`,
        credit_hold: {
          from: ['to_Customer/OrderIsBlockedForCustomer'],
          read: (entity) => String(word(entity, 'to_Customer/OrderIsBlockedForCustomer') !== null),
        },
      },
      writes: {
        name: 'OrganizationBPName1',
        language: 'CorrespondenceLanguage',
        tax_id: 'to_Customer/VATRegistration',
        'bill_to.line1': `${ADDRESS}/StreetName`,
        'bill_to.line2': `${ADDRESS}/AdditionalStreetPrefixName`,
        'bill_to.city': `${ADDRESS}/CityName`,
        'bill_to.region': `${ADDRESS}/Region`,
        'bill_to.postal_code': `${ADDRESS}/PostalCode`,
        'bill_to.country': `${ADDRESS}/Country`,
      },
      hold: { property: 'to_Customer/OrderIsBlockedForCustomer', on: config.write?.customer_block ?? '01', off: '' },
    },
    products: {
      kind: 'product',
      service: `${V2}/API_PRODUCT_SRV`,
      set: 'A_Product',
      keys: ['Product'],
      id: null,
      stamp: 'LastChangeDateTime',
      expand: ['to_Description'],
      status: 'IsMarkedForDeletion',
      fields: {
        code: 'Product',
        sku: 'ProductStandardID',
        name: 'to_Description/ProductDescription',
        category: 'ProductGroup',
      },
      writes: { sku: 'ProductStandardID', category: 'ProductGroup' },
    },
    quotations: {
      kind: 'quote',
      service: `${V2}/API_SALES_QUOTATION_SRV`,
      set: 'A_SalesQuotation',
      keys: ['SalesQuotation'],
      id: null,
      stamp: 'LastChangeDateTime',
      only: sold,
      status: progress(),
      fields: {
        customer: 'SoldToParty',
        number: 'SalesQuotation',
        amount: 'TotalNetAmount',
        currency: 'TransactionCurrency',
        valid_until: 'BindingPeriodValidityEndDate',
      },
      writes: { valid_until: 'BindingPeriodValidityEndDate' },
    },
    orders: {
      kind: 'order',
      service: v4 ? '/sap/opu/odata4/sap/api_salesorder/srvd_a2x/sap/salesorder/0001' : `${V2}/API_SALES_ORDER_SRV`,
      set: v4 ? 'SalesOrder' : 'A_SalesOrder',
      version: v4 ? 4 : 2,
      keys: ['SalesOrder'],
      id: null,
      stamp: 'LastChangeDateTime',
      only: sold,
      status: progress(...BLOCKS),
      fields: {
        customer: 'SoldToParty',
        // A document before it may also be a contract: only version 2 says which.
        ...(!v4 && {
          quote: {
            from: ['ReferenceSDDocument', 'ReferenceSDDocumentCategory'],
            read: (entity: Entity) =>
              is(entity, 'ReferenceSDDocumentCategory', 'B') ? word(entity, 'ReferenceSDDocument') : null,
          },
        }),
        number: 'SalesOrder',
        amount: 'TotalNetAmount',
        currency: 'TransactionCurrency',
        ordered_at: 'SalesOrderDate',
        block_reason: {
          from: BLOCKS,
          read: (entity) => BLOCKS.flatMap((property) => word(entity, property) ?? [])[0] ?? null,
        },
        legal_entity: 'SalesOrganization',
      },
      hold: { property: 'DeliveryBlockReason', on: config.write?.order_block ?? '01', off: '' },
    },
    contracts: {
      kind: 'contract',
      service: `${V2}/API_SALES_CONTRACT_SRV`,
      set: 'A_SalesContract',
      keys: ['SalesContract'],
      id: null,
      stamp: 'LastChangeDateTime',
      only: sold,
      status: progress(),
      fields: {
        customer: 'SoldToParty',
        number: 'SalesContract',
        value: 'TotalNetAmount',
        currency: 'TransactionCurrency',
        starts_on: 'SalesContractValidityStartDate',
        ends_on: 'SalesContractValidityEndDate',
        signed_at: 'SalesContractSignedDate',
      },
      writes: {
        starts_on: 'SalesContractValidityStartDate',
        ends_on: 'SalesContractValidityEndDate',
        signed_at: 'SalesContractSignedDate',
      },
    },
    invoices: {
      ...invoice,
      kind: 'invoice',
      only: both(anyOf('SDDocumentCategory', config.invoice_categories), owned, sold),
      fields: {
        customer: 'SoldToParty',
        number: 'BillingDocument',
        total: 'TotalGrossAmount',
        tax: 'TaxAmount',
        currency: 'TransactionCurrency',
        issued_on: 'BillingDocumentDate',
        legal_entity: 'CompanyCode',
      },
    },
    credits: {
      ...invoice,
      kind: 'credit',
      only: both(anyOf('SDDocumentCategory', config.credit_categories), owned, sold),
      fields: {
        customer: 'SoldToParty',
        number: 'BillingDocument',
        amount: unsigned('TotalGrossAmount'),
        currency: 'TransactionCurrency',
      },
    },
    payments: {
      kind: 'payment',
      service: `${V2}/API_GLACCOUNTLINEITEM`,
      set: 'GLAccountLineItem',
      // Its own key `ID` can be neither filtered nor sorted by.
      keys: ['CompanyCode', 'FiscalYear', 'AccountingDocument', 'LedgerGLLineItem'],
      id: null,
      stamp: 'LastChangeDateTime',
      only: both(
        `Ledger eq ${quoted(config.ledger)}`,
        "FinancialAccountType eq 'D'",
        anyOf('AccountingDocumentType', config.payment_types),
        owned,
      ),
      status: { from: ['IsReversed'], read: (entity) => (is(entity, 'IsReversed', 'true') ? 'reversed' : 'posted') },
      fields: {
        customer: 'Customer',
        // On the customer’s account a payment is a credit: negative.
        amount: unsigned('AmountInTransactionCurrency'),
        currency: 'TransactionCurrency',
        received_at: 'PostingDate',
      },
    },
  }
}

export function specsOf(config: SapConfig): SetSpec[] {
  const all = usual(config)
  return STREAMS.filter((name) => !config.skip.includes(name)).map((name) => specOf(name, all[name], config[name]))
}

function specOf(stream: StreamName, base: Usual, own: SetConfig): SetSpec {
  const fields = { ...base.fields, ...own.fields }
  const writes = Object.entries(base.writes ?? {}).filter(([field]) => own.fields[field] === undefined)
  const named = [...Object.values(own.fields), ...Object.values(own.refs), ...Object.values(own.custom)]
  const across = named.filter((path) => path.includes('/')).map((path) => path.split('/')[0]!)
  return {
    ...base,
    stream,
    version: base.version ?? 2,
    only: base.only ?? null,
    expand: [...new Set([...(base.expand ?? []), ...across])],
    fields,
    status: own.status ?? base.status,
    refs: own.refs,
    custom: own.custom,
    key: own.key ?? null,
    writes: Object.fromEntries(writes),
  }
}

/** Every property that is asked for where the service has it. */
export function wanted(spec: SetSpec): string[] {
  const own = [...spec.keys, ...(spec.id === null ? [] : [spec.id])]
  const stamps =
    spec.stamp === 'LastChangeDate'
      ? ['LastChangeDate', 'LastChangeTime', 'CreationDate', 'CreationTime', 'IsMarkedForArchiving']
      : ['LastChangeDateTime', 'CreationDate']
  const named = [
    ...Object.values(spec.fields).flatMap(propertiesOf),
    ...(spec.status === null ? [] : propertiesOf(spec.status)),
    ...Object.values(spec.refs),
    ...Object.values(spec.custom),
    ...(spec.key === null ? [] : [spec.key]),
  ]
  return [...new Set([...own, ...stamps, 'CreatedByUser', 'LastChangedByUser', ...named])]
}

export const holdsOf = (spec: SetSpec) => [
  ...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)]),
]
