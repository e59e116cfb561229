/** Held masks: which sets of fields the records of each platform can hold. */
import { currentTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Platform → masks of held fields, decimal text. Reads two small columns; superseded rows may add a mask, never hide one. */
export async function heldMasks(facts: Facts, kind: string): Promise<Map<string, string[]>> {
  const rows = await facts.query<{ platform: string; masks: string[] }>(
    `select toString(platform) as platform, arraySort(groupUniqArray(64)(held)) as masks from ${tableOf(facts, currentTable(kind))} where gone = 0 and deleted = 0 group by platform order by platform`,
  )
  return new Map(rows.map((r) => [r.platform, r.masks]))
}
