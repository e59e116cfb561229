/** A ClickHouse server of its own with the company's tables kept as they stand, as a load keeps them: newer rows replace older ones. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlatformState } from '../../platform.ts'
import type { CellType } from '../../warehouse/tables.ts'
import { createFollower, TABLES } from '../../warehouse/tables.ts'
import { startClickHouseServer } from './server.ts'
import type { Bounds } from './users.ts'
import { usersXml } from './users.ts'

export const DATABASE = 'mart'

const TYPES: Record<CellType, string> = {
  text: 'Nullable(String)',
  decimal: 'Nullable(Decimal(38, 9))',
  date: 'Nullable(Date32)',
  instant: "DateTime64(6, 'UTC')",
  boolean: 'Nullable(Bool)',
}

const place = (name: string) => `${DATABASE}.${name}`

export interface Engine {
  url: string
  /** Brings the tables to where the company is. */
  follow(): Promise<void>
  /** A statement of the owner. @throws with the engine's own words */
  owner(sql: string): Promise<string>
  stop(): Promise<void>
}

export async function startEngine(state: PlatformState, bounds: Bounds): Promise<Engine> {
  const path = mkdtempSync(join(tmpdir(), 'plumbline-clickhouse-'))
  const users = usersXml(
    DATABASE,
    TABLES.map((t) => t.name),
    bounds,
  )
  const server = await startClickHouseServer({ path, users, stdio: 'ignore' })
  const moved = createFollower(state)
  let loads = 0
  let last = Promise.resolve()

  async function owner(sql: string): Promise<string> {
    const reply = await fetch(`${server.url}/?date_time_input_format=best_effort`, { method: 'POST', body: sql })
    const text = await reply.text()
    if (!reply.ok) throw new Error(text)
    return text
  }

  /** One load: a row that is gone is replaced by one that says so, which only merging takes away. */
  async function load(): Promise<void> {
    for (const table of TABLES) {
      const { rows, gone } = moved(table)
      if (rows.length + gone.length === 0) continue
      const loaded = ++loads
      const all = [...rows.map((row) => ({ ...row, loaded })), ...gone.map((id) => ({ id, loaded, gone: 1 }))]
      const lines = all.map((row) => JSON.stringify(row)).join('\n')
      await owner(`INSERT INTO ${place(table.name)} FORMAT JSONEachRow\n${lines}`)
    }
  }

  await owner(`CREATE DATABASE ${DATABASE}`)
  for (const { name, columns } of TABLES) {
    const typed = columns.map((c) => `${c.name} ${c.name === 'id' ? 'String' : TYPES[c.type]}`).join(', ')
    await owner(`CREATE TABLE ${place(name)} (${typed}, loaded UInt64, gone UInt8)
      ENGINE = ReplacingMergeTree(loaded, gone) ORDER BY id`)
  }
  return {
    url: server.url,
    owner,
    follow: () => (last = last.then(load, load)),
    async stop() {
      // Nothing of it is kept: it need not wait for connections that are still open.
      await server.stop(0)
      rmSync(path, { recursive: true, force: true })
    },
  }
}
