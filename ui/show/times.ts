/** Times for people: relative up to a day, absolute beyond, always with a zone where a clock time is shown. */
import { language, locale } from '../language.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const absoluteFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
const dayFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const dayYearFormat = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
const clockFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' })
const zoneFormat = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' })

/** Short name of the reader's zone. */
export function zoneOf(iso: string): string {
  return zoneFormat.formatToParts(new Date(iso)).find((p) => p.type === 'timeZoneName')?.value ?? 'UTC'
}

/** "20 Nov 2026, 14:02:11 CET" */
export function absolute(iso: string): string {
  return `${absoluteFormat.format(new Date(iso))} ${zoneOf(iso)}`
}

/** "14:02 CET" today, "20 Nov, 14:02 CET" on other days. */
export function clock(iso: string, now: number): string {
  const at = new Date(iso)
  const sameDay = new Date(now).toDateString() === at.toDateString()
  return sameDay ? clockFormat.format(at) : `${day(iso, now)}, ${clockFormat.format(at)}`
}

export function day(iso: string, now: number): string {
  const at = new Date(iso)
  return (at.getFullYear() === new Date(now).getFullYear() ? dayFormat : dayYearFormat).format(at)
}

const UNITS = { s: 'second', min: 'minute', h: 'hour', d: 'day' } as const
type Unit = keyof typeof UNITS
const unitFormats = new Map(
  Object.entries(UNITS).map(([symbol, unit]) => [
    symbol,
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }),
  ]),
)
/** English keeps the symbols of the units; other languages have words of their own for a day and an hour. */
const so = (n: number, unit: Unit): string => (language === 'en' ? `${n} ${unit}` : unitFormats.get(unit)!.format(n))

/** "42 min", "1 h 10 min", "3 d 4 h": two units at most, the second only where it says something. */
export function duration(ms: number): string {
  const span = Math.abs(ms)
  if (span < MINUTE) return so(Math.floor(span / 1_000), 's')
  if (span < HOUR) return so(Math.floor(span / MINUTE), 'min')
  if (span < DAY) return two(Math.floor(span / HOUR), 'h', Math.floor((span % HOUR) / MINUTE), 'min')
  if (span < 14 * DAY) return two(Math.floor(span / DAY), 'd', Math.floor((span % DAY) / HOUR), 'h')
  return so(Math.floor(span / DAY), 'd')
}
const two = (a: number, unitA: Unit, b: number, unitB: Unit) =>
  b === 0 ? so(a, unitA) : `${so(a, unitA)} ${so(b, unitB)}`

/** "3 min ago", "in 2 h", and the day beyond a day. */
export function relative(iso: string, now: number): string {
  const ago = now - Date.parse(iso)
  if (Math.abs(ago) < MINUTE) return ago < 0 ? 'in a moment' : 'just now'
  if (Math.abs(ago) >= DAY) return day(iso, now)
  return ago > 0 ? `${duration(ago)} ago` : `in ${duration(ago)}`
}

export interface SlaClock {
  text: string
  late: boolean
}

/** Service window of an issue in words; null where there is none or it no longer matters. */
export function slaClock(issue: { due_at: string | null; state: string }, now: number): SlaClock | null {
  if (issue.due_at === null || issue.state === 'resolved') return null
  const left = Date.parse(issue.due_at) - now
  return left >= 0
    ? { text: `due in ${duration(left)}`, late: false }
    : { text: `breached by ${duration(left)}`, late: true }
}
