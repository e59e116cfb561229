/** A calendar day of a time zone: which instants its wall-clock times are, daylight saving included. */
import { offsetAt } from '../../model/zone.ts'

export interface Day {
  year: number
  /** 1 to 12. */
  month: number
  day: number
}

const DAY_MS = 86_400_000

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

/** Names to suggest from. */
export const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

/** The calendar day of an instant. */
export function dayOf(zone: string, ms: number): Day {
  const wall = new Date(wallMs(zone, ms))
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() }
}

export function nextDay({ year, month, day }: Day): Day {
  const next = new Date(Date.UTC(year, month - 1, day + 1))
  return { year: next.getUTCFullYear(), month: next.getUTCMonth() + 1, day: next.getUTCDate() }
}

/** 0 Monday to 6 Sunday. */
export const weekday = ({ year, month, day }: Day): number =>
  (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7

export const isoDay = ({ year, month, day }: Day): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)

/**
 * The instant of a wall-clock time, minutes after midnight (1440 is the next midnight). A time that comes twice when
 * clocks go back is the first for `begin` and the second for `end`; one that is left out when they go forward is
 * the instant of the change: so an interval never counts an hour that was not there, and always counts both.
 */
export function instantOf(zone: string, day: Day, minutes: number, which: 'begin' | 'end'): number {
  const wall = Date.UTC(day.year, day.month - 1, day.day) + minutes * 60_000
  const candidates = [wall - offsetAt(zone, wall - DAY_MS), wall - offsetAt(zone, wall + DAY_MS)]
  const hits = candidates.filter((ms) => wallMs(zone, ms) === wall)
  if (hits.length > 0) return which === 'begin' ? Math.min(...hits) : Math.max(...hits)
  let [low, high] = [Math.min(...candidates), Math.max(...candidates)]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (middle === low) break
    if (wallMs(zone, middle) < wall) low = middle
    else high = middle
  }
  return high
}

/** The wall clock, read as if it were UTC. */
const wallMs = (zone: string, ms: number): number => ms + offsetAt(zone, ms)
