/** A decimal number, exact: what money and quantities are calculated with. No floating point anywhere. */

/** units × 10^-scale. */
export interface Decimal {
  units: bigint
  scale: number
}

/** Functions take a decimal or its text ("-12.5"); text that is no decimal throws, because it was canonical once. */
export type Decimalish = Decimal | string

/** What a Decimal(38, 9) column holds. */
export const SCALE_MAX = 9
const UNITS_MAX = 10n ** 38n - 1n

const PLAIN = /^([+-]?)(\d+)(?:\.(\d+))?$/

/** Plain decimal text → decimal, or null: no exponents, no separators, no white space (types/written-number.ts reads those). */
export function parse(text: string): Decimal | null {
  const found = PLAIN.exec(text)
  if (!found) return null
  const fraction = found[3] ?? ''
  const units = BigInt(found[2]! + fraction)
  return { units: found[1] === '-' ? -units : units, scale: fraction.length }
}

/** @throws if the text is no plain decimal. */
export function decimal(from: Decimalish): Decimal {
  if (typeof from !== 'string') return from
  const parsed = parse(from)
  if (!parsed) throw new RangeError(`“${from}” is not a decimal number`)
  return parsed
}

const POWERS: bigint[] = []
function tenTo(n: number): bigint {
  return (POWERS[n] ??= 10n ** BigInt(n))
}

function aligned(a: Decimalish, b: Decimalish): [bigint, bigint, number] {
  const x = decimal(a)
  const y = decimal(b)
  if (x.scale === y.scale) return [x.units, y.units, x.scale]
  return x.scale > y.scale
    ? [x.units, y.units * tenTo(x.scale - y.scale), x.scale]
    : [x.units * tenTo(y.scale - x.scale), y.units, y.scale]
}

export function add(a: Decimalish, b: Decimalish): Decimal {
  const [x, y, scale] = aligned(a, b)
  return { units: x + y, scale }
}

export function subtract(a: Decimalish, b: Decimalish): Decimal {
  const [x, y, scale] = aligned(a, b)
  return { units: x - y, scale }
}

export function multiply(a: Decimalish, b: Decimalish): Decimal {
  const x = decimal(a)
  const y = decimal(b)
  return { units: x.units * y.units, scale: x.scale + y.scale }
}

/** Quotient to `scale` decimals, half away from zero. @throws on division by zero. */
export function divide(a: Decimalish, b: Decimalish, scale: number): Decimal {
  const [x, y] = aligned(a, b)
  return { units: halfAway(x * tenTo(scale), y), scale }
}

/** To `scale` decimals, half away from zero; shorter numbers stay as they are. */
export function round(a: Decimalish, scale: number): Decimal {
  const x = decimal(a)
  if (x.scale <= scale) return x
  return { units: halfAway(x.units, tenTo(x.scale - scale)), scale }
}

function halfAway(units: bigint, by: bigint): bigint {
  const negative = units < 0n !== by < 0n
  const n = units < 0n ? -units : units
  const d = by < 0n ? -by : by
  const quotient = (2n * n + d) / (2n * d)
  return negative ? -quotient : quotient
}

/** -1, 0 or 1. */
export function compare(a: Decimalish, b: Decimalish): -1 | 0 | 1 {
  const [x, y] = aligned(a, b)
  return x < y ? -1 : x > y ? 1 : 0
}

export function abs(a: Decimalish): Decimal {
  const x = decimal(a)
  return x.units < 0n ? { units: -x.units, scale: x.scale } : x
}

export function sum(all: Iterable<Decimalish>): Decimal {
  let total: Decimal = { units: 0n, scale: 0 }
  for (const one of all) total = add(total, one)
  return total
}

/** Decimals that say something: 1.50 → 1. */
export function decimals(a: Decimalish): number {
  const text = format(a)
  const dot = text.indexOf('.')
  return dot < 0 ? 0 : text.length - dot - 1
}

/** The canonical text: plain notation, no needless digits, zero is never negative. */
export function format(a: Decimalish): string {
  const { units, scale } = decimal(a)
  if (units === 0n) return '0'
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}

/** Can the store hold it without losing a digit? */
export function fits(a: Decimalish): boolean {
  const x = decimal(a)
  if (decimals(x) > SCALE_MAX) return false
  const units = x.scale > SCALE_MAX ? x.units / tenTo(x.scale - SCALE_MAX) : x.units * tenTo(SCALE_MAX - x.scale)
  return units <= UNITS_MAX && units >= -UNITS_MAX
}
