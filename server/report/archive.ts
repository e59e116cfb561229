/** The archive: what was sent, as it was sent, for as long as it is kept. Reads back content and data; nothing is computed again. */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { PlumblineError } from '../errors.ts'
import type { ArchivedReport } from '../store/control/reports.ts'
import type { ReportContent } from './content.ts'
import type { ReportData } from './data.ts'

export interface Archived {
  entry: ArchivedReport
  content: ReportContent
  data: ReportData
}

/** What is known of a report for ever. @throws PlumblineError not_found. */
export function entryOf({ control }: Pick<Context, 'control'>, id: string): ArchivedReport {
  const entry = control.reports.one(id)
  if (!entry)
    throw new PlumblineError('not_found', `There is no report ${id}.`, {
      remedy: 'GET /v1/reports/archive lists what was sent.',
    })
  return entry
}

/** @throws PlumblineError not_found, also where the archive’s rule removed it, or `sql` where it is not what was written. */
export function archived({ control }: Pick<Context, 'control'>, id: string): Archived {
  const entry = entryOf({ control }, id)
  const removal = control.reports.removal(id)
  if (removal)
    throw new PlumblineError(
      'not_found',
      `The content and data of report ${id} were removed on ${iso(removal.at).slice(0, 10)}.`,
      {
        remedy: `Reports like it are kept for ${removal.keptFor / 86_400_000} days (archive.keep). That it was sent, its figures and its hashes are still here.`,
      },
    )
  return {
    entry,
    content: JSON.parse(control.reports.paper(entry.content)) as ReportContent,
    data: JSON.parse(control.reports.paper(entry.data)) as ReportData,
  }
}
