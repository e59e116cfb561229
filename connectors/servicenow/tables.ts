/** Which table each stream reads, and in which columns the canonical fields are; all of it can be configured. */
import type { ServiceNowConfig, TableConfig } from './config.ts'
import { STREAM_NAMES } from './config.ts'

export interface TableSpec {
  stream: (typeof STREAM_NAMES)[number]
  kind: string
  table: string
  /** Encoded query of the configuration; null: all rows. */
  where: string | null
  /** Canonical field → column. */
  fields: Record<string, string>
  status: string | null
  refs: Record<string, string>
  custom: Record<string, string>
  key: string | null
}

type Usual = Pick<TableSpec, 'kind' | 'table' | 'fields' | 'status'>

const USUAL: Record<TableSpec['stream'], Usual> = {
  accounts: {
    kind: 'customer',
    table: 'customer_account',
    status: null,
    fields: {
      name: 'name',
      domain: 'website',
      phone: 'phone',
      parent: 'account_parent',
      // Both lines are one street.
      'bill_to.line1': 'street',
      'bill_to.line2': 'street',
      'bill_to.city': 'city',
      'bill_to.region': 'state',
      'bill_to.postal_code': 'zip',
      'bill_to.country': 'country',
    },
  },
  contacts: {
    kind: 'contact',
    table: 'customer_contact',
    status: 'active',
    fields: { customer: 'account', name: 'name', email: 'email', phone: 'phone' },
  },
  cases: {
    kind: 'case',
    table: 'sn_customerservice_case',
    status: 'state',
    fields: {
      customer: 'account',
      entitlement: 'entitlement',
      number: 'number',
      priority: 'priority',
      opened_at: 'opened_at',
      resolved_at: 'resolved_at',
    },
  },
  entitlements: {
    kind: 'entitlement',
    table: 'service_entitlement',
    status: 'state',
    fields: { customer: 'account', contract: 'contract', starts_on: 'start_date', ends_on: 'end_date' },
  },
  contracts: {
    kind: 'contract',
    table: 'ast_contract',
    status: 'state',
    fields: { customer: 'account', number: 'number', starts_on: 'starts', ends_on: 'ends' },
  },
}

/** The platform keeps them on every row, whatever its table. */
export const ALWAYS = ['sys_id', 'sys_created_on', 'sys_updated_on', 'sys_updated_by', 'sys_mod_count'] as const

export function tableOf(stream: TableSpec['stream'], own: TableConfig): TableSpec {
  const usual = USUAL[stream]
  const fields = Object.fromEntries(
    Object.entries({ ...usual.fields, ...own.fields }).filter(([field]) => !own.without.includes(field)),
  )
  // A street that is configured as one line is one line.
  if (own.fields['bill_to.line1'] && !own.fields['bill_to.line2']) delete fields['bill_to.line2']
  return {
    stream,
    kind: usual.kind,
    table: own.table ?? usual.table,
    where: own.query ?? null,
    fields,
    status: own.status ?? usual.status,
    refs: own.refs,
    custom: own.custom,
    key: own.key ?? null,
  }
}

export function tablesOf(config: ServiceNowConfig): TableSpec[] {
  return STREAM_NAMES.filter((name) => !config.skip.includes(name)).map((name) => tableOf(name, config[name]))
}

export function holdsOf(spec: TableSpec): string[] {
  return [...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)])]
}

export function columnsOf(spec: TableSpec): string[] {
  const own = [...Object.values(spec.fields), ...Object.values(spec.refs), ...Object.values(spec.custom)]
  return [
    ...new Set([
      ...ALWAYS,
      ...own,
      ...(spec.status === null ? [] : [spec.status]),
      ...(spec.key === null ? [] : [spec.key]),
    ]),
  ]
}
