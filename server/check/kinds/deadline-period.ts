/** Billing periods: when the one that runs now began, as SQL that never says too late a day, and exactly. */
import { instantOf } from '../../../model/zone.ts'

const DAY = 86_400_000

/** Days by which an invoice may be dated before its period begins. */
const EARLY = 3

/** Last day on which the latest document may be dated if the period that runs at `tomorrow` lacks its own. */
export function lackingSince(started: string, interval: string, tomorrow: string): string {
  const first = `toDate32OrNull(${started})`
  const at = `toDate32(${tomorrow})`
  // Two guesses, because a month that is shorter than the first one ends a day or more earlier.
  const step = (months: number) => {
    const n = `intDiv(age('month', assumeNotNull(${first}), ${at}), ${months})`
    const begin = (more: number) => `addMonths(${first}, ${months} * (${n} + ${more}))`
    return `if(${begin(1)} <= ${at}, ${begin(1)}, ${begin(0)})`
  }
  const week = `addDays(${first}, 7 * intDiv(dateDiff('day', ${first}, ${at}), 7))`
  const begin = `multiIf(${interval} = 'week', ${week}, ${interval} = 'month', ${step(1)}, ${interval} = 'quarter', ${step(3)}, ${interval} = 'year', ${step(12)}, null)`
  return `ifNull(toString(addDays(${begin}, -${EARLY})), '9999')`
}

const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 }

/** Days (`2026-11-15`) on which the period that runs on `today` and the one before it began; empty where that cannot be told. */
export function periods(started: string | null, interval: string | null, today: string): string[] {
  if (started === null || !/^\d{4}-\d\d-\d\d/.test(started) || started.slice(0, 10) > today) return []
  const first = started.slice(0, 10)
  if (interval === 'week') {
    const n = Math.floor((Date.parse(today) - Date.parse(first)) / (7 * DAY))
    return [n - 1, n]
      .filter((k) => k >= 0)
      .map((k) => new Date(Date.parse(first) + k * 7 * DAY).toISOString().slice(0, 10))
  }
  const months = MONTHS[interval ?? '']
  if (months === undefined) return []
  let n = Math.max(0, Math.floor(monthsBetween(first, today) / months) - 1)
  while (addMonths(first, (n + 1) * months) <= today) n++
  return [n - 1, n].filter((k) => k >= 0).map((k) => addMonths(first, k * months))
}

function monthsBetween(from: string, to: string): number {
  return (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7))
}

/** The same day so many months later, or the last of a shorter month. */
function addMonths(day: string, n: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(year, month - 1 + n + 1, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 + n, Math.min(date, last))).toISOString().slice(0, 10)
}

/** True if a document of this day may be the one for the period that began on `begin`. */
export function bills(dated: string, begin: string): boolean {
  return Date.parse(dated.slice(0, 10)) >= Date.parse(begin) - EARLY * DAY
}

/** The instant at which a calendar day begins in a time zone. */
export function startOf(day: string, zone: string): number {
  return instantOf(zone, Date.parse(`${day.slice(0, 10)}T00:00:00Z`))
}
