/**
 * Thin: a stream that brings far fewer changes than it usually does. Pure.
 *
 * Held against itself: the same hours of the week in the weeks before. A night, a weekend and a stream that never
 * brings much are no alarm, and neither is a stream of which too few weeks are known.
 */
import type { Volume } from '../../store/control/shapes.ts'

export interface ThinRule {
  /** Hours that are looked at, the last full ones. */
  hours: number
  /** Share of the usual that is too little. */
  share: number
  /** Changes that the usual must be at least. */
  least: number
  /** Weeks that must be known. */
  weeks: number
}

export interface Thin {
  actual: number
  /** Middle of the weeks before. */
  usual: number
  weeks: number
  from: number
  to: number
}

const HOUR = 3_600_000
const WEEK = 7 * 24

/** Null: as usual, or too little is known to say. */
export function thin(volume: Volume, asOf: number, rule: ThinRule): Thin | null {
  const end = Math.floor(asOf / HOUR)
  const start = end - rule.hours
  const sum = (from: number) => {
    let n = 0
    for (let h = from; h < from + rule.hours; h++) n += volume.hours[h] ?? 0
    return n
  }
  const before: number[] = []
  for (let at = start - WEEK; at >= volume.since; at -= WEEK) before.push(sum(at))
  if (before.length < rule.weeks) return null
  const sorted = [...before].sort((a, b) => a - b)
  const usual = sorted[Math.floor((sorted.length - 1) / 2)]!
  const actual = sum(start)
  if (usual < rule.least || actual > usual * rule.share) return null
  // A holiday of the past was as quiet: then this may be one too.
  if (actual >= sorted[0]! * 0.5 && sorted[0]! < usual * rule.share * 2) return null
  return { actual, usual, weeks: before.length, from: start * HOUR, to: end * HOUR }
}
