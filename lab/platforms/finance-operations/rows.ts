/** Records of the simulated environment as rows of data entities, and back: nothing is an empty text, a zero or the year 1900. */
import { createHash } from 'node:crypto'
import { fieldOf } from '../../../model/kinds.ts'
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { Digits } from '../../wire.ts'
import { KEY, MODIFIED, PLANS, refProperty, REFERRED } from './entities.ts'

export type Row = Record<string, unknown>

const KEPT_KEY = '~key'
const NO_DATE = '1900-01-01T12:00:00Z'
const INVOICE_KEY = ['InvoiceDate', 'LedgerVoucher']

/** Every property that the environment describes for an entity set. */
export function describedProperties(set: string): string[] {
  const plans = Object.values(PLANS).filter((plan) => plan.set === set)
  const own = plans.flatMap((plan) => [...plan.keys, ...Object.values(plan.properties), plan.status?.property ?? ''])
  const voucher = set === 'SalesInvoiceHeadersV2' ? INVOICE_KEY : []
  return [...new Set(['dataAreaId', ...own, ...voucher, ...REFERRED.map(refProperty), KEY, MODIFIED])].filter(Boolean)
}

/** Versions of the rows of all tables behind the entity. */
export function etagOf(record: SimRecord): string {
  const versions = createHash('md5').update(
    JSON.stringify([record.changedAt, record.fields, record.state, record.refs]),
  )
  return `W/"${versions.digest('base64')}"`
}

export function rowOf(record: SimRecord): Row {
  const plan = PLANS[record.kind]!
  const [company, ...parts] = record.id.split('/')
  const out: Row = { '@odata.etag': etagOf(record), dataAreaId: company }
  for (const [n, name] of plan.keys.entries()) out[name] = name === 'LineNumber' ? Number(parts[n]) : parts[n]
  for (const [field, property] of Object.entries(plan.properties))
    out[property] = written(record.kind, field, record.fields[field] ?? null)
  if (plan.set === 'SalesInvoiceHeadersV2') out['LedgerVoucher'] = `V-${parts[0]}`
  for (const platform of REFERRED) out[refProperty(platform)] = record.refs[platform] ?? ''
  out[KEY] = record.fields[KEPT_KEY] ?? ''
  out[MODIFIED] = new Date(record.changedAt).toISOString()
  if (plan.status)
    out[plan.status.property] =
      record.oddStatus ?? (record.state === null ? '' : (plan.status.words[record.state] ?? record.state))
  return out
}

function written(kind: string, field: string, text: string | null): unknown {
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return text === 'true' ? 'All' : 'No'
  if (type === 'date') return text === null ? NO_DATE : `${text.slice(0, 10)}T12:00:00Z`
  if (type === 'instant') return text === null ? NO_DATE : new Date(text).toISOString().replace('.000Z', 'Z')
  if (type === 'reference') return text === null ? '' : text.split('/').slice(1).join('/')
  // A credit note is an invoice below zero.
  if (type === 'money') return new Digits(text === null ? '0' : kind === 'credit' && text !== '0' ? `-${text}` : text)
  return text ?? ''
}

export class Invalid extends Error {}

type Change = Omit<SimWrite, 'by'> & { fields: Record<string, string | null>; refs: Record<string, string | null> }

export function changeOf(state: PlatformState, kind: string, body: Row): Change {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  for (const [property, value] of Object.entries(body)) {
    const text = value === '' || value === null ? null : String(value)
    const platform = REFERRED.find((name) => refProperty(name) === property)
    const field = Object.keys(plan.properties).find((name) => plan.properties[name] === property)
    if (platform) change.refs[platform] = text
    else if (property === KEY) change.fields[KEPT_KEY] = text
    else if (field) change.fields[field] = read(state, kind, field, text)
    else if (property !== 'dataAreaId')
      throw new Invalid(
        `The property '${property}' does not exist on type 'Microsoft.Dynamics.DataEntities.${plan.set}'.`,
      )
  }
  return change
}

function read(state: PlatformState, kind: string, field: string, text: string | null): string | null {
  const { type, to } = fieldOf(kind, field)
  if (type === 'bool') return String(text !== null && text !== 'No')
  if (text === null || text === NO_DATE) return null
  if (type === 'date') return text.slice(0, 10)
  const target = type === 'reference' ? to?.find((name) => PLANS[name]) : undefined
  if (target && !state.records(target).some((record) => record.id.endsWith(`/${text}`)))
    throw new Invalid(`The value '${text}' in field '${field}' is not found in the related table.`)
  return text
}
