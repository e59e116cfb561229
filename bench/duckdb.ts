/** DuckDB: the first peer, in its own process, on its own storage, with the SQL that suits it best. */
import { createRequire } from 'node:module'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Counts } from './ours.ts'
import { FIELDS, KEYS, PLATFORMS } from './world.ts'

/** The part of the package that is used; it is installed for the benchmark only. */
interface DuckDb {
  DuckDBInstance: { create(path: string, options: Record<string, string>): Promise<{ connect(): Promise<Connection> }> }
  version(): string
}
interface Connection {
  runAndReadAll(sql: string): Promise<{ getRowObjects(): Record<string, bigint>[] }>
}

export interface Duck {
  version: string
  run(sql: string): Promise<Counts>
}

export async function openDuck(folder: string, threads: number): Promise<Duck> {
  const { DuckDBInstance, version } = createRequire(import.meta.url)('@duckdb/node-api') as DuckDb
  const path = join(folder, 'peer.duckdb')
  rmSync(path, { force: true })
  const connection = await (
    await DuckDBInstance.create(path, { threads: String(threads), memory_limit: '6GB' })
  ).connect()
  for (const platform of PLATFORMS)
    await connection.runAndReadAll(
      `create table ${platform} as select * from read_parquet('${join(folder, `${platform}.Parquet`)}')`,
    )
  await connection.runAndReadAll(
    `create table everywhere as select * from (${PLATFORMS.map((p) => `select * from ${p}`).join(' union all ')}) order by entity`,
  )
  return {
    version: version(),
    async run(sql) {
      const [row] = (await connection.runAndReadAll(sql)).getRowObjects()
      return countsOf(FIELDS.map((_, n) => row![`f${n}`] ?? 0))
    },
  }
}

/** Counts by field, without those of which there are none. */
export function countsOf(numbers: readonly (bigint | number)[]): Counts {
  return Object.fromEntries(FIELDS.flatMap((f, n) => (Number(numbers[n]) === 0 ? [] : [[f, Number(numbers[n])]])))
}

/** Joins the platforms: a value that is missing on one side differs from nothing. */
export const JOINED = `select ${KEYS.map((k, n) => `count(*) filter (where a.${k} != b.${k} or a.${k} != c.${k} or b.${k} != c.${k}) as f${n}`).join(', ')}
  from crm as a full join erp as b on a.entity = b.entity full join billing as c on c.entity = coalesce(a.entity, b.entity)`

export const GROUPED = `select ${KEYS.map((_, n) => `count(*) filter (where d${n}) as f${n}`).join(', ')}
  from (select ${KEYS.map((k, n) => `min(${k}) != max(${k}) as d${n}`).join(', ')} from everywhere group by entity)`

/** With the hashes that we store: what is left when the layout is the same. */
export const HASHED = `select ${KEYS.map((_, n) => `count(*) filter (where d${n}) as f${n}`).join(', ')}
  from (select ${KEYS.map((k, n) => `min(${k}) != max(${k}) as d${n}`).join(', ')} from everywhere where entity in (
    select entity from everywhere group by entity having min(h_legal) != max(h_legal) or min(h_profile) != max(h_profile)) group by entity)`
