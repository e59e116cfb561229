/** Tally: what came of every request, counted in memory and written down with the next batch, so that no request waits for it. */
import type { HookCount, HookOutcome } from '../store/control/intake.ts'

const REASON_CHARS = 120

export function createTally() {
  let counts = new Map<string, HookCount>()
  return {
    add(platform: string, outcome: HookOutcome, at: number, reason = '', n = 1): void {
      const said = reason.slice(0, REASON_CHARS)
      const key = `${platform}\n${outcome}\n${said}`
      const known = counts.get(key)
      if (known) Object.assign(known, { n: known.n + n, lastAt: at })
      else counts.set(key, { platform, outcome, reason: said, n, lastAt: at })
    },
    /** Everything since the last time. */
    take(): HookCount[] {
      const taken = [...counts.values()]
      counts = new Map()
      return taken
    },
    /** Not written down after all. */
    giveBack(taken: readonly HookCount[]): void {
      for (const c of taken) this.add(c.platform, c.outcome, c.lastAt, c.reason, c.n)
    },
    peek: (): HookCount[] => [...counts.values()],
  }
}
export type Tally = ReturnType<typeof createTally>
