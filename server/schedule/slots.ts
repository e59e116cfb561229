/**
 * Slots: the instants at which a schedule is due, as UTC, whatever the clocks of its zone do.
 *
 * A schedule at a fixed hour runs exactly once a day: where the hour does not exist (clocks forward) at the first
 * instant after the gap, where it exists twice at the first of the two. A schedule that runs every hour follows real
 * time. The cron library that ticks us skips days with a gap, so the slots are computed here.
 */
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
  everyHour: boolean
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
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
    everyHour: hour === '*' || hour === '*/1',
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clocks of a zone show at an instant, as if it were UTC. */
function wall(at: number, zone: string): number {
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
  return Date.UTC(p.year!, p.month! - 1, p.day, p.hour, p.minute, p.second)
}

/** The first instant at which the clocks show `shown`, or have just jumped over it. */
export function instantOf(shown: number, zone: string): number {
  // Offsets lie within a day of UTC; a change of clocks within a day gives two candidates.
  const offsets = new Set([wall(shown - DAY, zone) - (shown - DAY), wall(shown + DAY, zone) - (shown + DAY)])
  const candidates = [...offsets].map((offset) => shown - offset).sort((a, b) => a - b)
  const exact = candidates.find((at) => wall(at, zone) === shown)
  if (exact !== undefined) return exact
  // In the gap: the change lies between the candidates; find the first instant that shows a later time.
  let [low, high] = [candidates[0]!, candidates.at(-1)!]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (wall(middle, zone) > shown) high = middle
    else low = middle
  }
  return high
}

function dayMatches(cron: Cron, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false
  const day = cron.days.has(date.getUTCDate())
  const weekday = cron.weekdays.has(date.getUTCDay())
  if (cron.anyDay) return weekday
  if (cron.anyWeekday) return day
  return day || weekday
}

/** The first slot after `after` (epoch ms), or null when the schedule never runs (30 February). */
export function nextSlot(expression: string, zone: string, after: number): number | null {
  const cron = parseCron(expression)
  return cron.everyHour ? nextByRealTime(cron, zone, after) : nextByWall(cron, zone, after)
}

function nextByRealTime(cron: Cron, zone: string, after: number): number | null {
  let hour = Math.floor(after / 3_600_000) * 3_600_000
  for (const end = after + HORIZON_DAYS * DAY; hour <= end; hour += 3_600_000) {
    // Zones whose offset is not whole hours show the day's change inside our hour: look at each minute's own wall time.
    for (const minute of minutesOfHour(hour, zone, cron)) {
      for (const second of cron.seconds) {
        const at = minute + second * 1000
        if (at > after) return at
      }
    }
    if (!dayMatches(cron, new Date(wall(hour, zone)))) {
      const untilMidnight = DAY - (wall(hour, zone) % DAY)
      if (untilMidnight > 2 * 3_600_000)
        hour += untilMidnight - 2 * 3_600_000 - ((untilMidnight - 2 * 3_600_000) % 3_600_000)
    }
  }
  return null
}

function minutesOfHour(hour: number, zone: string, cron: Cron): number[] {
  const shown = wall(hour, zone)
  const result: number[] = []
  for (let m = 0; m < 60; m++) {
    const local = new Date(shown + m * 60_000)
    if (cron.minutes.includes(local.getUTCMinutes()) && dayMatches(cron, local)) result.push(hour + m * 60_000)
  }
  return result
}

function nextByWall(cron: Cron, zone: string, after: number): number | null {
  // Start a day early: the gap can move yesterday's slot past midnight.
  const first = Math.floor(wall(after, zone) / DAY) * DAY - DAY
  let best: number | null = null
  for (let n = 0; n < HORIZON_DAYS; n++) {
    const date = first + n * DAY
    if (!dayMatches(cron, new Date(date))) continue
    for (const h of cron.hours) {
      for (const m of cron.minutes) {
        for (const s of cron.seconds) {
          const at = instantOf(date + h * 3_600_000 + m * 60_000 + s * 1000, zone)
          if (at > after && (best === null || at < best)) best = at
          if (best !== null && at > best) break
        }
      }
    }
    if (best !== null) return best
  }
  return null
}

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
