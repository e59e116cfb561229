/** The archive: what was sent, as it was sent. Reads back content and data; nothing is computed again. */
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

/** @throws PlumblineError not_found, or `sql` where it is not what was written. */
export function archived({ control }: Pick<Context, 'control'>, id: string): Archived {
  const entry = control.reports.one(id)
  if (!entry)
    throw new PlumblineError('not_found', `There is no report ${id}.`, {
      remedy: 'GET /v1/reports/archive lists what was sent.',
    })
  return {
    entry,
    content: JSON.parse(control.reports.paper(entry.content)) as ReportContent,
    data: JSON.parse(control.reports.paper(entry.data)) as ReportData,
  }
}
