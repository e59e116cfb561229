/** The recoverability clock: how long an event can still be sent again from its source, and what to do when it cannot. Pure. */

const DAY = 86_400_000
/** Warned so long before the window closes, or halfway through a short one. */
const WARNING_MS = DAY

export interface Recoverable {
  /** Epoch ms until which the source still has it; null: it keeps nothing, or its time is not known. */
  until: number | null
  /** Send the event again, or write what the owner holds now. */
  way: 'replay' | 'repair'
  /** The window closes soon. */
  closing: boolean
}

export function recoverable(eventAt: number | null, replayDays: number | null, now: number): Recoverable {
  if (eventAt === null || replayDays === null) return { until: null, way: 'repair', closing: false }
  const until = eventAt + replayDays * DAY
  const warn = until - Math.min(WARNING_MS, (replayDays * DAY) / 2)
  return { until, way: now < until ? 'replay' : 'repair', closing: now >= warn && now < until }
}
