/** Dataverse tables in canonical words: which kind each one is and where every canonical field comes from. */
import type { DynamicsConfig, TableConfig } from './config.ts'

export type Row = Record<string, unknown>

/** Where a canonical field comes from: one column, a constant, or columns read together. */
export type Source = string | { constant: string } | { from: readonly string[]; read(row: Row): unknown }

/** How a lookup is written: the navigation property, and the set that it points to. */
export interface Bind {
  navigation: string
  set: string
}

export interface TableSpec {
  set: string
  logical: string
  /** Primary key column. */
  id: string
  kind: string
  fields: Record<string, Source>
  binds: Record<string, Bind>
  refs: Record<string, string>
  status: string | null
  key: string | null
  changes: 'delta' | 'modifiedon'
  readOnly: readonly string[]
}

type Shipped = Pick<TableSpec, 'logical' | 'kind' | 'fields'> & {
  binds?: Record<string, Bind>
  status?: null
  readOnly?: readonly string[]
  byDefault: boolean
}

/** Filled in by the reader from the currency that the row points to. */
export const ISO = 'transactioncurrencyid.isocurrencycode'
const CURRENCY = { currency: ISO }
const CUSTOMER = { customer: '_customerid_value' }
const bound = { customer: { navigation: 'customerid_account', set: 'accounts' } }

const address = (group: string, prefix: string): Record<string, Source> => ({
  [`${group}.line1`]: `${prefix}_line1`,
  [`${group}.line2`]: `${prefix}_line2`,
  [`${group}.city`]: `${prefix}_city`,
  [`${group}.region`]: `${prefix}_stateorprovince`,
  [`${group}.postal_code`]: `${prefix}_postalcode`,
  [`${group}.country`]: `${prefix}_country`,
})

/** A state that the number of `statecode` decides alone. */
const byState = (words: readonly string[]): Source => ({
  from: ['statecode'],
  read: (row) => words[Number(row['statecode'])] ?? null,
})

const line = (document: string, lookup: string): Record<string, Source> => ({
  document_kind: { constant: document },
  document: lookup,
  product: '_productid_value',
  quantity: 'quantity',
  unit_price: 'priceperunit',
  ...CURRENCY,
})

const SHIPPED: Record<string, Shipped> = {
  accounts: {
    logical: 'account',
    kind: 'customer',
    byDefault: true,
    fields: {
      name: 'name',
      domain: 'websiteurl',
      email: 'emailaddress1',
      phone: 'telephone1',
      parent: '_parentaccountid_value',
      type: 'customertypecode',
      segment: 'industrycode',
      ...address('bill_to', 'address1'),
      ...address('ship_to', 'address2'),
      payment_terms: 'paymenttermscode',
      credit_limit: 'creditlimit',
      credit_hold: 'creditonhold',
      ...CURRENCY,
    },
    binds: { parent: { navigation: 'parentaccountid', set: 'accounts' } },
  },
  contacts: {
    logical: 'contact',
    kind: 'contact',
    byDefault: true,
    fields: {
      customer: '_parentcustomerid_value',
      name: 'fullname',
      email: 'emailaddress1',
      phone: 'telephone1',
      state: byState(['active', 'inactive']),
    },
    binds: { customer: { navigation: 'parentcustomerid_account', set: 'accounts' } },
  },
  products: {
    logical: 'product',
    kind: 'product',
    byDefault: true,
    fields: {
      code: 'productnumber',
      name: 'name',
      price: 'price',
      ...CURRENCY,
      state: byState(['active', 'retired', 'retired', 'active']),
    },
  },
  opportunities: {
    logical: 'opportunity',
    kind: 'opportunity',
    byDefault: true,
    fields: {
      ...CUSTOMER,
      name: 'name',
      amount: 'estimatedvalue',
      close_date: 'estimatedclosedate',
      ...CURRENCY,
      state: byState(['open', 'won', 'lost']),
    },
    binds: bound,
  },
  quotes: {
    logical: 'quote',
    kind: 'quote',
    byDefault: true,
    fields: {
      ...CUSTOMER,
      opportunity: '_opportunityid_value',
      number: 'quotenumber',
      // Net of tax and freight; totalamount is not.
      amount: 'totalamountlessfreight',
      valid_until: 'effectiveto',
      ...CURRENCY,
    },
    binds: { ...bound, opportunity: { navigation: 'opportunityid', set: 'opportunities' } },
    readOnly: ['quotenumber', 'totalamountlessfreight'],
  },
  quotedetails: {
    logical: 'quotedetail',
    kind: 'line',
    byDefault: false,
    status: null,
    fields: line('quote', '_quoteid_value'),
  },
  salesorders: {
    logical: 'salesorder',
    kind: 'order',
    byDefault: true,
    fields: {
      ...CUSTOMER,
      quote: '_quoteid_value',
      opportunity: '_opportunityid_value',
      number: 'ordernumber',
      amount: 'totalamountlessfreight',
      tax: 'totaltax',
      ordered_at: 'submitdate',
      ...CURRENCY,
    },
    binds: {
      ...bound,
      quote: { navigation: 'quoteid', set: 'quotes' },
      opportunity: { navigation: 'opportunityid', set: 'opportunities' },
    },
    readOnly: ['ordernumber', 'totalamountlessfreight', 'totaltax'],
  },
  salesorderdetails: {
    logical: 'salesorderdetail',
    kind: 'line',
    byDefault: true,
    status: null,
    fields: line('order', '_salesorderid_value'),
  },
  invoices: {
    logical: 'invoice',
    kind: 'invoice',
    byDefault: false,
    fields: {
      ...CUSTOMER,
      order: '_salesorderid_value',
      number: 'invoicenumber',
      total: 'totalamount',
      tax: 'totaltax',
      due_on: 'duedate',
      ...CURRENCY,
    },
    binds: { ...bound, order: { navigation: 'salesorderid', set: 'salesorders' } },
    readOnly: ['invoicenumber', 'totalamount', 'totaltax'],
  },
  entitlements: {
    logical: 'entitlement',
    kind: 'entitlement',
    byDefault: false,
    fields: { ...CUSTOMER, starts_on: 'startdate', ends_on: 'enddate' },
    binds: bound,
  },
  incidents: {
    logical: 'incident',
    kind: 'case',
    byDefault: false,
    fields: {
      ...CUSTOMER,
      entitlement: '_entitlementid_value',
      number: 'ticketnumber',
      priority: 'prioritycode',
      opened_at: 'createdon',
    },
    binds: bound,
    readOnly: ['ticketnumber'],
  },
}

export const DEFAULT_TABLES = Object.keys(SHIPPED).filter((name) => SHIPPED[name]!.byDefault)

const NOTHING: TableConfig = { fields: {}, refs: {}, changes: 'delta', read_only: [] }
const COMPUTED = ['createdon', 'modifiedon', 'versionnumber', 'statecode', 'fullname']

/** The tables of one configuration in reading order. `missing`: tables whose kind or logical name nobody told. */
export function tablesOf(config: Pick<DynamicsConfig, 'tables' | 'skip'>): { specs: TableSpec[]; missing: string[] } {
  const names = [...new Set([...DEFAULT_TABLES, ...Object.keys(config.tables)])].filter((n) => !config.skip.includes(n))
  const missing: string[] = []
  const specs = names.flatMap((set): TableSpec[] => {
    const own = config.tables[set] ?? NOTHING
    const known = SHIPPED[set]
    const kind = own.kind ?? known?.kind
    const logical = own.logical_name ?? known?.logical
    if (kind === undefined || logical === undefined) {
      missing.push(set)
      return []
    }
    // A kind of its own makes the shipped fields meaningless.
    const shipped = known?.kind === kind ? known : undefined
    const status = shipped?.status === undefined ? 'statuscode' : shipped.status
    return [
      {
        set,
        logical,
        id: `${logical}id`,
        kind,
        fields: { ...shipped?.fields, ...own.fields },
        binds: shipped?.binds ?? {},
        refs: own.refs,
        status: own.status ?? status,
        key: own.key ?? null,
        changes: own.changes,
        readOnly: [`${logical}id`, ...COMPUTED, ...(shipped?.readOnly ?? []), ...own.read_only],
      },
    ]
  })
  return { specs, missing }
}

/** Every column that a source reads. */
export function columnsOf(source: Source): readonly string[] {
  if (source === ISO) return ['_transactioncurrencyid_value']
  if (typeof source === 'string') return [source]
  return 'constant' in source ? [] : source.from
}

/** Every column that is asked for where the table has it. */
export function wanted(spec: TableSpec): string[] {
  const own = [spec.id, 'modifiedon', 'createdon', '_modifiedby_value', 'statecode', 'merged', '_masterid_value']
  const named = [...Object.values(spec.fields).flatMap(columnsOf), ...Object.values(spec.refs), spec.status, spec.key]
  return [...new Set([...own, ...named])].filter((name): name is string => name !== null)
}
