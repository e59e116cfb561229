/** Exact JSON: every number keeps its digits, and documents that parsers would read differently are refused. */
import fc from 'fast-check'
import { parse as lossless } from 'lossless-json'
import { describe, expect, it } from 'vitest'
import { JsonError, MAX_DEPTH, parseExact, rawText } from '../connectors/exact-json.ts'

describe('numbers', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['1.10', 1.1],
    ['0.1', 0.1],
    ['123456789.123456789', '123456789.123456789'],
    ['0.1000000000000000055', '0.1000000000000000055'],
    ['12345678901234567890.50', '12345678901234567890.5'],
    ['1e3', 1000],
    ['1E-2', 0.01],
    ['1.5e20', '150000000000000000000'],
    ['0', 0],
  ])('%s arrives as %o', (text, value) => {
    expect(parseExact(text)).toBe(value)
    expect(parseExact(`{"a":[${text}, "x"]}`)).toEqual({ a: [value, 'x'] })
  })

  it.each(['1e400', '-1e400', '1e-999', '01', '1.', '.5', '+1', '0x10', '1_000', 'NaN', 'Infinity'])(
    '%s is refused',
    (text) => {
      expect(() => parseExact(text)).toThrow(JsonError)
      expect(() => parseExact(`{"a": ${text}}`)).toThrow(JsonError)
    },
  )

  it('never loses a digit of any decimal, and agrees with the lossless parser', () => {
    const digits = (n: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: n })
    const number = fc
      .tuple(fc.boolean(), digits(25), fc.option(digits(25)))
      .map(
        ([minus, whole, fraction]) =>
          `${minus ? '-' : ''}${whole.replace(/^0+(?=\d)/, '')}${fraction === null ? '' : `.${fraction}`}`,
      )
    const plain = (text: string) =>
      text
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '')
        .replace(/^-0$/, '0')
    fc.assert(
      fc.property(number, (text) => {
        const got = parseExact(`[${text}]`) as (string | number)[]
        const exact =
          typeof got[0] === 'number'
            ? Number(text) === got[0] && plain(text).replace(/[-.]/g, '').replace(/^0+/, '').length <= 17
            : got[0] === plain(text)
        expect(exact).toBe(true)
        const theirs = lossless(`[${text}]`) as { toString(): string }[]
        expect(plain(theirs[0]!.toString())).toBe(plain(text))
      }),
      { numRuns: 500 },
    )
  })
})

describe('documents', () => {
  it('read as JSON.parse reads them when every number is safe', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value, (_, v: unknown) => (typeof v === 'number' ? Math.round(v) % 1_000_000 : v))
        expect(parseExact(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })

  it('survive a round through the text that is kept of a row', () => {
    const value = parseExact('{"id":9007199254740993,"name":"a \\"b\\" \\\\","list":[1.5,{"deep":null}]}')
    expect(parseExact(rawText(value))).toEqual(value)
  })

  it('with a key that occurs twice are refused, also when it is escaped or the values are equal', () => {
    for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":1}', '[{"x":{"b":1,"c":2,"b":3}}]'])
      expect(() => parseExact(text)).toThrow(/occurs twice/)
    expect(parseExact('{"a":{"a":":"},"b":"\\":\\"","c":[":",{"a":1}]}')).toEqual({
      a: { a: ':' },
      b: '":"',
      c: [':', { a: 1 }],
    })
  })

  it('cannot reach a prototype', () => {
    const value = parseExact('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as Record<
      string,
      unknown
    >
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('nest only so deep', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(parseExact(nested(MAX_DEPTH))).toBeDefined()
    expect(() => parseExact(nested(MAX_DEPTH + 1))).toThrow(/deeper/)
    expect(() => parseExact('['.repeat(1_000_000))).toThrow(JsonError)
  })

  it('may begin with a byte order mark, and are never quoted in an error', () => {
    expect(parseExact('\ufeff{"a":1}')).toEqual({ a: 1 })
    expect(() => parseExact('{"secret": "canary-4711" oops}')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary') }),
    )
  })

  it('never crash the reader, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\0123456789.-+eE truefalsn\u0000\ud800') }), (text) => {
        let expected: unknown
        let valid = true
        try {
          expected = JSON.parse(text)
        } catch {
          valid = false
        }
        try {
          parseExact(text)
          expect(valid).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError)
          if (valid) expect(String(error)).toMatch(/twice|range|deeper/)
        }
        void expected
      }),
      { numRuns: 3000 },
    )
  })
})
