/** Budget: how well a promise is kept, what is left of its error budget, and how fast that is being spent. Pure. */
import type { BurnWindow } from '../../store/facts/lag-decisions.ts'

export interface Counts {
  good: number
  bad: number
}

export interface Budget {
  target: number
  /** Decided changes that count. */
  changes: number
  good: number
  bad: number
  /** Share that kept the promise; null below the low volume, where the counts say more. */
  compliance: number | null
  /** Share of the budget that is left; below zero when more was missed than allowed. Null below the low volume. */
  left: number | null
}

export function budgetOf({ good, bad }: Counts, target: number, lowVolume: number): Budget {
  const changes = good + bad
  const few = changes < lowVolume
  return {
    target,
    changes,
    good,
    bad,
    compliance: few ? null : good / changes,
    left: few ? null : 1 - bad / (changes * (1 - target)),
  }
}

export const BURNS = ['fast', 'slow', 'long'] as const
export type BurnName = (typeof BURNS)[number]

/** Each alarm looks at a long window, which makes it matter, and a short one, which makes it stop soon after the trouble does. */
export const BURN_WINDOWS: Record<BurnName, { long: BurnWindow; short: BurnWindow | null }> = {
  fast: { long: '1h', short: '5m' },
  slow: { long: '6h', short: '30m' },
  long: { long: '3d', short: null },
}

export interface Burn {
  name: BurnName
  /** Lengths of its windows. */
  long: BurnWindow
  short: BurnWindow | null
  changes: number
  bad: number
  /** 1 spends the budget in exactly the period; null below the low volume. */
  rate: number | null
  shortRate: number | null
  threshold: number
  alarm: boolean
}

export function burnsOf(
  windows: Record<BurnWindow, Counts>,
  target: number,
  thresholds: Record<BurnName, number>,
  lowVolume: number,
): Burn[] {
  return BURNS.map((name) => {
    const { long, short } = BURN_WINDOWS[name]
    const { good, bad } = windows[long]
    const rate = good + bad < lowVolume ? null : rateOf(windows[long], target)
    // The short window may be nearly empty: it only has to agree, the long one carries the volume.
    const shortRate = short === null ? null : rateOf(windows[short], target)
    const threshold = thresholds[name]
    return {
      name,
      long,
      short,
      changes: good + bad,
      bad,
      rate,
      shortRate,
      threshold,
      alarm: rate !== null && rate >= threshold && (short === null || (shortRate !== null && shortRate >= threshold)),
    }
  })
}

function rateOf({ good, bad }: Counts, target: number): number | null {
  return good + bad === 0 ? null : bad / (good + bad) / (1 - target)
}
