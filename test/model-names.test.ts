/** Names, addresses and numbers of people and companies: which spellings are one. */
import { describe, expect, it } from 'vitest'
import { isPublicMail, registrableDomain } from '../model/types/domain.ts'
import { legalNameWithoutForm } from '../model/types/legal_name.ts'
import { taxIdProblem } from '../model/types/tax_id.ts'
import { keyOf, read, valueOf } from './world/reading.ts'

describe('legal names', () => {
  it.each([
    ['Acme G.m.b.H.', 'ACME GmbH'],
    ['Acme g. m. b. H.', 'Acme Gesellschaft mit beschränkter Haftung'],
    ['Acme, Inc.', 'Acme Incorporated'],
    ['Acme Limited', 'Acme Ltd.'],
    ['Acme Aktiengesellschaft', 'Acme AG'],
    ['Acme S. p. A.', 'ACME SpA'],
    ['Acme S.A.', 'Acme Société Anonyme'],
    ['Acme (Pty) Ltd', 'Acme Proprietary Limited'],
    ['Acme Pty. Ltd.', 'Acme Pty Limited'],
    ['Acme Sp. z o.o.', 'Acme spółka z ograniczoną odpowiedzialnością'],
    ['Acme B.V.', 'Acme Besloten Vennootschap'],
    ['Acme S.à r.l.', 'Acme SARL'],
    ['Acme A/S', 'Acme AS'],
    ['Acme Co., Ltd.', 'Acme Company Limited'],
    ['Acme & Co. KG', 'Acme und Co KG'],
    ['Acme GmbH & Co. KG', 'Acme GmbH und Co. Kommanditgesellschaft'],
    ['Acme e. K.', 'Acme e.K.'],
    ['Straße  AG', 'STRASSE AG'],
    ['㈱アクメ', '株式会社アクメ'],
    ['Acme L.L.C.', 'Acme Limited Liability Company'],
    ['Acme Oy', 'Acme Osakeyhtiö'],
    ['Acme AB', 'Acme Aktiebolag'],
  ])('%s and %s are one', (a, b) => {
    expect(keyOf('legal_name', a)).toBe(keyOf('legal_name', b))
  })

  it.each([
    ['Acme GmbH', 'Acme AG'],
    ['Acme GmbH', 'Acme'],
    ['Acme KG', 'Acme GmbH & Co. KG'],
    ['Acme Ltd', 'Acme Pty Ltd'],
  ])('%s and %s are two', (a, b) => {
    expect(keyOf('legal_name', a)).not.toBe(keyOf('legal_name', b))
  })

  it('lose their form for identity, wherever it stands, but never all they have', () => {
    const without = (name: string): string => legalNameWithoutForm(keyOf('legal_name', name))
    expect(['Acme GmbH & Co. KG', 'AB Acme', 'Acme AB', '株式会社アクメ', 'GmbH', 'Acme'].map(without)).toEqual([
      'acme',
      'acme',
      'acme',
      'アクメ',
      'gmbh',
      'acme',
    ])
  })
})

describe('words', () => {
  it('compare without case, with white space folded, NFKC, ß as ss and without what cannot be seen', () => {
    for (const name of [
      'Straße  1',
      'STRASSE 1',
      ' strasse\u00a01\n',
      '\ufeffStra\u00adße 1',
      'ｓtrasse １',
      'STRAẞE 1',
    ])
      expect(keyOf('name', name)).toBe('strasse 1')
    expect(keyOf('text', 'ΟΔΟΣ')).toBe(keyOf('text', 'οδος'))
    expect(keyOf('text', 'A\u0000cme')).toBe('acme')
  })

  it('are stored exactly as they were written', () => {
    for (const name of ['A\u0000b', '\ufeffAcme', 'a\u2028b', '\u202eevil', '👩‍👩‍👧 Ltd', ' spaced '])
      expect(read('name', name)).toMatchObject({ is: 'value', value: name })
    // UTF-8 has no half surrogate pairs; the escape keeps it without poisoning the batch.
    expect(read('name', 'A\ud800b')).toMatchObject({ is: 'value', value: 'A\\ud800b' })
  })

  it('keep their case where they are codes', () => {
    expect(keyOf('code', ' Ab-1 ')).toBe('Ab-1')
    expect(keyOf('code', 'AB-1')).not.toBe(keyOf('code', 'ab-1'))
    expect(valueOf('code', 9007199254740993)).toBe('invalid')
  })
})

describe('addresses on the net', () => {
  it.each([
    ['https://www.Example.com/about?x=1#y', 'example.com'],
    ['EXAMPLE.com.', 'example.com'],
    ['www.münchen.de', 'xn--mnchen-3ya.de'],
    ['http://shop.example.co.uk:8080', 'shop.example.co.uk'],
    ['www.com', 'www.com'],
    ['n/a', 'invalid'],
    ['info@example.com', 'invalid'],
    ['localhost', 'invalid'],
    ['10.0.0.1', 'invalid'],
  ])('domain %s is %s', (raw, key) => {
    expect(keyOf('domain', raw)).toBe(key)
  })

  it.each([
    ['Info@Example.COM', 'info@example.com'],
    ['"Doe, J" <j.doe@example.com>', 'j.doe@example.com'],
    ['mailto:a@münchen.de', 'a@xn--mnchen-3ya.de'],
    ['a@www.example.com', 'a@www.example.com'],
    ['a@b.ch; c@d.ch', 'invalid'],
    ['nobody', 'invalid'],
  ])('mail address %s is %s', (raw, key) => {
    expect(keyOf('email', raw)).toBe(key)
  })

  it('tell public mail providers and registered domains', () => {
    expect([isPublicMail('gmail.com'), isPublicMail('mail.gmx.net'), isPublicMail('example.com')]).toEqual([
      true,
      true,
      false,
    ])
    expect(registrableDomain('shop.example.co.uk')).toBe('example.co.uk')
  })
})

describe('telephone numbers', () => {
  it.each([
    ['+41 44 123 45 67', null, '+41441234567'],
    ['044 123 45 67', 'CH', '+41441234567'],
    ['0041 (0)44 1234567', 'CH', '+41441234567'],
    ['0041441234567', null, '+41441234567'],
    ['(212) 555-0123 ext. 9', 'US', '+12125550123x9'],
    ['044 123 45 67', null, '0441234567'],
    ['ask reception', 'CH', 'invalid'],
  ])('%s in %s is %s', (raw, country, key) => {
    expect(keyOf('phone', raw, { country })).toBe(key)
  })
})

describe('tax ids', () => {
  it.each([
    ['DE 136,695 976', null, 'DE136695976'],
    ['136695976', 'DE', 'DE136695976'],
    ['CHE-107.787.577 MWST', null, 'CHE107787577'],
    ['107.787.577', 'CH', 'CHE107787577'],
    ['EL 094259216', null, 'EL094259216'],
    ['94-2404110', 'US', '942404110'],
    ['NO 974 760 673 MVA', null, '974760673'],
    ['de-136695977', null, 'DE136695977'],
  ])('%s in %s compares as %s', (raw, country, key) => {
    expect(keyOf('tax_id', raw, { country })).toBe(key)
  })

  it('stay readable with a wrong check digit, which is told apart', () => {
    expect(read('tax_id', 'DE136695977').is).toBe('value')
    expect(taxIdProblem('DE136695977', null)).toMatch(/DE/)
    expect(taxIdProblem('DE136695976', null)).toBeNull()
    expect(taxIdProblem('whatever', null)).toBeNull()
  })
})
