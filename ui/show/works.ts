/** Long jobs in words: what runs, how far it is, how fast, and how long it still takes. */
import { count, decimal } from './numbers.ts'
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

const UNIT_WORDS: Record<string, string> = {
  rows: 'rows',
  checks: 'checks',
  records: 'records',
  steps: 'steps',
  bytes: 'bytes',
}

/** Below this share the pace of the beginning says nothing about the end. */
const TELLING = 0.05

export const workTitle = (w: Pick<Shown, 'kind' | 'subject'>): string =>
  w.subject === null ? TITLES[w.kind] : `${TITLES[w.kind]}: ${w.subject}`

export function workFigures({ done, of, unit, rate, remaining_ms }: Omit<Shown, 'kind' | 'subject' | 'now'>): string[] {
  const what = UNIT_WORDS[unit] ?? unit
  const far = of === null ? `${count(done)} ${what}` : `${count(done)} of ${count(of)} ${what}`
  const speed = rate === null ? [] : [`${rate >= 10 ? count(Math.round(rate)) : decimal(rate, 1)} ${what} a second`]
  const left = remaining_ms !== null && of !== null && done >= of * TELLING
  return [far, ...speed, ...(left ? [`about ${duration(remaining_ms)} left`] : [])]
}
