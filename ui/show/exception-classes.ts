/** Exceptions by class: groups of one class taken together, most waiting first. */
import type { ExceptionGroups } from '../api.ts'

type Group = Pick<ExceptionGroups['groups'][number], 'class' | 'waiting' | 'retrying' | 'first_at'>

export function byClass(groups: readonly Group[]): Group[] {
  const found = new Map<Group['class'], Group>()
  for (const g of groups) {
    const known = found.get(g.class)
    found.set(g.class, {
      class: g.class,
      waiting: g.waiting + (known?.waiting ?? 0),
      retrying: g.retrying + (known?.retrying ?? 0),
      first_at: known && known.first_at < g.first_at ? known.first_at : g.first_at,
    })
  }
  return [...found.values()].sort((a, b) => b.waiting - a.waiting)
}
