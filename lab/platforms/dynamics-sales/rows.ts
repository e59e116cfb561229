/** Rows of the simulated environment: a record as the Web API would give it. */
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord } from '../../platform.ts'
import { Digits } from '../../wire.ts'
import { CURRENCIES, KEY, PLANS, REFERENCES } from './environment.ts'

export type Row = Record<string, unknown>

export const stamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`
const LOOKUP = '@Microsoft.Dynamics.CRM.lookuplogicalname'

/** Moves with every change of the row, and says nothing of order. */
export const etag = (record: SimRecord) => `W/"${record.changedAt}"`

export function rowOf(kind: string, record: SimRecord): Row {
  const plan = PLANS[kind]!
  const [state, status] = record.state === null ? [0, 1] : (plan.states[record.state] ?? [0, 1])
  const row: Row = {
    '@odata.etag': etag(record),
    [`${plan.logical}id`]: record.id,
    createdon: stamp(record.createdAt),
    modifiedon: stamp(record.changedAt),
    _modifiedby_value: record.changedBy,
    statecode: state,
    statuscode: record.oddStatus ?? status,
    [KEY]: record.fields['~key'] ?? null,
  }
  for (const [field, column] of Object.entries(plan.columns)) {
    const value = record.fields[field] ?? null
    if (field === 'currency')
      row[column] = CURRENCIES.find((c) => c.isocurrencycode === value)?.transactioncurrencyid ?? null
    else row[column] = spelled(kind, field, value)
    if (field === 'customer' && value !== null) row[`${column}${LOOKUP}`] = 'account'
  }
  for (const [platform, column] of Object.entries(REFERENCES)) row[column] = record.refs[platform] ?? null
  return row
}

function spelled(kind: string, field: string, value: string | null): unknown {
  if (value === null || value === '') return null
  const { type } = fieldOf(kind, field)
  if (type === 'money' || type === 'number') return /^-?\d+(\.\d+)?$/.test(value) ? new Digits(value) : value
  if (type === 'bool') return value === 'true'
  return type === 'instant' && !Number.isNaN(Date.parse(value)) ? stamp(Date.parse(value)) : value
}

/** Only what was selected, with the annotations of what was. */
export function only(row: Row, select: readonly string[]): Row {
  const kept = Object.entries(row).filter(([name]) => name === '@odata.etag' || select.includes(name.split('@')[0]!))
  return Object.fromEntries(kept)
}

export function columnsOf(kind: string): string[] {
  return Object.keys(rowOf(kind, BLANK)).filter((name) => !name.includes('@'))
}

const BLANK: SimRecord = {
  id: '',
  kind: '',
  fields: {},
  state: null,
  refs: {},
  createdAt: 0,
  changedAt: 0,
  visibleAt: 0,
  changedBy: '',
}
