/** A query engine for warehouses whose own cannot be had: SQLite over the company's tables, as they stand at each statement. */
import { openSqlite } from '../../server/store/control/driver.ts'
import type { PlatformState } from '../platform.ts'
import type { LabTable } from './tables.ts'
import { createFollower, TABLES } from './tables.ts'

export class BadStatement extends Error {
  override readonly name = 'BadStatement'
}

export interface Found {
  table: LabTable | null
  /** Null: the number of rows alone (`n`). */
  columns: readonly string[] | null
  rows: (string | null)[][]
}

export interface Tables {
  /** @param sql in SQLite's words @throws BadStatement with the engine's reason */
  query(sql: string, values: readonly string[] | Record<string, string>): Found
  close(): void
}

/** Values are text that sorts as it should: stamps in ISO with a fixed number of digits. @param named what a table is called */
export function openTables(state: PlatformState, named: (table: LabTable) => string): Tables {
  const db = openSqlite(':memory:')
  const moved = createFollower(state)
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
  for (const table of TABLES) {
    const columns = table.columns.map((c) => `${quoted(c.name)} TEXT`).join(', ')
    db.exec(`CREATE TABLE ${quoted(named(table))} (${columns}, PRIMARY KEY (id))`)
  }

  function follow(): void {
    for (const table of TABLES) {
      const name = quoted(named(table))
      const { rows, gone } = moved(table)
      const drop = db.prepare(`DELETE FROM ${name} WHERE id = ?`)
      for (const id of gone) drop.run(id)
      const put = db.prepare(`REPLACE INTO ${name} VALUES (${table.columns.map(() => '?').join(', ')})`)
      for (const row of rows) put.run(...table.columns.map((c) => cell(row[c.name] ?? null, c.type === 'instant')))
    }
  }

  return {
    query(sql, values) {
      follow()
      const place = / FROM [`"]?([\w.-]+)[`"]? AS source/i.exec(sql)?.[1]
      const table = TABLES.find((t) => named(t).toLowerCase() === place?.toLowerCase()) ?? null
      if (place !== undefined && !table) throw new BadStatement(`Object '${place}' does not exist or not authorized.`)
      const counts = /^SELECT COUNT\(\*\)/.test(sql)
      try {
        const found = Array.isArray(values)
          ? db.prepare(sql).all(...(values as string[]))
          : db.prepare(sql).all(values as Record<string, string>)
        const names = counts ? ['n'] : (table?.columns.map((c) => c.name) ?? [])
        const rows = found.map((row) => names.map((name) => text((row as Record<string, unknown>)[name])))
        return { table, columns: counts ? null : names, rows }
      } catch (error) {
        throw new BadStatement((error as Error).message)
      }
    },
    close: () => db.close(),
  }
}

/** Stamps with all digits, so that their text sorts as they do. */
export function fixed(stamp: string): string {
  const [, second, fraction = ''] = /^(.{19})(?:\.(\d+))?(?:Z|\+00:00)?$/.exec(stamp) ?? []
  return second === undefined ? stamp : `${second}.${fraction.padEnd(9, '0')}Z`
}

const cell = (value: string | null, instant: boolean): string | null =>
  value !== null && instant ? fixed(value) : value

const text = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : null

/** Whole seconds since 1970 and what follows, of a stamp with all its digits. */
export function since1970(stamp: string): { seconds: number; nanos: string } {
  return { seconds: Date.parse(`${stamp.slice(0, 19)}Z`) / 1000, nanos: stamp.slice(20, 29) }
}
