/** A Dataverse row in canonical words. A column that is not in the row does not exist here, or may not be read. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { DynamicsConfig } from './config.ts'
import type { Row, Source, TableSpec } from './tables.ts'
import { columnsOf, ISO } from './tables.ts'

const TARGET = '@Microsoft.Dynamics.CRM.lookuplogicalname'

export function mapRow(spec: TableSpec, raw: RawRow, config: Pick<DynamicsConfig, 'currency'>): RawRecord {
  const row = rowIn(raw.value)
  const id = row[spec.id]
  if (typeof id !== 'string' || id === '') throw new MappingError(spec.id, 'the row has no id')
  const fields: Record<string, unknown> = {}
  for (const [name, source] of Object.entries(spec.fields)) {
    const found = valueOf(spec, name, row, source)
    if (found !== undefined) fields[name] = found
  }
  if ('currency' in spec.fields && !fields['currency'] && config.currency) fields['currency'] = config.currency
  const refs: Record<string, string | null> = {}
  for (const [platform, column] of Object.entries(spec.refs)) {
    const found = plain(column, row[column])
    if (found !== undefined) refs[platform] = found
  }
  const record: RawRecord = {
    record_id: id.toLowerCase(),
    status: spec.status === null ? null : (plain(spec.status, row[spec.status]) ?? null),
    refs,
    created_at: stamp(row, 'createdon'),
    changed_at: stamp(row, 'modifiedon'),
    deleted: false,
    fields,
  }
  if (row['merged'] === true && typeof row['_masterid_value'] === 'string') {
    record.deleted = true
    record.merged_into = row['_masterid_value'].toLowerCase()
  }
  if (typeof row['_modifiedby_value'] === 'string') record.changed_by = row['_modifiedby_value']
  return record
}

function valueOf(spec: TableSpec, name: string, row: Row, source: Source): string | null | undefined {
  if (source === ISO) {
    const currency = row['transactioncurrencyid'] as Row | null | undefined
    return currency === undefined ? undefined : plain(name, currency?.['isocurrencycode'] ?? null)
  }
  if (typeof source === 'object' && 'constant' in source) return source.constant
  if (columnsOf(source).some((column) => row[column] === undefined)) return undefined
  if (typeof source !== 'string') return plain(name, source.read(row))
  const found = plain(source, row[source])
  const isReference = fieldOf(spec.kind, name).type === 'reference'
  if (found === null || found === undefined || !isReference) return found
  // A customer may be a person here: that is no company.
  const target = row[`${source}${TARGET}`]
  if (name === 'customer' && target !== undefined && target !== 'account') return null
  return found.toLowerCase()
}

function plain(name: string, value: unknown): string | null | undefined {
  if (value === undefined || value === null) return value
  if (typeof value === 'string') return value === '' ? null : value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new MappingError(name, 'the value is no text, number or yes/no')
}

function stamp(row: Row, column: string): string | null {
  const value = row[column]
  if (value === undefined || value === null) return null
  if (stampMs(value) === null) throw new MappingError(column, 'the stamp cannot be read as a date and time')
  return value as string
}

export function stampMs(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value)) return null
  const ms = Date.parse(value)
  return Number.isFinite(ms) ? ms : null
}

function rowIn(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MappingError('row', 'the row is no object')
  return value as Row
}
