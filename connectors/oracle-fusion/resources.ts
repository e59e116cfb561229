/** Which resource each stream reads, by which number it is ordered, and in which attributes the canonical fields are. */
import type { Entity } from '../odata.ts'
import { asEntity } from '../odata.ts'
import type { FusionConfig, ResourceConfig } from './config.ts'
import { textOf } from './rows.ts'

/** An attribute, or what several of them (or a child) say together. */
export type Source = string | { from: readonly string[]; read(item: Entity): string | null | undefined }

export interface ResourceSpec {
  stream: string
  kind: string
  path: string
  key: string
  id: string
  fields: Record<string, Source>
  status: Source | null
  refs: Record<string, string>
  custom: Record<string, string>
  ownKey: string | null
  /** Condition for its business units. */
  only: string | null
  /** Children that are read with it. */
  expand: readonly string[]
  effective: { from: string; to: string } | null
  /** Attributes that may be written. */
  writable: readonly string[]
  creatable: boolean
}

type Usual = Pick<ResourceSpec, 'kind' | 'path' | 'key' | 'fields'> &
  Partial<Pick<ResourceSpec, 'id' | 'status' | 'expand' | 'writable' | 'creatable'>> & {
    unit?: string
    byDefault?: false
  }

const CRM = '/crmRestApi/resources/11.13.18.05'
const ERP = '/fscmRestApi/resources/11.13.18.05'

/** Totals are children of an order, one row for each code. */
const total = (code: string): Source => ({
  from: ['totals'],
  read(item) {
    const held = item['totals']
    const rows = Array.isArray(held) ? (held as unknown[]) : asEntity(held)?.['items']
    if (!Array.isArray(rows)) return undefined
    const row = rows.map(asEntity).find((r) => r?.['TotalCode'] === code)
    return row ? textOf(row['TotalAmount']) : null
  },
})

/** A completed invoice without a balance is paid: no status says so. */
const invoiceStatus: Source = {
  from: ['InvoiceStatus', 'InvoiceBalanceAmount'],
  read(item) {
    const [status, balance] = [textOf(item['InvoiceStatus']), textOf(item['InvoiceBalanceAmount'])]
    return status === 'Complete' && balance !== null && Number(balance) === 0 ? 'Complete, paid' : status
  },
}

function shipped(config: Pick<FusionConfig, 'order_total'>): Record<string, Usual> {
  return {
    accounts: {
      kind: 'customer',
      path: `${CRM}/accounts`,
      key: 'PartyId',
      id: 'PartyNumber',
      fields: {
        name: 'OrganizationName',
        type: 'Type',
        phone: 'PhoneNumber',
        email: 'EmailAddress',
        domain: 'URL',
        owner: 'OwnerName',
        segment: 'Industry',
        'bill_to.line1': 'AddressLine1',
        'bill_to.line2': 'AddressLine2',
        'bill_to.city': 'City',
        'bill_to.region': 'State',
        'bill_to.postal_code': 'PostalCode',
        'bill_to.country': 'Country',
        currency: 'CurrencyCode',
      },
      status: 'Type',
      writable: ['OrganizationName', 'Industry', 'PhoneNumber', 'EmailAddress', 'URL'],
      creatable: true,
    },
    contacts: {
      kind: 'contact',
      path: `${CRM}/contacts`,
      key: 'PartyId',
      id: 'PartyNumber',
      fields: { customer: 'AccountPartyNumber', name: 'FullName', email: 'EmailAddress', phone: 'WorkPhoneNumber' },
      writable: ['EmailAddress', 'WorkPhoneNumber'],
    },
    opportunities: {
      kind: 'opportunity',
      path: `${CRM}/opportunities`,
      key: 'OptyId',
      id: 'OptyNumber',
      fields: {
        customer: 'AccountPartyNumber',
        name: 'Name',
        amount: 'Revenue',
        currency: 'CurrencyCode',
        close_date: 'CloseDate',
        owner: 'OwnerName',
      },
      status: 'Status',
      writable: ['Name', 'Revenue', 'CloseDate'],
    },
    serviceRequests: {
      kind: 'case',
      path: `${CRM}/serviceRequests`,
      key: 'SrId',
      id: 'SrNumber',
      fields: {
        customer: 'AccountPartyNumber',
        number: 'SrNumber',
        priority: 'Severity',
        opened_at: 'CreationDate',
        resolved_at: 'ResolvedDate',
      },
      status: 'Status',
      writable: ['Severity'],
    },
    subscriptions: {
      kind: 'subscription',
      path: `${CRM}/subscriptions`,
      key: 'SubscriptionId',
      id: 'SubscriptionNumber',
      byDefault: false,
      fields: {
        customer: 'PrimaryPartyNumber',
        number: 'SubscriptionNumber',
        currency: 'Currency',
        started_on: 'StartDate',
        ends_on: 'EndDate',
      },
      status: 'Status',
    },
    items: {
      kind: 'product',
      path: `${ERP}/itemsV2`,
      key: 'ItemId',
      id: 'ItemNumber',
      fields: { code: 'ItemNumber', name: 'ItemDescription', category: 'ItemClass' },
      status: 'ItemStatusValue',
    },
    salesOrders: {
      kind: 'order',
      path: `${ERP}/salesOrdersForOrderHub`,
      key: 'HeaderId',
      unit: 'BusinessUnitName',
      expand: ['totals'],
      fields: {
        customer: 'BuyingPartyNumber',
        number: 'OrderNumber',
        amount: total(config.order_total),
        currency: 'TransactionalCurrencyCode',
        ordered_at: 'TransactionOn',
        legal_entity: 'BusinessUnitName',
      },
      status: 'StatusCode',
    },
    receivablesInvoices: {
      kind: 'invoice',
      path: `${ERP}/receivablesInvoices`,
      key: 'CustomerTransactionId',
      unit: 'BusinessUnit',
      fields: {
        customer: 'BillToCustomerNumber',
        number: 'TransactionNumber',
        total: 'EnteredAmount',
        amount_due: 'InvoiceBalanceAmount',
        currency: 'InvoiceCurrencyCode',
        issued_on: 'TransactionDate',
        due_on: 'DueDate',
        legal_entity: 'BusinessUnit',
      },
      status: invoiceStatus,
    },
    receivablesCreditMemos: {
      kind: 'credit',
      path: `${ERP}/receivablesCreditMemos`,
      key: 'CustomerTransactionId',
      unit: 'BusinessUnit',
      fields: {
        customer: 'BillToCustomerNumber',
        number: 'TransactionNumber',
        amount: {
          from: ['EnteredAmount'],
          read: (item) => textOf(item['EnteredAmount'])?.replace(/^-/, '') ?? null,
        },
        currency: 'CreditMemoCurrency',
        reason: 'CreditReason',
      },
      status: 'CreditMemoStatus',
    },
    standardReceipts: {
      kind: 'payment',
      path: `${ERP}/standardReceipts`,
      key: 'StandardReceiptId',
      unit: 'BusinessUnit',
      fields: {
        customer: 'CustomerAccountNumber',
        amount: 'Amount',
        currency: 'Currency',
        received_at: 'ReceiptDate',
        method: 'ReceiptMethod',
      },
      status: 'State',
    },
  }
}

const NOTHING: ResourceConfig = { fields: {}, refs: {}, custom: {} }

type Settings = Pick<FusionConfig, 'resources' | 'skip' | 'business_units' | 'order_total'>

/** The resources of one configuration. `missing`: those whose kind, path or key nobody told. */
export function resourcesOf(config: Settings): { specs: ResourceSpec[]; missing: string[] } {
  const known = shipped(config)
  const byDefault = Object.keys(known).filter((name) => known[name]!.byDefault !== false)
  const names = [...new Set([...byDefault, ...Object.keys(config.resources)])].filter((n) => !config.skip.includes(n))
  const missing: string[] = []
  const specs = names.flatMap((stream): ResourceSpec[] => {
    const own = config.resources[stream] ?? NOTHING
    const found = known[stream]
    const kind = own.kind ?? found?.kind
    // A kind of its own makes the shipped fields meaningless.
    const usual = found?.kind === kind ? found : undefined
    const [path, key] = [own.path ?? found?.path, own.key ?? found?.key]
    if (kind === undefined || path === undefined || key === undefined) {
      missing.push(stream)
      return []
    }
    const unit = own.business_unit ?? usual?.unit
    const units = config.business_units.map((name) => `'${name}'`).join(',')
    return [
      {
        stream,
        kind,
        path,
        key,
        id: own.id ?? found?.id ?? key,
        fields: { ...usual?.fields, ...own.fields },
        status: own.status ?? usual?.status ?? null,
        refs: own.refs,
        custom: own.custom,
        ownKey: own.own_key ?? null,
        only: unit === undefined || units === '' ? null : `${unit} in (${units})`,
        expand: usual?.expand ?? [],
        effective: own.effective ?? null,
        writable: own.writable ?? usual?.writable ?? [],
        creatable: usual?.creatable ?? false,
      },
    ]
  })
  return { specs, missing }
}

export const attributesOf = (source: Source): readonly string[] => (typeof source === 'string' ? [source] : source.from)

/** Every attribute that is asked for where the resource has it; children are expanded instead. */
export function wanted(spec: ResourceSpec): string[] {
  const named = [
    ...Object.values(spec.fields).flatMap(attributesOf),
    ...(spec.status === null ? [] : attributesOf(spec.status)),
    ...Object.values(spec.refs),
    ...Object.values(spec.custom),
    ...(spec.ownKey === null ? [] : [spec.ownKey]),
    ...(spec.effective === null ? [] : [spec.effective.from, spec.effective.to]),
  ]
  const own = [spec.key, spec.id, 'CreationDate', 'LastUpdateDate', 'LastUpdatedBy']
  return [...new Set([...own, ...named])].filter((name) => !spec.expand.includes(name))
}

export const holdsOf = (spec: ResourceSpec) => [
  ...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)]),
]
