/** Records as people and other programs get them: canonical field names, one object a record. Public contract. */
import { column, type Field } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/**
 * A field that the platform cannot hold or did not give has no key; an empty one is null; one that could not be read has
 * no key and its reason under `invalid`; a code without an entry in its reference map is as the platform wrote it, and
 * is named under `unmapped`.
 */
export type ExportedRecord = Record<string, unknown>

export interface RecordsFilter {
  platform?: string
  entityId?: string
  /** Leave out records that are deleted. */
  live?: boolean
}

const COMMON = [
  'platform',
  'record_id',
  'entity_id',
  'customer_entity_id',
  'status',
  'created_at',
  'changed_at',
  'observed_at',
  'merged_into',
  'changed_by',
  'correlation_id',
] as const

/** All current records of a kind, in batches, in a stable order. */
export async function* recordsExport(
  facts: Facts,
  kind: string,
  filter: RecordsFilter = {},
): AsyncIterable<ExportedRecord[]> {
  const { fields } = kindOf(kind)
  const where = [
    ...(filter.platform === undefined ? [] : ['platform = {platform:String}']),
    ...(filter.entityId === undefined ? [] : ['eid = cityHash64({entityId:String})', 'entity_id = {entityId:String}']),
    ...(filter.live ? ['deleted = 0'] : []),
  ]
  const sql = `select ${[...COMMON, 'refs', 'deleted', 'held', 'empty', 'unmapped', 'invalid', 'invalid_reasons', 'custom', 'version_hash', ...fields.map(column)].map(ident).join(', ')}
    from ${tableOf(facts, currentTable(kind))} final
    ${where.length ? `where ${where.join(' and ')}` : ''}
    order by eid, platform, record_id`
  const { live: _, ...params } = filter
  for await (const rows of facts.stream<Row>(sql, params, 5_000)) yield rows.map((row) => exported(kind, fields, row))
}

interface Row extends Record<string, unknown> {
  refs: Record<string, string>
  custom: Record<string, string | null>
  invalid_reasons: Record<string, string>
  held: string
  empty: string
  unmapped: string
  invalid: string
  deleted: number
}

function exported(kind: string, fields: readonly Field[], row: Row): ExportedRecord {
  const out: ExportedRecord = { kind }
  for (const name of COMMON) out[name] = row[name] === '' ? null : row[name]
  out.deleted = row.deleted === 1
  for (const platform of Object.keys(row.refs).sort()) out[`refs.${platform}`] = row.refs[platform]
  const [empty, unmapped, invalid] = [BigInt(row.empty), BigInt(row.unmapped), BigInt(row.invalid)]
  const codes: string[] = []
  for (const field of fields) {
    const bit = 1n << BigInt(field.bit)
    if (invalid & bit) continue
    const value = row[column(field)]
    if (empty & bit) out[field.name] = null
    else if (value !== null) out[field.name] = value
    if (unmapped & bit) codes.push(field.name)
  }
  for (const name of Object.keys(row.custom).sort()) out[`custom.${name}`] = row.custom[name]
  if (codes.length) out.unmapped = codes
  if (invalid) out.invalid = row.invalid_reasons
  out.version_hash = row.version_hash
  return out
}
