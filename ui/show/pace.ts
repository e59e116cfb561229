/** The pace of a long job: how fast it goes and how long it still takes, in words; nothing is promised before it is known. */
import { count, decimal } from './numbers.ts'
import { duration } from './times.ts'

export interface Progress {
  done: number
  /** Null: nobody knows how much there is. */
  of: number | null
  startedAt: string
}

/** A rate from fewer seconds than this would jump about. */
const SURE_AFTER_MS = 1_500

export function paceWords({ done, of, startedAt }: Progress, now: number, unit: string): string {
  const ms = now - Date.parse(startedAt)
  if (done === 0 || ms < SURE_AFTER_MS) return ''
  const rate = (done / ms) * 1000
  const speed = rate >= 10 ? count(Math.round(rate)) : decimal(rate, 1)
  const left = of === null || of <= done ? null : ((of - done) / rate) * 1000
  return `${speed} ${unit} a second${left === null ? '' : `, about ${duration(left)} left`}`
}
