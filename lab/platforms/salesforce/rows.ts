/** Rows of the simulated org: a record as the REST API would give it, and what describe says about its object. */
import { id18 } from '../../../connectors/salesforce/soql.ts'
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord } from '../../platform.ts'
import { KEY_COLUMN, PICKLISTS, PLANS, REFERENCES } from './org.ts'
import { Digits } from '../../wire.ts'

/** `2026-05-01T07:25:37.000+0000`: whole seconds that pretend to milliseconds. */
export const stamp = (ms: number) => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000+0000`

/** The row that the org would give for a record, with all fields. */
export function sobject(kind: string, record: SimRecord): Record<string, unknown> {
  const plan = PLANS[kind]!
  const changed = Math.max(record.changedAt, record.deletedAt ?? 0)
  const row: Record<string, unknown> = {
    Id: record.id,
    IsDeleted: record.deletedAt !== undefined,
    MasterRecordId: record.mergedInto ?? null,
    CreatedDate: stamp(record.createdAt),
    SystemModstamp: stamp(changed),
    LastModifiedDate: stamp(changed),
    LastModifiedBy: { attributes: { type: 'User' }, Username: record.changedBy },
    OwnerId: id18('005gL0000000001'),
  }
  for (const [field, column] of Object.entries(plan.columns)) {
    const value = spelled(kind, field, record.fields[field] ?? null)
    if (field.endsWith('.line2'))
      row[column] = [row[column], value].filter((part) => part !== null && part !== undefined).join('\n') || null
    else if (column === 'Owner.Name')
      row['Owner'] = value === null ? null : { attributes: { type: 'User' }, Name: value }
    else row[column] = value
  }
  if (plan.status)
    row[plan.status.column] =
      record.oddStatus ?? (record.state === null ? null : (plan.status.words[record.state] ?? record.state))
  if (kind === 'opportunity')
    Object.assign(row, { IsClosed: record.state === 'won' || record.state === 'lost', IsWon: record.state === 'won' })
  if (kind === 'product') row['IsActive'] = record.state !== 'retired'
  for (const [platform, column] of Object.entries(REFERENCES)) row[column] = record.refs[platform] ?? null
  row[KEY_COLUMN] = record.fields['~key'] ?? null
  return row
}

function spelled(kind: string, field: string, value: string | null): unknown {
  if (value === null || value === '') return null
  switch (fieldOf(kind, field).type) {
    case 'money':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(value) ? new Digits(value) : value
    case 'bool':
      return value === 'true'
    case 'instant':
      return Number.isNaN(Date.parse(value)) ? value : stamp(Date.parse(value))
    default:
      return PICKLISTS[`${kind}.${field}`]?.[value] ?? value
  }
}

/** Names of all fields of an object, relationships with the name behind which their fields are. */
export function described(kind: string): { name: string; type: string; relationshipName: string | null }[] {
  const own = Object.keys(sobject(kind, BLANK)).filter((name) => !['LastModifiedBy', 'Owner'].includes(name))
  if (!['customer', 'contact'].includes(kind)) own.splice(own.indexOf('MasterRecordId'), 1)
  const relations: Record<string, string> = {
    OwnerId: 'Owner',
    LastModifiedById: 'LastModifiedBy',
    AccountId: 'Account',
    ParentId: 'Parent',
  }
  return [...own, 'LastModifiedById'].map((name) => ({
    name,
    type: typeOf(kind, name),
    relationshipName: relations[name] ?? null,
  }))
}

const STAMPS = ['CreatedDate', 'SystemModstamp', 'LastModifiedDate']
const FLAGS = ['IsDeleted', 'IsClosed', 'IsWon', 'IsActive']
const TYPES: Record<string, string> = {
  money: 'currency',
  number: 'double',
  bool: 'boolean',
  instant: 'datetime',
  date: 'date',
}

function typeOf(kind: string, column: string): string {
  if (STAMPS.includes(column)) return 'datetime'
  if (FLAGS.includes(column)) return 'boolean'
  const field = Object.entries(PLANS[kind]!.columns).find(([, name]) => name === column)?.[0]
  return (field && TYPES[fieldOf(kind, field).type]) ?? 'string'
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
