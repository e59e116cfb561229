/** SQLite: the second peer, in its own process, tables sorted by entity, so that every join is a walk along two sorted lists. */
import { createReadStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openSqlite } from '../server/store/control/driver.ts'
import { countsOf } from './duckdb.ts'
import type { Counts } from './ours.ts'
import { FIELDS, KEYS, PLATFORMS } from './world.ts'

export interface Lite {
  version: string
  run(sql: string): Counts
}

export async function openLite(folder: string): Promise<Lite> {
  const path = join(folder, 'peer.sqlite')
  rmSync(path, { force: true })
  const db = openSqlite(path)
  // As fast as it goes: everything fits into memory, and nothing need survive.
  db.exec(
    'pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -2000000; pragma mmap_size = 8589934592; pragma temp_store = memory; pragma threads = 2',
  )
  for (const platform of PLATFORMS) {
    db.exec(`create table ${platform} (entity integer primary key, ${KEYS.map((k) => `${k} text`).join(', ')})`)
    const insert = db.prepare(`insert into ${platform} values (${['entity', ...KEYS].map(() => '?').join(', ')})`)
    db.exec('begin')
    for await (const line of createInterface({ input: createReadStream(join(folder, `${platform}.TabSeparated`)) })) {
      const parts = line.split('\t')
      insert.run(Number(parts[0]), ...parts.slice(1, KEYS.length + 1))
    }
    db.exec('commit')
  }
  db.exec(`create table everywhere (entity integer, platform integer, ${KEYS.map((k) => `${k} text`).join(', ')}, primary key (entity, platform)) without rowid;
    insert into everywhere select * from (${PLATFORMS.map((p, n) => `select entity, ${n} as platform, ${KEYS.join(', ')} from ${p}`).join(' union all ')}) order by entity, platform`)
  db.exec('analyze')
  return {
    version: String(Object.values(db.prepare('select sqlite_version()').get() as object)[0]),
    run(sql) {
      const row = db.prepare(sql).get() as Record<string, number>
      return countsOf(FIELDS.map((_, n) => row[`f${n}`] ?? 0))
    },
  }
}

/** Two joins over row ids; who is not at the CRM is looked for at the others. SQLite counts what is true. */
export const LITE_JOINED = `select ${KEYS.map((_, n) => `sum(f${n}) as f${n}`).join(', ')} from (
  select ${KEYS.map((k, n) => `total(ifnull(a.${k} != b.${k}, 0) or ifnull(a.${k} != c.${k}, 0) or ifnull(b.${k} != c.${k}, 0)) as f${n}`).join(', ')}
    from crm as a left join erp as b on b.entity = a.entity left join billing as c on c.entity = a.entity
  union all
  select ${KEYS.map((k, n) => `total(ifnull(b.${k} != c.${k}, 0)) as f${n}`).join(', ')}
    from erp as b left join billing as c on c.entity = b.entity where not exists (select 1 from crm as a where a.entity = b.entity))`

/** One walk along the sorted table. */
export const LITE_GROUPED = `select ${KEYS.map((_, n) => `total(d${n}) as f${n}`).join(', ')}
  from (select ${KEYS.map((k, n) => `min(${k}) != max(${k}) as d${n}`).join(', ')} from everywhere group by entity)`
