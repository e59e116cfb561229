/** Money in the laboratory: whole minor units, so that no sum is ever off by a rounding of ours. */

const EXPONENT: Record<string, number> = { JPY: 0, KWD: 3 }

export const exponent = (currency: string): number => EXPONENT[currency] ?? 2

/** Minor units as decimal text in major units: `1999n`, EUR → `19.99`. */
export function amount(minor: bigint, currency: string): string {
  const places = exponent(currency)
  if (places === 0) return String(minor)
  const sign = minor < 0n ? '-' : ''
  const digits = String(minor < 0n ? -minor : minor).padStart(places + 1, '0')
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** The reverse; text with fewer decimals than the currency has is filled up. */
export function minor(text: string, currency: string): bigint {
  const places = exponent(currency)
  const [whole = '0', decimals = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + decimals.padEnd(places, '0').slice(0, places))
  return text.startsWith('-') ? -value : value
}

/** A share in per mille, rounded half up: tax rates and discounts. */
export function perMille(value: bigint, share: number): bigint {
  return (value * BigInt(share) + 500n) / 1000n
}

export function add(a: string, b: string, currency: string): string {
  return amount(minor(a, currency) + minor(b, currency), currency)
}

export function subtract(a: string, b: string, currency: string): string {
  return amount(minor(a, currency) - minor(b, currency), currency)
}

export function absolute(text: string): string {
  return text.replace('-', '')
}
