/** An instant. Canonical: ISO 8601 in UTC with milliseconds. A stamp without an offset is read in the platform's zone. */
import { invalid, value, written, type Read } from '../reading.ts'
import { instantOf } from '../zone.ts'
import { readWrittenDate, type WrittenDate } from './written-date.ts'

/** How fine the platform writes its stamps: a one-second stamp is never read as exact. */
export type Resolution = 'ms' | 's' | 'min' | 'day'

/** What a DateTime64(3) column holds; beyond it the store would change the value in silence. */
export const INSTANT_MIN = Date.UTC(1900, 0, 1)
export const INSTANT_MAX = Date.UTC(2299, 11, 31, 23, 59, 59, 999)
const OUT_OF_RANGE = 'The instant lies before 1900 or after 2299.'

export const readInstant: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  const found = typeof raw === 'boolean' ? 'This is not a date or time.' : instantFrom(text, ctx.timezone)
  return typeof found === 'string' ? invalid(found, text) : value(new Date(found.at).toISOString(), text)
}

/** Epoch milliseconds with the resolution of the writing, or the reason why it is none. */
export function instantFrom(text: string, timezone: string): { at: number; resolution: Resolution } | string {
  const epoch = epochOf(text)
  if (epoch) return inRange(epoch.at) ? epoch : OUT_OF_RANGE
  const date = readWrittenDate(text)
  if (typeof date === 'string') return date
  if (date.day === null) return 'A month or a year is not an instant; write the day too.'
  const at = toInstant(date, timezone)
  return inRange(at) ? { at, resolution: date.time?.resolution ?? 'day' } : OUT_OF_RANGE
}

function inRange(at: number): boolean {
  return at >= INSTANT_MIN && at <= INSTANT_MAX
}

/** Epoch seconds below this, milliseconds from here on: the year 5138, or March 1973. */
const SECONDS_BELOW = 100_000_000_000

/** Twelve or fourteen digits of this century or the last are a compact stamp (types/written-date.ts). */
const COMPACT = /^(?:19|20)\d{10}(?:\d\d)?$/

/** Epoch seconds or milliseconds, as digits or in `/Date(…)/`. Fewer than nine digits are something else. */
export function epochOf(text: string): { at: number; resolution: Resolution } | null {
  const wrapped = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text.trim())
  const plain = wrapped || COMPACT.test(text.trim()) ? null : /^-?\d{9,15}(?:\.\d{1,9})?$/.exec(text.trim())
  const digits = wrapped?.[1] ?? plain?.[0]
  if (digits === undefined) return null
  const number = Number(digits)
  const at = wrapped || Math.abs(number) >= SECONDS_BELOW ? Math.trunc(number) : Math.round(number * 1000)
  return { at, resolution: at % 1000 === 0 ? 's' : 'ms' }
}

function toInstant(date: WrittenDate, timezone: string): number {
  const t = date.time
  const wall = Date.UTC(date.year, date.month! - 1, date.day!, t?.hour ?? 0, t?.minute ?? 0, t?.second ?? 0, t?.ms ?? 0)
  return t?.offset == null ? instantOf(timezone, wall) : wall - t.offset * 60_000
}
