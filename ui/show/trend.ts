/** The trend as lines and bars of a small drawing, and as one sentence. */
import type { Overview } from '../api.ts'
import { count } from './numbers.ts'

type Point = Overview['trend'][number]

export const BOX = { width: 480, height: 168, left: 34, right: 78, top: 12, bottom: 24 } as const

/** The next round number at or above, so that the axis has words people read at a glance. */
export function ceiling(n: number): number {
  if (n <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(n))
  return [1, 2, 4, 6, 10].map((f) => f * power).find((c) => c >= n) ?? n
}

export function drawing(trend: readonly Point[]) {
  const most = ceiling(Math.max(0, ...trend.flatMap((p) => [p.open, p.opened])))
  const step = (BOX.width - BOX.left - BOX.right) / Math.max(1, trend.length - 1)
  const x = (n: number) => BOX.left + n * step
  const y = (value: number) => BOX.top + (BOX.height - BOX.top - BOX.bottom) * (1 - value / most)
  const bar = Math.max(2, Math.min(14, step * 0.55))
  const round = (value: number) => Math.round(value * 10) / 10
  return {
    line: trend.map((p, n) => `${n ? 'L' : 'M'}${round(x(n))} ${round(y(p.open))}`).join(''),
    bars: trend
      .map((p, n) => ({
        x: round(x(n) - bar / 2),
        y: round(y(p.opened)),
        width: bar,
        height: round(y(0) - y(p.opened)),
      }))
      .filter((b) => b.height > 0),
    grid: [0, most / 2, most].map((value) => ({ y: round(y(value)), text: count(value) })),
    end: trend.length ? { x: round(x(trend.length - 1)), y: round(y(trend.at(-1)!.open)) } : null,
  }
}

export function summary(trend: readonly Point[], words: string): string {
  const first = trend[0]
  const last = trend.at(-1)
  if (!first || !last) return 'Nothing has been recorded yet.'
  const opened = trend.reduce((n, p) => n + p.opened, 0)
  const resolved = trend.reduce((n, p) => n + p.resolved, 0)
  const moved =
    last.open > first.open
      ? `rose from ${count(first.open)} to`
      : last.open < first.open
        ? `fell from ${count(first.open)} to`
        : 'stayed at'
  return `Open findings ${moved} ${count(last.open)} in ${words}: ${count(opened)} opened, ${count(resolved)} resolved.`
}
