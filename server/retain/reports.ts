/** Archived reports over their term: content and data go, report by report, each with its audit entry; the archive tells so. */
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { added, NOTHING, type Over } from '../store/facts/retained/needed.ts'

/** Reports in one turn; the next day goes on. */
const MOST = 1_000

type Kept = Pick<Context, 'config' | 'control'>

interface Rule {
  keptFor: number
  ids: string[]
}

/** Issues whose reports must stay, as numbers. */
export type HeldIssues = ReadonlySet<number>

/** Those over their term by rule, held ones included. `keep`: another general term than the configuration's, milliseconds. */
function rules({ config, control }: Kept, now: number, keep?: number): Rule[] {
  const own = Object.entries(config.reports).filter(([, report]) => report.keep !== undefined)
  const general = keep ?? (config.archive.keep === undefined ? null : durationMs(config.archive.keep)!)
  return [
    ...own.map(([report, r]) => ({ keptFor: durationMs(r.keep!)!, of: { report } })),
    // Reports that the configuration names no more are kept by the general rule.
    ...(general === null ? [] : [{ keptFor: general, of: { except: own.map(([name]) => name) } }]),
  ].map(({ keptFor, of }) => ({
    keptFor,
    ids: control.reports.removable({ ...of, before: now - keptFor, limit: MOST }),
  }))
}

/** True if the report speaks of one of the issues, or does not list all that it is about. */
function speaksOf({ control }: Kept, id: string, held: HeldIssues): boolean {
  if (held.size === 0) return false
  const data = JSON.parse(control.reports.paper(control.reports.one(id)!.data)) as Partial<Spoken>
  const listed = [
    ...(data.issues?.lines ?? []).map((l) => l.number),
    ...(data.healed?.lines ?? []).map((l) => l.number),
    ...(data.top ?? []).map((l) => l.issue),
    ...(data.rows ?? []).map((r) => Number(String(r.issue).replace('I-', ''))),
  ]
  return (data.rowsTotal ?? 0) > (data.rows?.length ?? 0) || listed.some((n) => held.has(n))
}

/** What is read of a report's data: which issues it names. */
interface Spoken {
  issues: { lines: { number: number }[] }
  healed: { lines: { number: number }[] }
  top: { issue: number }[]
  rows: { issue: number | string }[]
  rowsTotal: number
}

export function reportsOver(ctx: Kept, now: number, held: HeldIssues, keep?: number): Over {
  return added(
    rules(ctx, now, keep)
      .flatMap((r) => r.ids)
      .map((id) => {
        if (speaksOf(ctx, id, held)) return { ...NOTHING, needed: 1 }
        const { madeAt } = ctx.control.reports.one(id)!
        return { rows: 1, oldest: madeAt, newest: madeAt, bytes: ctx.control.reports.sizeOf(id), needed: 0 }
      }),
  )
}

/** How many were removed. Each is a transaction of its own: cut off anywhere, the rest follows. */
export function removeReports(
  { config, control, clock, log }: Kept & Pick<Context, 'clock' | 'log'>,
  held: HeldIssues = new Set(),
  actor = 'plumbline',
): number {
  const now = clock.now()
  let removed = 0
  for (const { keptFor, ids } of rules({ config, control }, now))
    for (const id of ids)
      if (!speaksOf({ config, control }, id, held) && control.reports.remove(id, keptFor, { actor, at: now })) removed++
  if (removed > 0) log.info('reports were removed from the archive by its rule', { removed })
  return removed
}
