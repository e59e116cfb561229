/** A calendar: which time counts towards a window. Working hours in a zone, without holidays and maintenance. */
import type { CalendarConfig, MaintenanceConfig } from './schema.ts'
import { dayOf, instantOf, isoDay, nextDay, weekday } from './day.ts'
import type { Day } from './day.ts'
import { DAYS } from './words.ts'

/** Half-open interval of instants, epoch ms. */
type Span = readonly [number, number]

export interface Calendar {
  /** The instant at which `windowMs` of counted time have passed since `fromMs`. */
  windowEnd(fromMs: number, windowMs: number): number
}

/** A calendar in which this many days pass without reaching the end counts no time: validation refuses such a one. */
const DAYS_MAX = 20_000
/** Days kept ready; a run asks about few of them again and again. */
const CACHE_MAX = 4096

/** @param down when the follower is down, in its own zone where an entry names none: that time does not count either. */
export function buildCalendar(
  config: CalendarConfig,
  down: readonly MaintenanceConfig[] = [],
  downZone = config.timezone,
): Calendar {
  const maintenance = [...(config.maintenance ?? []), ...down.filter((m) => 'from' in m)].map(({ from, to }): Span => [
    Date.parse(from),
    Date.parse(to),
  ])
  const weekly = down.filter((m) => 'days' in m).map((m) => ({ ...m, timezone: m.timezone ?? downZone }))
  const holidays = new Set(config.holidays)
  const cache = new Map<string, readonly Span[]>()

  const counted = (day: Day): readonly Span[] => {
    const key = isoDay(day)
    let spans = cache.get(key)
    if (!spans) {
      if (cache.size >= CACHE_MAX) cache.clear()
      const open = holidays.has(key) ? [] : working(config, day)
      spans = without(open, [...maintenance, ...weekly.flatMap((m) => recurring(m, open))])
      cache.set(key, spans)
    }
    return spans
  }

  const windowEnd = (fromMs: number, windowMs: number): number => {
    if (windowMs <= 0) return fromMs
    let left = windowMs
    let day = dayOf(config.timezone, fromMs)
    // Past what was counted: where clocks go back over midnight, two days share an hour.
    let reached = fromMs
    for (let n = 0; n < DAYS_MAX; n++, day = nextDay(day)) {
      for (const [begin, end] of counted(day)) {
        const start = Math.max(begin, reached)
        if (end <= start) continue
        if (end - start >= left) return start + left
        left -= end - start
        reached = end
      }
    }
    return reached + left
  }
  return { windowEnd }
}

/** Minutes of working time in a week; 0: the calendar never counts. */
export function weekMinutes(config: Pick<CalendarConfig, 'hours'>): number {
  if (!config.hours) return 7 * 1440
  return Object.values(config.hours)
    .flat()
    .map((text) => minutesOf(text ?? ''))
    .reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0)
}

/** `08:30-12:00` as minutes after midnight. */
export function minutesOf(text: string): Span {
  const [from = 0, to = 0] = text.split('-').map((t) => Number(t.slice(0, 2)) * 60 + Number(t.slice(3, 5)))
  return [from, to]
}

function working({ hours, timezone }: CalendarConfig, day: Day): Span[] {
  const today = hours ? (hours[DAYS[weekday(day)]!] ?? []).map(minutesOf) : [[0, 1440] as const]
  const spans = today.map(([from, to]): Span => [
    instantOf(timezone, day, from, 'begin'),
    instantOf(timezone, day, to, 'end'),
  ])
  return merged(spans)
}

/** The times of a weekly maintenance that may meet these spans: its zone may be a day ahead of ours, or behind. */
function recurring(m: { days: readonly string[]; hours: string; timezone: string }, open: readonly Span[]): Span[] {
  const [first, last] = [open[0], open.at(-1)]
  if (!first || !last) return []
  const [from, to] = minutesOf(m.hours)
  const found: Span[] = []
  for (let day = dayOf(m.timezone, first[0] - DAY_MS); ; day = nextDay(day)) {
    const begin = instantOf(m.timezone, day, from, 'begin')
    if (begin >= last[1]) return found
    if (m.days.includes(DAYS[weekday(day)]!)) found.push([begin, instantOf(m.timezone, day, to, 'end')])
  }
}

const DAY_MS = 86_400_000

function merged(spans: readonly Span[]): Span[] {
  const out: Span[] = []
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (to <= from) continue
    if (last && from <= last[1]) out[out.length - 1] = [last[0], Math.max(last[1], to)]
    else out.push([from, to])
  }
  return out
}

function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  return holes.reduce<readonly Span[]>(
    (rest, [from, to]) =>
      rest
        .flatMap(([a, b]): Span[] => [
          [a, Math.min(b, from)],
          [Math.max(a, to), b],
        ])
        .filter(([a, b]) => a < b),
    spans,
  ) as Span[]
}
