/** Lag: what became of every change of a field group on its way to each follower. One row a change and follower. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { stretchSql, type Stretch } from './lag-history.ts'

/**
 * in_time, late: the follower came to agree. lost: overtaken by a newer change before it ever arrived. waiting: neither
 * yet; whether that is still in time is asked when it is read. unmeasured: a stamp is lacking, so only whether it arrived is known.
 */
export const LAG_OUTCOMES = ['in_time', 'late', 'lost', 'waiting', 'unmeasured'] as const
export type LagOutcome = (typeof LAG_OUTCOMES)[number]

/** Instants are ISO text. */
export interface LagRow {
  /** 64-bit hash of the entity, decimal text. */
  eid: string
  kind: string
  /** Fields of a group that share a promise; the group’s name for most of them. */
  part: string
  owner: string
  follower: string
  /** Sequence number of the owner’s version that brought the change. */
  change: string
  entity_id: string
  customer_entity_id: string
  record_id: string
  follower_record_id: string
  fields: string[]
  changed_at: string
  due_at: string
  /** Unmeasured: when we saw it, at the latest. */
  agreed_at: string | null
  overtaken_at: string | null
  outcome: LagOutcome
  /** Unmeasured: which stamp is lacking, as `platform.changed_at`. */
  lacks: string
  /** Why it does not count towards the objective; empty: it counts. */
  excluded: string
}

const COLUMNS = `toString(eid) as eid, kind, part, owner, follower, toString(change) as change, entity_id, customer_entity_id, record_id, follower_record_id, fields, changed_at, due_at, agreed_at, overtaken_at, outcome, lacks, excluded`
const NAMES = COLUMNS.replace(/toString\((\w+)\) as \1/g, '$1')

/** Names one row among all; for maps. */
export function lagKey(r: Pick<LagRow, 'eid' | 'kind' | 'part' | 'owner' | 'follower' | 'change'>): string {
  return `${r.eid} ${r.kind} ${r.part} ${r.owner} ${r.follower} ${r.change}`
}

/** Rows of a kind as they stand, of the entities in a stretch. */
export async function lagOf(facts: Facts, kind: string, stretch: Stretch): Promise<LagRow[]> {
  const { condition, params } = stretchSql(stretch, facts.database)
  return await facts.query<LagRow>(
    `select ${COLUMNS} from ${latest(facts, `kind = {moved_kind:String} and ${condition}`)}`,
    { ...params, moved_kind: kind },
  )
}

/** The rows as they stand. `condition` goes before the rows are made one, so it may only name columns of the key. */
export function latest(facts: Facts, condition: string): string {
  return `(select ${NAMES}, rev from ${tableOf(facts, 'lag')} final prewhere ${condition} where gone = 0)`
}

/** Rows are written again under a higher number; `gone` takes them back. */
export async function writeLag(
  facts: Facts,
  rows: readonly LagRow[],
  gone: readonly LagRow[],
  rev: number,
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_AN_INSERT)
    await facts.insert(
      'lag',
      rows.slice(at, at + ROWS_AN_INSERT).map((r) => ({ ...r, rev, gone: 0 })),
    )
  for (let at = 0; at < gone.length; at += ROWS_AN_INSERT)
    await facts.insert(
      'lag',
      gone.slice(at, at + ROWS_AN_INSERT).map((r) => ({ ...r, rev, gone: 1 })),
    )
}

const ROWS_AN_INSERT = 50_000
