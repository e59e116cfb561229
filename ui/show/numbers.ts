/** Numbers and money for people. Amounts are decimal text; what is shown is formatted from the text, never calculated. */
import { language, locale } from '../language.ts'

const whole = new Intl.NumberFormat(locale)
const listFormat = new Intl.ListFormat(locale, { type: 'conjunction' })
const plural = new Intl.PluralRules(language)
const WAYS = (['zero', 'one', 'two', 'few', 'many', 'other'] as const).filter((way) =>
  plural.resolvedOptions().pluralCategories.includes(way),
)
const percentFormat = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })

export const count = (n: number): string => whole.format(n)
export const percent = (share: number): string => percentFormat.format(share)
/** A number that is not whole, with exactly so many digits behind its point. */
export const decimal = (n: number, digits: number): string =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n)
/** "Stripe, Zuora and NetSuite" */
export const listed = (names: readonly string[]): string => listFormat.format(names)

/**
 * "1 customer", "3 customers". The build puts the forms of its language here.
 * @param forms one for each way of counting in the language (`one`, `few`, `many`, `other`, in that order); the plural
 * of English may be left out where it ends in s
 */
export function counted(n: number, ...forms: [string, ...string[]]): string {
  const [one] = forms
  const form = forms.length === 1 ? (n === 1 ? one : `${one}s`) : forms[WAYS.indexOf(plural.select(n))]
  return `${count(n)} ${form ?? forms.at(-1)!}`
}

/**
 * An amount with its currency. @param digits `all` of them; `usual`: as many as the currency has, for what was converted
 * and is not exact anyway; `whole` units alone
 */
export function money(amount: string, currency: string, digits: 'all' | 'usual' | 'whole' = 'all'): string {
  const exact = digits === 'all' && !/^-?\d+(?:\.0*)?$/.test(amount)
  const shown = digits === 'whole' ? { maximumFractionDigits: 0 } : exact ? { maximumFractionDigits: 9 } : {}
  try {
    // Decimal text is formatted exactly; a number would lose digits of large amounts.
    return new Intl.NumberFormat(locale, { style: 'currency', currency, ...shown }).format(amount as unknown as number)
  } catch {
    return `${amount} ${currency}`
  }
}

export interface MoneyWords {
  /** Original currency first. */
  first: string
  /** The converted sum, where it says more than the original. */
  second: string | null
  /** How many currencies the first names. */
  currencies: number
}

/** Money of an issue: original currencies first, converted second; null when it is unknown, which is not zero. */
export function moneyWords(
  amounts: Record<string, string>,
  reporting: string | null,
  currency: string,
): MoneyWords | null {
  const entries = Object.entries(amounts).filter(([, amount]) => Number(amount) !== 0)
  if (entries.length === 0)
    return Object.keys(amounts).length > 0 || (reporting !== null && Number(reporting) === 0)
      ? { first: money('0', currency), second: null, currencies: 1 }
      : null
  const first = entries.map(([code, amount]) => money(amount, code)).join(' + ')
  const foreign = entries.some(([code]) => code !== currency)
  const converted = reporting === null ? 'no rate' : `≈ ${money(reporting, currency, 'usual')}`
  return { first, second: foreign ? converted : null, currencies: entries.length }
}

/** Bytes in the unit that is read easiest. */
export const size = (bytes: number): string =>
  bytes > 1e9
    ? `${decimal(bytes / 1e9, 1)} GB`
    : bytes > 1e6
      ? `${decimal(bytes / 1e6, 1)} MB`
      : `${count(Math.ceil(bytes / 1000))} KB`
