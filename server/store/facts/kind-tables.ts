/** Kind tables: `versions_<kind>` and `current_<kind>`, made from the kind's field table and widened when it grows. */
import type { Kind } from '../../../model/kind.ts'
import { currentColumns, currentTable, versionColumns, versionsTable, type Column } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'
import { DURABLE } from './settings.ts'

interface Table {
  name: string
  columns: Column[]
  engine: string
  /** `name = value`; those of a table that is there already are brought up to these. */
  settings: string[]
}

/** Fixed when a table is made. */
const FIXED = 'index_granularity'

function tablesOf(kind: Kind): Table[] {
  return [
    {
      name: versionsTable(kind.name),
      columns: versionColumns(kind),
      // Small granules: the heads of a page of ids and the history of one record touch little of a large table. Fresh
      // parts are compact: two files to sync for an insert instead of two for each of a hundred columns.
      engine: 'ReplacingMergeTree(seq) order by (platform, record_id, seq)',
      settings: [`${FIXED} = 512`, 'min_bytes_for_wide_part = 134217728', DURABLE],
    },
    {
      name: currentTable(kind.name),
      columns: currentColumns(kind),
      engine: 'ReplacingMergeTree(rev, gone) order by (eid, platform, record_id)',
      // A compact part reads every granule of every column by itself, ten times as slow as a wide one: only what a run
      // of changes inserts is compact, and merges make it wide.
      settings: [`${FIXED} = 64`, 'min_bytes_for_wide_part = 8388608', 'min_compress_block_size = 4096', DURABLE],
    },
  ]
}

/** Creates what is missing, adds columns that a newer field table brought and sets what a table keeps to; nothing is ever dropped or retyped. */
export async function createKindTables(facts: Facts, kinds: readonly Kind[]): Promise<void> {
  const present = new Map<string, Set<string>>()
  const rows = await facts.query<{ table: string; name: string }>(
    'select table, name from system.columns where database = {database:String}',
    { database: facts.database },
  )
  for (const { table, name } of rows) present.set(table, (present.get(table) ?? new Set()).add(name))
  const made = await facts.query<{ name: string; engine_full: string }>(
    'select name, engine_full from system.tables where database = {database:String}',
    { database: facts.database },
  )
  const engines = new Map(made.map((m) => [m.name, m.engine_full]))
  for (const table of kinds.flatMap(tablesOf)) {
    const have = present.get(table.name)
    if (!have) await facts.command(createStatement(facts, table))
    else {
      await addColumns(facts, table, have)
      await set(facts, table, engines.get(table.name) ?? '')
    }
  }
}

async function set(facts: Facts, { name, settings }: Table, engine: string): Promise<void> {
  const others = settings
    .flatMap((s) => s.split(', '))
    .filter((s) => !s.startsWith(FIXED) && !`${engine},`.includes(`${s},`))
  if (others.length) await facts.command(`alter table ${tableOf(facts, name)} modify setting ${others.join(', ')}`)
}

function createStatement(facts: Facts, { name, columns, engine, settings }: Table): string {
  const lines = columns.map((c) => `  ${ident(c.name)} ${c.type}`)
  if (name.startsWith('versions_')) lines.push('  index seq_range seq type minmax granularity 1')
  return `create table if not exists ${tableOf(facts, name)} (\n${lines.join(',\n')}\n) engine = ${engine} settings ${settings.join(', ')}`
}

async function addColumns(facts: Facts, { name, columns }: Table, have: Set<string>): Promise<void> {
  const missing = columns.filter((c) => !have.has(c.name))
  if (!missing.length) return
  await facts.command(
    `alter table ${tableOf(facts, name)} ${missing.map((c) => `add column if not exists ${ident(c.name)} ${c.type}`).join(', ')}`,
  )
}
