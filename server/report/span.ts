/** The span that a report looks back over: local days, weeks and months of its zone, whatever the clocks do. */
import { instantOf } from '../schedule/slots.ts'
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
  const shown = wallOf(end, zone)
  if (period === 'period_close') {
    const date = new Date(shown)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
    const from = Date.UTC(year, month - 1, 1)
    return {
      from: instantOf(from, zone),
      to: instantOf(Date.UTC(year, month, 1), zone),
      month: new Date(from).toISOString().slice(0, 7),
    }
  }
  const from = instantOf(period === 'month' ? monthBefore(shown) : shown - (period === 'day' ? DAY : 7 * DAY), zone)
  return { from: lastEnd !== null && lastEnd < from ? lastEnd : from, to: end, month: null }
}

/** The next one after it, for what ends soon. */
export function nextEnd(period: ReportPeriod, zone: string, end: number): number {
  const shown = wallOf(end, zone)
  if (period === 'day') return instantOf(shown + DAY, zone)
  if (period === 'week') return instantOf(shown + 7 * DAY, zone)
  return instantOf(shown + 31 * DAY, zone)
}

/** 31 March → 28 February: the last day where the month before is shorter. */
function monthBefore(shown: number): number {
  const d = new Date(shown)
  const last = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), 0)).getUTCDate()
  const day = Date.UTC(d.getUTCFullYear(), d.getUTCMonth() - 1, Math.min(d.getUTCDate(), last))
  return day + (shown - Math.floor(shown / DAY) * DAY)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clocks of a zone show, as if it were UTC. */
export function wallOf(at: number, zone: string): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  const p = Object.fromEntries(format.formatToParts(at).map((x) => [x.type, Number(x.value)]))
  return Date.UTC(p['year']!, p['month']! - 1, p['day'], p['hour'], p['minute'], p['second'])
}

/** ISO week number of a day. */
export function weekOf(at: number, zone: string): number {
  const day = new Date(Math.floor(wallOf(at, zone) / DAY) * DAY)
  const thursday = new Date(day.getTime() + (3 - ((day.getUTCDay() + 6) % 7)) * DAY)
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 4)
  const firstThursday = first + (3 - ((new Date(first).getUTCDay() + 6) % 7)) * DAY
  return 1 + Math.round((thursday.getTime() - firstThursday) / (7 * DAY))
}
