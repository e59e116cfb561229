/** Laws of reading and comparing, for arbitrary input. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalise } from '../model/canonicalise.ts'
import { equalFields, type Compared } from '../model/compare.ts'
import { format, parse } from '../model/decimal.ts'
import { KEYED, type FieldTypeName } from '../model/fields.ts'
import { KINDS } from '../model/kinds.ts'
import { READ, readField } from '../model/read.ts'
import type { ReadContext, Reading } from '../model/reading.ts'
import { offsetAt, instantOf } from '../model/zone.ts'

const TYPES = Object.keys(READ) as FieldTypeName[]
const ZONES = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
]

/** Words that mean something to one type or another, so that arbitrary input gets past the first look. */
const LIVELY = [
  'Acme GmbH',
  'AB Volvo',
  'Foo, Inc.',
  'gmbh & co. kg',
  's.a.r.l.',
  'Müller Straße',
  'ŉ İ ß ς ﬁ ǰ',
  '株式会社',
  '(株)x',
  '1.234,56',
  '(12)',
  '€ 5',
  '12-',
  '1e5',
  '2026-11-20',
  '2026-11',
  '20.11.2026',
  '2026-11-20T10:00:00',
  '2026-03-29T02:30:00',
  '1795132800',
  '0000-00-00',
  'Schweiz',
  'CHE',
  'EUR',
  'kr',
  'de_CH',
  'Net 30',
  'eom 15',
  'yes',
  'paid',
  'In Approval',
  '+41 44 123 45 67',
  '044 123 45 67',
  'DE136695976',
  'CHE-107.787.577 MWST',
  'https://www.a.example.com/x',
  'www.www.com',
  'a@münchen.de',
  '<a@b.ch>',
  '\ud800',
  '\u0000',
  '\ufeff',
  '\u200d',
  ' ',
  'n/a',
  'constructor',
  '__proto__',
  'toString',
]
const word = fc.oneof(
  fc.constantFrom(...LIVELY),
  fc.array(fc.constantFrom(...LIVELY), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 24 }),
  fc.string({ unit: 'grapheme', maxLength: 24 }),
  fc.string({ unit: fc.constantFrom(..."0123456789.,-+()' €T:Z/aeglmnostuß&"), maxLength: 16 }),
)
const anything = fc.oneof(
  word,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.anything(),
)

const context = (type: FieldTypeName): fc.Arbitrary<ReadContext> =>
  fc.record({
    field: fc.constant({ name: 'f', type, of: ['paid', 'in_approval'] }),
    timezone: fc.constantFrom(...ZONES),
    country: fc.constantFrom(null, 'CH', 'US', 'DE', 'JP'),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
    map: fc.constant(null),
  })

const RUNS = { numRuns: 400 }

describe.each(TYPES)('%s', (type) => {
  it('reads anything without throwing, into exactly one of four outcomes', () => {
    fc.assert(
      fc.property(anything, context(type), (raw, ctx) => {
        const reading = readField(raw, ctx)
        expect(['value', 'empty', 'unmapped', 'invalid']).toContain(reading.is)
        if (reading.is === 'value') {
          expect(reading.value).not.toBe('')
          expect(reading.key !== undefined).toBe(KEYED.has(type))
          expect(JSON.stringify(reading)).not.toMatch(/(?<!\\)\\ud[89a-f]/i)
        }
      }),
      RUNS,
    )
  })

  it('reads its own canonical value as itself, and its key as itself', () => {
    fc.assert(
      fc.property(anything, context(type), (raw, ctx) => {
        const once = readField(raw, ctx)
        if (once.is !== 'value') return
        const again = readField(once.value, ctx)
        expect(again).toMatchObject({
          is: 'value',
          value: once.value,
          ...(once.key !== undefined && { key: once.key }),
        })
        if (once.key !== undefined) expect(readField(once.key, ctx)).toMatchObject({ is: 'value', key: once.key })
      }),
      RUNS,
    )
  })

  it('takes white space for empty, and only that', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\u00a0', '\u3000') }),
        context(type),
        (raw, ctx) => {
          expect(readField(raw, ctx)).toEqual({ is: 'empty' })
        },
      ),
    )
    for (const raw of ['x', '0', 0, false, '-'])
      expect(readField(raw, fc.sample(context(type), 1)[0]!).is).not.toBe('empty')
  })

  it('compares symmetrically, and every value with itself as equal', () => {
    fc.assert(
      fc.property(
        anything,
        anything,
        context(type),
        fc.constantFrom(
          null,
          { kind: 'absolute', amount: '0.5' } as const,
          { kind: 'percent', percent: '1' } as const,
          { kind: 'days', days: 1 } as const,
        ),
        (a, b, ctx, tolerance) => {
          const [x, y] = [sideOf(readField(a, ctx)), sideOf(readField(b, ctx))]
          if (x) expect(equalFields({ type }, x, x, tolerance)).toEqual({ equal: true })
          if (x && y) expect(equalFields({ type }, x, y, tolerance)).toEqual(equalFields({ type }, y, x, tolerance))
        },
      ),
      RUNS,
    )
  })
})

function sideOf(reading: Reading): Compared | null {
  return reading.is === 'value' ? { ...reading, currency: 'EUR' } : null
}

describe('money', () => {
  const amount = fc
    .record({ units: fc.bigInt(-(10n ** 29n - 1n), 10n ** 29n - 1n), scale: fc.integer({ min: 0, max: 9 }) })
    .map(format)
  const ctx: ReadContext = {
    field: { name: 'amount', type: 'money' },
    timezone: 'UTC',
    country: null,
    currency: 'EUR',
    map: null,
  }
  const group = (text: string, thousands: string, point: string): string => {
    const [whole, fraction] = text.split('.') as [string, string | undefined]
    return whole.replace(/\B(?=(\d{3})+$)/g, thousands) + (fraction === undefined ? '' : point + fraction)
  }

  it('is the same to the last digit in every usual notation', () => {
    fc.assert(
      fc.property(amount, (canonical) => {
        expect(readField(canonical, ctx)).toEqual({ is: 'value', value: canonical })
        for (const [thousands, point] of [
          [',', '.'],
          ["'", '.'],
          [' ', ','],
          ['\u00a0', ','],
          ['\u202f', ','],
          ['.', ','],
        ] as const) {
          const text = group(canonical, thousands, point)
          // A lone comma before three digits groups, and a lone dot is a point: those two readings are settled elsewhere.
          if (/^-?[1-9]\d{0,2}[.,]\d{3}$/.test(text) && !(point === '.' && text === canonical)) continue
          expect(readField(text, ctx)).toMatchObject({ value: canonical })
        }
        if (canonical.startsWith('-'))
          expect(readField(`(${canonical.slice(1)})`, ctx)).toMatchObject({ value: canonical })
      }),
    )
  })

  it('from a double is either exact or refused', () => {
    fc.assert(
      fc.property(fc.double(), (n) => {
        const reading = readField(n, ctx)
        if (reading.is === 'value') {
          expect(Number(reading.value)).toBe(n === 0 ? 0 : n)
          expect(parse(reading.value)).not.toBeNull()
        }
      }),
    )
  })
})

describe('time zones', () => {
  it('map every instant to a wall clock that means it, or the other hour of the same clock change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2060, 0, 1) }),
        (zone, at) => {
          const wall = at + offsetAt(zone, at)
          const back = instantOf(zone, wall)
          expect(back + offsetAt(zone, back)).toBe(wall)
          expect(back).toBeLessThanOrEqual(at)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('records', () => {
  it('of every kind survive anything in any field, with each field in one state only', () => {
    const kind = fc.constantFrom(...KINDS)
    fc.assert(
      fc.property(
        kind.chain((k) =>
          fc.record({
            kind: fc.constant(k),
            fields: fc.dictionary(fc.constantFrom(...k.fields.map((f) => f.name), 'unknown'), anything),
            held: fc.subarray(k.fields.map((f) => f.name)),
            cannot: fc.subarray(k.fields.map((f) => f.name)),
          }),
        ),
        anything,
        fc.dictionary(fc.string(), anything),
        ({ kind: k, fields, held, cannot }, status, custom) => {
          const ctx = { platform: 'p', timezone: 'Europe/Zurich', held, cannotHold: cannot, map: () => null }
          const input = { record_id: '1', status: status as string, fields, custom: withoutBigInts(custom) }
          const record = canonicalise(k, input, ctx)
          const states = [...Object.keys(record.values), ...record.empty, ...Object.keys(record.invalid)]
          expect(new Set(states).size).toBe(states.length)
          expect(record.held).toEqual(expect.arrayContaining(states))
          expect(record.values).toMatchObject(
            Object.fromEntries(record.unmapped.map((name) => [name, expect.any(String)])),
          )
          expect(record.held.filter((name) => cannot.includes(name) || name === 'unknown')).toEqual([])
          expect(canonicalise(k, input, ctx).version_hash).toBe(record.version_hash)
        },
      ),
      { numRuns: 500 },
    )
  })
})

/** What is no JSON at all is refused by its name; here only what JSON can carry. */
function withoutBigInts(custom: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(custom).filter(([, raw]) => {
      try {
        JSON.stringify(raw)
        return true
      } catch {
        return false
      }
    }),
  )
}
