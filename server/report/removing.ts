/** Removing: reports that were kept for as long as the configuration says lose their content and data; the archive tells so. */
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'

/** Reports in one turn; the next day goes on. */
const MOST = 1_000

/** How many were removed. Each is a transaction of its own, with its audit entry. */
export function removeOld({
  config,
  control,
  clock,
  log,
}: Pick<Context, 'config' | 'control' | 'clock' | 'log'>): number {
  const now = clock.now()
  const own = Object.entries(config.reports).filter(([, report]) => report.keep !== undefined)
  const rules = [
    ...own.map(([report, { keep }]) => ({ keep, of: { report } })),
    // Reports that the configuration names no more are kept by the general rule.
    { keep: config.archive.keep, of: { except: own.map(([name]) => name) } },
  ]
  let removed = 0
  for (const { keep, of } of rules) {
    if (keep === undefined) continue
    const keptFor = durationMs(keep)!
    for (const id of control.reports.removable({ ...of, before: now - keptFor, limit: MOST }))
      if (control.reports.remove(id, keptFor, { actor: 'plumbline', at: now })) removed++
  }
  if (removed > 0) log.info('reports were removed from the archive by its rule', { removed })
  return removed
}
