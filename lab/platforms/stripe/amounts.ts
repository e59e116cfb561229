/** Amounts as Stripe counts them: whole minor units, and unit prices with twelve decimals. */

/** Decimals of Stripe's amounts: ISO 4217's, but for a few. */
const EXPONENT: Record<string, number> = {
  JPY: 0,
  KRW: 0,
  CLP: 0,
  VND: 0,
  MGA: 0,
  XAF: 0,
  XOF: 0,
  KWD: 3,
  BHD: 3,
  JOD: 3,
  OMR: 3,
  TND: 3,
}

/** Decimal text in major units → whole minor units. */
export function minor(value: string | null, currency: string | null): number | null {
  if (value === null || value === '') return null
  const places = EXPONENT[currency?.toUpperCase() ?? ''] ?? 2
  const [whole, fraction = ''] = value.replace('-', '').split('.') as [string, string?]
  return Number(`${value.startsWith('-') ? '-' : ''}${whole}${fraction.padEnd(places, '0').slice(0, places)}`)
}

/** Price of one, to Stripe's twelve decimals: quantity times it is the amount again. */
export function unitPrice(value: string | null, quantity: string | null, currency: string | null): string | null {
  const total = minor(value, currency)
  if (total === null) return null
  const count = BigInt(quantity ?? '1')
  if (count === 0n) return '0'
  const scaled = (BigInt(total) * 10n ** 12n) / count
  const fraction = (scaled % 10n ** 12n).toString().padStart(12, '0').replace(/0+$/, '')
  return `${scaled / 10n ** 12n}${fraction && `.${fraction}`}`
}

/** So many of one unit price in minor units, as decimal text in major units. */
export function major(unit: string, quantity: string, currency: string): string {
  const places = EXPONENT[currency] ?? 2
  const [whole = '0', fraction = ''] = unit.replace('-', '').split('.')
  const scale = 10n ** BigInt(fraction.length)
  const exact = BigInt(whole + fraction) * BigInt(quantity)
  const minor = (exact + scale / 2n) / scale
  const digits = minor.toString().padStart(places + 1, '0')
  const cut = digits.length - places
  return `${unit.startsWith('-') ? '-' : ''}${digits.slice(0, cut)}${places > 0 ? `.${digits.slice(cut)}` : ''}`
}
