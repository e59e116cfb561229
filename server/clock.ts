/** The clock: the only place that asks what time it is. Tests turn it by hand. */

export interface Clock {
  /** Epoch milliseconds, UTC. */
  now(): number
  /** Resolves after so many milliseconds of this clock, or rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const timer = setTimeout(done, ms)
      function done() {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      function abort() {
        clearTimeout(timer)
        reject(signal!.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
    }),
}

/** ISO 8601 UTC with milliseconds: the one spelling of an instant in this product. */
export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
