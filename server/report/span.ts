/** The span that a report looks back over: local days, weeks and months of its zone, whatever the clocks do. */
import { reachedAt, shownAt } from '../../model/zone.ts'
import type { ReportPeriod } from '../config/reports-schema.ts'

export interface Span {
  /** Epoch ms; `to` is exclusive. */
  from: number
  to: number
  /** `2026-10`, where the span is a calendar month to be closed. */
  month: string | null
}

const DAY = 86_400_000

/**
 * The span that ends at an instant. A day, week or month reaches back to the same hour of the wall clock; a period to
 * close is the calendar month before. Where runs were missed it reaches back to the end of the last report, so that
 * nothing is told by nobody.
 */
export function spanOf(period: ReportPeriod, zone: string, end: number, lastEnd: number | null = null): Span {
  const shown = shownAt(zone, end)
  if (period === 'period_close') {
    const date = new Date(shown)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    const from = Date.UTC(year, month - 1, 1)
    return {
      from: reachedAt(zone, from),
      to: reachedAt(zone, Date.UTC(year, month, 1)),
      month: new Date(from).toISOString().slice(0, 7),
    }
  }
  const from = reachedAt(zone, period === 'month' ? monthBefore(shown) : shown - (period === 'day' ? DAY : 7 * DAY))
  return { from: lastEnd !== null && lastEnd < from ? lastEnd : from, to: end, month: null }
}

/** The next one after it, for what ends soon. */
export function nextEnd(period: ReportPeriod, zone: string, end: number): number {
  const shown = shownAt(zone, end)
  if (period === 'day') return reachedAt(zone, shown + DAY)
  if (period === 'week') return reachedAt(zone, shown + 7 * DAY)
  return reachedAt(zone, shown + 31 * DAY)
}

/** 31 March → 28 February: the last day where the month before is shorter. */
function monthBefore(shown: number): number {
  const d = new Date(shown)
  const last = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), 0)).getUTCDate()
  const day = Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - 1, Math.min(d.getUTCDate(), last))
  return day + (shown - Math.floor(shown / DAY) * DAY)
}

/** ISO week number of a day. */
export function weekOf(at: number, zone: string): number {
  const day = new Date(Math.floor(shownAt(zone, at) / DAY) * DAY)
  const thursday = new Date(day.getTime() + (3 - ((day.getUTCDay() + 6) % 7)) * DAY)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 4)
  const firstThursday = first + (3 - ((new Date(first).getUTCDay() + 6) % 7)) * DAY
  return 1 + Math.round((thursday.getTime() - firstThursday) / (7 * DAY))
}
