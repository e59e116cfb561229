/** Stored tables: how many rows and bytes each holds, and since when. */
import type { Facts } from './facts.ts'

export async function storedTables(
  facts: Facts,
): Promise<{ table: string; rows: number; bytes: number; since: string | null }[]> {
  const rows = await facts.query<{ name: string; n: string; bytes: string; since: string }>(
    `select table as name, toString(sum(rows)) as n, toString(sum(bytes_on_disk)) as bytes,
       formatDateTime(min(modification_time), '%Y-%m-%dT%H:%i:%SZ', 'UTC') as since
     from system.parts where active and database = {database:String} group by table having sum(rows) > 0 order by sum(bytes_on_disk) desc`,
    { database: facts.database },
  )
  return rows.map((r) => ({ table: r.name, rows: Number(r.n), bytes: Number(r.bytes), since: r.since || null }))
}
