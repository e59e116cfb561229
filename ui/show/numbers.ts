/** Numbers and money for people. Amounts are decimal text; what is shown is formatted from the text, never calculated. */

const whole = new Intl.NumberFormat()
const percentFormat = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })

export const count = (n: number): string => whole.format(n)
export const percent = (share: number): string => percentFormat.format(share)
/** "1 customer", "3 customers" */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** An amount with its currency, all digits kept; whole amounts without decimals where `short`. */
export function money(amount: string, currency: string, short = false): string {
  const whole = /^-?\d+(?:\.0*)?$/.test(amount)
  const digits = short ? { maximumFractionDigits: 0 } : whole ? {} : { maximumFractionDigits: 9 }
  try {
    // Decimal text is formatted exactly; a number would lose digits of large amounts.
    return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...digits }).format(
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
      ? { first: money('0', currency), second: null }
      : null
  const first = entries.map(([code, amount]) => money(amount, code)).join(' + ')
  const foreign = entries.some(([code]) => code !== currency)
  return { first, second: foreign ? (reporting === null ? 'no rate' : `≈ ${money(reporting, currency)}`) : null }
}
