/** A clock that tests turn by hand: sleepers wake in order when it is turned past them. */
import { systemClock, type Clock } from '../../server/clock.ts'

export interface HandClock extends Clock {
  /** Moves time forward and lets every sleeper that is due run, in order. */
  turn(ms: number): Promise<void>
  set(ms: number): void
}

export function handClock(start: string | number = '2026-11-20T12:00:00.000Z'): HandClock {
  let time = typeof start === 'number' ? start : Date.parse(start)
  let sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => time,
    set: (ms) => void (time = ms),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const sleeper = { at: time + ms, wake: resolve }
        sleepers.push(sleeper)
        signal?.addEventListener(
          'abort',
          () => {
            sleepers = sleepers.filter((s) => s !== sleeper)
            reject(signal.reason as Error)
          },
          { once: true },
        )
      }),
    async turn(ms) {
      const end = time + ms
      for (;;) {
        const due = sleepers.filter((s) => s.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        sleepers = sleepers.filter((s) => s !== due)
        time = Math.max(time, due.at)
        due.wake()
        await new Promise((r) => setImmediate(r))
      }
      time = end
      await new Promise((r) => setImmediate(r))
    },
  }
}

export interface RunningClock extends Clock {
  /** Moves the present on by so much. */
  skip(ms: number): void
}

/** A clock that starts at an instant and then runs as fast as the real one: for platforms that are spoken to over the network. */
export function runningClock(start: string): RunningClock {
  const begun = Date.now()
  let ahead = Date.parse(start) - begun
  return {
    now: () => Date.now() + ahead,
    skip: (ms) => void (ahead += ms),
    sleep: systemClock.sleep,
  }
}
