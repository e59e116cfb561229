/** Amounts: every usual notation, exact, and nothing guessed. */
import { describe, expect, it } from 'vitest'
import { exponentOf, minorToMajor } from '../model/types/currencies.ts'
import { read, valueOf } from './world/reading.ts'

describe('money', () => {
  it.each([
    ['100.50', '100.5'],
    ['100.00', '100'],
    ['-0.00', '0'],
    ['007', '7'],
    ['1.234,56', '1234.56'],
    ['1,234.56', '1234.56'],
    ['1,234', '1234'],
    ['1.234', '1.234'],
    ['0,125', '0.125'],
    ['1,5', '1.5'],
    ['1.234.567', '1234567'],
    ['12,34,567.89', '1234567.89'],
    ["1'234.50", '1234.5'],
    ['1 234,50', '1234.5'],
    ['1 234,50', '1234.5'],
    ['(12.50)', '-12.5'],
    ['12.50-', '-12.5'],
    ['−3', '-3'],
    ['€1.234,56', '1234.56'],
    ['1.234,56 EUR', '1234.56'],
    ['-€5', '-5'],
    ['EUR 100.–', '100'],
    ['1.5E3', '1500'],
    ['99999999999999999999999999999.999999999', '99999999999999999999999999999.999999999'],
    [19.99, '19.99'],
    [9007199254740991, '9007199254740991'],
    [12345678901234567890n, '12345678901234567890'],
  ])('reads %s as %s', (raw, amount) => {
    expect(valueOf('money', raw)).toBe(amount)
  })

  it.each([
    '1,23,4',
    '1.23.456',
    '--5',
    '5 apples',
    'abc',
    '1e400',
    'NaN',
    'Infinity',
    '1/2',
    '12 34',
    '0.0000000001',
    `1${'0'.repeat(29)}`,
    true,
  ])('does not guess at %s', (raw) => {
    expect(valueOf('money', raw)).toBe('invalid')
  })

  it.each([0.1 + 0.2, 9007199254740993, 1e21, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses the number %s, whose digits are not certain',
    (raw) => {
      expect(read('money', raw)).toMatchObject({ is: 'invalid' })
    },
  )

  it('is unreadable without a currency, and never takes a default', () => {
    expect(read('money', '100', { currency: null })).toMatchObject({
      is: 'invalid',
      reason: expect.stringContaining('currency') as string,
    })
  })

  it('is unreadable when the amount names another currency than the record', () => {
    expect(valueOf('money', '$ 5', { currency: 'USD' })).toBe('5')
    expect(valueOf('money', '$ 5', { currency: 'EUR' })).toBe('invalid')
    expect(valueOf('money', '5 CHF', { currency: 'EUR' })).toBe('invalid')
  })

  it('keeps what was written as evidence where it differs', () => {
    expect(read('money', '1.234,56')).toEqual({ is: 'value', value: '1234.56', raw: '1.234,56' })
    expect(read('money', '1234.56')).toEqual({ is: 'value', value: '1234.56' })
  })
})

describe('minor units', () => {
  it.each([
    ['1999', 'EUR', '19.99'],
    [1999, 'eur', '19.99'],
    ['1999', 'JPY', '1999'],
    ['1999', 'KWD', '1.999'],
    ['-5', 'USD', '-0.05'],
    [12345678901234567890n, 'CHF', '123456789012345678.9'],
  ] as const)('%s of %s are %s', (amount, currency, major) => {
    expect(minorToMajor(amount, currency)).toBe(major)
  })

  it('are refused for unknown currencies and fractions that a double has lost', () => {
    expect(() => minorToMajor('100', 'XYZ')).toThrow(/ISO 4217/)
    expect(() => minorToMajor(2 ** 53, 'USD')).toThrow(/exact/)
    expect(() => minorToMajor('ten', 'USD')).toThrow(/no number/)
  })

  it('follow ISO 4217, not what cash is rounded to', () => {
    expect([
      exponentOf('HUF'),
      exponentOf('ISK'),
      exponentOf('IQD'),
      exponentOf('CLF'),
      exponentOf('EUR'),
      exponentOf('???'),
    ]).toEqual([2, 0, 3, 4, 2, undefined])
  })
})
