/** Copied facts: a few entities with all that hangs on them, in a database beside the real one, to try things on. */
import { KINDS } from '../../../model/kinds.ts'
import { currentTable, versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { ident } from './ident.ts'

/** Takes away everything that the last trial left; the schema stays. */
export async function emptied(facts: Facts): Promise<void> {
  const tables = await facts.query<{ name: string }>(
    `select name from system.tables where database = {database:String} and engine not like '%View' and name != 'migrations' and total_rows > 0`,
    { database: facts.database },
  )
  for (const { name } of tables) await facts.command(`truncate table ${facts.database}.${ident(name)}`)
}

/** Copies the records of these entities, of everything that belongs to them as customers, and their links. */
export async function copyEntities(from: Facts, to: Facts, entities: readonly string[]): Promise<number> {
  const eids = `arrayMap(e -> cityHash64(e), {entities:Array(String)})`
  let copied = 0
  for (const { name } of KINDS) {
    const table = `${from.database}.${ident(currentTable(name))}`
    const records = `select toString(platform), record_id from ${table} final
      where has(${eids}, eid) or has(${eids}, customer_eid)`
    const [count] = await from.query<{ n: string }>(`select toString(count()) as n from (${records})`, {
      entities: [...entities],
    })
    if (count?.n === '0') continue
    copied += Number(count!.n)
    const versions = ident(versionsTable(name))
    await from.command(
      `insert into ${to.database}.${versions} select * from ${from.database}.${versions} where (platform, record_id) in (${records})`,
      { entities: [...entities] },
    )
    for (const links of ['links', 'link_history'])
      await from.command(
        `insert into ${to.database}.${links} select * from ${from.database}.${links} where kind = '${name}' and (platform, record_id) in (${records})`,
        { entities: [...entities] },
      )
  }
  return copied
}

/** Highest numbers in use, so that what is written beside them counts as newer. */
export async function highWater(facts: Facts): Promise<{ version: number; rev: number }> {
  const db = facts.database
  const seqs = KINDS.map((k) => `select max(seq) as n from ${db}.${ident(versionsTable(k.name))}`)
  const [version] = await facts.query<{ n: string }>(`select toString(max(n)) as n from (${seqs.join(' union all ')})`)
  const [rev] = await facts.query<{ n: string }>(`select toString(max(rev)) as n from ${db}.links`)
  return { version: Number(version?.n ?? 0), rev: Number(rev?.n ?? 0) }
}
