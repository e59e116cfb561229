/** Removals from the archive of reports: content and data go when their time has come; that they were sent stays. */
import type { ControlStore } from './control.ts'
import type { Database } from './database.ts'
import { forgetMessages } from './retained.ts'

export interface ReportRemoval {
  /** Of the archived report. */
  id: string
  at: number
  /** How long it had to be kept, milliseconds. */
  keptFor: number
  /** Packed bytes that no other report needed. */
  bytes: number
}

export interface ReportRemovals {
  /** Reports sent before an instant that still have their content, oldest first; of one report, or of all but some. */
  removable(filter: { before: number; report?: string; except?: readonly string[]; limit: number }): string[]
  /**
   * Removes content, data and what of them went out by mail, in one transaction with an audit entry that names the hashes.
   * The store refuses what must still be kept. Returns null where it was removed before.
   */
  remove(id: string, keptFor: number, by: { actor: string; at: number }): ReportRemoval | null
  removal(id: string): ReportRemoval | null
  /** Packed bytes of a report's content and data. */
  sizeOf(id: string): number
}

const COLUMNS = 'id, at, kept_for as keptFor, bytes'

/** Messages of a report. The delivery log keeps who was sent what, and when; what the message said and carried goes. */
const OF_REPORT = `o.kind = 'report' and exists (select 1 from json_each(o.refs) r where r.value = ?1)`

export function reportRemovals(db: Database, audit: ControlStore['audit']): ReportRemovals {
  const removal = (id: string) => db.get<ReportRemoval>(`select ${COLUMNS} from report_removals where id = ?`, id)
  return {
    removal,
    sizeOf: (id) =>
      db.get<{ bytes: number }>(
        `select coalesce(sum(length(packed)), 0) as bytes from report_papers
         where hash in (select content from report_archive where id = ?1 union select data from report_archive where id = ?1)`,
        id,
      )!.bytes,
    removable: ({ before, report, except = [], limit }) =>
      db
        .all<{ id: string }>(
          `select id from report_archive a where made_at < ?1 and (?2 is null or report = ?2)
             and report not in (select value from json_each(?3))
             and not exists (select 1 from report_removals r where r.id = a.id)
           order by made_at, id limit ?4`,
          before,
          report ?? null,
          JSON.stringify(except),
          limit,
        )
        .map((r) => r.id),
    remove: (id, keptFor, { actor, at }) =>
      db.transaction(() => {
        const entry = db.get<{ report: string; madeAt: number; content: string; data: string }>(
          'select report, made_at as madeAt, content, data from report_archive where id = ?',
          id,
        )
        if (!entry || removal(id)) return null
        const papers = JSON.stringify([entry.content, entry.data])
        // Reports that said the same share their papers: the last one takes them along.
        const alone = `hash in (select value from json_each(?1)) and not exists (
          select 1 from report_archive a where a.id <> ?2 and (a.content = hash or a.data = hash)
            and not exists (select 1 from report_removals r where r.id = a.id))`
        const { bytes } = db.get<{ bytes: number }>(
          `select coalesce(sum(length(packed)), 0) as bytes from report_papers where ${alone}`,
          papers,
          id,
        )!
        db.run('insert into report_removals (id, at, kept_for, bytes) values (?, ?, ?, ?)', id, at, keptFor, bytes)
        db.run(`delete from report_papers where ${alone}`, papers, id)
        forgetMessages(db, OF_REPORT, id)
        audit({
          at,
          actor,
          action: 'report.removed',
          object: `report ${id}`,
          detail: { made_at: entry.madeAt, kept_for: keptFor, content: entry.content, data: entry.data, bytes },
        })
        return { id, at, keptFor, bytes }
      }),
  }
}
