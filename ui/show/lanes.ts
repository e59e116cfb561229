/** Lanes: where the states of an entity's records, its disagreements and the cursor lie on one axis of time. */
import type { Timeline } from '../api.ts'

export const WIDTH = 960
export const LEFT = 190
const RIGHT = 12
const ROW = 26

export interface Bar {
  x: number
  width: number
  y: number
  text: string
  says: string
  is: 'state' | 'gone' | 'drift'
}

export interface Lanes {
  height: number
  names: { y: number; text: string }[]
  bars: Bar[]
  /** Where platforms first disagreed; null: they never did in the span. */
  first: number | null
  x(at: number): number
}

/** A bar narrower than this cannot carry its word; the table below says it. */
const WORD_WIDTH = 46

export function lanesOf(t: Timeline): Lanes {
  const from = Date.parse(t.from)
  const to = Date.parse(t.to)
  const x = (at: number) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * (Math.min(Math.max(at, from), to) - from)) / Math.max(1, to - from)
  const bars: Bar[] = []
  const names: Lanes['names'] = [{ y: 0, text: 'Disagreement' }]
  const bar = (row: number, begin: string, end: string | null, text: string, says: string, is: Bar['is']) => {
    const [a, b] = [x(Date.parse(begin)), x(end === null ? to : Date.parse(end))]
    const width = Math.max(3, b - a)
    bars.push({
      x: a,
      width,
      y: row * ROW,
      text: width >= WORD_WIDTH ? text.slice(0, Math.floor(width / 7)) : '',
      says,
      is,
    })
  }
  for (const d of t.drift) bar(0, d.from, d.to, d.label, `${d.label}: ${d.began.says}`, 'drift')
  t.lanes.forEach((lane, i) => {
    names.push({ y: (i + 1) * ROW, text: `${lane.platform.title} ${lane.record_id}` })
    for (const s of lane.segments) {
      const gone = s.deleted || !s.member
      const text = s.deleted ? 'deleted' : s.member ? (s.state ?? 'known') : 'another'
      bar(
        i + 1,
        s.from,
        s.to,
        text,
        `${lane.platform.title} ${lane.record_id}: ${s.member ? text : 'not known as this one'}`,
        gone ? 'gone' : 'state',
      )
    }
  })
  const begun = t.drift.filter((d) => Date.parse(d.from) >= from).map((d) => Date.parse(d.from))
  return {
    height: names.length * ROW + 22,
    names: names.map((n) => ({ ...n, text: n.text.length > 28 ? `${n.text.slice(0, 27)}…` : n.text })),
    bars,
    first: begun.length ? x(Math.min(...begun)) : null,
    x,
  }
}

/** The next turning point in a direction; the same instant where there is none. */
export function stepFrom(points: readonly string[], at: number, by: 1 | -1): number {
  const all = points.map((p) => Date.parse(p)).sort((a, b) => a - b)
  const found = by === 1 ? all.find((p) => p > at) : all.findLast((p) => p < at)
  return found ?? at
}

/** "2026-11-20T08:00:05" for an input of date and time in UTC, and back. */
export const toInput = (at: number): string => new Date(at).toISOString().slice(0, 19)
export function fromInput(text: string): number | null {
  const at = Date.parse(`${text}${text.length === 16 ? ':00' : ''}Z`)
  return Number.isNaN(at) ? null : at
}
