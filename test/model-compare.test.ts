/** Comparing canonical values: rules, tolerances, and what a difference looks like. */
import { describe, expect, it } from 'vitest'
import { equalFields, type Compared, type Equality } from '../model/compare.ts'
import type { FieldTypeName } from '../model/fields.ts'
import type { Tolerance } from '../model/landscape.ts'
import { readField } from '../model/read.ts'

/** Reads both spellings as two platforms wrote them, then compares, both ways round. */
function judge(
  type: FieldTypeName,
  a: unknown,
  b: unknown,
  o: { country?: string; otherCountry?: string; currency?: string; other?: string; tolerance?: Tolerance } = {},
): Equality {
  const side = (raw: unknown, currency: string, country: string | null): Compared => {
    const reading = readField(raw, {
      field: { name: 'f', type, of: ['open', 'paid'] },
      timezone: 'Europe/Zurich',
      country,
      currency,
      map: null,
    })
    if (reading.is !== 'value') throw new Error(`${String(raw)} is ${reading.is}`)
    return { ...reading, currency }
  }
  const left = side(a, o.currency ?? 'EUR', o.country ?? null)
  const right = side(b, o.other ?? o.currency ?? 'EUR', o.otherCountry ?? o.country ?? null)
  const verdict = equalFields({ type }, left, right, o.tolerance ?? null)
  expect(equalFields({ type }, right, left, o.tolerance ?? null)).toEqual(verdict)
  return verdict
}

const SAME = { equal: true }
const BY_RULE = { equal: true, by: 'rule' }
const TOLERATED = { equal: true, by: 'tolerance' }
const DIFFERENT = { equal: false }

describe('values', () => {
  it('that were written alike are equal without a rule', () => {
    expect(judge('name', 'Acme', 'Acme')).toEqual(SAME)
    expect(judge('country', 'CH', 'CH')).toEqual(SAME)
    expect(judge('money', '1.5', '1.5')).toEqual(SAME)
  })

  it('that are equal only after their rule say so', () => {
    expect(judge('name', 'ACME  Straße', 'Acme Strasse')).toEqual(BY_RULE)
    expect(judge('country', 'CH', 'Schweiz')).toEqual(BY_RULE)
    expect(judge('money', '1.50', '1.5')).toEqual(BY_RULE)
    expect(judge('enum', 'PAID', 'paid')).toEqual(BY_RULE)
    expect(judge('code', 'a', 'A')).toEqual(DIFFERENT)
  })

  it('of telephone and tax numbers are equal when one side only lacks the country', () => {
    expect(judge('phone', '+41 44 123 45 67', '044 123 45 67')).toEqual(BY_RULE)
    expect(judge('phone', '+41 44 123 45 67', '044 123 45 68')).toEqual(DIFFERENT)
    expect(judge('phone', '123', '+41441234123')).toEqual(DIFFERENT)
    expect(judge('tax_id', 'DE136695976', '136 695 976')).toEqual(BY_RULE)
    expect(judge('tax_id', 'DE136695976', 'AT136695976')).toEqual(DIFFERENT)
  })

  it('of legal names are advisory where one side leaves the form out', () => {
    expect(judge('legal_name', 'Acme GmbH', 'Acme')).toEqual({ equal: false, why: 'legal_form' })
    expect(judge('legal_name', 'Acme GmbH', 'Acme AG')).toEqual(DIFFERENT)
    expect(judge('legal_name', 'Acme GmbH', 'Apex')).toEqual(DIFFERENT)
  })
})

describe('money', () => {
  it('is never equal across currencies, nor where one is not known', () => {
    expect(judge('money', '100', '100', { currency: 'EUR', other: 'USD' })).toEqual({ equal: false, why: 'currency' })
    expect(equalFields({ type: 'money' }, { value: '1' }, { value: '1' })).toEqual({ equal: false, why: 'currency' })
  })

  it('looks rounded when it differs by no more than one minor unit of its currency', () => {
    expect(judge('money', '19.99', '20')).toEqual({ equal: false, why: 'rounding' })
    expect(judge('money', '19.98', '20')).toEqual(DIFFERENT)
    expect(judge('money', '1999', '2000', { currency: 'JPY' })).toEqual({ equal: false, why: 'rounding' })
    expect(judge('money', '1.999', '2', { currency: 'KWD' })).toEqual({ equal: false, why: 'rounding' })
    expect(judge('money', '1.99', '2', { currency: 'KWD' })).toEqual(DIFFERENT)
  })

  it('keeps to its tolerance to the last digit', () => {
    const absolute = { kind: 'absolute', amount: '0.05' } as const
    expect(judge('money', '100', '100.05', { tolerance: absolute })).toEqual(TOLERATED)
    expect(judge('money', '100', '100.050000001', { tolerance: absolute })).toEqual(DIFFERENT)
    const percent = { kind: 'percent', percent: '2' } as const
    expect(judge('money', '98', '100', { tolerance: percent })).toEqual(TOLERATED)
    expect(judge('money', '97.99', '100', { tolerance: percent })).toEqual(DIFFERENT)
    expect(judge('money', '-98', '-100', { tolerance: percent })).toEqual(TOLERATED)
    expect(judge('money', '1', '-1', { tolerance: percent })).toEqual(DIFFERENT)
  })
})

describe('numbers', () => {
  it('look rounded when the longer, rounded to the shorter, is the same', () => {
    expect(judge('number', '3.333', '3.33')).toEqual({ equal: false, why: 'rounding' })
    expect(judge('number', '3', '3.33')).toEqual(DIFFERENT)
    expect(judge('number', '10', '10.0')).toEqual(BY_RULE)
  })
})

describe('dates', () => {
  it('compare to their common precision', () => {
    expect(judge('date', '2026-11', '2026-11-20')).toEqual(BY_RULE)
    expect(judge('date', '2026', '2026-11-20')).toEqual(BY_RULE)
    expect(judge('date', '2026-10', '2026-11-20')).toEqual(DIFFERENT)
    expect(judge('date', '2026-10', '2026-11', { tolerance: { kind: 'days', days: 40 } })).toEqual(DIFFERENT)
  })

  it('keep to their tolerance in days', () => {
    const tolerance = { kind: 'days', days: 2 } as const
    expect(judge('date', '2026-10-31', '2026-11-02', { tolerance })).toEqual(TOLERATED)
    expect(judge('date', '2026-10-31', '2026-11-03', { tolerance })).toEqual(DIFFERENT)
  })

  it('look like a matter of time zone only where one of them was an instant', () => {
    expect(judge('date', '2026-11-19T23:00:00Z', '2026-11-20')).toEqual({ equal: false, why: 'time_zone' })
    expect(judge('date', '2026-11-19', '2026-11-20')).toEqual(DIFFERENT)
    expect(judge('date', '2026-11-18T23:00:00Z', '2026-11-20')).toEqual(DIFFERENT)
  })
})

describe('instants', () => {
  it('are equal however their offset is written', () => {
    expect(judge('instant', '2026-11-20T10:00:00+01:00', '2026-11-20T09:00:00Z')).toEqual(BY_RULE)
  })

  it('are no finer than the coarser of their stamps', () => {
    expect(judge('instant', '2026-11-20T10:00:00Z', '2026-11-20T10:00:00.999Z')).toEqual(BY_RULE)
    expect(judge('instant', '2026-11-20T10:00:00.100Z', '2026-11-20T10:00:00.200Z')).toEqual(DIFFERENT)
    expect(judge('instant', '2026-11-20T10:00Z', '2026-11-20T10:00:59Z')).toEqual(BY_RULE)
    expect(judge('instant', '2026-11-20', '2026-11-20T10:00:59')).toEqual(BY_RULE)
    expect(judge('instant', '2026-11-20T10:00:00Z', '2026-11-20T10:00:01Z')).toEqual(DIFFERENT)
  })

  it('look like a matter of time zone when they differ by an offset', () => {
    expect(judge('instant', '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z')).toEqual({ equal: false, why: 'time_zone' })
    expect(judge('instant', '2026-11-20T10:00:00Z', '2026-11-20T15:30:00Z')).toEqual({ equal: false, why: 'time_zone' })
    expect(judge('instant', '2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z')).toEqual(DIFFERENT)
    expect(
      judge('instant', '2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z', { tolerance: { kind: 'days', days: 1 } }),
    ).toEqual(TOLERATED)
  })
})
