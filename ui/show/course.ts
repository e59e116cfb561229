/** The course of a trace as bars on one axis of time; the end of the axis belongs to what never came. */
import type { Trace } from '../api.ts'

export interface CourseBar {
  /** Shares of the axis, 0 to 100. */
  from: number
  width: number
  is: 'change' | 'late' | 'missing' | 'waiting' | 'read'
}

const LOOK: Record<Trace['hops'][number]['is'], CourseBar['is']> = {
  changed: 'change',
  sent: 'waiting',
  acknowledged: 'read',
  applied: 'change',
  wrote: 'change',
  span: 'read',
  rejected: 'late',
  due: 'late',
  missing: 'missing',
}

/** Long waits would squeeze everything else to a line: the axis counts the square root of every gap. */
export function courseOf(trace: Pick<Trace, 'hops'>): { bars: CourseBar[] } {
  const places: number[] = []
  let place = 0
  let before: number | null = null
  for (const h of trace.hops) {
    const at = h.at === null ? null : Date.parse(h.at)
    if (at !== null && before !== null) place += Math.sqrt(Math.max(0, at - before))
    if (at !== null) before = at
    places.push(place)
  }
  const whole = Math.max(1, place)
  return {
    bars: trace.hops.map((h, i) => {
      if (h.is === 'missing') return { from: 0, width: 100, is: 'missing' }
      const from = Math.min(97, (97 * places[i]!) / whole)
      const next = places[i + 1] ?? places[i]!
      const width = h.is === 'sent' ? Math.max(2, (97 * (next - places[i]!)) / whole) : 2
      return { from, width: Math.min(width, 100 - from), is: LOOK[h.is] }
    }),
  }
}
