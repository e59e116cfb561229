/** Removals in the control store: what retention took away, by which rule and for whom; begun before anything goes. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'

/** What is over its term, or what was removed. Instants are epoch milliseconds. */
export interface Removable {
  rows: number
  oldest: number | null
  newest: number | null
  /** On disk; null: unknown. */
  bytes: number | null
}

export interface Removal extends Removable {
  id: number
  class: string
  /** How long it had to be kept, milliseconds. */
  keptFor: number
  /** What went is older. */
  cutoff: number
  /** User id, or `plumbline` for the schedule. */
  actor: string
  reason: string
  beganAt: number
  /** Null: it was cut off, and the next run ends it. */
  endedAt: number | null
}

export interface RemovalStore {
  /** Before anything goes, with an audit entry. @throws PlumblineError sql while everything is under legal hold */
  beginRemoval(removal: Omit<Removal, 'id' | 'endedAt'>): Removal
  /** When all of it is gone, with an audit entry; false: it was ended before. */
  endRemoval(id: number, at: number): boolean
  /** Newest first. */
  removals(filter: { class?: string; open?: boolean; limit: number }): Removal[]
  /** Up to which instant a class has gaps (epoch ms): what is older may be missing. Null: it never lost anything. */
  keptSince(of: string): number | null
}

const COLUMNS = `id, class, kept_for as keptFor, cutoff, rows, oldest, newest, bytes, actor, reason,
  began_at as beganAt, ended_at as endedAt`

export function removals(db: Database, audit: ControlStore['audit']): RemovalStore {
  const tell = (r: Removal, at: number, action: string) =>
    audit({
      at,
      actor: r.actor,
      action,
      object: `retention ${r.class}`,
      detail: {
        kept_for: r.keptFor,
        older_than: new Date(r.cutoff).toISOString(),
        rows: r.rows,
        bytes: r.bytes,
        reason: r.reason,
      },
    })
  const one = (id: number) => db.get<Removal>(`select ${COLUMNS} from removals where id = ?`, id)!
  return {
    beginRemoval: (r) =>
      db.transaction(() => {
        const { id } = db.get<{ id: number }>(
          `insert into removals (class, kept_for, cutoff, rows, oldest, newest, bytes, actor, reason, began_at)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
          ...[r.class, r.keptFor, r.cutoff, r.rows, r.oldest, r.newest, r.bytes, r.actor, r.reason, r.beganAt],
        )!
        const removal = one(id)
        tell(removal, r.beganAt, 'removal began')
        return removal
      }),
    endRemoval: (id, at) =>
      db.transaction(() => {
        if (db.run('update removals set ended_at = ? where id = ? and ended_at is null', at, id) === 0) return false
        tell(one(id), at, 'removed')
        return true
      }),
    removals: ({ class: of, open = false, limit }) =>
      db.all<Removal>(
        `select ${COLUMNS} from removals where (?1 is null or class = ?1) and (?2 = 0 or ended_at is null) order by id desc limit ?3`,
        of ?? null,
        open ? 1 : 0,
        limit,
      ),
    keptSince: (of) =>
      db.get<{ cutoff: number | null }>('select max(cutoff) as cutoff from removals where class = ?', of)?.cutoff ??
      null,
  }
}
