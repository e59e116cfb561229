/** The list of exceptions as a table, and its search as terms of the control store. */
import { VOCABULARIES } from '../../../model/vocabularies.ts'
import type { ControlTerm } from '../../store/control/terms.ts'
import { exceptionView } from '../exception-views.ts'
import { boundValues, partsOf, spanMs } from '../search.ts'
import type { List } from './list.ts'

/** What `is:` means. */
function isTerm(word: string, not: boolean, me: string): ControlTerm {
  if (word === 'waiting') return { key: 'state', values: ['resolved'], not: !not }
  if (word === 'business' || word === 'technical')
    return { key: 'business', values: [word === 'business' ? '1' : '0'], not }
  if (word === 'mine') return { key: 'person', values: [me], not }
  if (word === 'unassigned') return { key: 'team', values: [], not, as: 'empty' }
  return { key: 'state', values: [word], not }
}

/** @throws PlumblineError('schema') naming the part that is not understood */
export function exceptionTerms(q: string, { me, now }: { me: string; now: number }): ControlTerm[] {
  return partsOf(q, VOCABULARIES.exceptions).map((part): ControlTerm => {
    if (part.in === 'words') return { key: 'text', values: part.words, not: false, as: 'words' }
    if (part.in === 'is') return isTerm(part.word, part.not, me)
    if (part.in === 'value') return { key: part.key, values: part.values, not: part.not }
    if (part.in === 'number') return { key: part.key, values: boundValues(part.bound), not: part.not, as: 'number' }
    return olderThan(part, now)
  })
}

/** An age as an instant: older than a week is first seen before that day. */
export function olderThan(part: { bound: Parameters<typeof spanMs>[0]; not: boolean }, now: number): ControlTerm {
  const { longer, shorter } = spanMs(part.bound)
  const values =
    longer !== null && shorter !== null
      ? ['..', String(now - shorter), String(now - longer)]
      : longer !== null
        ? ['<', String(now - longer)]
        : ['>', String(now - shorter!)]
  return { key: 'age', values, not: part.not, as: 'number' }
}

export const exceptionList: List = {
  title: 'Exceptions',
  first: 'is:waiting',
  read({ ctx, desk }, { q, limit, caller }) {
    const now = ctx.clock.now()
    const terms = exceptionTerms(q, { me: caller.user.email, now })
    const rows = ctx.control.exceptions({ terms, limit }).map((e) => exceptionView(e, desk.reach, now))
    return Promise.resolve({
      total: ctx.control.exceptionsThat(terms),
      columns: [
        ...['Exception', 'What happened', 'Class', 'State', 'Priority', 'From', 'To', 'Kind', 'Record'],
        ...['Money', 'Currency', 'Attempts', 'First seen', 'Next look', 'Replay until', 'Owner', 'Way'],
      ],
      rows: rows.map((e) => ({
        href: `/exceptions?q=${encodeURIComponent(`id:${e.id}`)}&group=${e.fingerprint}`,
        cells: [
          ...[String(e.id), e.reason, e.class, e.state, e.priority, e.platform, e.target, e.kind, e.record_id],
          ...[e.money, e.currency, String(e.attempts), e.first_at, e.next_at, e.replay_until],
          ...[e.owner_person ?? e.owner_team, e.way],
        ],
      })),
    })
  },
}
