/**
 * Slots: the instants at which a schedule is due, as UTC, whatever the clocks of its zone do.
 *
 * A schedule at a fixed hour runs exactly once a day: where the hour does not exist (clocks forward) at the first
 * instant after the gap, where it exists twice at the first of the two. A schedule that runs every hour follows real
 * time. The cron library that ticks us skips days with a gap, so the slots are computed here.
 */
import { reachedAt, shownAt } from '../../model/zone.ts'
import { PlumblineError } from '../errors.ts'

interface Cron {
  seconds: number[]
  minutes: number[]
  hours: number[]
  days: Set<number>
  months: Set<number>
  weekdays: Set<number>
  /** Any day of month / any weekday: when both are restricted, either one matches (the cron tradition). */
  anyDay: boolean
  anyWeekday: boolean
  anyMonth: boolean
  everyHour: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTE = 60_000
const HOUR = 3_600_000
const DAY = 86_400_000
/** Four years and a day: 29 February is the rarest date that a schedule can name. */
const HORIZON_DAYS = 4 * 366 + 1

function numbers(text: string, low: number, high: number, names: readonly string[] = []): number[] {
  const result = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [range = '', stepText] = part.split('/')
    const step = stepText === undefined ? 1 : Number(stepText)
    const value = (t: string) => (names.includes(t) ? names.indexOf(t) + (names === MONTHS ? 1 : 0) : Number(t))
    const [from, to] =
      range === '*'
        ? [low, high]
        : range.includes('-')
          ? range.split('-').map(value)
          : [value(range), stepText === undefined ? value(range) : high]
    const valid =
      [from, to, step].every((n) => Number.isInteger(n)) && step > 0 && from! >= low && to! <= high && from! <= to!
    if (!valid)
      throw new PlumblineError('config', `The cron field "${text}" is not valid.`, {
        remedy: `Use numbers from ${low} to ${high}, lists, ranges and steps.`,
      })
    for (let n = from!; n <= to!; n += step) result.add(n)
  }
  return [...result].sort((a, b) => a - b)
}

/** @throws PlumblineError('config') when the expression is not five or six valid fields. */
export function parseCron(expression: string): Cron {
  const fields = expression.trim().split(/\s+/)
  if (fields.length === 5) fields.unshift('0')
  if (fields.length !== 6) {
    throw new PlumblineError('config', `The schedule "${expression}" does not have five or six fields.`, {
      remedy: 'Write minute, hour, day, month and weekday, as in "*/5 * * * *".',
    })
  }
  const [second, minute, hour, day, month, weekday] = fields as [string, string, string, string, string, string]
  return {
    seconds: numbers(second, 0, 59),
    minutes: numbers(minute, 0, 59),
    hours: numbers(hour, 0, 23),
    days: new Set(numbers(day, 1, 31)),
    months: new Set(numbers(month, 1, 12, MONTHS)),
    weekdays: new Set(numbers(weekday, 0, 7, WEEKDAYS).map((d) => d % 7)),
    anyDay: day === '*',
    anyWeekday: weekday === '*',
    anyMonth: month === '*',
    everyHour: hour === '*' || hour === '*/1',
  }
}

/** Expressions as they were read: the scheduler asks for the same few every second. */
const read = new Map<string, Cron>()
const READ_MAX = 1_000

function parsed(expression: string): Cron {
  let cron = read.get(expression)
  if (!cron) {
    cron = parseCron(expression)
    if (read.size >= READ_MAX) read.clear()
    read.set(expression, cron)
  }
  return cron
}

function dayMatches(cron: Cron, local: number): boolean {
  if (cron.anyDay && cron.anyWeekday && cron.anyMonth) return true
  const date = new Date(local)
  if (!cron.months.has(date.getUTCMonth() + 1)) return false
  const day = cron.days.has(date.getUTCDate())
  const weekday = cron.weekdays.has(date.getUTCDay())
  if (cron.anyDay) return weekday
  if (cron.anyWeekday) return day
  return day || weekday
}

/** The first slot after `after` (epoch ms), or null when the schedule never runs (30 February). */
export function nextSlot(expression: string, zone: string, after: number): number | null {
  const cron = parsed(expression)
  return cron.everyHour ? nextByRealTime(cron, zone, after) : nextByWall(cron, zone, after)
}

function nextByRealTime(cron: Cron, zone: string, after: number): number | null {
  let hour = Math.floor(after / HOUR) * HOUR
  for (const end = after + HORIZON_DAYS * DAY; hour <= end; hour += HOUR) {
    const shown = shownAt(zone, hour)
    // Zones whose offset is not whole hours show the day's change inside our hour: each minute has its own day.
    for (let n = 0; n < 60; n++) {
      const local = shown + n * MINUTE
      if (!cron.minutes.includes(Math.floor(local / MINUTE) % 60) || !dayMatches(cron, local)) continue
      for (const second of cron.seconds) {
        const at = hour + n * MINUTE + second * 1000
        if (at > after) return at
      }
    }
    if (!dayMatches(cron, shown)) {
      const untilMidnight = DAY - (shown % DAY)
      if (untilMidnight > 2 * HOUR) hour += untilMidnight - 2 * HOUR - ((untilMidnight - 2 * HOUR) % HOUR)
    }
  }
  return null
}

function nextByWall(cron: Cron, zone: string, after: number): number | null {
  // Start a day early: the gap can move yesterday's slot past midnight.
  const first = Math.floor(shownAt(zone, after) / DAY) * DAY - DAY
  for (let date = first; date < first + HORIZON_DAYS * DAY; date += DAY) {
    if (!dayMatches(cron, date) || reachedAt(zone, date + DAY) <= after || !exists(date, zone)) continue
    // What the clocks show later is never reached earlier: the first slot that lies ahead is the next one.
    for (const h of cron.hours) {
      for (const m of cron.minutes) {
        for (const s of cron.seconds) {
          const at = reachedAt(zone, date + h * HOUR + m * MINUTE + s * 1000)
          if (at > after) return at
        }
      }
    }
  }
  return null
}

/** Where a zone moved over the date line, a day is missing: nothing was ever due on it. */
const exists = (date: number, zone: string) => reachedAt(zone, date) < reachedAt(zone, date + DAY)

/** All slots in (after, until], at most `limit`; the count says how many a pause has missed. */
export function slotsBetween(expression: string, zone: string, after: number, until: number, limit = 1000): number[] {
  const slots: number[] = []
  let at: number | null = after
  while (slots.length < limit) {
    at = nextSlot(expression, zone, at)
    if (at === null || at > until) break
    slots.push(at)
  }
  return slots
}
