/** Masks of versions: which sets of fields the records of each platform could ever hold. */
import { versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'

/** Platform → masks of held fields, decimal text; more than 64 different ones count as unknown, which costs time only. */
export async function versionMasks(facts: Facts, kind: string): Promise<Map<string, string[]>> {
  const rows = await facts.query<{ platform: string; masks: string[] }>(
    `select toString(platform) as platform, arraySort(groupUniqArray(65)(held)) as masks from ${tableOf(facts, versionsTable(kind))} group by platform order by platform`,
  )
  // Zero is a mask that differs from every other, so that nobody takes the sets for equal.
  return new Map(rows.map((r) => [r.platform, r.masks.length > 64 ? [...r.masks, '0'] : r.masks]))
}

/** 64-bit hashes, in decimal text, of these ids. */
export async function hashesOf(facts: Facts, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const [row] = await facts.query<{ hashes: string[] }>(
    'select arrayMap(x -> toString(cityHash64(x)), {ids:Array(String)}) as hashes',
    { ids },
  )
  return new Map(ids.map((id, i) => [id, row!.hashes[i]!]))
}

/** Which of these hashes a sub-select of hashes brings. */
export async function hashesWithin(
  facts: Facts,
  hashes: readonly string[],
  subselect: string,
  params: Record<string, unknown>,
): Promise<Set<string>> {
  const rows = await facts.query<{ hash: string }>(
    `select toString(hash) as hash from (select toUInt64(arrayJoin({asked_hashes:Array(String)})) as hash) where hash in (${subselect})`,
    { ...params, asked_hashes: hashes },
  )
  return new Set(rows.map((r) => r.hash))
}
