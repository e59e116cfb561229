/** Shared records: how many entities of a kind each set of platforms holds together; what is at stake where nothing is compared. */
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export async function sharedRecords(facts: Facts, kind: string): Promise<{ platforms: string[]; n: number }[]> {
  const rows = await facts.query<{ platforms: string[]; n: string }>(
    `select platforms, toString(count()) as n from (
       select arraySort(groupUniqArray(toString(platform))) as platforms from ${tableOf(facts, currentTable(kind))} final where deleted = 0 group by eid
     ) group by platforms order by count() desc`,
  )
  return rows.map((r) => ({ platforms: r.platforms, n: Number(r.n) }))
}
