/** Placed records: the present records of some entities or of some names, in the model's own words, with whom they belong to. */
import { column } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { CanonicalRecord, Subject } from '../../../model/record.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

export type PlacedRecord = CanonicalRecord & { entity_id: string; customer_entity_id: string; observed_at: string }

interface Row extends Record<string, unknown> {
  platform: string
  record_id: string
  entity_id: string
  customer_entity_id: string
  observed_at: string
  changed_at: string | null
  status: string | null
  refs: Record<string, string>
  deleted: number
  held: string
  empty: string
  unmapped: string
  invalid: string
  invalid_reasons: Record<string, string>
  version_hash: string
}

/** Records of a kind by their entities, deleted ones included. */
export async function recordsOfEntities(
  facts: Facts,
  kind: string,
  entities: readonly string[],
): Promise<PlacedRecord[]> {
  if (entities.length === 0) return []
  return await select(
    facts,
    kind,
    'eid in (select cityHash64(arrayJoin({entities:Array(String)}))) and entity_id in {entities:Array(String)}',
    { entities },
  )
}

/** Records of a kind by platform and id. */
export async function recordsNamed(facts: Facts, kind: string, subjects: readonly Subject[]): Promise<PlacedRecord[]> {
  if (subjects.length === 0) return []
  const ids = [...new Set(subjects.map((s) => s.record_id))]
  const platforms = [...new Set(subjects.map((s) => s.platform))]
  const wanted = new Set(subjects.map((s) => `${s.platform} ${s.record_id}`))
  const found = await select(
    facts,
    kind,
    'platform in {platforms:Array(String)} and record_id in {ids:Array(String)}',
    { platforms, ids },
  )
  return found.filter((r) => wanted.has(`${r.platform} ${r.record_id}`))
}

async function select(
  facts: Facts,
  kind: string,
  where: string,
  params: Record<string, unknown>,
): Promise<PlacedRecord[]> {
  const { fields } = kindOf(kind)
  const columns = [
    ...[
      'platform',
      'record_id',
      'entity_id',
      'customer_entity_id',
      'observed_at',
      'changed_at',
      'status',
      'refs',
      'deleted',
    ],
    ...['held', 'empty', 'unmapped', 'invalid', 'invalid_reasons', 'version_hash'],
    ...fields.map(column),
  ]
  const rows = await facts.query<Row>(
    `select ${columns.map(ident).join(', ')} from ${tableOf(facts, currentTable(kind))} final where ${where} and gone = 0
     order by entity_id, platform, record_id`,
    params,
  )
  const within = maskReader(kind)
  return rows.map((row) => placed(kind, row, within))
}

/** Names of the fields in a mask. Masks repeat from record to record, and each is taken apart once. */
export function maskReader(kind: string): (mask: string) => string[] {
  const { fields } = kindOf(kind)
  const known = new Map<string, string[]>()
  return (mask) => {
    let names = known.get(mask)
    if (!names) {
      const bits = BigInt(mask)
      names = fields.filter((f) => bits & (1n << BigInt(f.bit))).map((f) => f.name)
      known.set(mask, names)
    }
    return names
  }
}

function placed(kind: string, row: Row, within: (mask: string) => string[]): PlacedRecord {
  const { fields } = kindOf(kind)
  const values: Record<string, string> = {}
  for (const field of fields) {
    const value = row[column(field)]
    if (value !== null && value !== undefined) values[field.name] = String(value)
  }
  return {
    platform: row.platform,
    kind,
    record_id: row.record_id,
    entity_id: row.entity_id,
    customer_entity_id: row.customer_entity_id,
    observed_at: row.observed_at,
    status: row.status,
    refs: row.refs,
    created_at: null,
    changed_at: row.changed_at,
    stamp: 'none',
    deleted: row.deleted === 1,
    merged_into: null,
    changed_by: null,
    correlation_id: null,
    values,
    keys: {},
    raw: {},
    held: within(row.held),
    empty: within(row.empty),
    unmapped: within(row.unmapped),
    invalid: Object.fromEntries(within(row.invalid).map((name) => [name, row.invalid_reasons[name] ?? 'not readable'])),
    custom: {},
    version_hash: row.version_hash,
  }
}
