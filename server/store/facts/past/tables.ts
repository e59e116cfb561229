/**
 * Past tables: a database of its own in which the tables that checks read are as they were at an instant.
 *
 * Links, current rows and recorded events are kept there as known then and moved forward; versions are a view that ends at the
 * instant. So the SELECTs of the checks run on the past unchanged, and nothing of the present is touched.
 */
import { KINDS } from '../../../../model/kinds.ts'
import { currentTable, versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { ident, tableOf } from '../ident.ts'
import { throughDocuments } from '../reference-sql.ts'

/** Where the past is kept, and where it comes from. */
export interface PastTables {
  /** The facts as they are now. */
  live: Facts
  /** The same engine, looking at the tables of the past. */
  past: Facts
  /** Kinds whose current rows are kept, in the order in which references resolve. */
  kinds: readonly string[]
}

const PREFIX = '_past_'

/** Every kind that the given ones need: theirs, and the documents through which their records find their customer. */
export function neededKinds(kinds: readonly string[]): string[] {
  const needed = new Set<string>()
  const add = (kind: string) => {
    if (needed.has(kind)) return
    needed.add(kind)
    for (const field of throughDocuments(kind)) for (const to of field.to!) add(to)
  }
  for (const kind of kinds) add(kind)
  return KINDS.map((k) => k.name).filter((k) => needed.has(k))
}

/** Makes the tables, empty. `name` tells this past from others; letters, digits and underscores. */
export async function createPast(live: Facts, name: string, kinds: readonly string[]): Promise<PastTables> {
  const past: Facts = { ...live, database: `${live.database}${PREFIX}${name}` }
  const db = ident(past.database)
  await live.command(`drop database if exists ${db}`)
  await live.command(`create database ${db}`)
  const like = (table: string, tail: string) =>
    live.command(`create table ${tableOf(past, table)} as ${tableOf(live, table)} engine = ${tail}`)
  await live.command(`create table ${db}.instant (at DateTime64(3, 'UTC')) engine = Memory`)
  await live.command(
    `create table ${db}.pointers (platform String, record_id String, field String, to_kind String, to_platform String, to_id String) engine = Memory`,
  )
  await live.command(
    `create table ${db}.meant (platform String, record_id String, field String, eid UInt64, entity_id String) engine = Memory`,
  )
  for (const [name, columns] of Object.entries(STEP))
    await live.command(
      `create table ${db}.${name} (platform LowCardinality(String), record_id String, ${columns}) engine = Memory`,
    )
  await like('links', 'ReplacingMergeTree(rev) order by (kind, platform, record_id) settings index_granularity = 256')
  await like('events', 'ReplacingMergeTree(rev) order by (kind, record_id, reported_by, id)')
  for (const table of ['findings', 'issues', 'touched']) await like(table, 'MergeTree order by tuple()')
  for (const table of ['matched_keys', 'quarantine', 'identity_conflicts'])
    await like(table, `ReplacingMergeTree(rev) order by ${ORDER[table]!}`)
  const until = `observed_at <= (select max(at) from ${db}.instant)`
  await live.command(`create view ${db}.link_history as select * from ${tableOf(live, 'link_history')} where ${until}`)
  const needed = neededKinds(kinds)
  for (const kind of needed) {
    await live.command(
      `create view ${tableOf(past, versionsTable(kind))} as select * from ${tableOf(live, versionsTable(kind))} where ${until}`,
    )
    await like(
      currentTable(kind),
      'ReplacingMergeTree(rev, gone) order by (eid, platform, record_id) settings index_granularity = 64',
    )
  }
  return { live, past, kinds: needed }
}

/** What one step works on: rows of the touched entities as they lie, their records as they belong, and those to be written. */
const STEP = {
  held: 'eid UInt64, seq UInt64, refers UInt8',
  members: 'eid UInt64',
  moving: 'part UInt32',
}

/** Fills the current rows of a kind with those of the present, without copying them: the files are linked. */
export async function takePresent({ live, past }: PastTables, kind: string): Promise<void> {
  const table = currentTable(kind)
  await live.command(`alter table ${tableOf(past, table)} attach partition tuple() from ${tableOf(live, table)}`)
}

const ORDER: Record<string, string> = {
  matched_keys: 'key',
  quarantine: '(platform, stream, record_id, row_hash)',
  identity_conflicts: '(kind, key)',
}

export async function dropPast({ live, past }: PastTables): Promise<void> {
  await live.command(`drop database if exists ${ident(past.database)}`)
}

/** What a process that was killed left behind. */
export async function dropForgottenPasts(live: Facts): Promise<void> {
  const rows = await live.query<{ name: string }>(
    'select name from system.databases where startsWith(name, {prefix:String})',
    { prefix: `${live.database}${PREFIX}` },
  )
  for (const { name } of rows) await live.command(`drop database if exists ${ident(name)}`)
}
