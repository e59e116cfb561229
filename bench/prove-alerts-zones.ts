/**
 * Part of the proof of alerts: what is due in every time zone, over twenty years. Every slot of every schedule, every
 * night and the span of every report is compared, instant by instant, with one that was worked out a second time.
 */
import { offsetAt } from '../model/zone.ts'
import { endOfHours, nextHours } from '../server/alert/hours.ts'
import type { ReportPeriod } from '../server/config/reports-schema.ts'
import { spanOf } from '../server/report/span.ts'
import { nextSlot } from '../server/schedule/slots.ts'
import { alike, clocksOf, dueOf, PLANS, type Clocks } from '../test/world/zones.ts'
import type { Say } from './prove-alerts-parts.ts'

const MINUTE = 60_000
const DAY = 86_400_000

/** Counts what was compared and remembers what was wrong. */
interface Tally {
  compared: number
  wrong: string[]
}

export function zones(say: Say, names: readonly string[], fromYear: number, years: number): void {
  const [from, until] = [Date.UTC(fromYear, 0, 1), Date.UTC(fromYear + years, 0, 1)]
  const all = names.map((zone) => clocksOf(zone, from, until))
  const each = (clocks: readonly Clocks[], look: (clocks: Clocks, t: Tally) => void): Tally => {
    const tally: Tally = { compared: 0, wrong: [] }
    for (const c of clocks) look(c, tally)
    return tally
  }
  const told = (name: string, what: string, { compared, wrong }: Tally) =>
    say(
      name,
      compared > 0 && wrong.length === 0,
      `${compared} ${what}, ${wrong.length} wrong${wrong.length ? `: ${wrong.slice(0, 3).join('; ')}` : ''}`,
    )
  // Every zone is read; zones that do the same at every instant need to be gone through once.
  told(
    `clocks of ${names.length} time zones over ${years} years`,
    'readings',
    each(all, (c, t) => readings(c, t, from, until)),
  )
  const kinds = alike(all).map((group) => group[0]!)
  const here = `${kinds.length} different ones`
  told(
    `schedules in all time zones, ${here}`,
    'slots, none missed and none doubled',
    each(kinds, (c, t) => slots(c, t, from, until)),
  )
  told(
    'schedules of every hour and quarter, around every change of clocks',
    'slots',
    each(kinds, (c, t) => hourly(c, t)),
  )
  told(
    `nights in all time zones, ${here}`,
    'nights',
    each(kinds, (c, t) => nights(c, t, from, until)),
  )
  told(
    'reports join: none leaves out or repeats an instant',
    'spans',
    each(kinds, (c, t) => spans(c, t, from, until)),
  )
}

/** Our offset of every day and on both sides of every change, beside what the platform's words say. */
function readings({ zone, first, changes }: Clocks, t: Tally, from: number, until: number): void {
  const same = (at: number, offset: number) => {
    t.compared++
    if (offsetAt(zone, at) !== offset) t.wrong.push(`${zone} ${new Date(at).toISOString()}`)
  }
  for (const c of changes) {
    same(c.at - 1, c.from)
    same(c.at, c.to)
  }
  let n = 0
  // Not at one hour of all days, but at every hour of some.
  for (let at = from; at < until; at += DAY + 3_600_000) {
    while (n < changes.length && changes[n]!.at <= at) n++
    same(at, n === 0 ? first : changes[n - 1]!.to)
  }
}

function compare(t: Tally, zone: string, what: string, is: readonly number[], due: readonly number[]): void {
  t.compared += due.length
  const n = due.findIndex((at, i) => is[i] !== at)
  const at = n >= 0 ? due[n]! : is.length > due.length ? is[due.length]! : null
  if (at !== null) t.wrong.push(`${zone} ${what} at ${new Date(at).toISOString()}`)
}

function slots(clocks: Clocks, t: Tally, from: number, until: number): void {
  for (const plan of PLANS) {
    const is: number[] = []
    for (let at = nextSlot(plan.cron, clocks.zone, from); at !== null && at < until;) {
      is.push(at)
      at = nextSlot(plan.cron, clocks.zone, at)
    }
    compare(t, clocks.zone, plan.cron, is, dueOf(clocks, plan, from, until))
  }
}

/** These follow real time: the pause between two stays what it is, and no instant comes twice. */
function hourly({ zone, changes }: Clocks, t: Tally): void {
  for (const c of changes)
    for (const [cron, minutes] of [
      ['0 * * * *', 60],
      ['*/15 * * * *', 15],
    ] as const) {
      const end = c.at + 2 * DAY
      // Where clocks move by half an hour, one full hour comes half an hour sooner or later.
      const off = (c.to - c.from) % (minutes * MINUTE) === 0 ? 0 : minutes / 2
      for (let last = nextSlot(cron, zone, c.at - 2 * DAY)!; last < end; t.compared++) {
        const next = nextSlot(cron, zone, last)!
        const pause = (next - last) / MINUTE
        if (Math.abs(pause - minutes) > off) t.wrong.push(`${zone} ${cron} after ${new Date(last).toISOString()}`)
        last = next
      }
    }
}

function nights(clocks: Clocks, t: Tally, from: number, until: number): void {
  const { zone } = clocks
  for (const [hours, begin, end] of [
    ['22:00-07:00', 1320, 420],
    ['01:30-02:30', 90, 150],
  ] as const) {
    const quiet = [{ hours }]
    const daily = (minute: number) => dueOf(clocks, { cron: '', minute, on: () => true }, from, until)
    const begins = daily(begin)
    const ends = daily(end).filter((at) => at >= begins[0]!)
    // Hours that the clocks jump over as a whole are none.
    const due = begins.flatMap((at, n) => (ends[n] === undefined || ends[n] === at ? [] : [at, ends[n]]))
    const is: number[] = []
    for (let at = begins[0]! - 1; is.length < due.length;) {
      const begun = nextHours(quiet, zone, at)
      const over = begun === null ? null : endOfHours(quiet, zone, begun)
      if (begun === null || over === null) break
      is.push(begun, over)
      at = over
    }
    compare(t, zone, hours, is, due)
  }
}

function spans(clocks: Clocks, t: Tally, from: number, until: number): void {
  for (const [plan, period] of [
    [PLANS[1]!, 'day'],
    [PLANS[4]!, 'week'],
    [PLANS[5]!, 'month'],
  ] as const satisfies readonly (readonly [(typeof PLANS)[number], ReportPeriod])[]) {
    const due = dueOf(clocks, plan, from, until)
    const began = due.slice(1).map((at, n) => spanOf(period, clocks.zone, at, due[n]!).from)
    compare(t, clocks.zone, `${period} before`, began, due.slice(0, -1))
  }
}
