/** Edges in words and drawings: how long changes take, what is left of a budget, on axes people read at a glance. */
import type { Edge, EdgeDetail } from '../api.ts'
import { count, counted, decimal, listed, percent } from './numbers.ts'
import { duration } from './times.ts'
import { inText } from './words.ts'

export const edgeHref = (e: Edge): string =>
  `/flows/${[e.owner.name, e.follower.name, e.kind, e.part].map(encodeURIComponent).join('/')}`

/** "Invoice: state", "Customer: legal name, tax id and 9 more" */
export function edgeWords(e: Pick<Edge, 'kind_title' | 'fields'>): string {
  const labels = e.fields.map((f) => inText(f.label))
  const shown = labels.length > 3 ? `${labels.slice(0, 2).join(', ')} and ${labels.length - 2} more` : labels.join(', ')
  return `${e.kind_title}: ${shown}`
}

/** Seconds for people; a dash where too little was measured. */
export const lag = (seconds: number | null): string => (seconds === null ? '–' : duration(seconds * 1000))

export const share = (n: number | null): string => (n === null ? '–' : percent(n))

/** Burning now, or something wrong, or overdrawn: what a person should look at, with words; null: nothing. */
export function trouble(e: Edge): string | null {
  const burning = e.burns.find((b) => b.alarm)
  if (burning) return `burning ${decimal(burning.rate!, 1)} × over ${burning.long}`
  if (e.still_wrong > 0) return `${count(e.still_wrong)} still wrong`
  if (e.budget.left !== null && e.budget.left < 0) return 'budget overdrawn'
  if (e.undecided > 0) return `${count(e.undecided)} cannot be decided`
  return null
}

/** Those that need somebody first, then by what is left of the budget, then by volume. */
export function byAttention(a: Edge, b: Edge): number {
  const rank = (e: Edge) => (e.burns.some((x) => x.alarm) ? 0 : trouble(e) ? 1 : 2)
  const left = (e: Edge) => e.budget.left ?? 2
  return rank(a) - rank(b) || left(a) - left(b) || b.norm.changes - a.norm.changes
}

/** Which stamps are lacking, and what is known all the same. */
export function lackWords(e: Edge): string | null {
  if (e.lacks.length === 0) return null
  return `${listed(e.lacks)} is lacking or does not move with the change: of ${counted(e.period.unmeasured, 'change')} only presence is known, ${count(e.period.unmeasured_arrived)} arrived.`
}

export const BOX = { width: 640, height: 200, left: 58, right: 84, top: 12, bottom: 24 } as const
const plot = { width: BOX.width - BOX.left - BOX.right, height: BOX.height - BOX.top - BOX.bottom }
const round = (n: number) => Math.round(n * 10) / 10

const TICKS = [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800]

interface Line {
  name: string
  d: string
  end: { x: number; y: number } | null
}

/** Latency on a logarithmic axis, so that a minute and a day stand on one sheet; gaps where nothing was measured. */
export function latency(d: EdgeDetail, from: number, to: number) {
  const { steps, edge, excluded } = d
  const seen = steps.flatMap((s) => [s.p50, s.p95, s.p99]).filter((n) => n !== null)
  const most = Math.max(60, edge.window_seconds, ...seen) * 1.3
  const least = Math.max(0.5, Math.min(1, ...seen))
  const scale = (s: number) => Math.log10(Math.max(least, s) / least) / Math.log10(most / least)
  const x = (iso: string) =>
    round(BOX.left + plot.width * Math.min(1, Math.max(0, (Date.parse(iso) - from) / (to - from))))
  const y = (s: number) => round(BOX.top + plot.height * (1 - scale(s)))
  const line = (name: string, pick: (s: EdgeDetail['steps'][number]) => number | null): Line => {
    let d = ''
    let pen = false
    let end: Line['end'] = null
    for (const step of steps) {
      const value = pick(step)
      if (value !== null) {
        end = { x: x(step.at), y: y(value) }
        d += `${pen ? 'L' : 'M'}${end.x} ${end.y}`
        // A lone point is a dot: a line without length is drawn by its round cap.
        if (!pen) d += 'h0.1'
      }
      pen = value !== null
    }
    return { name, d, end }
  }
  return {
    lines: [line('p50', (s) => s.p50), line('p95', (s) => s.p95), line('p99', (s) => s.p99)],
    grid: TICKS.filter((t) => t >= least && t <= most).map((t) => ({ y: y(t), text: duration(t * 1000) })),
    promise: y(edge.window_seconds),
    excluded: excluded.map((e) => ({ x: x(e.begin), width: Math.max(2, x(e.end) - x(e.begin)), reason: e.reason })),
  }
}

/** Bars from the first step with changes to the last. */
export function histogram(d: EdgeDetail) {
  const { histogram: steps } = d
  const first = Math.max(
    0,
    steps.findIndex((s) => s.changes > 0),
  )
  const last = steps.findLastIndex((s) => s.changes > 0)
  const shown = last < 0 ? [] : steps.slice(first, last + 1)
  const most = Math.max(1, ...shown.map((s) => s.changes))
  return shown.map((s, i) => ({
    words: stepWords(steps, first + i),
    changes: s.changes,
    part: s.changes / most,
    late: (steps[first + i - 1]?.up_to ?? 0) >= d.edge.window_seconds,
  }))
}

function stepWords(steps: EdgeDetail['histogram'], i: number): string {
  const low = steps[i - 1]?.up_to
  const high = steps[i]!.up_to
  if (high === null) return `over ${lag(low ?? 0)}`
  return low === undefined ? `up to ${lag(high)}` : `${lag(low)} to ${lag(high)}`
}

/** Budget left by day, with room below zero: how far beyond matters. */
export function budgetLine(d: EdgeDetail) {
  const known = d.budget.map((b) => b.left).filter((n) => n !== null)
  const low = Math.min(0, ...known)
  const x = (i: number) => round(BOX.left + (plot.width * i) / Math.max(1, d.budget.length - 1))
  const y = (left: number) => round(BOX.top + (plot.height * (1 - left)) / (1 - low))
  let path = ''
  let pen = false
  let end: Line['end'] = null
  d.budget.forEach((b, i) => {
    if (b.left !== null) {
      end = { x: x(i), y: y(b.left) }
      path += `${pen ? 'L' : 'M'}${end.x} ${end.y}${pen ? '' : 'h0.1'}`
    }
    pen = b.left !== null
  })
  // Far below zero the top would stand on the zero line.
  const ticks = low < -3 ? [0, low] : [1, 0, ...(low < 0 ? [low] : [0.5])]
  return { path, end: end as Line['end'], zero: y(0), grid: ticks.map((t) => ({ y: y(t), text: percent(t) })) }
}

/** A spark of the last days: 60 by 18, gaps left out. */
export function spark(trend: readonly (number | null)[]): string {
  const most = Math.max(1, ...trend.map((t) => t ?? 0))
  let d = ''
  let pen = false
  trend.forEach((t, i) => {
    if (t !== null)
      d += `${pen ? 'L' : 'M'}${round((60 * i) / Math.max(1, trend.length - 1))} ${round(17 - (16 * t) / most)}${pen ? '' : 'h0.1'}`
    pen = t !== null
  })
  return d
}
