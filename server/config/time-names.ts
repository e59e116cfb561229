/** The names that `maintenance` and `objectives` use, and times that end before they begin. */
import { minutesOf } from './calendar.ts'
import { actor, at, fieldPattern, items, zoneName } from './names.ts'
import type { Names } from './names.ts'
import type { Path } from './problem.ts'

const WEEK_MINUTES = 7 * 1440

export function maintenanceNames(n: Names, path: Path, maintenance: unknown): void {
  let weekly = 0
  for (const [i, entry] of items(maintenance)) {
    order(n, [...path, i], at(entry, 'from'), at(entry, 'to'))
    zoneName(n, [...path, i, 'timezone'], at(entry, 'timezone'))
    const hours = at(entry, 'hours')
    if (typeof hours !== 'string') continue
    const [from, to] = minutesOf(hours)
    if (from >= to)
      n.report(
        [...path, i, 'hours'],
        'ends before it begins; write a night as two entries: 22:00-24:00 and, on the next day, 00:00-06:00',
      )
    weekly += Math.max(0, to - from) * new Set(items(at(entry, 'days')).map(([, day]) => day)).size
  }
  if (weekly >= WEEK_MINUTES) n.report(path, 'covers the whole week, so no window would ever end')
}

export function objectiveNames(n: Names, objectives: unknown): void {
  for (const part of ['edges', 'exclude'])
    for (const [i, entry] of items(at(objectives, part))) {
      const path = ['objectives', part, i]
      actor(n, [...path, 'from'], at(entry, 'from'))
      actor(n, [...path, 'to'], at(entry, 'to'))
      for (const [j, pattern] of items(at(entry, 'fields'))) fieldPattern(n, [...path, 'fields', j], pattern)
      order(n, path, at(entry, 'begin'), at(entry, 'end'))
    }
}

function order(n: Names, path: Path, from: unknown, to: unknown): void {
  if (Date.parse(String(from)) >= Date.parse(String(to))) n.report(path, 'ends before it begins')
}
