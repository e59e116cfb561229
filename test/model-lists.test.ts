/** Closed lists: countries, currencies, languages, payment terms, yes and no, words of the model. */
import { describe, expect, it } from 'vitest'
import { COUNTRIES } from '../model/types/countries.ts'
import { countryOf } from '../model/types/country.ts'
import { keyOf, read, valueOf } from './world/reading.ts'

describe('closed lists', () => {
  it('know every country by its three codes and its names in English and German', () => {
    for (const { alpha2, alpha3, numeric } of COUNTRIES) {
      const names = ['en', 'de'].map((locale) => new Intl.DisplayNames([locale], { type: 'region' }).of(alpha2)!)
      for (const spelling of [alpha2, alpha2.toLowerCase(), alpha3, numeric, ...names])
        expect([spelling, countryOf(spelling)]).toEqual([spelling, alpha2])
      if (alpha2 !== 'XK') expect(Intl.getCanonicalLocales(`und-${numeric}`)).toEqual([`und-${alpha2}`])
    }
  })

  it.each([
    ['Schweiz', 'CH'],
    ['Suisse', 'CH'],
    ['Deutschland', 'DE'],
    ['Österreich', 'AT'],
    ['Oesterreich', 'AT'],
    ['UK', 'GB'],
    ['U.S.A.', 'US'],
    ['The Netherlands', 'NL'],
    ['日本', 'JP'],
    ['Korea, Republic of', 'KR'],
    ['Türkiye', 'TR'],
    [756, 'CH'],
    ['Atlantis', 'invalid'],
  ])('country %s is %s', (raw, code) => {
    expect(valueOf('country', raw)).toBe(code)
  })

  it.each([
    ['eur', 'EUR'],
    ['€', 'EUR'],
    ['US$', 'USD'],
    ['Swiss Franc', 'CHF'],
    ['Schweizer Franken', 'CHF'],
    ['$', 'invalid'],
    ['kr', 'invalid'],
    ['¥', 'invalid'],
    ['XYZ', 'invalid'],
  ])('currency %s is %s', (raw, code) => {
    expect(valueOf('currency', raw)).toBe(code)
  })

  it.each([
    ['de_CH.UTF-8', 'de'],
    ['German', 'de'],
    ['ger', 'de'],
    ['français', 'fr'],
    ['English (US)', 'en'],
    ['nb-NO', 'no'],
    ['gibberish', 'invalid'],
  ])('language %s compares as %s', (raw, key) => {
    expect(keyOf('language', raw)).toBe(key)
  })

  it.each([
    ['Net 30', 'net_30'],
    ['NET30', 'net_30'],
    ['30 days', 'net_30'],
    ['net_30', 'net_30'],
    ['30 Tage netto', 'net_30'],
    ['Due on receipt', 'due_on_receipt'],
    ['Net 0', 'due_on_receipt'],
    ['Prepaid', 'prepaid'],
    ['EOM 15', 'eom_15'],
    ['Net 30 EOM', 'eom_30'],
    ['2/10 net 30', 'unmapped'],
    ['30', 'unmapped'],
    ['Z030', 'unmapped'],
  ])('payment terms %s are %s', (raw, terms) => {
    expect(valueOf('payment_terms', raw)).toBe(terms)
  })

  it.each<[unknown, string]>([
    ...['true', 'TRUE', true, 1, '1', 'yes', 'Y', 't', 'on'].map((raw): [unknown, string] => [raw, 'true']),
    ...['false', false, 0, '0', 'No', 'n', 'F', 'off'].map((raw): [unknown, string] => [raw, 'false']),
    ['maybe', 'invalid'],
    ['', 'empty'],
  ])('%s is %s', (raw, truth) => {
    expect(valueOf('bool', raw)).toBe(truth)
  })

  it('take words that equal a value, after the reference map', () => {
    const of = ['in_approval', 'approved']
    expect(valueOf('enum', 'In Approval', { of })).toBe('in_approval')
    expect(valueOf('enum', 'IN-APPROVAL', { of })).toBe('in_approval')
    expect(read('enum', 'A7', { of, map: (code) => ({ A7: 'approved' })[code] })).toEqual({
      is: 'value',
      value: 'approved',
      raw: 'A7',
    })
    expect(valueOf('enum', 'approved', { of, map: () => null })).toBe('approved')
    expect(read('enum', 'A8', { of, map: () => undefined })).toEqual({ is: 'unmapped', value: 'A8' })
    expect(valueOf('enum', 'A7', { of, map: () => 'no such value' })).toBe('unmapped')
  })

  it('make codes unmapped only where a map is configured', () => {
    const map = (code: string): string | undefined => ({ '4711': 'PLAN-A' })[code]
    expect(read('code', '4711', { map })).toEqual({ is: 'value', value: 'PLAN-A', key: 'PLAN-A', raw: '4711' })
    expect(read('code', '4712', { map })).toEqual({ is: 'unmapped', value: '4712' })
    expect(read('code', '4712')).toEqual({ is: 'value', value: '4712', key: '4712' })
    expect(valueOf('country', '17', { map: (code) => (code === '17' ? 'CH' : null) })).toBe('CH')
    expect(valueOf('country', 'Planet X', { map: () => null })).toBe('unmapped')
  })
})
