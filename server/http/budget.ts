/**
 * Rate budget of one platform: how many calls we may make now, by what we were told beforehand and by what the
 * platform's replies say. A share is left to everybody else; verification comes before reading, reading before our own
 * writes, and sweeps come last.
 */
import type { BudgetReading, Limits } from '../../connectors/contract.ts'
import type { Clock } from '../clock.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'

export type Priority = 'verify' | 'read' | 'write' | 'sweep'

/** Longest wait inside a run; a longer one ends the run, and the next goes on at its cursor. */
export const PATIENCE_MS = 300_000
/** A reading without a reset time is believed this long; then one call may look again. */
const READING_MS = 900_000
/** Part of our share that each priority leaves to those before it. */
const KEEPS: Record<Priority, number> = { verify: 0, read: 0.05, write: 0.1, sweep: 0.2 }
const ORDER: Record<Priority, number> = { verify: 0, read: 1, write: 2, sweep: 3 }

export interface BudgetState {
  /** Calls per window for everybody, as the platform says or as the connector declares. */
  limit: number
  windowMs: number
  /** Used by everybody in this window; null while the platform has not said. */
  used: number | null
  remaining: number | null
  /** Calls of ours in the last window. */
  ours: number
  /** Share left to others, 0..1. */
  reserve: number
  resetsAt: number | null
  concurrency: number
  inFlight: number
  waiting: number
  /** Nothing is sent before this instant. */
  blockedUntil: number | null
  lastThrottledAt: number | null
  throttles: number
}

export interface RateBudget {
  /** Waits for a call; the result gives the place back. @throws PlumblineError `rate_limited` if the wait is too long */
  acquire(priority: Priority, signal: AbortSignal): Promise<() => void>
  learn(reading: BudgetReading): void
  /** The platform asked us to slow down. */
  throttled(forMs: number): void
  state(): BudgetState
}

interface BudgetOptions {
  platform: string
  limits: Limits
  /** The configured share of ours: replaces the connector's limits. */
  share?: { calls: number; windowMs: number; reserve?: number | undefined }
  clock: Clock
}

export function createBudget({ platform, limits, share, clock }: BudgetOptions): RateBudget {
  const windowMs = share?.windowMs ?? limits.windowMs
  const reserve = share?.reserve ?? limits.reserve
  const shareOf = (limit: number) => Math.max(1, Math.floor(limit * (1 - reserve)))
  const window = { start: clock.now(), now: 0, before: 0 }
  let reading: {
    limit?: number | undefined
    remaining?: number | undefined
    resetsAt: number | null
    at: number
  } | null = null
  let inFlight = 0
  let blockedUntil = 0
  let lastThrottledAt: number | null = null
  let throttles = 0
  let queue: { priority: Priority; wake: () => void }[] = []

  /** A sliding window of two halves: never more than the limit within any window, give or take rounding. */
  function roll(): number {
    const passed = Math.floor((clock.now() - window.start) / windowMs)
    if (passed !== 0) {
      window.before = passed === 1 ? window.now : 0
      window.now = 0
      window.start += passed * windowMs
    }
    return window.before * (1 - (clock.now() - window.start) / windowMs) + window.now
  }

  function ownWait(priority: Priority): number {
    const cap = Math.max(
      1,
      Math.floor((share?.calls ?? shareOf(reading?.limit ?? limits.calls)) * (1 - KEEPS[priority])),
    )
    if (roll() + 1 <= cap) return 0
    const sinceStart = clock.now() - window.start
    if (window.now + 1 > cap) return Math.ceil(windowMs - sinceStart) || 1
    return Math.max(1, Math.ceil(windowMs * (1 - (cap - 1 - window.now) / window.before) - sinceStart))
  }

  function learnedWait(priority: Priority): number {
    if (reading?.remaining === undefined) return 0
    const now = clock.now()
    if (reading.resetsAt === null ? now - reading.at > READING_MS : now >= reading.resetsAt) {
      reading = { ...reading, remaining: undefined, resetsAt: null }
      return 0
    }
    const limit = reading.limit ?? limits.calls
    const floor = limit * reserve + shareOf(limit) * KEEPS[priority]
    if (reading.remaining > floor) return 0
    return (reading.resetsAt ?? reading.at + READING_MS) - now + 1
  }

  const waitMs = (priority: Priority) => Math.max(blockedUntil - clock.now(), ownWait(priority), learnedWait(priority))

  function wakeNext(): void {
    const next = [...queue].sort((a, b) => ORDER[a.priority] - ORDER[b.priority])[0]
    if (!next) return
    queue = queue.filter((w) => w !== next)
    next.wake()
  }

  return {
    async acquire(priority, signal) {
      for (;;) {
        const wait = waitMs(priority)
        if (wait > PATIENCE_MS) throw exhausted(platform, wait, clock.now())
        if (wait > 0) await clock.sleep(wait, signal)
        else if (inFlight >= limits.concurrency) await turn(priority, signal)
        else break
      }
      inFlight++
      window.now++
      if (reading?.remaining !== undefined) reading.remaining = Math.max(0, reading.remaining - 1)
      let released = false
      return () => {
        if (released) return
        released = true
        inFlight--
        wakeNext()
      }
    },
    learn({ limit, remaining, resetsAt, resetsInMs }) {
      const at = clock.now()
      const until = resetsAt ?? (resetsInMs === undefined ? null : at + resetsInMs)
      // Of the calls under way, only the one whose reply this is has surely been counted.
      const left = remaining === undefined ? undefined : Math.max(0, remaining - Math.max(0, inFlight - 1))
      reading = { limit: limit ?? reading?.limit, remaining: left, resetsAt: until, at }
    },
    throttled(forMs) {
      lastThrottledAt = clock.now()
      throttles++
      blockedUntil = Math.max(blockedUntil, clock.now() + forMs)
    },
    state() {
      const limit = reading?.limit ?? share?.calls ?? limits.calls
      const remaining = reading?.remaining ?? null
      return {
        limit,
        windowMs,
        remaining,
        used: remaining === null ? null : Math.max(0, limit - remaining),
        ours: Math.round(roll()),
        reserve,
        resetsAt: reading?.resetsAt ?? null,
        concurrency: limits.concurrency,
        inFlight,
        waiting: queue.length,
        blockedUntil: blockedUntil > clock.now() ? blockedUntil : null,
        lastThrottledAt,
        throttles,
      }
    },
  }

  function turn(priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const stop = () => {
        queue = queue.filter((w) => w !== waiter)
        reject(signal.reason as Error)
      }
      const waiter = { priority, wake: () => (signal.removeEventListener('abort', stop), resolve()) }
      queue.push(waiter)
      signal.addEventListener('abort', stop, { once: true })
    })
  }
}

function exhausted(platform: string, wait: number, now: number): PlumblineError {
  return new PlumblineError('rate_limited', `The call budget of ${platform} is used up until ${iso(now + wait)}.`, {
    retryAfterMs: wait,
    remedy:
      'Nothing is lost: the next run goes on where this one stopped. Raise the platform’s budget if this happens daily.',
  })
}
