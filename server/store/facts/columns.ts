/** Columns: the names and types of the record tables, in one place; everything else is derived from the field tables. */
import { column, COLUMN, KEYED, type Field } from '../../../model/fields.ts'
import { groups, kindOf, references } from '../../../model/kinds.ts'
import type { Kind } from '../../../model/kind.ts'

export interface Column {
  name: string
  type: string
}

const INSTANT = "DateTime64(3, 'UTC')"

/** What every record has, whatever its kind (see model/record.ts for the meanings). */
export const COMMON: readonly Column[] = [
  { name: 'platform', type: 'LowCardinality(String)' },
  { name: 'record_id', type: 'String' },
  { name: 'stream', type: 'LowCardinality(String)' },
  { name: 'seq', type: 'UInt64' },
  { name: 'observed_at', type: INSTANT },
  { name: 'created_at', type: `Nullable(${INSTANT})` },
  { name: 'changed_at', type: `Nullable(${INSTANT})` },
  { name: 'stamp', type: 'LowCardinality(String)' },
  { name: 'status', type: 'Nullable(String)' },
  { name: 'refs', type: 'Map(LowCardinality(String), String)' },
  { name: 'deleted', type: 'UInt8' },
  { name: 'merged_into', type: 'Nullable(String)' },
  { name: 'changed_by', type: 'Nullable(String)' },
  { name: 'correlation_id', type: 'Nullable(String)' },
  // Field masks: bit n is the field whose `bit` is n.
  { name: 'held', type: 'UInt64' },
  { name: 'empty', type: 'UInt64' },
  { name: 'unmapped', type: 'UInt64' },
  { name: 'invalid', type: 'UInt64' },
  { name: 'invalid_reasons', type: 'Map(String, String)' },
  { name: 'raw', type: 'Map(String, String)' },
  { name: 'custom', type: 'Map(String, Nullable(String))' },
  { name: 'version_hash', type: 'UInt64' },
]

/** Value column of each field and, for keyed types, the comparison key beside it. */
export function fieldColumns(fields: readonly Field[]): Column[] {
  return fields.flatMap((field) => [
    { name: column(field), type: COLUMN[field.type] },
    ...(KEYED.has(field.type) ? [{ name: `${column(field)}_key`, type: 'Nullable(String)' }] : []),
  ])
}

/** Columns of `versions_<kind>`. */
export function versionColumns(kind: Kind): Column[] {
  return [...COMMON, ...fieldColumns(kind.fields)]
}

/** Name of the stored hash of an ownership group. */
export function hashColumn(group: string): string {
  return `h_${group}`
}

/** Name of the column that holds the entity a reference points to; 0 when empty or unresolved. */
export function referenceColumn(field: Pick<Field, 'name'>): string {
  return `${column(field)}_eid`
}

/**
 * Columns of `current_<kind>` beyond those of its versions: who it is, whom it points to, and its hashes. Where a kind
 * has a reference named `customer`, its entity and the customer the record belongs to are one column, `customer_eid`.
 */
export function identityColumns(kind: Kind): Column[] {
  return [
    { name: 'entity_id', type: 'String' },
    { name: 'eid', type: 'UInt64' },
    { name: 'customer_entity_id', type: 'String' },
    { name: 'customer_eid', type: 'UInt64' },
    ...references(kind)
      .filter((field) => field.name !== 'customer')
      .map((field) => ({ name: referenceColumn(field), type: 'UInt64' })),
    ...groups(kind).map((group) => ({ name: hashColumn(group), type: 'UInt64' })),
    { name: 'rev', type: 'UInt64' },
    { name: 'gone', type: 'UInt8' },
  ]
}

/** Columns of `current_<kind>`. */
export function currentColumns(kind: Kind): Column[] {
  return [...versionColumns(kind), ...identityColumns(kind)]
}

/** Tables of a kind. */
export function versionsTable(kind: string): string {
  return `versions_${kind}`
}

export function currentTable(kind: string): string {
  return `current_${kind}`
}

/** Names of the columns that a record has in both of its tables, in order. */
export function recordColumns(kind: string): string[] {
  return versionColumns(kindOf(kind)).map((c) => c.name)
}
