/** The shipped ownership matrix and the settled points, line by line. */
import { describe, expect, it } from 'vitest'
import { KINDS } from '../model/kinds.ts'
import { LATENCY } from '../model/latency.ts'
import { OWNERSHIP } from '../model/ownership.ts'
import { parsePattern } from '../server/config/pattern.ts'
import { ROLES } from '../server/config/schema.ts'
import { at, everyRole, landscape, roles } from './world/small-landscape.ts'

const full = everyRole()

describe('the shipped matrix', () => {
  const address = ['line1', 'line2', 'city', 'region', 'postal_code', 'country']
  it.each([
    [
      'customer',
      [
        'legal_name',
        'tax_id',
        'registration_number',
        ...address.map((p) => `bill_to.${p}`),
        'currency',
        'payment_terms',
        'credit_limit',
        'credit_hold',
        'tax_exempt',
        'legal_entity',
      ],
      ['erp', 'mdm'],
      ['crm', 'billing', 'support', 'mdm', 'success', 'commerce'],
    ],
    ['customer', ['name', 'parent', 'email', 'phone', 'language'], ['crm'], ['erp', 'support', 'success', 'mdm']],
    ['customer', ['domain', 'owner', 'segment', 'type'], ['crm'], ['support', 'success', 'mdm']],
    ['customer', address.map((p) => `ship_to.${p}`), ['commerce', 'erp'], ['crm', 'erp', 'billing']],
    ['customer', ['health_score', 'renewal_readiness'], ['success'], ['crm']],
    ['customer', ['role', 'existence', 'custom.region_code'], ['crm', 'erp', 'mdm'], ['billing', 'support', 'erp']],
    ['contact', ['state', 'name', 'email', 'role'], ['crm'], ['billing', 'support', 'success']],
    ['opportunity', ['state', 'amount', 'existence'], ['crm', 'cpq'], ['erp', 'cpq']],
    ['quote', ['state', 'amount', 'accepted_at'], ['crm', 'cpq'], ['erp']],
    ['order', ['block_reason'], ['erp'], ['crm', 'commerce', 'support']],
    ['shipment', ['state', 'number', 'shipped_at', 'delivered_at'], ['erp'], ['crm', 'commerce', 'support']],
    ['contract', ['state', 'value', 'ends_on'], ['crm', 'cpq'], ['erp', 'billing', 'support']],
    [
      'subscription',
      ['state', 'amount', 'quantity', 'existence'],
      ['billing'],
      ['erp', 'crm', 'support', 'success', 'provisioning'],
    ],
    ['invoice', ['state', 'total', 'existence'], ['erp'], ['crm', 'support', 'success', 'billing']],
    ['payment', ['state', 'amount', 'received_at'], ['erp'], ['crm', 'support', 'success', 'billing']],
    ['posting', ['state', 'amount'], ['erp'], ['crm', 'warehouse']],
    ['case', ['state', 'priority'], ['support'], ['crm', 'success']],
    ['tenant', ['state', 'seats', 'plan'], ['provisioning'], ['support', 'success']],
    ['onboarding', ['state', 'due_on'], ['psa', 'success'], ['crm', 'success']],
    ['renewal', ['state', 'amount'], ['crm'], ['success', 'billing']],
    ['product', ['state', 'code', 'price'], ['erp'], ['crm', 'cpq', 'billing', 'support']],
  ])('%s %j', (kind, fields, owners, followers) => {
    for (const field of fields) {
      expect(full.owners(kind, field, at()), field).toEqual(owners)
      for (const follower of followers)
        expect(full.standing(kind, field, follower, owners[0]!, at()), `${field} at ${follower}`).toBe('follower')
      expect(full.standing(kind, field, owners[0]!, owners[0]!, at())).toBe('owner')
    }
  })

  it('leaves billing’s copies of the profile and the ledger’s way of sorting customers advisory, and only those', () => {
    const advisory = KINDS.flatMap((kind) =>
      kind.fields.flatMap((f) =>
        ROLES.filter((r) => full.standing(kind.name, f.name, r, 'nobody', at()) === 'advisory').map(
          (r) => `${kind.name}.${f.name} ${r}`,
        ),
      ),
    )
    const billing = ['domain', 'email', 'language', 'name', 'owner', 'parent', 'phone', 'segment', 'type']
    const erp = ['domain', 'owner', 'segment', 'type']
    expect(advisory.sort()).toEqual(
      [...billing.map((f) => `customer.${f} billing`), ...erp.map((f) => `customer.${f} erp`)].sort(),
    )
  })

  it('has an owner for every field of every kind in every state', () => {
    for (const kind of KINDS)
      for (const field of [...kind.fields.map((f) => f.name), 'existence'])
        for (const state of [null, ...kind.states])
          expect(full.owners(kind.name, field, at(state)).length, `${kind.name}.${field} in ${state}`).toBeGreaterThan(
            0,
          )
  })

  it('and the latency table name only what exists', () => {
    for (const { fields } of [...OWNERSHIP, ...LATENCY])
      for (const text of fields) expect(parsePattern(text)).not.toHaveProperty('wrong')
    const named = OWNERSHIP.flatMap((r) => [
      ...r.owners,
      ...(r.otherwise ?? []),
      ...(r.advisory ?? []),
      ...Object.values(r.byState ?? {}).flat(),
    ])
    expect(named.filter((role) => !(ROLES as readonly string[]).includes(role))).toEqual([])
    for (const rule of OWNERSHIP.filter((r) => r.byState)) {
      const kind = KINDS.find((k) => k.name === rule.fields[0]!.split('.')[0])!
      for (const state of Object.keys(rule.byState!)) expect(kind.states).toContain(state)
    }
  })
})

describe('hand-over', () => {
  it.each([
    ['draft', ['crm']],
    ['pending_approval', ['crm']],
    ['booked', ['erp']],
    ['blocked', ['erp']],
    ['fulfilled', ['erp']],
  ])('an order that is %s belongs to %j with amount, currency and state', (state, owners) => {
    for (const field of ['amount', 'currency', 'state', 'existence', 'tax', 'number'])
      expect(full.owners('order', field, at(state)), field).toEqual(owners)
    expect(full.standing('order', 'amount', 'crm', 'erp', at(state))).toBe('follower')
    expect(full.owners('order', 'block_reason', at(state))).toEqual(['erp'])
  })

  it('lets the CRM speak for a cancelled order that the ERP never had', () => {
    expect(full.owners('order', 'state', at('cancelled'))).toEqual(['erp', 'crm'])
    expect(full.owners('order', 'state', at(null))).toEqual(['erp', 'crm'])
  })

  it.each([
    ['lead', ['crm']],
    ['prospect', ['crm']],
    ['customer', ['erp']],
    ['churned', ['erp']],
    ['closed', ['erp', 'crm']],
  ])('the state of a customer that is %s belongs to %j', (state, owners) => {
    expect(full.owners('customer', 'state', at(state))).toEqual(owners)
    expect(full.owners('customer', 'legal_name', at(state))).toEqual(['erp', 'mdm'])
  })

  it.each([
    ['requested', ['support', 'billing']],
    ['approved', ['billing']],
    ['posted', ['billing']],
    ['applied', ['billing']],
  ])('a credit that is %s belongs to %j', (state, owners) => {
    expect(full.owners('credit', 'amount', at(state))).toEqual(owners)
  })
})

describe('the issuer of invoices', () => {
  const entity = (name: string) => at('open', { legal_entity: name })

  it('is the ERP, with payments and postings', () => {
    expect(full.issuer(null)).toBe('erp')
    expect(full.issuer('CH01')).toBe('erp')
  })

  it('is configured per legal entity, and then every other platform follows it', () => {
    const l = landscape({ platforms: roles('crm', 'erp', 'billing'), issuer: { US01: 'billing' } })
    for (const kind of ['invoice', 'payment', 'posting']) {
      expect(l.owners(kind, 'amount', entity('US01'))).toEqual(['billing'])
      expect(l.owners(kind, 'amount', entity('CH01'))).toEqual(['erp'])
    }
    expect(l.standing('invoice', 'total', 'erp', 'billing', entity('US01'))).toBe('follower')
    expect([l.issuer('US01'), l.issuer('CH01'), l.issuer(null)]).toEqual(['billing', 'erp', 'erp'])
  })

  it('may be one for all, with exceptions', () => {
    const l = landscape({ platforms: roles('erp', 'billing'), issuer: { '*': 'billing', DE01: 'erp' } })
    expect([l.issuer('US01'), l.issuer('DE01'), l.issuer(null)]).toEqual(['billing', 'erp', 'billing'])
  })

  it('is the ERP whose scope has the legal entity', () => {
    const l = landscape({
      platforms: {
        'erp-eu': { connector: 'files', role: 'erp', scope: { legal_entity: ['DE01'] } },
        'erp-us': { connector: 'files', role: 'erp', scope: { legal_entity: ['US01'] } },
      },
    })
    expect([l.issuer('DE01'), l.issuer('US01'), l.issuer('FR01'), l.issuer(null)]).toEqual([
      'erp-eu',
      'erp-us',
      null,
      'erp-eu',
    ])
    expect(l.owners('invoice', 'total', entity('US01'))).toEqual(['erp-us'])
  })

  it('is billing where there is no ERP, or none that keeps invoices', () => {
    expect(landscape({ platforms: roles('crm', 'billing') }).issuer('US01')).toBe('billing')
    expect(
      landscape({ platforms: roles('erp', 'billing') }, (p, kind) => p !== 'erp' || kind !== 'invoice').issuer(null),
    ).toBe('billing')
    const l = landscape({ platforms: roles('erp', 'billing') }, (p, kind) => p !== 'erp' || kind !== 'payment')
    expect([l.owners('invoice', 'total', at()), l.owners('payment', 'amount', at())]).toEqual([['erp'], ['billing']])
  })
})

describe('entitlements', () => {
  const keeping = (kept: Record<string, string[]>) =>
    landscape(
      { platforms: roles('crm', 'erp', 'billing', 'support', 'provisioning') },
      (p, kind) => kept[p]?.includes(kind) ?? false,
    )
  const owners = (kept: Record<string, string[]>) => keeping(kept).owners('entitlement', 'ends_on', at('active'))

  it('belong to billing where it keeps them', () => {
    expect(owners({ billing: ['entitlement'], erp: ['contract', 'entitlement'], support: ['entitlement'] })).toEqual([
      'billing',
    ])
  })

  it('else to the platform that keeps contracts, the ERP before the CRM', () => {
    expect(owners({ erp: ['contract', 'entitlement'], support: ['entitlement'] })).toEqual(['erp'])
    expect(owners({ crm: ['contract'], erp: ['contract'], support: ['entitlement'] })).toEqual(['erp', 'crm'])
    expect(owners({ crm: ['contract'], billing: ['subscription'], support: ['entitlement'] })).toEqual(['crm'])
  })

  it('first to one that keeps both, because only it can be compared', () => {
    expect(owners({ crm: ['contract', 'entitlement'], erp: ['contract'], support: ['entitlement'] })).toEqual([
      'crm',
      'erp',
    ])
  })

  it('and to nobody where nobody keeps either: rules judge them', () => {
    expect(owners({ billing: ['subscription'], support: ['entitlement'] })).toEqual([])
  })

  it('change owner when it becomes known who keeps what', () => {
    const l = landscape({ platforms: roles('erp', 'billing', 'support') })
    expect(l.owners('entitlement', 'state', at())).toEqual(['billing'])
    l.setKeeps('billing', ['subscription'])
    l.setKeeps('erp', ['contract'])
    l.setKeeps('support', ['entitlement', 'case'])
    expect(l.owners('entitlement', 'state', at())).toEqual(['erp'])
  })
})

describe('companies without one of the roles', () => {
  const small = landscape({ platforms: roles('crm', 'billing', 'support') })
  it.each([
    ['customer', 'legal_name', null, ['billing', 'crm']],
    ['customer', 'state', 'customer', ['crm', 'billing']],
    ['order', 'amount', 'booked', ['crm', 'billing']],
    ['invoice', 'total', 'open', ['billing']],
    ['product', 'price', null, ['billing', 'crm']],
    ['tenant', 'state', 'active', []],
    ['customer', 'health_score', null, []],
  ])('%s.%s in %s belongs to %j', (kind, field, state, owners) => {
    expect(small.owners(kind, field, at(state))).toEqual(owners)
  })
})

describe('lines', () => {
  it('belong to the owner of their document', () => {
    const line = (document_kind: string, state: string | null) =>
      full.owners('line', 'amount', at(state, { document_kind }))
    expect(line('order', 'draft')).toEqual(['crm'])
    expect(line('order', 'booked')).toEqual(['erp'])
    expect(line('subscription', null)).toEqual(['billing'])
    expect(line('quote', null)).toEqual(['crm', 'cpq'])
    expect(full.owners('line', 'amount', at())).toEqual(['erp', 'billing', 'crm', 'cpq'])
  })
})
