/** Marks: how many deliveries wait in the spool and since when, without one entry for each of them. */
import { before, type Position } from './segment.ts'

/** Deliveries of one second are counted together. */
const STEP_MS = 1_000

interface Mark {
  through: Position
  at: number
  count: number
}

export function createMarks() {
  const marks: Mark[] = []
  let total = 0
  return {
    add(through: Position, at: number): void {
      const last = marks.at(-1)
      total++
      if (last && Math.abs(at - last.at) < STEP_MS && last.through.segment === through.segment)
        Object.assign(last, { through, count: last.count + 1 })
      else marks.push({ through, at, count: 1 })
    },
    /** `count` deliveries up to here are gone. */
    drop(through: Position, count: number): void {
      total = Math.max(0, total - count)
      while (marks[0] && !before(through, marks[0].through)) marks.shift()
      if (marks.length === 0) total = 0
    },
    count: () => total,
    oldest: () => marks[0]?.at ?? null,
  }
}
