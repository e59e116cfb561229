/** The words of alerts: one set a language. Numbers, money and dates are written by the recipient's locale and zone. */
import type { Cause, Severity } from '../../../model/verdict.ts'
import type { Locale } from '../../../model/message.ts'
import type { News } from '../subject.ts'
import { german } from './de.ts'
import { english } from './en.ts'

export interface Words {
  severity: Record<Severity, string>
  news: Record<News, string>
  cause: Partial<Record<Cause, string>>
  owner: (team: string) => string
  customers: (n: number, written: string) => string
  findings: (n: number, written: string) => string
  atRisk: (money: string) => string
  estimated: (money: string) => string
  unknownMoney: string
  started: string
  ago: (time: string) => string
  window: string
  windowEnds: (at: string) => string
  windowEnded: (at: string) => string
  likelyCause: string
  money: string
  legalEntity: string
  recoverableUntil: string
  resolvedAt: string
  lasted: string
  /** What the news means, as a sentence. */
  says: Record<News, (s: { from: string; to: string; field: string; findings: string }) => string>
  andMore: (n: number) => string
  hidden: string
  openIssue: string
  openIssues: string
  openAlerts: string
  openEdges: string
  previewFix: string
  acknowledge: string
  silence: string
  changeRoute: string
  because: (route: string) => string
  becauseOwn: string
  again: string
  escalated: (after: string) => string
  groupTitle: (n: number, written: string) => string
  stormTitle: (n: number, written: string, cause: string) => string
  stormLine: (issues: string, findings: string) => string
  digestTitle: (n: number, written: string) => string
  resolvedPrefix: string
  minutes: (n: number) => string
  hours: (n: number) => string
  days: (n: number) => string
  own: Record<string, { title: (what: string) => string; line: (detail: string) => string; then: string }>
  /** Of what is resolved: the money that was at risk, and whether somebody decided something about it. */
  cleared: string
  how: string
  decided: (decided: boolean) => string
  /** Of a read that has not happened yet. */
  never: string
  ownOver: (title: string) => string
  burnTitle: (from: string, to: string, part: string) => string
  closingTitle: (n: string, from: string) => string
  closingLine: (until: string) => string
  openExceptions: string
  burnLine: (rate: string, long: string, short: string | null, bad: string, all: string) => string
  listed: Intl.ListFormatOptions
}

const WORDS: Record<Locale, Words> = { en: english, de: german }

export const wordsOf = (locale: Locale): Words => WORDS[locale]

export interface Pen {
  words: Words
  locale: Locale
  number(n: number): string
  money(amount: string, currency: string): string
  /** Sums by currency, largest first; never added up. */
  amounts(amounts: Record<string, string>): string
  instant(at: number): string
  span(ms: number): string
  list(items: readonly string[]): string
}

/** @param region locale of numbers and dates, such as `de-CH`; default: the language's own */
export function penOf(locale: Locale, zone: string, region?: string): Pen {
  const words = wordsOf(locale)
  const tag = region ?? (locale === 'en' ? 'en-GB' : locale)
  const whole = new Intl.NumberFormat(tag)
  const dates = new Intl.DateTimeFormat(tag, {
    timeZone: zone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  })
  const money = (amount: string, currency: string): string => {
    try {
      // Decimal text is formatted exactly; a number would lose digits of large amounts.
      return new Intl.NumberFormat(tag, {
        style: 'currency',
        currency,
        currencyDisplay: 'code',
        maximumFractionDigits: 0,
      })
        .format(amount as unknown as number)
        .replaceAll('\u00a0', ' ')
    } catch {
      return `${amount} ${currency}`
    }
  }
  return {
    words,
    locale,
    number: (n) => whole.format(n),
    money,
    amounts: (amounts) =>
      Object.entries(amounts)
        .filter(([, amount]) => Number(amount) !== 0)
        .sort(([, a], [, b]) => Number(b) - Number(a))
        .map(([currency, amount]) => money(amount, currency))
        .join(' + '),
    instant: (at) => dates.format(at).replaceAll('\u202f', ' '),
    span(ms) {
      const minutes = Math.max(1, Math.round(ms / 60_000))
      if (minutes < 120) return words.minutes(minutes)
      const hours = Math.round(minutes / 60)
      return hours < 48 ? words.hours(hours) : words.days(Math.round(hours / 24))
    },
    list: (items) => new Intl.ListFormat(tag, words.listed).format(items),
  }
}
