/**
 * A date or time as people and platforms write it: ISO 8601, `20261120`, `20.11.2026`, `11/20/2026 3:04 PM`,
 * `20-Nov-2026`, `Fri, 20 Nov 2026 12:00:00 GMT`, `/Date(1795132800000)/`.
 *
 * Dots mean day first. With slashes or hyphens the part above 12 is the day; where both could be, it is not read.
 */

export interface WrittenDate {
  year: number
  month: number | null
  day: number | null
  time: WrittenTime | null
}

export interface WrittenTime {
  hour: number
  minute: number
  second: number
  ms: number
  /** Minutes ahead of UTC as written; null: none was written. */
  offset: number | null
  resolution: 'min' | 's' | 'ms'
}

/** What stands in for "no date" in databases: not a date that somebody meant. */
export const NO_DATE = 'Year 0000 or 0001 stands for no date; leave the field empty.'
const AMBIGUOUS = 'Day and month cannot be told apart; write the date as 2026-11-20.'
const UNREADABLE = 'This is not a date or time; write it as 2026-11-20 or 2026-11-20T12:00:00Z.'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\\.?'
const END = '(?=$|[T\\s,])'
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${END}`)
const COMPACT = new RegExp(`^(\\d{4})(\\d{2})(\\d{2})${END}`)
const COMPACT_TIME = /^((?:19|20)\d{6})(\d{4}(?:\d\d)?)$/
const PARTIAL = /^(\d{4})(?:-(\d{2}))?$/
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${END}`)
const MONTH_YEAR = /^(\d{1,2})[/.](\d{4})$/
const DAY_NAME = new RegExp(`^(\\d{1,2})[\\s-]${MONTH}[\\s-](\\d{4})${END}`, 'i')
const NAME_DAY = new RegExp(`^${MONTH}\\s(\\d{1,2}),?\\s(\\d{4})${END}`, 'i')
const NAME_YEAR = new RegExp(`^${MONTH}\\s(\\d{4})$`, 'i')
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s/i
const TIME =
  /^(?:T|,?\s)\s?(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s?([ap]m)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/+-]+\])?$/i
const LENGTH_MAX = 64
const OFFSET_MAX = 14 * 60

/** The parts that were written, checked against the calendar, or the reason why they make no date. */
export function readWrittenDate(text: string): WrittenDate | string {
  if (text.length > LENGTH_MAX) return UNREADABLE
  const clean = text
    .normalize('NFKC')
    .trim()
    .replace(/\s+/g, ' ')
    .replaceAll('\u2212', '-')
    .replace(COMPACT_TIME, '$1T$2')
  const found = datePart(clean.replace(WEEKDAY, ''))
  if (typeof found === 'string') return found
  const { year, month, day, rest } = found
  if (year < 2) return NO_DATE
  if (year < 1000) return 'The year has fewer than four digits.'
  if (month !== null && (month < 1 || month > 12)) return UNREADABLE
  if (day !== null && (day < 1 || day > daysIn(year, month!))) return 'The calendar has no such day.'
  const time = rest === '' ? null : timePart(rest)
  return typeof time === 'string' ? time : { year, month, day, time }
}

interface DatePart {
  year: number
  month: number | null
  day: number | null
  rest: string
}

function datePart(text: string): DatePart | string {
  const part = (match: RegExpExecArray, year: string, month: string | number | null, day: string | null): DatePart => ({
    year: Number(year),
    month: month === null ? null : Number(month),
    day: day === null ? null : Number(day),
    rest: text.slice(match[0].length),
  })
  let m = YEAR_FIRST.exec(text)
  if (m) return part(m, m[1]!, m[3]!, m[4]!)
  if ((m = COMPACT.exec(text))) return part(m, m[1]!, m[2]!, m[3]!)
  if ((m = PARTIAL.exec(text))) return part(m, m[1]!, m[2] ?? null, null)
  if ((m = YEAR_LAST.exec(text))) {
    const [first, second] = [Number(m[1]), Number(m[3])]
    if (m[2] !== '.' && first <= 12 && second <= 12 && first !== second) return AMBIGUOUS
    const monthFirst = m[2] !== '.' && second > 12
    return part(m, m[4]!, monthFirst ? m[1]! : m[3]!, monthFirst ? m[3]! : m[1]!)
  }
  if ((m = MONTH_YEAR.exec(text))) return part(m, m[2]!, m[1]!, null)
  if ((m = DAY_NAME.exec(text))) return part(m, m[3]!, monthNumber(m[2]!), m[1]!)
  if ((m = NAME_DAY.exec(text))) return part(m, m[3]!, monthNumber(m[1]!), m[2]!)
  if ((m = NAME_YEAR.exec(text))) return part(m, m[2]!, monthNumber(m[1]!), null)
  return UNREADABLE
}

function monthNumber(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1
}

export function daysIn(year: number, month: number): number {
  return month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31
}

function timePart(rest: string): WrittenTime | string {
  const m = TIME.exec(rest)
  if (!m) return UNREADABLE
  let hour = Number(m[1])
  const [minute, second] = [Number(m[2]), Number(m[3] ?? 0)]
  if (m[5]) {
    if (hour < 1 || hour > 12) return UNREADABLE
    hour = (hour % 12) + (m[5].toLowerCase() === 'pm' ? 12 : 0)
  }
  const endOfDay = hour === 24 && minute === 0 && second === 0
  if ((hour > 23 && !endOfDay) || minute > 59 || second > 60) return UNREADABLE
  const offset = m[6] === undefined ? null : offsetMinutes(m[6])
  if (offset !== null && Math.abs(offset) > OFFSET_MAX) return 'The offset from UTC is larger than any in use.'
  const ms = Number((m[4] ?? '').padEnd(3, '0').slice(0, 3))
  // Some platforms write .000 behind every second: a zero fraction proves nothing finer.
  const resolution = m[3] === undefined ? 'min' : ms === 0 ? 's' : 'ms'
  return { hour, minute, second, ms, offset, resolution }
}

function offsetMinutes(text: string): number {
  if (/^[a-z]/i.test(text)) return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', '') || 0)
  return text.startsWith('-') ? -minutes : minutes
}
