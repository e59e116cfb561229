/** Standard Salesforce objects in canonical words: which kind each one is and where every canonical field comes from. */
import type { ObjectConfig, SalesforceConfig } from './config.ts'

/** A row as the REST API gives it; relationships are nested rows. */
export type SObject = Record<string, unknown>

/** Where a canonical field comes from: one path, a constant, or several fields read together. */
export type Source = string | { constant: string } | { from: readonly string[]; read(row: SObject): unknown }

export interface ObjectSpec {
  object: string
  kind: string
  fields: Record<string, Source>
  refs: Record<string, string>
  status: string | null
  also: readonly string[]
  where: string | null
  /** External-id field for our key. */
  key: string | null
  readOnly: readonly string[]
}

type Shipped = Pick<ObjectSpec, 'kind' | 'fields'> & {
  status?: string
  byDefault: boolean
  /** Sums, numbers and dates that the org sets by itself. */
  readOnly?: readonly string[]
}

/** A street is one text with line breaks; canonical addresses have two lines. */
const street = (field: string, line: 1 | 2): Source => ({
  from: [field],
  read(row) {
    const text = row[field]
    if (typeof text !== 'string') return text
    const [first = '', ...rest] = text.split(/\r\n|\r|\n/)
    return line === 1 ? first : rest.join(', ') || null
  },
})

const address = (group: string, prefix: string): Record<string, Source> => ({
  [`${group}.line1`]: street(`${prefix}Street`, 1),
  [`${group}.line2`]: street(`${prefix}Street`, 2),
  [`${group}.city`]: `${prefix}City`,
  [`${group}.region`]: `${prefix}State`,
  [`${group}.postal_code`]: `${prefix}PostalCode`,
  [`${group}.country`]: `${prefix}Country`,
})

const CURRENCY = { currency: 'CurrencyIsoCode' }

const SHIPPED: Record<string, Shipped> = {
  Account: {
    kind: 'customer',
    byDefault: true,
    status: 'Type',
    fields: {
      name: 'Name',
      domain: 'Website',
      phone: 'Phone',
      parent: 'ParentId',
      type: 'Type',
      owner: 'Owner.Name',
      segment: 'Industry',
      ...address('bill_to', 'Billing'),
      ...address('ship_to', 'Shipping'),
      ...CURRENCY,
    },
  },
  Contact: {
    kind: 'contact',
    byDefault: true,
    fields: { customer: 'AccountId', name: 'Name', email: 'Email', phone: 'Phone' },
  },
  Opportunity: {
    kind: 'opportunity',
    byDefault: true,
    status: 'StageName',
    fields: {
      customer: 'AccountId',
      name: 'Name',
      amount: 'Amount',
      close_date: 'CloseDate',
      owner: 'Owner.Name',
      ...CURRENCY,
      // Stages are the company's own words; Salesforce itself says what they mean.
      state: {
        from: ['IsClosed', 'IsWon'],
        read: (row) => (row['IsWon'] === true ? 'won' : row['IsClosed'] === true ? 'lost' : 'open'),
      },
    },
  },
  Quote: {
    kind: 'quote',
    readOnly: ['QuoteNumber', 'TotalPrice', 'AccountId'],
    byDefault: true,
    status: 'Status',
    // TotalPrice is net of tax and shipping; GrandTotal is not.
    fields: {
      customer: 'AccountId',
      opportunity: 'OpportunityId',
      number: 'QuoteNumber',
      amount: 'TotalPrice',
      valid_until: 'ExpirationDate',
      ...CURRENCY,
    },
  },
  Order: {
    kind: 'order',
    readOnly: ['OrderNumber', 'TotalAmount', 'TotalTaxAmount', 'ActivatedDate'],
    byDefault: true,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      quote: 'QuoteId',
      opportunity: 'OpportunityId',
      number: 'OrderNumber',
      amount: 'TotalAmount',
      tax: 'TotalTaxAmount',
      ordered_at: 'EffectiveDate',
      approved_at: 'ActivatedDate',
      ...CURRENCY,
    },
  },
  OrderItem: {
    kind: 'line',
    readOnly: ['OrderItemNumber', 'TotalPrice'],
    byDefault: true,
    fields: {
      document_kind: { constant: 'order' },
      document: 'OrderId',
      product: 'Product2Id',
      quantity: 'Quantity',
      unit_price: 'UnitPrice',
      amount: 'TotalPrice',
      period_start: 'ServiceDate',
      period_end: 'EndDate',
      ...CURRENCY,
    },
  },
  QuoteLineItem: {
    kind: 'line',
    readOnly: ['LineNumber', 'TotalPrice'],
    byDefault: false,
    fields: {
      document_kind: { constant: 'quote' },
      document: 'QuoteId',
      product: 'Product2Id',
      quantity: 'Quantity',
      unit_price: 'UnitPrice',
      amount: 'TotalPrice',
      period_start: 'ServiceDate',
      ...CURRENCY,
    },
  },
  Contract: {
    kind: 'contract',
    readOnly: ['ContractNumber', 'EndDate', 'ActivatedDate'],
    byDefault: true,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      number: 'ContractNumber',
      starts_on: 'StartDate',
      ends_on: 'EndDate',
      signed_at: 'CustomerSignedDate',
      ...CURRENCY,
    },
  },
  ServiceContract: {
    kind: 'contract',
    readOnly: ['ContractNumber', 'TotalPrice'],
    byDefault: false,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      number: 'ContractNumber',
      value: 'TotalPrice',
      starts_on: 'StartDate',
      ends_on: 'EndDate',
      ...CURRENCY,
    },
  },
  Asset: {
    kind: 'subscription',
    byDefault: false,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      product: 'Product2Id',
      number: 'SerialNumber',
      quantity: 'Quantity',
      amount: 'Price',
      started_on: 'InstallDate',
      ends_on: 'UsageEndDate',
      ...CURRENCY,
    },
  },
  Entitlement: {
    kind: 'entitlement',
    byDefault: true,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      contract: 'ServiceContractId',
      sla_tier: 'SlaProcess.Name',
      starts_on: 'StartDate',
      ends_on: 'EndDate',
    },
  },
  Case: {
    kind: 'case',
    readOnly: ['CaseNumber', 'CreatedDate', 'ClosedDate'],
    byDefault: true,
    status: 'Status',
    fields: {
      customer: 'AccountId',
      entitlement: 'EntitlementId',
      number: 'CaseNumber',
      priority: 'Priority',
      opened_at: 'CreatedDate',
      resolved_at: 'ClosedDate',
    },
  },
  Product2: {
    kind: 'product',
    byDefault: true,
    fields: {
      code: 'ProductCode',
      sku: 'StockKeepingUnit',
      name: 'Name',
      category: 'Family',
      ...CURRENCY,
      state: { from: ['IsActive'], read: (row) => (row['IsActive'] === true ? 'active' : 'retired') },
    },
  },
}

/** Names of the objects that are read when the configuration says nothing. */
export const DEFAULT_OBJECTS = Object.keys(SHIPPED).filter((name) => SHIPPED[name]!.byDefault)

const NOTHING: ObjectConfig = { fields: {}, refs: {}, also: [], read_only: [] }

/** Computed by the org on every object. */
const COMPUTED = ['Id', 'CreatedDate', 'SystemModstamp', 'LastModifiedDate', 'IsDeleted']

/** The objects of one configuration in reading order. `missing`: custom objects whose kind nobody named. */
export function objectsOf(config: Pick<SalesforceConfig, 'objects' | 'skip' | 'currency'>): {
  specs: ObjectSpec[]
  missing: string[]
} {
  const names = [...new Set([...DEFAULT_OBJECTS, ...Object.keys(config.objects)])].filter(
    (name) => !config.skip.includes(name),
  )
  const specs: ObjectSpec[] = []
  const missing: string[] = []
  for (const object of names) {
    const shipped = SHIPPED[object]
    const own = config.objects[object] ?? NOTHING
    const kind = own.kind ?? shipped?.kind
    if (kind === undefined) {
      missing.push(object)
      continue
    }
    // A kind of its own makes the shipped fields meaningless: an Asset read as a tenant has no `amount`.
    const fields = shipped && shipped.kind === kind ? shipped.fields : {}
    const status = own.status ?? shipped?.status ?? (shipped ? null : 'Status__c')
    specs.push({
      object,
      kind,
      fields: { ...fields, ...own.fields },
      refs: own.refs,
      status,
      also: own.also,
      where: own.where ?? null,
      key: own.key ?? null,
      readOnly: [...COMPUTED, ...(shipped?.readOnly ?? []), ...own.read_only],
    })
  }
  return { specs, missing }
}

/** Every field path that a source reads. */
export function pathsOf(source: Source): readonly string[] {
  if (typeof source === 'string') return [source]
  return 'constant' in source ? [] : source.from
}
