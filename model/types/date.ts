/** A calendar day, or a month or year where only that is known. Canonical: `2026-11-20`, `2026-11`, `2026`. */
import { invalid, value, written, type Read } from '../reading.ts'
import { offsetAt } from '../zone.ts'
import { epochOf, INSTANT_MAX, INSTANT_MIN } from './instant.ts'
import { readWrittenDate } from './written-date.ts'

/**
 * An instant is the day that it shows where it was written: by its own offset, else by the platform's zone.
 * Epoch numbers carry no offset and go by the platform's zone.
 */
export const readDate: Read = (raw, ctx) => {
  const text = written(raw)
  if (typeof text !== 'string') return text
  if (typeof raw === 'boolean') return invalid('This is not a date.', text)
  const epoch = epochOf(text)
  if (epoch) {
    if (epoch.at < INSTANT_MIN || epoch.at > INSTANT_MAX)
      return invalid('The date lies before 1900 or after 2299.', text)
    return value(new Date(epoch.at + offsetAt(ctx.timezone, epoch.at)).toISOString().slice(0, 10), text)
  }
  const date = readWrittenDate(text)
  return typeof date === 'string' ? invalid(date, text) : value(iso(date.year, date.month, date.day), text)
}

function iso(year: number, month: number | null, day: number | null): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  return [String(year), ...(month === null ? [] : [two(month)]), ...(day === null ? [] : [two(day)])].join('-')
}
