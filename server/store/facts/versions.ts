/** Versions: every state of every record that was ever seen, in the order in which it was seen. Append-only. */
import type { CanonicalRecord } from '../../../model/record.ts'
import type { ControlStore } from '../control/control.ts'
import { numbered } from '../numbering.ts'
import { versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { numberedLine, rowWriter } from './record-rows.ts'
import { MAX_INSERT_ROWS } from './settings.ts'

export interface Appended {
  count: number
  /** Sequence numbers of the first and last version; null when there were none. */
  from: number | null
  to: number | null
}

/** Stores the versions durably, in the order given. Who calls it has dropped what did not change (see `heads`). */
export async function appendVersions(
  facts: Facts,
  control: ControlStore,
  kind: string,
  stream: string,
  records: readonly CanonicalRecord[],
  observedAtMs: number,
): Promise<Appended> {
  if (!records.length) return { count: 0, from: null, to: null }
  const writer = rowWriter(kind, stream, observedAtMs)
  // Made before the turn: while one caller's rows are being stored, the next prepares its own.
  const bodies = records.map((record) => writer.body(record))
  return numbered(control, 'version', records.length, async (first) => {
    for (const text of blocks(bodies, first)) await facts.insert(versionsTable(kind), text)
    return { count: records.length, from: first, to: first + records.length - 1 }
  })
}

/** Longest text of one insert, in characters: well below the engine's block and JavaScript's longest string. */
const MAX_INSERT_TEXT = 64 * 1024 * 1024

function* blocks(bodies: readonly string[], first: number): Iterable<string> {
  let text = ''
  let rows = 0
  for (const [i, body] of bodies.entries()) {
    text += numberedLine(first + i, body)
    rows += 1
    if (rows < MAX_INSERT_ROWS && text.length < MAX_INSERT_TEXT) continue
    yield text
    text = ''
    rows = 0
  }
  if (text) yield text
}

export interface Head {
  versionHash: string
  /** The platform's own stamp, ISO; null where it gave none. */
  changedAt: string | null
  deleted: boolean
}

/** Latest stored version of each of these records; ids never seen are missing from the map. */
export async function heads(
  facts: Facts,
  platform: string,
  kind: string,
  ids: readonly string[],
): Promise<Map<string, Head>> {
  const found = new Map<string, Head>()
  for (let at = 0; at < ids.length; at += IDS_A_QUERY) {
    const rows = await facts.query<{
      record_id: string
      version_hash: string
      changed_at: string | null
      deleted: number
    }>(
      `select record_id, head.1 as version_hash, head.2 as changed_at, head.3 as deleted
       from (
         select record_id, argMax((version_hash, changed_at, deleted), seq) as head
         from ${tableOf(facts, versionsTable(kind))}
         where platform = {platform:String} and record_id in {ids:Array(String)}
         group by record_id
       )`,
      { platform, ids: ids.slice(at, at + IDS_A_QUERY) },
    )
    for (const row of rows)
      found.set(row.record_id, { versionHash: row.version_hash, changedAt: row.changed_at, deleted: row.deleted === 1 })
  }
  return found
}

/** Ids sent with one query: 20,000 ids of usual length stay below a megabyte. */
const IDS_A_QUERY = 20_000

const live = (facts: Facts, kind: string, stream: string | undefined) => `
  select record_id
  from ${tableOf(facts, versionsTable(kind))}
  where platform = {platform:String}${stream === undefined ? '' : ' and stream = {stream:String}'}
  group by platform, record_id
  having argMax(deleted, seq) = 0`

/**
 * Ids of all records that are not deleted, in batches: what a sweep holds against the platform's own list. With
 * `stream`, only its records: several streams of a platform may yield one kind (leads and accounts are customers).
 */
export async function* liveKeys(
  facts: Facts,
  platform: string,
  kind: string,
  stream?: string,
): AsyncIterable<string[]> {
  // The table is sorted by record, so grouping in order holds one record at a time.
  const sql = `${live(facts, kind, stream)} settings optimize_aggregation_in_order = 1`
  for await (const rows of facts.stream<{ record_id: string }>(sql, {
    platform,
    ...(stream !== undefined && { stream }),
  }))
    yield rows.map((r) => r.record_id)
}

/** How many records of a platform are not deleted: our side of the completeness figure. */
export async function liveCount(facts: Facts, platform: string, kind: string, stream?: string): Promise<number> {
  const [row] = await facts.query<{ n: string }>(
    `select count() as n from (${live(facts, kind, stream)}) settings optimize_aggregation_in_order = 1`,
    { platform, ...(stream !== undefined && { stream }) },
  )
  return Number(row?.n ?? 0)
}

/** Highest sequence number stored for a kind; '0' before the first. */
export async function lastSeq(facts: Facts, kind: string): Promise<string> {
  const [row] = await facts.query<{ seq: string }>(`select max(seq) as seq from ${tableOf(facts, versionsTable(kind))}`)
  return row?.seq ?? '0'
}
