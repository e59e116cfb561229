/** Money over time as a small drawing and a sentence: found above the line, recovered and written off below it, day by day. */
import type { Exposure } from '../api.ts'
import { money } from './numbers.ts'

export type Basis = 'confirmed' | 'estimated'
type Day = Exposure['days'][number]

export const FRAME = { width: 720, height: 150, left: 8, right: 8, top: 10, bottom: 10 } as const

/** For drawing and for comparing only: what is printed is the decimal text itself. */
const size = (known: string | null): number => Number(known ?? 0)

export function bars(days: readonly Day[], basis: Basis) {
  const up = days.map((d) => Math.max(0, size(d[basis].opened.known)))
  const down = days.map((d) => [size(d[basis].recovered.known), Math.max(0, size(d[basis].written_off.known))] as const)
  const most = Math.max(0, ...up)
  const least = Math.max(0, ...down.map(([a, b]) => a + b))
  const height = FRAME.height - FRAME.top - FRAME.bottom
  const scale = most + least === 0 ? 0 : height / (most + least)
  const zero = FRAME.top + most * scale
  const step = (FRAME.width - FRAME.left - FRAME.right) / Math.max(1, days.length)
  const width = Math.max(1, Math.min(18, step * 0.7))
  const round = (n: number) => Math.round(n * 10) / 10
  const rect = (i: number, y: number, h: number) => ({
    x: round(FRAME.left + i * step + (step - width) / 2),
    y: round(y),
    width: round(width),
    height: round(h),
  })
  return {
    zero: round(zero),
    opened: up.map((v, i) => rect(i, zero - v * scale, v * scale)).filter((r) => r.height > 0),
    recovered: down.map(([a], i) => rect(i, zero, a * scale)).filter((r) => r.height > 0),
    writtenOff: down.map(([a, b], i) => rect(i, zero + a * scale, b * scale)).filter((r) => r.height > 0),
  }
}

/** "CHF 1,200 found, CHF 800 recovered, CHF 0 written off" */
export function totals({ total, currency }: Exposure, basis: Basis): string {
  const words = (known: string | null) => (known === null ? 'an unknown amount' : money(known, currency, 'whole'))
  const { opened, recovered, written_off: off } = total[basis]
  return `${words(opened.known)} found, ${words(recovered.known)} recovered, ${words(off.known)} written off`
}

/** Days on which anything moved, newest first. */
export function moved(days: readonly Day[], basis: Basis): Day[] {
  return days
    .filter((d) =>
      (['opened', 'recovered', 'written_off', 'suspended'] as const).some(
        (m) => Object.keys(d[basis][m].amounts).length > 0,
      ),
    )
    .toReversed()
}
