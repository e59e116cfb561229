/** Key figures in words: the value in its unit, how it moved, and whether that is good. Unknown is a word, never 0. */
import type { Kpi } from '../api.ts'
import { count, money, percent } from './numbers.ts'
import { duration } from './times.ts'

export function figureWords(kpi: Pick<Kpi, 'unit' | 'currency'>, value: string | null): string {
  if (value === null) return 'not known'
  if (kpi.unit === 'money') return money(value, kpi.currency ?? 'EUR', 'whole')
  const number = Number(value)
  if (kpi.unit === 'share') return percent(number)
  return kpi.unit === 'seconds' ? duration(number * 1000) : count(number)
}

export interface Move {
  says: string
  /** Colour says good or bad; the arrow carries the direction. */
  mood: 'fine' | 'late' | 'quiet'
}

/** How it stands against the figure of one period before; null where there was none. */
export function moveOf(kpi: Kpi): Move | null {
  const now = kpi.current?.value
  const before = kpi.previous?.value
  if (now == null || before == null) return null
  const by = Number(now) - Number(before)
  const against = `${kpi.period === 'now' ? 'yesterday' : `the ${kpi.period} before`}: ${figureWords(kpi, before)}`
  if (by === 0) return { says: `= as ${against}`, mood: 'quiet' }
  const better = kpi.better === 'neither' ? null : by > 0 === (kpi.better === 'higher')
  return { says: `${by > 0 ? '▲' : '▼'} ${against}`, mood: better === null ? 'quiet' : better ? 'fine' : 'late' }
}

/** A line through the known points, in a box of 100 × 24; empty below two points. */
export function spark(trend: readonly { value: string | null }[]): string {
  const known = trend.flatMap((p, i) => (p.value === null ? [] : [{ i, v: Number(p.value) }]))
  if (known.length < 2) return ''
  const low = Math.min(...known.map((p) => p.v))
  const high = Math.max(...known.map((p) => p.v))
  const x = (i: number) => ((i / Math.max(1, trend.length - 1)) * 100).toFixed(1)
  const y = (v: number) => (high === low ? 12 : 22 - ((v - low) / (high - low)) * 20).toFixed(1)
  return known.map((p, n) => `${n ? 'L' : 'M'}${x(p.i)} ${y(p.v)}`).join('')
}
