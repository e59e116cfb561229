/** Canary ramp: how many items go next, and when it is better to stop. Pure. */

export interface Ramp {
  /** Sizes of the stages; the last repeats. */
  stages: readonly number[]
  /** Share of failures in a stage, 0..1, above which the plan stops. In the first stage any failure stops it. */
  stopShare: number
}

export interface StageOutcome {
  tried: number
  failed: number
  /** Differences that were not there before and are now. */
  newDrift: number
}

export type Step = { go: number } | { stop: string } | { over: true }

/** What comes after `outcomes`, one for each stage so far, while `left` items are not tried. */
export function nextStage(ramp: Ramp, outcomes: readonly StageOutcome[], left: number): Step {
  const last = outcomes.at(-1)
  if (last) {
    if (last.newDrift > 0)
      return { stop: `${count(last.newDrift, 'new difference')} appeared in stage ${outcomes.length}.` }
    const allowed = outcomes.length === 1 ? 0 : Math.floor(last.tried * ramp.stopShare)
    if (last.failed > allowed) return { stop: `${last.failed} of ${last.tried} failed in stage ${outcomes.length}.` }
  }
  if (left === 0) return { over: true }
  const size = ramp.stages[Math.min(outcomes.length, ramp.stages.length - 1)]!
  return { go: Math.min(size, left) }
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
