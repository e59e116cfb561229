/** The list of issues as a table, and how many meet each of several searches. */
import { z } from 'zod'

import { issueCounts, issuePage, SORTS } from '../../store/facts/issue-list.ts'
import type { Runtime } from '../../runtime.ts'
import type { Caller } from '../guard.ts'
import { parseSearch } from '../search.ts'
import { issueView } from '../views.ts'
import { amountsText, invalidSort, type List } from './list.ts'

export const searchOf = ({ ctx }: Runtime, q: string, caller: Caller) =>
  parseSearch(q, { worked: ctx.control.workedIssues(), me: caller.user.email, now: ctx.clock.now() })

/** How many issues each search finds; null for one that cannot be read. */
export async function countsOf(
  runtime: Runtime,
  queries: readonly string[],
  caller: Caller,
): Promise<(number | null)[]> {
  const searches = queries.map((q) => {
    try {
      return searchOf(runtime, q, caller)
    } catch {
      return null
    }
  })
  const counts = await issueCounts(
    runtime.ctx.facts,
    searches.filter((s) => s !== null),
  )
  return searches.map((s) => (s === null ? null : counts.shift()!))
}

export const issueList: List = {
  title: 'Issues',
  first: 'is:unresolved',
  async read(runtime, { q, sort, limit, caller }) {
    const { ctx } = runtime
    const order = z.enum(SORTS).safeParse(sort ?? 'attention')
    if (!order.success) throw invalidSort(sort!, SORTS)
    const found = await issuePage(ctx.facts, {
      terms: searchOf(runtime, q, caller),
      sort: order.data,
      after: null,
      limit,
    })
    const rows = new Map(ctx.control.issues(found.issues.map((i) => i.number)).map((r) => [r.number, r]))
    const now = ctx.clock.now()
    return {
      total: found.total,
      columns: [
        ...['Issue', 'What differs', 'Severity', 'State', 'Owner platform', 'At fault', 'Open findings', 'At risk'],
        ...[`At risk in ${ctx.landscape.reportingCurrency}`, 'Due', 'First seen', 'Who', 'Next step'],
      ],
      rows: found.issues
        .map((i) => issueView(i, rows.get(i.number) ?? null, ctx, now))
        .map((i) => ({
          href: `/issues/${i.id}`,
          cells: [
            ...[i.id, i.title, i.severity, i.state, i.owner_platform?.title ?? null],
            i.platforms.map((p) => p.title).join(', ') || null,
            String(i.findings.open),
            amountsText(i.amounts),
            ...[i.amount_reporting, i.due_at, i.first_seen_at, (i.person ?? i.team) || null, i.next_step],
          ],
        })),
    }
  },
}
