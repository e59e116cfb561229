/** Held records: of many records only the fields that are asked for, streamed, so that a plan of 100,000 reads each of them once. */
import { column } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { CanonicalRecord, Subject } from '../../../model/record.ts'
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'
import { keptName } from './kept.ts'
import { maskReader } from './placed-records.ts'

/** What comparing with a plan needs of a record. */
export type HeldRecord = Pick<
  CanonicalRecord,
  'platform' | 'record_id' | 'refs' | 'deleted' | 'values' | 'held' | 'unmapped' | 'invalid'
> & { entity_id: string }

interface Row extends Record<string, unknown> {
  platform: string
  record_id: string
  entity_id: string
  refs: Record<string, string>
  deleted: number
  held: string
  unmapped: string
  invalid: string
  invalid_reasons: Record<string, string>
}

/** Records of a kind by their entities, deleted ones included. */
export function heldOfEntities(
  facts: Facts,
  kind: string,
  entities: readonly string[],
  fields: ReadonlySet<string>,
): Promise<HeldRecord[]> {
  const ids = entities.map((id) => ({ id }))
  return read(facts, kind, fields, ids, 'id String', (wanted) => `eid in (select cityHash64(id) from ${wanted})`)
}

/** Records of a kind by platform and id. */
export function heldNamed(
  facts: Facts,
  kind: string,
  subjects: readonly Subject[],
  fields: ReadonlySet<string>,
): Promise<HeldRecord[]> {
  const ids = subjects.map(({ platform, record_id: id }) => ({ platform, id }))
  const names = (wanted: string) => `(platform, record_id) in (select platform, id from ${wanted})`
  return read(facts, kind, fields, ids, 'platform String, id String', names)
}

/** The ids go in as rows of a table of their own: as a parameter they would be parsed as a literal, element by element. */
async function read(
  facts: Facts,
  kind: string,
  names: ReadonlySet<string>,
  ids: readonly object[],
  columns: string,
  where: (wanted: string) => string,
): Promise<HeldRecord[]> {
  if (ids.length === 0) return []
  const name = keptName()
  const wanted = tableOf(facts, name)
  const fields = kindOf(kind).fields.filter((f) => names.has(f.name))
  const common = ['platform', 'record_id', 'entity_id', 'refs', 'deleted', 'held', 'unmapped', 'invalid']
  const selected = [...common, 'invalid_reasons', ...fields.map(column)].map(ident).join(', ')
  const asked = fields.map((f) => ({ name: f.name, column: column(f) }))
  const within = maskReader(kind)
  const found: HeldRecord[] = []
  await facts.command(`create table ${wanted} (${columns}) engine = Memory`)
  try {
    await facts.insert(name, ids)
    const sql = `select ${selected} from ${tableOf(facts, currentTable(kind))} final where ${where(wanted)} and gone = 0`
    for await (const rows of facts.stream<Row>(sql))
      for (const row of rows) {
        const values: Record<string, string> = {}
        for (const f of asked) {
          const value = row[f.column]
          if (value !== null && value !== undefined) values[f.name] = String(value)
        }
        const invalid = within(row.invalid)
        found.push({
          platform: row.platform,
          record_id: row.record_id,
          entity_id: row.entity_id,
          refs: row.refs,
          deleted: row.deleted === 1,
          values,
          held: within(row.held),
          unmapped: within(row.unmapped),
          invalid: Object.fromEntries(invalid.map((name) => [name, row.invalid_reasons[name] ?? 'not readable'])),
        })
      }
  } finally {
    await facts.command(`drop table if exists ${wanted} sync`)
  }
  return found
}
