/** Paces: how long changes usually take on each edge, and how long they took lately. Learned by measuring, read by checks. */
import type { ControlStore } from './control.ts'

/** Lags are seconds. */
export interface Pace {
  kind: string
  part: string
  owner: string
  follower: string
  /** What is usual: the thirty days before the recent hours. */
  learned: { changes: number; days: number; p50: number; p90: number }
  /**
   * The last 24 hours. `slow`: those above the band of their hour of the week, or of all hours where that hour is not
   * known well; what still waits counts once it has waited longer. `times`: how many times as long as is usual at its
   * hour the middle one took.
   */
  recent: { from: string; changes: number; entities: number; slow: number; times: number; p50: number }
  windowMs: number
}

const KEY = 'measure.paces'

export function pacesOf(control: Pick<ControlStore, 'get'>): Pace[] {
  const text = control.get(KEY)
  return text === null ? [] : (JSON.parse(text) as Pace[])
}

export function setPaces(control: Pick<ControlStore, 'set'>, paces: readonly Pace[]): void {
  control.set(KEY, JSON.stringify(paces))
}
