/** Kind tables: `versions_<kind>` and `current_<kind>`, made from the kind's field table and widened when it grows. */
import type { Kind } from '../../../model/kind.ts'
import { currentColumns, currentTable, versionColumns, versionsTable, type Column } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'
import { DURABLE } from './settings.ts'

interface Table {
  name: string
  columns: Column[]
  /** Everything after the column list. */
  tail: string
}

function tablesOf(kind: Kind): Table[] {
  return [
    {
      name: versionsTable(kind.name),
      columns: versionColumns(kind),
      // Small granules: the heads of a page of ids and the history of one record touch little of a large table. Fresh
      // parts are compact: two files to sync for an insert instead of two for each of a hundred columns.
      tail: `engine = ReplacingMergeTree(seq) order by (platform, record_id, seq)
             settings index_granularity = 512, min_bytes_for_wide_part = 134217728, ${DURABLE}`,
    },
    {
      name: currentTable(kind.name),
      columns: currentColumns(kind),
      tail: `engine = ReplacingMergeTree(rev, gone) order by (eid, platform, record_id)
             settings index_granularity = 64, min_bytes_for_wide_part = 67108864, min_compress_block_size = 4096, ${DURABLE}`,
    },
  ]
}

/** Creates what is missing and adds columns that a newer field table brought; nothing is ever dropped or retyped. */
export async function createKindTables(facts: Facts, kinds: readonly Kind[]): Promise<void> {
  const present = new Map<string, Set<string>>()
  const rows = await facts.query<{ table: string; name: string }>(
    'select table, name from system.columns where database = {database:String}',
    { database: facts.database },
  )
  for (const { table, name } of rows) present.set(table, (present.get(table) ?? new Set()).add(name))
  for (const table of kinds.flatMap(tablesOf)) {
    const have = present.get(table.name)
    if (!have) await facts.command(createStatement(facts, table))
    else await addColumns(facts, table, have)
  }
}

function createStatement(facts: Facts, { name, columns, tail }: Table): string {
  const lines = columns.map((c) => `  ${ident(c.name)} ${c.type}`)
  if (name.startsWith('versions_')) lines.push('  index seq_range seq type minmax granularity 1')
  return `create table if not exists ${tableOf(facts, name)} (\n${lines.join(',\n')}\n) ${tail}`
}

async function addColumns(facts: Facts, { name, columns }: Table, have: Set<string>): Promise<void> {
  const missing = columns.filter((c) => !have.has(c.name))
  if (!missing.length) return
  await facts.command(
    `alter table ${tableOf(facts, name)} ${missing.map((c) => `add column if not exists ${ident(c.name)} ${c.type}`).join(', ')}`,
  )
}
