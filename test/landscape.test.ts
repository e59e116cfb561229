/** The landscape: what a configuration makes of scopes, owners, standings, edges and rates. */
import { describe, expect, it } from 'vitest'
import { at, everyRole, landscape, roles } from './world/small-landscape.ts'

const full = everyRole()

describe('several platforms of one role', () => {
  const l = landscape({
    platforms: {
      crm: { connector: 'files', role: 'crm' },
      'erp-eu': { connector: 'files', role: 'erp', scope: { legal_entity: ['DE01', 'CH01'], region: ['EMEA'] } },
      'erp-us': { connector: 'files', role: 'erp', scope: { legal_entity: ['US01'] } },
    },
  })

  it('speak for their own records, and both where the record does not say', () => {
    expect(l.owners('customer', 'tax_id', at(null, { legal_entity: 'US01' }))).toEqual(['erp-us'])
    expect(l.owners('customer', 'tax_id', at(null, { legal_entity: 'CH01' }))).toEqual(['erp-eu'])
    expect(l.owners('customer', 'tax_id', at(null, { legal_entity: 'CH01', region: 'APAC' }))).toEqual([])
    expect(l.owners('customer', 'tax_id', at())).toEqual(['erp-eu', 'erp-us'])
    expect(
      l.owners('customer', 'credit_hold', at(null, { legal_entity: 'CH-01' })),
      'a misspelt entity makes nobody else the owner',
    ).toEqual([])
  })

  it('are absent from records outside of their scope', () => {
    expect(l.standing('customer', 'name', 'erp-us', 'crm', at(null, { legal_entity: 'DE01' }))).toBe('absent')
    expect(l.standing('customer', 'name', 'erp-eu', 'crm', at(null, { legal_entity: 'DE01' }))).toBe('follower')
  })

  it('are all meant by their role, in the order of the file', () => {
    expect(l.named('erp').map((p) => p.name)).toEqual(['erp-eu', 'erp-us'])
    expect(l.named('erp-us').map((p) => p.name)).toEqual(['erp-us'])
    expect(l.named('nobody')).toEqual([])
    expect(() => l.platform('nobody')).toThrow('There is no platform named nobody.')
    expect(l.platform('erp-us')).toMatchObject({ title: 'erp-us', role: 'erp', timezone: 'UTC', connector: 'files' })
  })

  it('are all meant by a role whose name one of them bears', () => {
    const both = landscape({
      platforms: { erp: { connector: 'files', role: 'erp' }, 'erp-old': { connector: 'files', role: 'erp' } },
    })
    expect(both.named('erp').map((p) => p.name)).toEqual(['erp', 'erp-old'])
  })
})

describe('a configuration', () => {
  const platforms = {
    ...roles('crm', 'erp', 'billing', 'support', 'mdm'),
    'erp-us': { connector: 'files', role: 'erp' },
  }

  it('overrides the matrix, the most specific pattern first, and says everything where it names owners', () => {
    const l = landscape({
      platforms,
      ownership: {
        customer: ['mdm'],
        'customer.legal.*': ['erp-us'],
        'customer.tax_id': { owners: ['billing'] },
        'customer.bill_to.*': ['crm'],
      },
    })
    const owners = (field: string) => l.owners('customer', field, at('customer'))
    expect(owners('segment')).toEqual(['mdm'])
    expect(owners('state')).toEqual(['mdm'])
    expect(owners('legal_name')).toEqual(['erp-us'])
    expect(owners('tax_id')).toEqual(['billing'])
    expect(l.owners('order', 'amount', at('booked'))).toEqual(['erp', 'erp-us'])
  })

  it('may change owners with the state, and falls back to the matrix in states it does not name', () => {
    const l = landscape({
      platforms,
      ownership: {
        'customer.payment_terms': { by_state: { prospect: ['crm'] } },
        'invoice.total': { owners: ['billing'], by_state: { draft: ['crm'] } },
      },
    })
    expect(l.owners('customer', 'payment_terms', at('prospect'))).toEqual(['crm'])
    expect(l.owners('customer', 'payment_terms', at('customer'))).toEqual(['erp', 'erp-us', 'mdm'])
    expect(l.owners('invoice', 'total', at('draft'))).toEqual(['crm'])
    expect(l.owners('invoice', 'total', at('open'))).toEqual(['billing'])
    expect(l.owners('invoice', 'total', at(null))).toEqual(['billing'])
  })

  it('says how the others stand, each line where it speaks', () => {
    const l = landscape({
      platforms,
      ownership: {
        'customer.name': { followers: ['support'] },
        'customer.email': { advisory: ['support'] },
        'customer.tax_id': { gated: ['billing'], foreign: ['support'], absent: ['crm'], advisory: ['mdm'] },
        customer: { advisory: ['mdm'] },
      },
    })
    const stands = (field: string, platform: string, owner = 'erp') =>
      l.standing('customer', field, platform, owner, at())
    expect(['support', 'billing', 'erp', 'crm'].map((p) => stands('name', p, 'crm'))).toEqual([
      'follower',
      'advisory',
      'advisory',
      'owner',
    ])
    expect(['support', 'billing', 'erp', 'mdm'].map((p) => stands('email', p, 'crm'))).toEqual([
      'advisory',
      'advisory',
      'follower',
      'advisory',
    ])
    expect(['billing', 'support', 'crm', 'mdm', 'erp-us'].map((p) => stands('tax_id', p))).toEqual([
      'gated',
      'foreign',
      'absent',
      'advisory',
      'follower',
    ])
    expect(l.owners('customer', 'name', at())).toEqual(['crm'])
  })

  it('lets a platform own against the matrix, which speaks where it has no value', () => {
    const l = landscape({
      platforms: {
        ...platforms,
        support: {
          connector: 'files',
          role: 'support',
          owns: ['customer.segment', 'tenant'],
          scope: { region: ['EMEA'] },
        },
      },
    })
    expect(l.owners('customer', 'segment', at(null, { region: 'EMEA' }))).toEqual(['support', 'crm'])
    expect(l.owners('customer', 'segment', at(null, { region: 'APAC' }))).toEqual(['crm'])
    expect(l.owners('tenant', 'state', at())).toEqual(['support'])
    expect(l.standing('customer', 'segment', 'crm', 'support', at())).toBe('follower')
  })

  it('takes fields that a platform cannot hold, and kinds that it does not keep, out of every comparison', () => {
    const l = landscape(
      {
        platforms: {
          ...platforms,
          crm: { connector: 'files', role: 'crm', mapping: { customer: { cannot_hold: ['credit_limit'] } } },
        },
      },
      (p, kind) => p !== 'support' || kind === 'case',
    )
    expect(l.standing('customer', 'credit_limit', 'crm', 'erp', at())).toBe('absent')
    expect(l.standing('customer', 'credit_hold', 'crm', 'erp', at())).toBe('follower')
    expect(l.standing('customer', 'credit_hold', 'support', 'erp', at())).toBe('absent')
  })
})

describe('edges', () => {
  it.each([
    ['customer', 'credit_hold', 5, 'critical'],
    ['entitlement', 'state', 5, 'high'],
    ['entitlement', 'existence', 5, 'high'],
    ['invoice', 'state', 15, 'high'],
    ['payment', 'state', 15, 'high'],
    ['order', 'state', 15, 'high'],
    ['customer', 'legal_name', 60, 'high'],
    ['customer', 'owner', 60, 'low'],
    ['order', 'amount', 60, 'high'],
    ['product', 'price', 24 * 60, 'medium'],
    ['customer', 'custom.anything', 60, 'medium'],
  ])('%s.%s travels within %i minutes and is %s', (kind, field, minutes, criticality) => {
    expect(full.edge(kind, field, 'erp', 'crm')).toEqual({
      from: 'erp',
      to: 'crm',
      windowMs: minutes * 60_000,
      criticality,
      calendar: null,
      tolerance: null,
    })
  })

  const l = landscape({
    platforms: { ...roles('crm', 'erp', 'billing'), 'crm-us': { connector: 'files', role: 'crm' } },
    ownership: { 'customer.tax_id': { window: '3h' } },
    calendars: { office: { timezone: 'UTC' } },
    edges: [
      { fields: ['customer.tax_id'], to: 'crm-us', window: '6h' },
      { fields: ['customer'], to: 'crm', criticality: 'low', window: '9h', calendar: 'office' },
      { fields: ['invoice.total', 'line.amount'], tolerance: '0.01' },
      { fields: ['invoice'], from: 'erp', to: 'crm', tolerance: '2%', stands: 'advisory' },
      { fields: ['invoice.due_on'], tolerance: '1d', stands: 'follower' },
      { fields: ['invoice.paid_at'], window: '1m' },
      { fields: ['invoice.paid_at'], window: '2m' },
    ],
  })

  it('are laid over each other: fields before platforms before roles, later before earlier', () => {
    expect(l.edge('customer', 'tax_id', 'erp', 'crm-us')).toMatchObject({
      windowMs: 6 * 3_600_000,
      criticality: 'low',
      calendar: 'office',
    })
    expect(l.edge('customer', 'tax_id', 'erp', 'billing')).toMatchObject({
      windowMs: 3 * 3_600_000,
      criticality: 'high',
      calendar: null,
    })
    expect(l.edge('customer', 'segment', 'erp', 'crm')).toMatchObject({ windowMs: 9 * 3_600_000, criticality: 'low' })
    expect(l.edge('invoice', 'paid_at', 'erp', 'crm').windowMs).toBe(120_000)
  })

  it('carry tolerances in the unit of the field', () => {
    expect(l.edge('invoice', 'total', 'erp', 'crm').tolerance).toEqual({ kind: 'absolute', amount: '0.01' })
    expect(l.edge('invoice', 'tax', 'erp', 'crm').tolerance).toEqual({ kind: 'percent', percent: '2' })
    expect(l.edge('invoice', 'due_on', 'erp', 'crm').tolerance).toEqual({ kind: 'days', days: 1 })
    expect(l.edge('invoice', 'tax', 'billing', 'crm').tolerance).toBeNull()
  })

  it('may say how the follower stands while that owner speaks', () => {
    expect(l.standing('invoice', 'total', 'crm', 'erp', at())).toBe('advisory')
    expect(l.standing('invoice', 'due_on', 'crm', 'erp', at())).toBe('follower')
    expect(l.standing('invoice', 'total', 'crm', 'billing', at())).toBe('follower')
  })
})

describe('conversion', () => {
  const l = landscape({
    money: {
      reporting_currency: 'EUR',
      rates: [
        { on: '2026-11-01', rates: { USD: '0.92', JPY: '0.0061' } },
        { on: '2026-10-01', rates: { USD: 0.9, GBP: '1.170000001' } },
      ],
    },
  })
  it.each([
    ['100.10', 'USD', '2026-11-20', '92.092'],
    ['100.10', 'USD', '2026-11-01', '92.092'],
    ['100.10', 'USD', '2026-10-31T23:59:59.999Z', '90.09'],
    ['100', 'USD', '2026-09-30', null],
    ['1', 'GBP', '2026-11-20', '1.170000001'],
    ['-12', 'JPY', '2026-11-20', '-0.0732'],
    ['9007199254740993.01', 'EUR', '2020-01-01', '9007199254740993.01'],
    ['9007199254740993.01', 'USD', '2026-11-20', '8286623314361713.5692'],
    ['1', 'CHF', '2026-11-20', null],
    ['about 5', 'USD', '2026-11-20', null],
  ])('%s %s on %s is %s', (amount, currency, on, expected) => {
    expect(l.convert(amount, currency, on)).toBe(expected)
    expect(l.reportingCurrency).toBe('EUR')
  })
})
