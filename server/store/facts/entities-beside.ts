/** Entities beside: some that two platforms or more hold and that are not among those given. */
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Entities that are left out at most; more would be a longer query than an answer. */
const OUT_MAX = 5_000

export async function entitiesBeside(
  facts: Facts,
  kind: string,
  out: readonly string[],
  limit: number,
): Promise<{ entity_id: string; platforms: string[] }[]> {
  return await facts.query(
    `select entity_id, arraySort(groupUniqArray(toString(platform))) as platforms from ${tableOf(facts, currentTable(kind))} final
     where deleted = 0 and entity_id not in {out:Array(String)} group by eid, entity_id having length(platforms) > 1
     order by entity_id limit {limit:UInt32}`,
    { out: out.slice(0, OUT_MAX), limit },
  )
}
