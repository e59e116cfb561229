/** The list of plans as a table, and its search as terms of the control store. */
import { VOCABULARIES } from '../../../model/vocabularies.ts'
import type { ControlTerm } from '../../store/control/terms.ts'
import type { Caller } from '../guard.ts'
import { planView } from '../plan-views.ts'
import { boundValues, partsOf } from '../search.ts'
import { olderThan } from './exceptions.ts'
import type { List } from './list.ts'

const STATES: Record<string, readonly string[]> = {
  waiting: ['waiting'],
  returned: ['returned'],
  running: ['approved', 'armed', 'applying', 'paused', 'stopped', 'partly'],
  over: ['done', 'rejected', 'replaced', 'cancelled', 'expired'],
}

/** @throws PlumblineError('schema') naming the part that is not understood */
export function planTerms(q: string, { user, now }: { user: Caller['user']; now: number }): ControlTerm[] {
  return partsOf(q, VOCABULARIES.remediations).flatMap((part): ControlTerm[] => {
    if (part.in === 'words') return [{ key: 'text', values: part.words, not: false, as: 'words' }]
    if (part.in === 'is') {
      if (part.word === 'mine') return [{ key: 'requester', values: [user.id], not: part.not }]
      if (part.word === 'undo') return [{ key: 'undo', values: [], not: !part.not, as: 'empty' }]
      // Nobody approves their own: what waits for me was asked for by somebody else.
      if (part.word === 'for-me')
        return [
          { key: 'state', values: ['waiting'], not: false },
          { key: 'requester', values: [user.id], not: !part.not },
        ]
      return [{ key: 'state', values: STATES[part.word]!, not: part.not }]
    }
    if (part.in === 'value') {
      const number = part.key === 'number' || part.key === 'issue'
      return [{ ...part, values: number ? part.values.map((v) => v.replace(/^[IP]-/i, '')) : part.values }]
    }
    if (part.in === 'number') return [{ key: part.key, values: boundValues(part.bound), not: part.not, as: 'number' }]
    return [olderThan(part, now)]
  })
}

export const planList: List = {
  title: 'Remediations',
  first: 'is:waiting',
  read({ ctx }, { q, limit, caller }) {
    const terms = planTerms(q, { user: caller.user, now: ctx.clock.now() })
    const rows = ctx.control.plans({ terms, limit }).map((p) => planView(ctx, p))
    return Promise.resolve({
      total: ctx.control.plansThat(terms),
      columns: [
        ...['Plan', 'Title', 'State', 'Why', 'Writes to', 'Records', 'No way back', 'At stake', 'Currency'],
        ...['Asked by', 'Drafted', 'Ends'],
      ],
      rows: rows.map((p) => ({
        href: `/remediations/P-${p.number}`,
        cells: [
          ...[`P-${p.number}`, p.title, p.state, p.reason],
          p.dry_run?.platforms.map((x) => `${x.platform} (${x.writes})`).join(', ') ?? null,
          ...[String(p.items), String(p.irreversible), p.dry_run?.money ?? null, p.dry_run?.currency ?? null],
          ...[p.requester, p.created_at, p.expires_at],
        ],
      })),
    })
  },
}
