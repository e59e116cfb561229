/** Patterns, bases and triggers: truth tables of the pure rules that fold and price differences. */
import { describe, expect, it } from 'vitest'
import { basisOf, type Exposed } from '../model/exposure.ts'
import type { FieldTypeName } from '../model/fields.ts'
import { patternOf, patternWords } from '../model/pattern.ts'
import { triggersOf, type Begun, type Happening } from '../model/trigger.ts'
import { CATEGORIES } from '../model/verdict.ts'
import { findingPattern } from '../server/store/facts/findings.ts'

const HOUR = 3_600_000

describe('the pattern of two values', () => {
  const rows: [FieldTypeName | null, string | null, string | null, string, string][] = [
    [null, 'a', 'b', 'none', 'no value to compare'],
    ['text', null, null, 'none', 'no value to compare'],
    ['text', 'a', null, 'empty', 'left empty'],
    ['text', 'a', '  ', 'empty', 'left empty'],
    ['text', null, 'a', 'filled', 'filled where the owner has nothing'],
    ['enum', 'paid', 'open', 'pair:paid>open', 'paid is held as open'],
    ['bool', 'true', 'false', 'pair:true>false', 'true is held as false'],
    ['country', 'DE', 'AT', 'pair:DE>AT', 'DE is held as AT'],
    ['money', '12.50', '1250', 'times:100', 'the amount is multiplied by 100'],
    ['money', '1250', '12.50', 'times:0.01', 'the amount is multiplied by 0.01'],
    ['money', '1250', '1250000', 'times:1000', 'the amount is multiplied by 1000'],
    ['money', '100', '-100', 'sign', 'the sign is turned round'],
    ['money', '100', '0', 'zero', 'zero instead of the amount'],
    ['money', '0', '5', 'other', 'no common pattern'],
    ['money', '10.005', '10.01', 'rounding', 'differs by rounding'],
    ['number', '3.75', '4', 'rounding', 'differs by rounding'],
    ['money', '99.99', '120.00', 'other', 'no common pattern'],
    ['date', '2026-11-20', '2026-11-21', 'day:+1', 'one day late'],
    ['date', '2026-11-20', '2026-11-19', 'day:-1', 'one day early'],
    ['date', '2026-03-04', '2026-04-03', 'day_and_month', 'day and month are swapped'],
    ['date', '2026-11-20', '2027-11-20', 'year:+1', 'one year late'],
    ['date', '2026-11', '2026-12', 'other', 'no common pattern'],
    ['instant', '2026-11-20T10:00:00.000Z', '2026-11-20T12:00:00.000Z', 'hours:+2', 'shifted by +2 hours'],
    ['instant', '2026-11-20T10:00:00.400Z', '2026-11-20T10:00:00.000Z', 'rounding', 'differs by rounding'],
    ['name', 'ACME  Ltd.', 'Acme ltd', 'case_spacing', 'only case, spaces or punctuation differ'],
    ['name', 'Müller Söhne', 'Mueller Soehne', 'accents', 'only accents or umlauts differ'],
    ['name', 'Café Noir', 'Cafe Noir', 'accents', 'only accents or umlauts differ'],
    ['text', 'A rather long street name', 'A rather long', 'truncated:13', 'cut off after 13 characters'],
    ['code', '4711', 'CUST-4711', 'prefix:CUST-', '“CUST-” is put in front'],
    ['code', '4711', '4711-EU', 'suffix:-EU', '“-EU” is put behind'],
    ['code', 'SAP-4711', '4711', 'prefix_lost:SAP-', '“SAP-” in front is lost'],
    ['code', '4711-A', '4711', 'suffix_lost:-A', '“-A” at the end is lost'],
    ['code', '004711', '0004711', 'prefix:0', '“0” is put in front'],
    ['name', 'Göteborg AB', 'GÃ¶teborg AB', 'garbled', 'characters are garbled'],
    ['text', 'one', 'two', 'other', 'no common pattern'],
    ['text', 'sAme', 'sAme', 'case_spacing', 'only case, spaces or punctuation differ'],
  ]
  it.each(rows)('%s: %s → %s is %s', (type, expected, actual, code, words) => {
    expect(patternOf({ type, expected, actual })).toBe(code)
    expect(patternWords(code)).toBe(words)
  })

  it('never carries a piece of personal data', () => {
    expect(patternOf({ type: 'email', expected: 'ann@x.example', actual: 'old-ann@x.example', personal: true })).toBe(
      'prefix:',
    )
    expect(patternOf({ type: 'text', expected: 'A rather long street', actual: 'A rather long', personal: true })).toBe(
      'truncated:13',
    )
    expect(patternWords('prefix:')).toBe('something is put in front')
    const about = {
      owner_platform: 'crm',
      platform: 'erp',
      expected: { crm: 'ann@x.example' },
      actual: { erp: 'ann@x.example.old' },
    }
    expect(findingPattern({ kind: 'contact', field: 'email', ...about })).toBe('suffix:')
    expect(findingPattern({ kind: 'contact', field: null, ...about })).toBe('none')
    expect(findingPattern({ kind: 'product', field: 'code', ...about })).toBe('suffix:.old')
  })
})

describe('what an amount rests on', () => {
  const priced = (over: Partial<Exposed>): Exposed => ({
    category: 'mismatch',
    kind: 'invoice',
    amount_at_risk: '1',
    ...over,
  })
  it.each([
    ['two amounts that differ', priced({}), 'confirmed'],
    ['a document that one side lacks', priced({ category: 'missing' }), 'confirmed'],
    ['a record that runs on and is missing', priced({ category: 'missing', kind: 'subscription' }), 'estimated'],
    ['an orphan invoice', priced({ category: 'orphan' }), 'confirmed'],
    ['two totals that differ', priced({ category: 'total' }), 'confirmed'],
    ['an amount written by a non-owner', priced({ category: 'authority' }), 'confirmed'],
    ['an order without its invoice', priced({ category: 'deadline', kind: 'order' }), 'confirmed'],
    ['an active subscription that nobody bills', priced({ category: 'deadline', kind: 'subscription' }), 'estimated'],
    ['a credit that was approved and not posted', priced({ category: 'exception', kind: 'credit' }), 'confirmed'],
    ['a credit hold that is ignored', priced({ category: 'exception', kind: 'customer' }), 'estimated'],
    ['service without a contract', priced({ category: 'exception', kind: 'entitlement' }), 'estimated'],
    ['a booked order without approval', priced({ category: 'exception', kind: 'order' }), 'estimated'],
    ['a subscription billed twice', priced({ category: 'duplicate', kind: 'invoice' }), 'confirmed'],
    ['a stuck renewal', priced({ category: 'transition', kind: 'renewal' }), 'estimated'],
    ['what the check says, against the rule', priced({ money: 'estimated' }), 'estimated'],
    ['nothing, where no amount is known', priced({ amount_at_risk: null, money: 'confirmed' }), undefined],
  ])('%s', (_, exposed, basis) => {
    expect(basisOf(exposed)?.basis).toBe(basis)
  })

  it('has a rule and a reason for every category', () => {
    for (const category of CATEGORIES) expect(basisOf(priced({ category }))?.why, category).toMatch(/\w/)
  })
})

describe('what may have set differences off', () => {
  const began = Date.parse('2026-11-20T12:00:00Z')
  const begun = (over: Partial<Begun> = {}): Begun => ({
    owner_platform: 'erp',
    platform: 'crm',
    cause: 'not_applied',
    pattern: 'pair:a>b',
    onset: began,
    noticed: began + 5 * HOUR,
    findings: 10,
    ...over,
  })
  const h = (what: string, ago: number, over: Partial<Happening> = {}): Happening => ({
    at: began - ago,
    what,
    platform: 'crm',
    by: 'ops',
    says: what,
    event: null,
    ...over,
  })
  it.each([
    ['a mapping that changed half an hour before', begun(), h('mapping_changed', HOUR / 2), 'likely'],
    ['a mapping that changed five hours before', begun(), h('mapping_changed', 5 * HOUR), 'possible'],
    ['a mapping that changed a day before', begun(), h('mapping_changed', 24 * HOUR), null],
    ['a mapping that changed after', begun(), h('mapping_changed', -HOUR), null],
    ['a clock that is a little wrong', begun(), h('mapping_changed', -60_000), 'likely'],
    ['a change at another platform', begun(), h('mapping_changed', HOUR / 2, { platform: 'billing' }), null],
    ['a change at the owner', begun(), h('mapping_changed', HOUR / 2, { platform: 'erp' }), 'likely'],
    [
      'an outage before changes that were never sent',
      begun({ cause: 'never_sent', pattern: 'other' }),
      h('outage_began', HOUR / 2),
      'likely',
    ],
    [
      'an outage before amounts that are multiplied',
      begun({ cause: 'unknown', pattern: 'times:100' }),
      h('outage_began', HOUR / 2),
      'possible',
    ],
    [
      'a new key before changes that were refused',
      begun({ cause: 'not_acknowledged', pattern: 'none' }),
      h('key_rotated', HOUR / 2),
      'likely',
    ],
    [
      'the end of an outage before old events won',
      begun({ cause: 'stale_event', pattern: 'other' }),
      h('outage_ended', HOUR / 2),
      'likely',
    ],
    ['a new schema before values are empty', begun({ pattern: 'empty' }), h('schema_changed', HOUR / 2), 'likely'],
    [
      'our own configuration before it was noticed',
      begun(),
      h('configured', -4.5 * HOUR, { platform: null }),
      'likely',
    ],
    ['our own configuration long before it was noticed', begun(), h('configured', 4 * HOUR, { platform: null }), null],
  ])('%s', (_, b, happening, sure) => {
    const [trigger] = triggersOf(b, [happening])
    expect(trigger?.sure ?? null).toBe(sure)
    if (trigger) expect(trigger.because).toMatch(/^it happened/)
  })

  it('puts what explains the pattern before what only was near, and is never certain', () => {
    const found = triggersOf(begun({ cause: 'unknown' }), [
      h('outage_began', 60_000),
      h('mapping_changed', 50 * 60_000),
      h('deployed', 5 * HOUR),
      h('maintenance_began', HOUR),
    ])
    expect(found.map((t) => t.what)).toEqual(['mapping_changed', 'deployed', 'outage_began'])
  })
})
