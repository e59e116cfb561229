/**
 * Audit in the control store: a chain in which each entry seals the one before it. Triggers forbid changes; who goes
 * around them, with another program, breaks the chain, because the seal needs the key. Whoever can read the key can
 * rewrite all of it: that is what copies outside this file are for. Retention shortens it from its old end (audit-cuts.ts).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { auditCuts, chainStart, type AuditCuts } from './audit-cuts.ts'
import type { AuditEntry, ControlStore } from './control.ts'
import type { Database } from './database.ts'

type Audit = Pick<ControlStore, 'audit' | 'auditEntries' | 'auditBefore' | 'verifyAudit'> & AuditCuts

type Row = Omit<AuditEntry, 'detail'> & { detail: string }

/** Entries verified at a time. */
const PAGE = 5_000

const ENTRY = 'seq, at, actor, action, object, detail, previous, hash'

export function audit(db: Database): Audit {
  const key = auditKey(db)
  const seal = ({ seq, at, actor, action, object, detail, previous }: Omit<Row, 'hash'>): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([seq, at, actor, action, object, detail, previous]))
      .digest('hex')
  /** The end of the chain is sealed apart, so that cutting off its last entries shows. */
  const end = (seq: number, hash: string): string =>
    createHmac('sha256', key).update(`end ${seq} ${hash}`).digest('hex')

  return {
    ...auditCuts(db, key),
    audit: ({ at, actor, action, object, detail = {} }) =>
      db.transaction(() => {
        const last = db.get<{ seq: number; hash: string }>('select seq, hash from audit order by seq desc limit 1')
        const row = {
          seq: (last?.seq ?? 0) + 1,
          at,
          actor,
          action,
          object,
          detail: JSON.stringify(detail),
          previous: last?.hash ?? '',
        }
        const hash = seal(row)
        db.run(
          `insert into audit (${ENTRY}) values (?, ?, ?, ?, ?, ?, ?, ?)`,
          row.seq,
          row.at,
          row.actor,
          row.action,
          row.object,
          row.detail,
          row.previous,
          hash,
        )
        db.run(
          `insert into meta (key, value) values ('audit.end', ?1) on conflict (key) do update set value = ?1`,
          end(row.seq, hash),
        )
      }),
    auditEntries: (after, limit) =>
      db
        .all<Row>(`select ${ENTRY} from audit where seq > ? order by seq limit ?`, after, limit)
        .map((row) => ({ ...row, detail: JSON.parse(row.detail) as AuditEntry['detail'] })),
    auditBefore({ before, limit, words }) {
      const any = words.map(
        (either) =>
          `(${either.map(() => 'instr(lower(actor || char(10) || action || char(10) || object), ?) > 0').join(' or ')})`,
      )
      return db
        .all<Row>(
          `select ${ENTRY} from audit where seq < ?${any.map((w) => ` and ${w}`).join('')} order by seq desc limit ?`,
          before ?? Number.MAX_SAFE_INTEGER,
          ...words.flat().map((w) => w.toLowerCase()),
          limit,
        )
        .map((row) => ({ ...row, detail: JSON.parse(row.detail) as AuditEntry['detail'] }))
    },
    verifyAudit() {
      const start = chainStart(db, key)
      if (start === null) return { broken: 1, entries: 0, since: null }
      const since = start.seq === 0 ? null : start.seq + 1
      let [seq, previous] = [start.seq, start.hash]
      for (;;) {
        const rows = db.all<Row>(`select ${ENTRY} from audit where seq > ? order by seq limit ${PAGE}`, seq)
        if (!rows.length) break
        for (const row of rows) {
          const entries = seq - start.seq
          if (row.seq !== seq + 1) return { broken: seq + 1, entries, since }
          if (row.previous !== previous || !sameSeal(row.hash, seal(row))) return { broken: row.seq, entries, since }
          ;[seq, previous] = [row.seq, row.hash]
        }
      }
      const sealed = db.get<{ value: string }>(`select value from meta where key = 'audit.end'`)?.value
      const whole = sealed === undefined ? seq === 0 : sameSeal(sealed, end(seq, previous))
      return { broken: whole ? null : seq + 1, entries: seq - start.seq, since }
    },
  }
}

/** Also what approvals are sealed with. */
export function auditKey(db: Database): Buffer {
  const made = randomBytes(32).toString('hex')
  db.run(`insert into meta (key, value) values ('audit.key', ?) on conflict (key) do nothing`, made)
  return Buffer.from(db.get<{ value: string }>(`select value from meta where key = 'audit.key'`)!.value, 'hex')
}

/** In the same time wherever they differ. */
export function sameSeal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
