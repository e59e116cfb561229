/** Long jobs in words: what runs, how far it is, how fast, and how long it still takes. */
import { count } from './numbers.ts'
import { duration } from './times.ts'

export interface Shown {
  kind: 'collect' | 'check' | 'backfill' | 'backtest' | 'apply' | 'export'
  subject: string | null
  done: number
  of: number | null
  unit: string
  now: string | null
  rate: number | null
  remaining_ms: number | null
}

const TITLES: Record<Shown['kind'], string> = {
  collect: 'Reading',
  check: 'Checking',
  backfill: 'Back-fill',
  backtest: 'Back-test',
  apply: 'Applying',
  export: 'Export',
}

export const workTitle = (w: Pick<Shown, 'kind' | 'subject'>): string =>
  w.subject === null ? TITLES[w.kind] : `${TITLES[w.kind]}: ${w.subject}`

export function workFigures({ done, of, unit, rate, remaining_ms }: Omit<Shown, 'kind' | 'subject' | 'now'>): string[] {
  const far = of === null ? `${count(done)} ${unit}` : `${count(done)} of ${count(of)} ${unit}`
  const speed = rate === null ? [] : [`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)} ${unit} a second`]
  return [far, ...speed, ...(remaining_ms === null ? [] : [`about ${duration(remaining_ms)} left`])]
}
