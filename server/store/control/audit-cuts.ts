/**
 * Audit cuts: the trail is shortened from its old end only, and never past an entry that is still needed. The seal of
 * the last entry that goes is kept, sealed again, and the first that stays refers to it: so what is left verifies.
 */
import { createHmac } from 'node:crypto'
import type { Database } from './database.ts'
import type { Removable } from './removals.ts'

/** Where the chain begins. */
export interface ChainStart {
  seq: number
  hash: string
}

export interface AuditCuts {
  /** Entries that may go: older than the cutoff, up to the first about one of these objects. */
  auditOver(cutoff: number, needed: readonly string[]): Removable & { needed: number }
  /** Removes them, in one transaction. */
  cutAudit(cutoff: number, needed: readonly string[], how: { keptFor: number; at: number }): number
}

interface Cut extends ChainStart {
  at: number
  keptFor: number
  seal: string
}

const sealOf = (key: Buffer, { seq, hash, at, keptFor }: Omit<Cut, 'seal'>) =>
  createHmac('sha256', key)
    .update(JSON.stringify(['cut', seq, hash, at, keptFor]))
    .digest('hex')

/** The start of the chain; null: what says where it begins is not what was written. */
export function chainStart(db: Database, key: Buffer): ChainStart | null {
  const cut = db.get<Cut>(
    'select through as seq, hash, at, kept_for as keptFor, seal from audit_cuts order by through desc limit 1',
  )
  if (!cut) return { seq: 0, hash: '' }
  return cut.seal === sealOf(key, cut) ? cut : null
}

export function auditCuts(db: Database, key: Buffer): AuditCuts {
  /** Last entry that may go; the newest entry of all always stays, for the next one to refer to. */
  const through = (cutoff: number, needed: readonly string[]): number =>
    db.get<{ seq: number | null }>(
      `select min(seq) - 1 as seq from (
         select min(seq) as seq from audit where at >= ?1 or object in (select value from json_each(?2))
         union all select max(seq) from audit)`,
      cutoff,
      JSON.stringify(needed),
    )?.seq ?? 0

  return {
    auditOver(cutoff, needed) {
      const last = through(cutoff, needed)
      const found = db.get<Removable>(
        `select count(*) as rows, min(at) as oldest, max(at) as newest,
           coalesce(sum(length(actor) + length(action) + length(object) + length(detail) + length(previous) + length(hash)), 0) as bytes
         from audit where seq <= ?`,
        last,
      )!
      const { n } = db.get<{ n: number }>('select count(*) as n from audit where at < ? and seq > ?', cutoff, last)!
      return { ...found, needed: n }
    },
    cutAudit: (cutoff, needed, { keptFor, at }) =>
      db.transaction(() => {
        const last = through(cutoff, needed)
        const entry = db.get<ChainStart>('select seq, hash from audit where seq = ?', last)
        if (!entry) return 0
        const seal = sealOf(key, { ...entry, at, keptFor })
        db.run(
          'insert into audit_cuts (through, hash, kept_for, at, seal) values (?, ?, ?, ?, ?)',
          ...[entry.seq, entry.hash, keptFor, at, seal],
        )
        return db.run('delete from audit where seq <= ?', last)
      }),
  }
}
