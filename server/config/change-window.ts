/** Change windows: hours of the week in which a platform may be written to by a plan that waits for them. */
import { z } from 'zod'
import { dayOf, instantOf, isZone, nextDay, weekday, type Day } from './day.ts'
import { DAYS } from './words.ts'

const hour = /^([01]\d|2[0-3]):[0-5]\d$/

export const changeWindow = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .default([...DAYS])
      .describe('Days of the week on which it opens.'),
    from: z.string().regex(hour, 'write a time like 22:00').describe('When it opens.'),
    until: z
      .string()
      .regex(hour, 'write a time like 04:00')
      .describe('When it closes; the day after if it is not later.'),
    timezone: z
      .string()
      .refine(isZone, 'name an IANA zone like Europe/Berlin')
      .default('UTC')
      .describe('IANA zone of the hours.'),
    platforms: z.array(z.string()).optional().describe('Only for plans that write to these alone; left out: for all.'),
    why: z.string().min(3).optional().describe('Why then, for people.'),
  })
  .describe('Hours in which plans that wait for them apply themselves.')
export type ChangeWindow = z.output<typeof changeWindow>

export interface Opening {
  /** Epoch ms; the past where it is open already. */
  opensAt: number
  closesAt: number
}

/** Days looked at: every day of the week comes within them, whatever the clocks do. */
const DAYS_AHEAD = 10
const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** The opening that is under way at `now`, else the next one. */
export function nextOpening({ days, from, until, timezone }: ChangeWindow, now: number): Opening {
  const overnight = minutes(until) <= minutes(from)
  // Yesterday's may still be open.
  for (let n = 0, day: Day = dayOf(timezone, now - 86_400_000); ; n++, day = nextDay(day)) {
    if (!days.includes(DAYS[weekday(day)]!)) continue
    const opensAt = instantOf(timezone, day, minutes(from), 'begin')
    const closesAt = instantOf(timezone, overnight ? nextDay(day) : day, minutes(until), 'end')
    if (closesAt > now || n > DAYS_AHEAD) return { opensAt, closesAt }
  }
}

/** Configured windows that hold for every one of these platforms. */
export function windowsFor(windows: Readonly<Record<string, ChangeWindow>>, platforms: readonly string[]): string[] {
  return Object.entries(windows)
    .filter(([, w]) => w.platforms === undefined || platforms.every((p) => w.platforms!.includes(p)))
    .map(([name]) => name)
}
