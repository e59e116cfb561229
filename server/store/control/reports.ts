/** Reports in the control store: the archive that nobody can change, the fate of every planned run, readers and pauses. */
import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync, strFromU8, strToU8 } from 'fflate'
import { PlumblineError } from '../../errors.ts'
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import { reportRemovals, type ReportRemovals } from './report-removals.ts'

/** What is kept of one report that was made. Instants are epoch milliseconds. */
export interface ArchivedReport {
  /** `2026-11-20-weekly-finance`, with a number behind it where a day has several. */
  id: string
  report: string
  madeAt: number
  /** Planned instant; null: somebody asked for it. */
  slotAt: number | null
  from: number
  to: number
  late: boolean
  subject: string
  /** SHA-256 of the content and of the data, hex. */
  content: string
  data: string
  /** Key figures, for the next report to compare with. */
  facts: Record<string, unknown>
}

export interface ReportRun {
  report: string
  slotAt: number
  at: number
  /** How often it was tried. */
  attempts: number
  outcome: 'sent' | 'skipped' | 'failed'
  /** In words. */
  why: string
  archive: string | null
}

export interface ReportStore extends ReportRemovals {
  /** Writes content, data, archive entry and audit entry in one transaction; the audit entry names both hashes. */
  archive(
    entry: Omit<ArchivedReport, 'id' | 'content' | 'data'> & {
      actor: string
      day: string
      content: string
      data: string
    },
  ): ArchivedReport
  archived(filter: { report?: string; limit: number; before?: number }): ArchivedReport[]
  one(id: string): ArchivedReport | null
  /** The text of a hash. @throws PlumblineError when it is not what was written. */
  paper(hash: string): string
  /** The newest scheduled one before an instant, to compare with. */
  last(report: string, before?: number): ArchivedReport | null
  /** The fate of a planned run; the first that is told counts, except that a failure may be made good. */
  ran(run: Omit<ReportRun, 'attempts'>): void
  /** Newest runs of reports that have failed: those that no later run has made good. */
  failed(): ReportRun[]
  runOf(report: string, slotAt: number): ReportRun | null
  runs(report: string, limit: number): ReportRun[]
  /** Addresses that people added themselves, in order. */
  subscribers(report: string): string[]
  /** Adds or takes out an address, and says so in the audit trail. */
  subscribe(report: string, email: string, on: boolean, by: { actor: string; at: number }): void
  paused(report: string): { actor: string; at: number } | null
  pause(report: string, by: { actor: string; at: number } | null, actor: string, at: number): void
  certificates(limit: number): CertificateRow[]
  certificate(id: string): CertificateRow | null
  addCertificate(row: CertificateRow, actor: string): void
}

export interface CertificateRow {
  id: string
  madeAt: number
  keyId: string
  /** As it was signed, byte for byte. */
  document: string
}

type Row = Omit<ArchivedReport, 'late' | 'facts'> & { late: number; facts: string }
const ENTRY =
  'id, report, made_at as madeAt, slot_at as slotAt, period_from as "from", period_to as "to", late, subject, content, data, facts'
const read = ({ late, facts, ...row }: Row): ArchivedReport => ({
  ...row,
  late: late === 1,
  facts: JSON.parse(facts) as Record<string, unknown>,
})
const RUN = 'report, slot_at as slotAt, at, outcome, why, archive, attempts'

export function reports(db: Database, audit: ControlStore['audit']): ReportStore {
  return {
    ...archive(db, audit),
    ...reportRemovals(db, audit),
    ...runs(db),
    ...readers(db, audit),
    ...certificates(db, audit),
  }
}

function archive(db: Database, audit: ControlStore['audit']) {
  const keep = (text: string): string => {
    const hash = createHash('sha256').update(text).digest('hex')
    // The time inside a gzip header is left at zero, so that the same text packs to the same bytes.
    const packed = Buffer.from(gzipSync(strToU8(text), { mtime: 0 })).toString('base64')
    db.run('insert into report_papers (hash, packed) values (?, ?) on conflict (hash) do nothing', hash, packed)
    return hash
  }
  const one = (id: string) => {
    const row = db.get<Row>(`select ${ENTRY} from report_archive where id = ?`, id)
    return row && read(row)
  }
  return {
    one,
    archive: ({ actor, day, ...e }: Parameters<ReportStore['archive']>[0]) =>
      db.transaction(() => {
        const base = `${day}-${e.report}`
        let id = base
        for (let n = 2; one(id); n++) id = `${base}-${n}`
        const entry: ArchivedReport = { ...e, id, content: keep(e.content), data: keep(e.data) }
        db.run(
          'insert into report_archive (id, report, made_at, slot_at, period_from, period_to, late, subject, content, data, facts) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
          id,
          e.report,
          e.madeAt,
          e.slotAt,
          e.from,
          e.to,
          e.late ? 1 : 0,
          e.subject,
          entry.content,
          entry.data,
          JSON.stringify(e.facts),
        )
        audit({
          at: e.madeAt,
          actor,
          action: 'report.archived',
          object: `report ${id}`,
          detail: { content: entry.content, data: entry.data },
        })
        return entry
      }),
    archived: ({ report, limit, before }: { report?: string; limit: number; before?: number }) =>
      db
        .all<Row>(
          `select ${ENTRY} from report_archive where (?1 is null or report = ?1) and (?2 is null or made_at < ?2) order by made_at desc, id desc limit ?3`,
          report ?? null,
          before ?? null,
          limit,
        )
        .map(read),
    last(report: string, before?: number) {
      const row = db.get<Row>(
        `select ${ENTRY} from report_archive where report = ?1 and slot_at is not null and (?2 is null or slot_at < ?2) order by slot_at desc limit 1`,
        report,
        before ?? null,
      )
      return row && read(row)
    },
    paper(hash: string) {
      const row = db.get<{ packed: string }>('select packed from report_papers where hash = ?', hash)
      const text = row && strFromU8(gunzipSync(Buffer.from(row.packed, 'base64')))
      if (text === null || createHash('sha256').update(text).digest('hex') !== hash)
        throw new PlumblineError('sql', 'An archived report is not what was written.', {
          remedy: 'Somebody changed the control store outside of Plumbline: restore a backup.',
        })
      return text
    },
  }
}

function runs(db: Database) {
  return {
    ran(r: Omit<ReportRun, 'attempts'>) {
      db.run(
        `insert into report_runs (report, slot_at, at, outcome, why, archive) values (?1, ?2, ?3, ?4, ?5, ?6)
         on conflict (report, slot_at) do update set at = ?3, outcome = ?4, why = ?5, archive = ?6, attempts = attempts + 1
         where outcome = 'failed'`,
        r.report,
        r.slotAt,
        r.at,
        r.outcome,
        r.why,
        r.archive,
      )
    },
    failed: () =>
      db.all<ReportRun>(
        `select ${RUN} from report_runs r where outcome = 'failed' and not exists (
           select 1 from report_runs later where later.report = r.report and later.slot_at > r.slot_at)
         order by report`,
      ),
    runOf: (report: string, slotAt: number) =>
      db.get<ReportRun>(`select ${RUN} from report_runs where report = ? and slot_at = ?`, report, slotAt),
    runs: (report: string, limit: number) =>
      db.all<ReportRun>(`select ${RUN} from report_runs where report = ? order by slot_at desc limit ?`, report, limit),
  }
}

function readers(db: Database, audit: ControlStore['audit']) {
  return {
    subscribers: (report: string) =>
      db
        .all<{ email: string }>('select email from report_subscribers where report = ? order by email', report)
        .map((r) => r.email),
    subscribe(report: string, email: string, on: boolean, { actor, at }: { actor: string; at: number }) {
      const address = email.toLowerCase()
      db.transaction(() => {
        if (on)
          db.run(
            'insert into report_subscribers (report, email, at) values (?, ?, ?) on conflict (report, email) do nothing',
            report,
            address,
            at,
          )
        else db.run('delete from report_subscribers where report = ? and email = ?', report, address)
        audit({ at, actor, action: on ? 'report.subscribed' : 'report.unsubscribed', object: `report ${report}` })
      })
    },
    paused: (report: string) =>
      db.get<{ actor: string; at: number }>('select actor, at from report_pauses where report = ?', report),
    pause(report: string, by: { actor: string; at: number } | null, actor: string, at: number) {
      db.transaction(() => {
        if (by)
          db.run(
            'insert into report_pauses (report, actor, at) values (?1, ?2, ?3) on conflict (report) do nothing',
            report,
            by.actor,
            by.at,
          )
        else db.run('delete from report_pauses where report = ?', report)
        audit({ at, actor, action: by ? 'report.paused' : 'report.resumed', object: `report ${report}` })
      })
    },
  }
}

const CERTIFICATE = 'id, made_at as madeAt, key_id as keyId, document'

function certificates(db: Database, audit: ControlStore['audit']) {
  return {
    certificates: (limit: number) =>
      db.all<CertificateRow>(`select ${CERTIFICATE} from certificates order by made_at desc, id desc limit ?`, limit),
    certificate: (id: string) => db.get<CertificateRow>(`select ${CERTIFICATE} from certificates where id = ?`, id),
    addCertificate(row: CertificateRow, actor: string) {
      db.transaction(() => {
        db.run(
          'insert into certificates (id, made_at, key_id, document) values (?, ?, ?, ?)',
          row.id,
          row.madeAt,
          row.keyId,
          row.document,
        )
        audit({
          at: row.madeAt,
          actor,
          action: 'certificate.issued',
          object: `certificate ${row.id}`,
          detail: { key: row.keyId, sha256: createHash('sha256').update(row.document).digest('hex') },
        })
      })
    },
  }
}
