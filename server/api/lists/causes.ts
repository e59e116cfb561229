/** The list of causes as a table. */
import { format, sum } from '../../../model/decimal.ts'
import { patternWords } from '../../../model/pattern.ts'
import { askOf, causes } from '../../measure/clusters/clusters.ts'
import { platformView } from '../views.ts'
import { searchOf } from './issues.ts'
import { amountsText, type List } from './list.ts'

export const causeList: List = {
  title: 'Causes',
  first: 'is:open',
  async read(runtime, { q, limit, caller }) {
    const { ctx } = runtime
    const { clusters } = await causes(ctx, askOf(ctx, searchOf(runtime, q, caller)))
    return {
      total: clusters.length,
      columns: [
        ...['Cause', 'Pattern', 'Field', 'Kind', 'Owner platform', 'At fault', 'Findings', 'Customers'],
        ...['At risk', 'Began', 'Last', 'Set off by'],
      ],
      rows: clusters.slice(0, limit).map((k) => ({
        href: `/causes?cause=${encodeURIComponent(k.id)}${q === 'is:open' ? '' : `&q=${encodeURIComponent(q)}`}`,
        cells: [
          ...[k.cause, patternWords(k.pattern), k.field, k.kind],
          ...[platformView(k.owner_platform, ctx)?.title ?? null, platformView(k.platform, ctx)?.title ?? null],
          ...[String(k.findings), String(k.customers)],
          amountsText(together(k.amounts.confirmed, k.amounts.estimated)),
          ...[k.first_onset_at, k.last_onset_at, k.triggers[0]?.says ?? null],
        ],
      })),
    }
  },
}

/** Confirmed and estimated amounts, currency by currency. */
function together(a: Record<string, string>, b: Record<string, string>): Record<string, string> {
  const codes = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return Object.fromEntries(codes.map((c) => [c, format(sum([a[c], b[c]].filter((x) => x !== undefined)))]))
}
