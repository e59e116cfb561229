/**
 * Hours of the week in a zone: quiet hours and hours on call. Pure. A night that a clock change makes longer or
 * shorter is one night: its ends are what the wall clock shows.
 */
import { reachedAt, shownAt } from '../../model/zone.ts'
import { DAYS } from '../config/words.ts'

export interface WeeklyHours {
  days?: readonly (typeof DAYS)[number][] | undefined
  /** `22:00-07:00`; past midnight where it ends before it begins. */
  hours: string
}

const DAY = 86_400_000
const MINUTE = 60_000

/** Hours that never end hold nothing for longer than this. */
const MOST_DAYS = 8

interface Span {
  begin: number
  end: number
}

/** When the hours that hold at `at` end; null when none holds. Hours that touch are one. */
export function endOfHours(hours: readonly WeeklyHours[], zone: string, at: number): number | null {
  let end: number | null = null
  for (let now = at; ;) {
    const holding = spansAround(hours, zone, now, 0).filter((s) => s.begin <= now && now < s.end)
    if (holding.length === 0) return end
    now = Math.max(...holding.map((s) => s.end))
    end = now
    if (end - at > MOST_DAYS * DAY) return at + MOST_DAYS * DAY
  }
}

/** When the hours begin next, at or after `at`; `at` itself while they hold. Null when they never come. */
export function nextHours(hours: readonly WeeklyHours[], zone: string, at: number): number | null {
  // Most hours come every day: a week is looked through only where they do not.
  for (const ahead of [1, MOST_DAYS]) {
    const spans = spansAround(hours, zone, at, ahead)
    if (spans.some((s) => s.begin <= at && at < s.end)) return at
    const begins = spans.map((s) => s.begin).filter((b) => b >= at)
    if (begins.length) return Math.min(...begins)
  }
  return null
}

/** Spans of the day before, of this day, and of so many days ahead. */
function spansAround(hours: readonly WeeklyHours[], zone: string, at: number, ahead: number): Span[] {
  const local = shownAt(zone, at)
  const today = Math.floor(local / DAY)
  const spans: Span[] = []
  // Two days back: where a zone skips or repeats a day, the wall clock's yesterday is not 24 hours ago.
  for (let day = today - 2; day <= today + ahead + 1; day++)
    for (const { days, hours: written } of hours) {
      // 1 January 1970 was a Thursday.
      if (days && !days.includes(DAYS[(((day + 3) % 7) + 7) % 7]!)) continue
      const [from, to] = written.split('-').map(minutes) as [number, number]
      const begin = reachedAt(zone, day * DAY + from * MINUTE)
      const end = reachedAt(zone, day * DAY + (to <= from ? to + 1440 : to) * MINUTE)
      if (end > begin) spans.push({ begin, end })
    }
  return spans
}

function minutes(text: string): number {
  const [h, m] = text.split(':').map(Number) as [number, number]
  return h * 60 + m
}
