/**
 * What clocks do, worked out a second time: the platform's own words for every day of a zone, all changes of its clocks,
 * and from them every instant at which something at a fixed hour is due. Shares no code with the model's zones.
 */

const DAY = 86_400_000
const SECOND = 1_000

export interface Change {
  /** First instant after it. */
  at: number
  /** How far ahead of UTC the clocks were, and are. */
  from: number
  to: number
}

export interface Clocks {
  zone: string
  /** How far they are ahead of UTC at the beginning. */
  first: number
  changes: Change[]
}

/** What the clocks of a zone show, in the platform's words. */
function face(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  return (at) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`)
}

/** Looks at every day, and at both sides of each change to the second. */
export function clocksOf(zone: string, from: number, until: number): Clocks {
  const shown = face(zone)
  const ahead = (at: number) => shown(at) - at
  const changes: Change[] = []
  const first = ahead(from)
  for (let [day, was] = [from, first]; day <= until; day += DAY) {
    const is = ahead(day)
    for (let low = day - DAY; was !== is;) {
      let high = day
      while (high - low > SECOND) {
        const middle = low + Math.floor((high - low) / (2 * SECOND)) * SECOND
        if (ahead(middle) === was) low = middle
        else high = middle
      }
      const to = ahead(high)
      changes.push({ at: high, from: was, to })
      ;[low, was] = [high, to]
    }
  }
  return { zone, first, changes }
}

/** Zones whose clocks do the same over the whole time: what holds for one holds for all. */
export function alike(all: readonly Clocks[]): Clocks[][] {
  const groups = new Map<string, Clocks[]>()
  for (const clocks of all) {
    const key = JSON.stringify([clocks.first, clocks.changes])
    groups.set(key, [...(groups.get(key) ?? []), clocks])
  }
  return [...groups.values()]
}

/** Answers by going through the changes in order: asked with times that only grow. */
export function reader({ first, changes }: Clocks): (local: number) => { at: number; jumped: boolean } {
  let n = 0
  return (local) => {
    // Every change whose clocks stood at or before `local` lies behind.
    while (n < changes.length && changes[n]!.at + changes[n]!.from <= local) {
      // The clocks have jumped past it: it is due at once.
      if (changes[n]!.at + changes[n]!.to > local) return { at: changes[n]!.at, jumped: true }
      n++
    }
    const offset = n === 0 ? first : changes[n - 1]!.to
    // Set back: what is shown twice is due the first time, before the change that is next.
    return { at: local - offset, jumped: false }
  }
}

/** Something due at a fixed minute of some days. */
export interface Plan {
  cron: string
  /** Minutes after midnight. */
  minute: number
  on: (date: Date) => boolean
}

/** Every instant at which it is due within (from, until), in order; what a day lacks is due when the clocks have jumped. */
export function dueOf(clocks: Clocks, plan: Plan, from: number, until: number): number[] {
  const whenIs = reader(clocks)
  const due: number[] = []
  for (let day = Math.floor(from / DAY) - 1; day * DAY < until + 2 * DAY; day++) {
    // A day that the zone left out, when it moved over the date line.
    const missing = clocks.changes.some((c) => c.at + c.from <= day * DAY && c.at + c.to >= (day + 1) * DAY)
    if (missing || !plan.on(new Date(day * DAY))) continue
    const { at } = whenIs(day * DAY + plan.minute * 60_000)
    if (at > from && at < until && due.at(-1) !== at) due.push(at)
  }
  return due
}

/** Schedules that reports, collecting and digests have, and the hardest hours of the day to have them at. */
export const PLANS: readonly Plan[] = [
  { cron: '0 0 * * *', minute: 0, on: () => true },
  { cron: '30 2 * * *', minute: 150, on: () => true },
  { cron: '45 23 * * *', minute: 1425, on: () => true },
  { cron: '0 7 * * mon', minute: 420, on: (d) => d.getUTCDay() === 1 },
  { cron: '30 2 * * sun', minute: 150, on: (d) => d.getUTCDay() === 0 },
  { cron: '30 2 1 * *', minute: 150, on: (d) => d.getUTCDate() === 1 },
  { cron: '0 7 1-5 * *', minute: 420, on: (d) => d.getUTCDate() <= 5 },
  { cron: '15 1 31 * *', minute: 75, on: (d) => d.getUTCDate() === 31 },
  { cron: '0 0 29 feb *', minute: 0, on: (d) => d.getUTCMonth() === 1 && d.getUTCDate() === 29 },
]
