/** Customer names: what people call an entity, in the words of whoever owns the name. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Entity → name, by the first of `speakers` (platforms) that has one; entities without a name are missing from the map. */
export async function customerNames(
  facts: Facts,
  entities: readonly string[],
  speakers: readonly string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(entities)].filter((id) => id !== '')
  if (wanted.length === 0) return new Map()
  const rows = await facts.query<{ entity_id: string; name: string }>(
    `select entity_id, argMin(assumeNotNull(coalesce(present.name, present.legal_name)), (if(indexOf({speakers:Array(String)}, toString(platform)) = 0, 99, indexOf({speakers:Array(String)}, toString(platform))), record_id)) as name
     from ${tableOf(facts, 'current_customer')} as present final
     prewhere eid in (select arrayJoin(arrayMap(x -> cityHash64(x), {entities:Array(String)})))
     where deleted = 0 and isNotNull(coalesce(present.name, present.legal_name))
     group by entity_id`,
    { entities: wanted, speakers },
  )
  return new Map(rows.map((r) => [r.entity_id, r.name]))
}
