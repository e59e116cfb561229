/** Canonicalising records: states of a field kept apart, lifecycle states, stamps, hashes. */
import { describe, expect, it } from 'vitest'
import { canonicalise, type CanonicaliseContext } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import type { CanonicalRecord, RawRecord } from '../model/record.ts'

const customer = kindOf('customer')
const invoice = kindOf('invoice')

function ctx(over: Partial<CanonicaliseContext> = {}): CanonicaliseContext {
  return {
    platform: 'erp',
    timezone: 'Europe/Zurich',
    held: ['name', 'domain', 'currency', 'credit_limit'],
    map: () => null,
    ...over,
  }
}

function of(fields: Record<string, unknown>, over: Partial<RawRecord> = {}, context = ctx()): CanonicalRecord {
  return canonicalise(customer, { record_id: 'C1', fields, ...over }, context)
}

const bill = (
  fields: Record<string, unknown>,
  over: Partial<RawRecord> = {},
  context = ctx({ held: [] }),
): CanonicalRecord => canonicalise(invoice, { record_id: 'I1', fields, ...over }, context)

describe('a record', () => {
  it('keeps a value, an empty field, an absent field and one it cannot hold apart', () => {
    const record = of(
      { name: 'Acme', domain: '  ', currency: null, email: 'a@acme.com' },
      {},
      ctx({ cannotHold: ['phone', 'email'] }),
    )
    expect(record.values).toEqual({ name: 'Acme' })
    expect(record.empty).toEqual(['currency', 'domain'])
    expect(record.held).toEqual(['name', 'domain', 'currency', 'credit_limit'])
    expect(Object.keys({ ...record.values, ...record.invalid })).not.toContain('credit_limit')
  })

  it('holds what it carries, also where the stream did not say so', () => {
    expect(of({ phone: '+41441234567', 'bill_to.country': 'Schweiz' }).held).toEqual([
      'name',
      'domain',
      'phone',
      'bill_to.country',
      'currency',
      'credit_limit',
    ])
    expect(of({ phone: undefined }).held).not.toContain('phone')
  })

  it('survives fields that cannot be read, and says why', () => {
    const record = of({ name: { first: 'A' }, domain: ['x'], credit_limit: '1,23,4', currency: 'EUR' })
    expect(Object.keys(record.invalid).sort()).toEqual(['credit_limit', 'domain', 'name'])
    expect(record.raw).toMatchObject({ name: '{"first":"A"}', credit_limit: '1,23,4' })
    expect(record.values).toEqual({ currency: 'EUR' })
  })

  it('never reads an amount whose currency is missing, unknown or waits for a map entry', () => {
    const unknown = [{}, { currency: '' }, { currency: '$' }, { currency: 'XYZ' }].map((currency) =>
      of({ credit_limit: '100', ...currency }),
    )
    const waiting = of({ credit_limit: '100', currency: 'EUR1' }, {}, ctx({ map: () => () => null }))
    for (const record of [...unknown, waiting]) {
      expect(record.invalid).toHaveProperty('credit_limit')
      expect(record.values).not.toHaveProperty('credit_limit')
    }
    expect(of({ credit_limit: '', currency: '' }).empty).toEqual(['currency', 'credit_limit'])
  })

  it('reads telephone number and tax id by its own country', () => {
    const record = of({ phone: '044 123 45 67', tax_id: '107.787.577', 'bill_to.country': 'Switzerland' })
    expect(record.keys).toMatchObject({ phone: '+41441234567', tax_id: 'CHE107787577' })
    expect(of({ phone: '044 123 45 67', 'ship_to.country': 'CH' }).keys).toMatchObject({ phone: '+41441234567' })
    // The plan is reused: the country of one record must not reach the next.
    const shared = ctx()
    of({ phone: '044 123 45 67', 'bill_to.country': 'CH' }, {}, shared)
    expect(of({ phone: '044 123 45 67' }, {}, shared).keys).toEqual({ phone: '0441234567' })
  })

  it('goes to quarantine without an id or with a stamp that means nothing', () => {
    for (const id of ['', '  ', null, undefined, {}]) {
      expect(() => of({}, { record_id: id as string })).toThrow(
        expect.objectContaining({ name: 'MappingError', field: 'record_id' }) as Error,
      )
    }
    expect(() => of({}, { changed_at: 'yesterday' })).toThrow(
      expect.objectContaining({ name: 'MappingError', field: 'changed_at' }) as Error,
    )
    expect(of({}, { record_id: ' 007 ' }).record_id).toBe(' 007 ')
  })

  it('is not harmed by names that JavaScript reserves', () => {
    const fields = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "x", "name": "Acme"}') as Record<
      string,
      unknown
    >
    const custom = JSON.parse('{"__proto__": "x", "a": {"b": 1}, "n": 1.5, "e": ""}') as Record<string, unknown>
    const record = of(fields, {
      custom,
      refs: JSON.parse('{"__proto__": "1", "crm": " A1 ", "billing": null}') as Record<string, string>,
    })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(record.values).toEqual({ name: 'Acme' })
    expect(Object.entries(record.custom)).toEqual([
      ['__proto__', 'x'],
      ['a', '{"b":1}'],
      ['n', '1.5'],
      ['e', null],
    ])
    expect(Object.entries(record.refs)).toEqual([
      ['__proto__', '1'],
      ['crm', 'A1'],
    ])
  })
})

describe('the state', () => {
  it('is the canonical word where the platform has one, else comes from the status', () => {
    expect(bill({ state: 'paid' }, { status: 'whatever' }).values['state']).toBe('paid')
    expect(bill({ state: '' }, { status: 'Open' })).toMatchObject({
      values: { state: 'open' },
      raw: { state: 'Open' },
      status: 'Open',
    })
    expect(bill({}, { status: 'Sent' })).toMatchObject({ values: { state: 'Sent' }, unmapped: ['state'] })
  })

  it('comes from the reference map alone where there is one', () => {
    const mapped = ctx({
      held: [],
      map: (field) => (field === 'invoice.state' ? (code) => ({ '3': 'paid', Sent: 'open' })[code] : null),
    })
    expect(bill({}, { status: '3' }, mapped).values['state']).toBe('paid')
    expect(bill({}, { status: ' Sent ' }, mapped).values['state']).toBe('open')
    expect(bill({}, { status: 'paid' }, mapped).unmapped).toEqual(['state'])
    expect(bill({ state: 'paid' }, {}, mapped).values['state']).toBe('paid')
    expect(bill({ state: 'Sent' }, {}, mapped).values['state']).toBe('open')
  })

  it('is absent without a status, empty with an empty one, and nothing for kinds without a lifecycle', () => {
    expect(bill({}).held).toEqual([])
    expect(bill({}, {}, ctx({ held: ['state'] }))).toMatchObject({ held: ['state'], empty: [] })
    expect(bill({}, { status: '' }).empty).toEqual(['state'])
    expect(
      canonicalise(kindOf('line'), { record_id: 'L1', status: 'open', fields: {} }, ctx({ held: ['state'] })),
    ).toMatchObject({ held: [], unmapped: [], status: 'open' })
  })
})

describe('stamps', () => {
  it.each([
    ['2026-11-20T10:00:00.123Z', '2026-11-20T10:00:00.123Z', 'ms'],
    ['2026-11-20T10:00:00.000+0000', '2026-11-20T10:00:00.000Z', 's'],
    ['2026-11-20T10:00:00', '2026-11-20T09:00:00.000Z', 's'],
    ['2026-11-20 10:00', '2026-11-20T09:00:00.000Z', 'min'],
    ['2026-11-20', '2026-11-19T23:00:00.000Z', 'day'],
    [1795132800123, '2026-11-20T00:00:00.123Z', 'ms'],
    [1795132800, '2026-11-20T00:00:00.000Z', 's'],
    [null, null, 'none'],
    ['0001-01-01T00:00:00Z', null, 'none'],
  ] as const)('%s is %s, exact to %s', (raw, changed_at, stamp) => {
    expect(of({}, { changed_at: raw })).toMatchObject({ changed_at, stamp })
  })
})

describe('the version hash', () => {
  const base = { name: 'Acme', currency: 'EUR', credit_limit: '100' }
  const hash = (fields: Record<string, unknown>, over: Partial<RawRecord> = {}, context = ctx()): string =>
    of(fields, over, context).version_hash

  it('fits 64 bits and is the same for the same content', () => {
    expect(BigInt(hash(base))).toBeLessThan(2n ** 64n)
    expect(hash(base)).toBe(hash({ credit_limit: '100.00', currency: '€', name: 'Acme' }))
    expect(hash(base, { refs: { a: '1', b: '2' } })).toBe(hash(base, { refs: { b: '2', a: '1' } }))
  })

  it('does not move with stamps, writer or correlation', () => {
    expect(
      hash(base, { changed_at: 1795132800, created_at: '2026-01-01', changed_by: 'sync', correlation_id: 'x' }),
    ).toBe(hash(base))
  })

  it('moves with everything else', () => {
    const all = [
      hash(base),
      hash({ ...base, name: 'ACME' }),
      hash({ ...base, credit_limit: '100.01' }),
      hash({ ...base, credit_limit: '' }),
      hash({ name: 'Acme', currency: 'EUR' }),
      hash({ ...base, credit_limit: 'x' }),
      hash({ ...base, credit_limit: 'y' }),
      hash(base, { status: 'customer' }),
      hash(base, { status: 'Customer' }),
      hash(base, { status: 'odd' }),
      hash(base, { deleted: true }),
      hash(base, { merged_into: 'C2' }),
      hash(base, { refs: { crm: '1' } }),
      hash(base, { refs: { crm: '1', erp: '2' } }),
      hash(base, { custom: { crm: '1' } }),
      hash(base, { custom: { crm: null } }),
      hash(base, {}, ctx({ held: ['name'] })),
      hash(base, {}, ctx({ cannotHold: ['currency'] })),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('stays what it was in earlier releases: a new hash would store every record again', () => {
    expect(hash(base, { status: 'customer', refs: { crm: '1' } })).toBe('8425236302661449709')
  })
})
