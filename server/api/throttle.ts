/** Throttle of sign-in: after a few mistakes an account and an address must wait, longer each time. */
import type { Clock } from '../clock.ts'
import { PlumblineError } from '../errors.ts'

const FREE_ATTEMPTS = 5
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 15 * 60_000
const FORGET_MS = 60 * 60_000
/** Keys remembered: an attacker with many addresses must not fill the memory. */
const KEYS_MAX = 10_000

export interface Throttle {
  /** Counts an attempt. @throws rate_limited while the account or the address must wait. */
  attempt(account: string, address: string): { succeeded(): void }
}

export function createThrottle(clock: Clock): Throttle {
  const seen = new Map<string, { count: number; until: number; last: number }>()

  function prune(now: number): void {
    for (const [key, entry] of seen) if (now - entry.last > FORGET_MS) seen.delete(key)
    for (const key of seen.keys()) {
      if (seen.size <= KEYS_MAX) break
      seen.delete(key)
    }
  }

  function note(key: string, now: number): void {
    const entry = seen.get(key) ?? { count: 0, until: 0, last: now }
    if (entry.until > now) {
      throw new PlumblineError('rate_limited', 'Too many attempts.', {
        remedy: `Wait ${Math.ceil((entry.until - now) / 1000)} seconds and try again.`,
        retryAfterMs: entry.until - now,
      })
    }
    entry.count++
    entry.last = now
    if (entry.count >= FREE_ATTEMPTS)
      entry.until = now + Math.min(FIRST_WAIT_MS * 2 ** (entry.count - FREE_ATTEMPTS), LONGEST_WAIT_MS)
    seen.set(key, entry)
  }

  return {
    attempt(account, address) {
      const now = clock.now()
      if (seen.size > KEYS_MAX) prune(now)
      const keys = [`account ${account}`, `address ${address}`]
      for (const key of keys) note(key, now)
      return {
        succeeded() {
          for (const key of keys) seen.delete(key)
        },
      }
    },
  }
}
