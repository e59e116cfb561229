/** The control database: one SQLite file, short transactions, acknowledged when it is on disk. */
import type { StatementSyncInstance } from '@photostructure/sqlite'
import { PlumblineError } from '../../errors.ts'
import { migrationsOf, pending } from '../migrations.ts'
import { openSqlite } from './driver.ts'

export type Value = string | number | bigint | Uint8Array | null

export interface Database {
  all<Row>(sql: string, ...values: Value[]): Row[]
  get<Row>(sql: string, ...values: Value[]): Row | null
  /** Rows changed. */
  run(sql: string, ...values: Value[]): number
  transaction<T>(work: () => T): T
  close(): void
}

/** How long a statement waits for another process, such as a backup, before it fails. */
const BUSY_MS = 10_000

export function openDatabase(path: string): Database {
  const db = failing(() => openSqlite(path), path)
  const prepared = new Map<string, StatementSyncInstance>()
  let depth = 0

  const statement = (sql: string): StatementSyncInstance => {
    const known = prepared.get(sql)
    if (known) return known
    const made = db.prepare(sql)
    prepared.set(sql, made)
    return made
  }

  const database: Database = {
    all: <Row>(sql: string, ...values: Value[]) =>
      failing(
        () =>
          statement(sql)
            .all(...whole(values))
            .map((row) => ({ ...(row as Row & object) })),
        path,
      ),
    get: <Row>(sql: string, ...values: Value[]) =>
      failing(() => {
        const row = statement(sql).get(...whole(values)) as (Row & object) | undefined
        return row ? { ...row } : null
      }, path),
    run: (sql, ...values) => failing(() => Number(statement(sql).run(...whole(values)).changes), path),
    transaction(work) {
      const [begin, commit, undo] =
        depth === 0 ? (['begin immediate', 'commit', 'rollback'] as const) : savepoint(depth)
      failing(() => db.exec(begin), path)
      depth += 1
      try {
        const result = work()
        if (result instanceof Promise)
          throw new PlumblineError('sql', 'A transaction of the control store must not wait for anything.')
        failing(() => db.exec(commit), path)
        return result
      } catch (e) {
        // A full disk may already have rolled everything back.
        if (db.isTransaction) db.exec(undo)
        throw e
      } finally {
        depth -= 1
      }
    },
    close: () => db.close(),
  }

  try {
    for (const pragma of [
      'journal_mode = wal',
      'synchronous = full',
      'foreign_keys = on',
      `busy_timeout = ${BUSY_MS}`,
      'trusted_schema = off',
    ])
      failing(() => db.exec(`pragma ${pragma}`), path)
    migrate(database, (sql) => failing(() => db.exec(sql), path), path)
  } catch (e) {
    db.close()
    throw e
  }
  return database
}

/** The driver would cut text at a zero byte, and make two different names one. */
function whole(values: Value[]): Value[] {
  if (values.some((v) => typeof v === 'string' && v.includes('\0')))
    throw new PlumblineError('schema', 'Text with a zero byte cannot be kept in the control store.')
  return values
}

function savepoint(depth: number): [string, string, string] {
  return [`savepoint s${depth}`, `release s${depth}`, `rollback to s${depth}; release s${depth}`]
}

function migrate(db: Database, exec: (sql: string) => void, path: string): void {
  exec('create table if not exists migrations (number integer primary key, name text not null) strict')
  const applied = db.all<{ number: number }>('select number from migrations').map((m) => m.number)
  for (const { number, name, sql } of pending(migrationsOf('control'), applied, `The control store ${path}`))
    db.transaction(() => {
      exec(sql)
      db.run('insert into migrations (number, name) values (?, ?)', number, name)
    })
}

/** SQLite's own errors, as ours. */
function failing<T>(work: () => T, path: string): T {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof PlumblineError) throw thrown
    const cause = thrown as Error & { errcode?: number; sqliteCode?: number }
    const text = cause.message
    if (/database or disk is full/i.test(text))
      throw new PlumblineError('full', 'The disk of the data folder is full.', {
        cause,
        remedy: 'Free space there; nothing acknowledged was lost and the next run continues.',
      })
    if (/database is locked|busy/i.test(text))
      throw new PlumblineError('conflict', `Another process holds ${path}.`, {
        cause,
        retryable: true,
        remedy: 'Close other programs that have this file open.',
      })
    if (/not a database|malformed|unable to open/i.test(text))
      throw new PlumblineError('sql', `The control store ${path} cannot be read: ${text}.`, {
        cause,
        remedy: 'Check the folder and its permissions, or restore a backup.',
      })
    throw new PlumblineError('sql', `The control store refuses a statement: ${text}.`, { cause })
  }
}
