/** Pace: at most so many calls a second to each platform, evenly, whatever the budget would allow. */
import type { Clock } from '../clock.ts'

/** @param rate calls a second; null: the platform's own call budget is pace enough */
export function createPace(
  clock: Clock,
  rate: number | null,
  signal: AbortSignal,
): (platform: string) => Promise<void> {
  const next = new Map<string, number>()
  return async (platform) => {
    if (rate === null) return
    const now = clock.now()
    const at = Math.max(now, next.get(platform) ?? 0)
    next.set(platform, at + 1000 / rate)
    if (at > now) await clock.sleep(at - now, signal)
  }
}
