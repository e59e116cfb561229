/** Numbers and money for people. Amounts are decimal text; what is shown is formatted from the text, never calculated. */

const whole = new Intl.NumberFormat()
const percentFormat = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })

export const count = (n: number): string => whole.format(n)
export const percent = (share: number): string => percentFormat.format(share)
/** "1 customer", "3 customers" */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/**
 * An amount with its currency. @param digits `all` of them; `usual`: as many as the currency has, for what was converted
 * and is not exact anyway; `whole` units alone
 */
export function money(amount: string, currency: string, digits: 'all' | 'usual' | 'whole' = 'all'): string {
  const exact = digits === 'all' && !/^-?\d+(?:\.0*)?$/.test(amount)
  const shown = digits === 'whole' ? { maximumFractionDigits: 0 } : exact ? { maximumFractionDigits: 9 } : {}
  try {
    // Decimal text is formatted exactly; a number would lose digits of large amounts.
    return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...shown }).format(
      amount as unknown as number,
    )
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
