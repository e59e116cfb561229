/** Deletions: the version that says a record is gone, made from the last one that was seen of it. */
import { hash } from 'node:crypto'
import { iso } from '../../clock.ts'
import type { ControlStore } from '../control/control.ts'
import { numbered } from '../numbering.ts'
import { versionsTable } from './columns.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { MAX_INSERT_ROWS } from './settings.ts'

export interface Deletion {
  record_id: string
  /** When the platform says it happened (epoch ms); without it the record's own stamp stays. */
  at?: number | undefined
  /** record_id of the survivor of a merge. */
  mergedInto?: string | undefined
}

type VersionRow = Record<string, unknown> & {
  record_id: string
  observed_at: string
  changed_at: string | null
  version_hash: string
  deleted: number
  merged_into: string | null
}

/** Ids asked for at a time: their whole rows come back. */
const IDS_A_QUERY = Math.min(5_000, MAX_INSERT_ROWS)

/**
 * Stores each of these records as deleted, with everything else as it was last seen. Left alone are records never seen,
 * those already deleted the same way, and those that changed after the deletion was said to happen.
 * @param of.unlessSeenSince epoch ms: records observed since then are left alone; a list may lag behind them
 * @returns the ids that changed
 */
export async function appendDeletions(
  facts: Facts,
  control: ControlStore,
  of: { platform: string; kind: string; unlessSeenSince?: number | undefined },
  deletions: readonly Deletion[],
  observedAtMs: number,
): Promise<string[]> {
  const changed: string[] = []
  // A record deleted twice in one list: the later word counts.
  const wanted = new Map(deletions.map((d) => [d.record_id, d]))
  const ids = [...wanted.keys()]
  for (let at = 0; at < ids.length; at += IDS_A_QUERY) {
    const rows = await lastVersions(facts, of, ids.slice(at, at + IDS_A_QUERY))
    const gone = rows.filter((row) => isNews(row, wanted.get(row.record_id)!, of.unlessSeenSince))
    if (gone.length === 0) continue
    await numbered(control, 'version', gone.length, (first) =>
      facts.insert(
        versionsTable(of.kind),
        gone.map((row, i) => asDeleted(row, wanted.get(row.record_id)!, first + i, observedAtMs)),
      ),
    )
    for (const row of gone) changed.push(row.record_id)
  }
  return changed
}

function isNews(row: VersionRow, { at, mergedInto }: Deletion, seenSince: number | undefined): boolean {
  if (row.deleted === 1) return mergedInto !== undefined && mergedInto !== row.merged_into
  if (at !== undefined && row.changed_at !== null && Date.parse(row.changed_at) > at) return false
  return seenSince === undefined || Date.parse(row.observed_at) < seenSince
}

function lastVersions(
  facts: Facts,
  { platform, kind }: { platform: string; kind: string },
  ids: string[],
): Promise<VersionRow[]> {
  return facts.query<VersionRow>(
    `select *
     from ${tableOf(facts, versionsTable(kind))}
     where platform = {platform:String} and record_id in {ids:Array(String)}
     order by record_id, seq desc
     limit 1 by record_id`,
    { platform, ids },
  )
}

function asDeleted(row: VersionRow, { at, mergedInto }: Deletion, seq: number, observedAtMs: number): VersionRow {
  const stamp = at === undefined ? null : iso(at)
  const changed_at = stamp !== null && (row.changed_at === null || stamp > row.changed_at) ? stamp : row.changed_at
  const merged_into = mergedInto ?? row.merged_into
  // Another content than any live version's, so that a record that comes back is stored again.
  const content = `deleted ${row.version_hash} ${merged_into ?? ''}`
  const version_hash = (hash('sha1', content, 'buffer') as Buffer).readBigUInt64BE(0).toString()
  return { ...row, seq: String(seq), observed_at: iso(observedAtMs), changed_at, deleted: 1, merged_into, version_hash }
}
