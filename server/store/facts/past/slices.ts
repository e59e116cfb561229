/** Slices of a kind's records, in the order in which their versions lie on disk: each fits into the memory of one query, and reads only its own. */
import { versionsTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'

export interface Slice {
  /** Selects the platform and record_id of its records; null: all of them. */
  records: string | null
  params: Record<string, unknown>
}

/** Records of a slice: with a hundred columns, and hash tables of their ids beside them, some hundred megabytes. */
export const SLICE_RECORDS = 100_000

/** Ids of a slice that are looked at to find where it ends. */
const SAMPLE = 100

/** @param most records of a slice, about */
export async function slicesOf(live: Facts, kind: string, most = SLICE_RECORDS): Promise<Slice[]> {
  const versions = tableOf(live, versionsTable(kind))
  const nth = Math.max(1, Math.floor(most / SAMPLE))
  const rows = await live.query<{ platform: string; ids: string[] }>(
    `select toString(platform) as platform, arraySort(groupUniqArrayIf(record_id, cityHash64(record_id) % ${nth} = 0)) as ids
     from ${versions} group by platform order by platform`,
  )
  const step = Math.ceil(most / nth)
  if (rows.every(({ ids }) => ids.length <= step)) return [{ records: null, params: {} }]
  return rows.flatMap(({ platform, ids }) => {
    const ends = ids.filter((_, n) => n > 0 && n % step === 0)
    return [null, ...ends].map((from, n) => range(versions, platform, from, ends[n] ?? null))
  })
}

/** Records of one platform from an id, included, up to another, excluded; null: open. */
function range(versions: string, platform: string, from: string | null, to: string | null): Slice {
  const bounds = [
    'platform = {slice_platform:String}',
    ...(from === null ? [] : ['record_id >= {slice_from:String}']),
    ...(to === null ? [] : ['record_id < {slice_to:String}']),
  ]
  return {
    records: `select platform, record_id from ${versions} where ${bounds.join(' and ')}`,
    params: {
      slice_platform: platform,
      ...(from !== null && { slice_from: from }),
      ...(to !== null && { slice_to: to }),
    },
  }
}
