/**
 * When a message is tried again: the schedule of the Standard Webhooks specification, ten attempts over 75 h 35 m 5 s,
 * for every kind of channel. Pure.
 */
import type { Attempt } from './door.ts'

const S = 1_000
const M = 60 * S
const H = 60 * M

/** Pause before each attempt after the first. */
export const PAUSES_MS = [5 * S, 5 * M, 30 * M, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H] as const

/** Share by which a pause may be longer or shorter, so that those who failed together do not come back together. */
export const JITTER = 0.2

/** A busy receiver is left alone for at least this long. */
const THROTTLED_MS = 60 * S

/**
 * Milliseconds until the next attempt, null when there is none.
 * @param attempts made so far, this one included
 * @param random 0 ≤ x < 1
 */
export function pauseAfter(
  attempts: number,
  attempt: Pick<Attempt, 'retryAfterMs' | 'throttled'>,
  random: number,
): number | null {
  const base = PAUSES_MS[attempts - 1]
  if (base === undefined) return null
  const jittered = base * (1 - JITTER + 2 * JITTER * random)
  const least = attempt.throttled ? Math.max(jittered, THROTTLED_MS) : jittered
  if (attempt.retryAfterMs === undefined) return Math.round(least)
  // Obeyed within bounds: neither at once nor for ever.
  const most = Math.max(2 * base, THROTTLED_MS)
  return Math.round(Math.min(Math.max(attempt.retryAfterMs, least), Math.max(most, least)))
}
