/** Decimals: exact to the last digit, against integer arithmetic as the oracle. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  abs,
  add,
  compare,
  decimals,
  divide,
  fits,
  format,
  multiply,
  parse,
  round,
  subtract,
  sum,
} from '../model/decimal.ts'

const nano = fc.bigInt(-(10n ** 37n), 10n ** 37n)
const text = (units: bigint): string => format({ units, scale: 9 })

describe('decimals', () => {
  it('add, subtract and compare like whole numbers of billionths', () => {
    fc.assert(
      fc.property(nano, nano, (a, b) => {
        expect(format(add(text(a), text(b)))).toBe(text(a + b))
        expect(format(subtract(text(a), text(b)))).toBe(text(a - b))
        expect(compare(text(a), text(b))).toBe(a < b ? -1 : a > b ? 1 : 0)
        expect(format(multiply(text(a), text(b)))).toBe(format({ units: a * b, scale: 18 }))
        expect(format(abs(text(a)))).toBe(text(a < 0n ? -a : a))
      }),
    )
  })

  it('format into text that parses to the same number, without needless digits', () => {
    fc.assert(
      fc.property(nano, fc.integer({ min: 0, max: 12 }), (units, scale) => {
        const once = format({ units, scale })
        expect(once).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/)
        expect(format(once)).toBe(once)
        expect(compare(once, { units, scale })).toBe(0)
      }),
    )
  })

  it('keep what floating point loses', () => {
    expect(format(add('0.1', '0.2'))).toBe('0.3')
    expect(format(sum(['9007199254740993', '0.000000001', '-0.000000001']))).toBe('9007199254740993')
    expect(format(sum(Array<string>(1000).fill('0.01')))).toBe('10')
  })

  it('round and divide half away from zero', () => {
    expect(['2.345', '-2.345', '2.344', '5'].map((n) => format(round(n, 2)))).toEqual(['2.35', '-2.35', '2.34', '5'])
    expect([
      format(divide('1', '3', 4)),
      format(divide('-2', '3', 2)),
      format(divide('0.5', '0.25', 0)),
      format(divide('1', '-8', 2)),
    ]).toEqual(['0.3333', '-0.67', '2', '-0.13'])
    expect(() => divide('1', '0', 2)).toThrow()
  })

  it('know what the store can hold', () => {
    expect(fits('99999999999999999999999999999.999999999')).toBe(true)
    expect(fits('100000000000000000000000000000')).toBe(false)
    expect(fits('0.0000000001')).toBe(false)
    expect(fits('0.1000000000000')).toBe(true)
    expect(decimals('1.500')).toBe(1)
  })

  it('are not made of anything but plain digits', () => {
    for (const text of ['', ' 1', '1,5', '1e3', 'NaN', '.5', '5.', '1_000', '٣']) expect(parse(text)).toBeNull()
    expect(() => add('1', 'x')).toThrow(/not a decimal/)
  })
})
