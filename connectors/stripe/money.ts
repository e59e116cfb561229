/** Stripe's amounts: minor units, by exponents that are ISO 4217's except for a few currencies. */
import { UnreadableRecord } from '../../model/reading.ts'
import { exponentOf, minorToMajor } from '../../model/types/currencies.ts'
import { MappingError } from '../contract.ts'
import { cannot } from '../mark.ts'
import type { StripeConfig } from './config.ts'

/** Currencies that Stripe does not count in ISO 4217's minor unit. Its currency page says so; `exponents` overrides it. */
export const EXPONENTS: Record<string, number> = { ISK: 2, UGX: 2, MGA: 0 }

/** @throws MappingError for text that is no currency code: an amount without a currency is never guessed. */
export function currencyOf(value: unknown, field = 'currency'): string {
  if (typeof value === 'string' && /^[a-z]{3}$/i.test(value)) return value.toUpperCase()
  throw new MappingError(field, `${field} is no currency code`)
}

/** An amount in minor units as decimal text in major units; decimals of a minor unit (`unit_amount_decimal`) are kept. */
export function major(value: unknown, currency: string, field: string, config: StripeConfig): string | null {
  if (value === null || value === undefined) return null
  const minor = decimalText(value, field)
  try {
    return minorToMajor(minor, currency, config.exponents[currency] ?? EXPONENTS[currency])
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error
    throw new MappingError('currency', `the decimals of currency ${currency} are not known; set them under exponents`)
  }
}

/**
 * Decimal text in major units as whole minor units, as Stripe is given them.
 * @throws ConnectorError `config` when the amount has digits below the minor unit: nothing is rounded on the way to a bill
 */
export function minorOf(value: string, currency: string, config: StripeConfig): string {
  const places = config.exponents[currency] ?? EXPONENTS[currency] ?? exponentOf(currency)
  if (places === undefined)
    throw cannot(`The decimals of currency ${currency} are not known; set them under exponents.`)
  const { digits, places: has } = scaled(decimalText(value, 'amount'))
  const most = 10n ** BigInt(Math.max(0, has - places))
  if (digits % most !== 0n) throw cannot(`${value} ${currency} has more decimals than the currency.`)
  return (has > places ? digits / most : digits * 10n ** BigInt(places - has)).toString()
}

/** Price of one unit in minor units, to Stripe's twelve decimals: so many of them are the amount again. */
export function unitOf(minor: string, quantity: string): string {
  const { digits, places } = scaled(decimalText(quantity, 'quantity'))
  if (digits === 0n) throw cannot('A quantity of zero has no price of one.')
  const twelve = 10n ** 12n
  const unit = (BigInt(minor) * 10n ** BigInt(places) * twelve) / digits
  const fraction = (unit % twelve).toString().padStart(12, '0').replace(/0+$/, '')
  return `${unit / twelve}${fraction && `.${fraction}`}`
}

/** Sum of whole minor amounts, exact. */
export function sum(values: readonly unknown[], field: string): string {
  return values.reduce<bigint>((total, value) => total + whole(value, field), 0n).toString()
}

export function difference(from: unknown, value: unknown, field: string): string {
  return (whole(from, field) - whole(value, field)).toString()
}

/** Price of so many units, rounded half up to the minor unit as Stripe bills it. */
export function times(unit: unknown, quantity: unknown, field: string): string {
  const [a, b] = [scaled(decimalText(unit, field)), scaled(decimalText(quantity, 'quantity'))]
  const product = a.digits * b.digits
  const scale = 10n ** BigInt(a.places + b.places)
  const half = product < 0n ? -scale / 2n : scale / 2n
  return ((product + half) / scale).toString()
}

function scaled(text: string): { digits: bigint; places: number } {
  const [integer, fraction = ''] = text.split('.') as [string, string?]
  return { digits: BigInt(integer + fraction), places: fraction.length }
}

function whole(value: unknown, field: string): bigint {
  const text = decimalText(value, field)
  if (text.includes('.')) throw new MappingError(field, `${field} is no whole amount`)
  return BigInt(text)
}

function decimalText(value: unknown, field: string): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  if (typeof text === 'string' && /^-?\d{1,30}(\.\d{1,20})?$/.test(text)) return text
  throw new MappingError(field, `${field} is no amount`)
}
