/** Numbers, money, days and times in the language of a report and the zone of its schedule. */
import type { Language } from '../config/reports-schema.ts'

const LOCALE: Record<Language, string> = { en: 'en-GB', de: 'de-DE' }
const HOUR = 3_600_000
const DAY = 24 * HOUR

export interface Format {
  count(n: number): string
  percent(share: number): string
  /** Currency code and amount, all digits kept; cents left out where `short`. */
  money(amount: string, currency: string, short?: boolean): string
  /** `20 Nov 2026` */
  day(at: number): string
  /** `13–20 Nov 2026` */
  days(from: number, to: number): string
  month(at: number): string
  /** `20 Nov 2026, 07:55 CET` */
  time(at: number): string
  /** `3 d`, `5 h` */
  age(ms: number): string
}

export function formatIn(language: Language, timeZone: string): Format {
  const locale = LOCALE[language]
  const whole = new Intl.NumberFormat(locale)
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone })
  const month = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone })
  const time = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  })
  return {
    count: (n) => whole.format(n),
    percent: (n) => share.format(n),
    money(amount, currency, short = false) {
      // Decimal text is formatted exactly; a number would lose digits of large amounts.
      const digits = short
        ? { maximumFractionDigits: 0 }
        : { minimumFractionDigits: decimalsOf(currency, locale), maximumFractionDigits: 9 }
      const number = new Intl.NumberFormat(locale, digits).format(amount as unknown as number)
      return `${currency} ${number}`
    },
    day: (at) => day.format(at),
    days: (from, to) => day.formatRange(from, to),
    month: (at) => month.format(at),
    time: (at) => time.format(at),
    age: (ms) => (ms < DAY ? `${Math.max(0, Math.floor(ms / HOUR))} h` : `${Math.floor(ms / DAY)} d`),
  }
}

/** Decimals that a currency is written with: none for yen, three for dinars. */
function decimalsOf(currency: string, locale: string): number {
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().minimumFractionDigits ?? 2
  } catch {
    return 2
  }
}
