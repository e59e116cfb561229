/** A schedule in words: "every Monday at 07:00". What has no short sentence stays as it is written. */
import { listed } from './numbers.ts'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

export function cronWords(cron: string): string {
  if (cron === 'manual') return 'only by hand'
  const fields = cron.trim().toLowerCase().split(/\s+/)
  if (fields.length === 6 && fields.shift() !== '0') return cron
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  if (!/^\d+$/.test(minute) || !/^\d+$/.test(hour) || month !== '*') return cron
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (day === '*' && weekday === '*') return `every day ${at}`
  if (day === '*') {
    const words = weekdays(weekday)
    return words === null ? cron : `every ${words} ${at}`
  }
  if (weekday !== '*') return cron
  if (/^\d+$/.test(day)) return `on day ${day} of every month ${at}`
  const range = /^(\d+)-(\d+)$/.exec(day)
  return range ? `on days ${range[1]!} to ${range[2]!} of every month ${at}` : cron
}

function weekdays(text: string): string | null {
  const named = (word: string): string | null =>
    NAMES.includes(word) ? DAYS[NAMES.indexOf(word)]! : /^[0-7]$/.test(word) ? DAYS[Number(word)]! : null
  const range = /^(\w+)-(\w+)$/.exec(text)
  if (range) {
    const [from, to] = [named(range[1]!), named(range[2]!)]
    return from && to ? `day from ${from} to ${to}` : null
  }
  const all = text.split(',').map(named)
  return all.some((d) => d === null) ? null : listed(all.filter((d) => d !== null))
}
