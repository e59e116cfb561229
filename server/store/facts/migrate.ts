/** Schema of the facts: fixed tables by numbered files, tables per kind from the field tables. Runs at every start. */
import { KINDS } from '../../../model/kinds.ts'
import { migrationsOf, pending } from '../migrations.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'
import { dropKept } from './kept.ts'
import { createKindTables } from './kind-tables.ts'
import { DURABLE } from './settings.ts'

/** Brings the database to this version. Every statement may run again after a crash in the middle. */
export async function migrate(facts: Facts): Promise<void> {
  const db = ident(facts.database)
  await facts.command(`create database if not exists ${db}`)
  await facts.command(
    `create table if not exists ${db}.migrations (number UInt32, name String, at DateTime64(3, 'UTC') default now64(3))
     engine = ReplacingMergeTree order by number settings ${DURABLE}`,
  )
  const applied = await facts.query<{ number: number }>(`select distinct number from ${db}.migrations`)
  const todo = pending(
    migrationsOf('facts'),
    applied.map((m) => m.number),
    `The data in ${facts.where}`,
  )
  for (const { number, name, sql } of todo) {
    for (const statement of statements(sql))
      await facts.command(statement.replaceAll('{db}', db).replaceAll('{durable}', DURABLE))
    await facts.insert('migrations', [{ number, name }])
  }
  await createKindTables(facts, KINDS)
  await dropKept(facts)
}

/** Statements end with a semicolon at the end of a line; lines that start with `--` are notes. */
function statements(sql: string): string[] {
  return sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((s) => s.trim())
    .filter(Boolean)
}

/** Numbers of the migrations that this database has had, for the doctor and for tests. */
export async function schemaVersion(facts: Facts): Promise<number> {
  const [row] = await facts.query<{ version: number }>(
    `select max(number) as version from ${tableOf(facts, 'migrations')}`,
  )
  return row?.version ?? 0
}
