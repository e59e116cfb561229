/** The score: what counts as found, as consequence, as false alarm. */
import { describe, expect, test } from 'vitest'
import type { Found } from '../lab/match.ts'
import { fits } from '../lab/match.ts'
import { score } from '../lab/score.ts'
import { scoreText, span } from '../lab/score-text.ts'
import type { Fault, Truth } from '../lab/truth.ts'
import { statusAt } from '../lab/truth.ts'

const START = Date.parse('2026-11-01T00:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
const AS_OF = START + 10 * DAY
const iso = (ms: number) => new Date(ms).toISOString()
const crm = (record_id: string, kind = 'customer') => ({ platform: 'crm', kind, record_id })
const erp = (record_id: string, kind = 'customer') => ({ platform: 'erp', kind, record_id })

function fault(over: Partial<Fault> = {}): Fault {
  return {
    id: 'F-1',
    drift: 'dropped_change',
    cause: 'never_sent',
    category: 'mismatch',
    kind: 'customer',
    fields: ['payment_terms'],
    owner: 'erp',
    platform: 'crm',
    subjects: [crm('C1'), erp('E1')],
    scope: {},
    amount: null,
    currency: null,
    injectedAt: START,
    driftFrom: START + 60 * MINUTE,
    healsAt: null,
    alternatives: [],
    alsoExpected: [],
    says: 'terms differ',
    ...over,
  }
}

function found(over: Partial<Found> = {}): Found {
  return {
    id: 'f1',
    check: 'customer-master/legal-profile',
    category: 'mismatch',
    kind: 'customer',
    field: 'payment_terms',
    platform: 'crm',
    owner_platform: 'erp',
    subject: [crm('C1')],
    scope: {},
    verdict: 'drift',
    cause: 'never_sent',
    state: 'open',
    amount_at_risk: null,
    first_seen_at: iso(START + 90 * MINUTE),
    changed_at: iso(START + 90 * MINUTE),
    last_seen_at: iso(AS_OF),
    resolved_at: null,
    ...over,
  }
}

const truth = (...faults: Fault[]): Truth => ({ seed: 's', start: START, end: AS_OF, faults, decoys: [], lacking: {} })

describe('status of a fault', () => {
  test('goes from not yet over in flight and open to healed', () => {
    const one = fault({ healsAt: START + 5 * DAY })
    expect([START - 1, START + MINUTE, START + DAY, START + 5 * DAY].map((at) => statusAt(one, at))).toEqual([
      'not_yet',
      'in_flight',
      'open',
      'healed',
    ])
    expect(statusAt(fault({ driftFrom: null, healsAt: START + MINUTE }), START + DAY)).toBe('healed')
  })
})

describe('score', () => {
  test('a finding on the right record, field and platform is found, with its delay and cause', () => {
    const { rows, total } = score(truth(fault()), [found()], AS_OF)
    expect(rows).toMatchObject([
      {
        drift: 'dropped_change',
        expected: 1,
        found: 1,
        missed: 0,
        false: 0,
        precision: 1,
        recall: 1,
        medianMs: 30 * MINUTE,
        causeRight: 1,
        causeKnown: 1,
      },
    ])
    expect(total).toMatchObject({ precision: 1, recall: 1 })
  })

  test('a finding about a field is of the fault that names it, not of the one about the whole stream', () => {
    const stream = { drift: 'schema_change', cause: null, category: 'quality', kind: 'tenant', subjects: [] } as const
    const [whole, field] = [
      fault({ ...stream, id: 'F-1', fields: [] }),
      fault({ ...stream, id: 'F-2', fields: ['seats'] }),
    ]
    const said = (over: Partial<Found>) => found({ category: 'quality', kind: 'tenant', subject: [], ...over })
    const findings = [said({ id: 'f1', field: 'seats' }), said({ id: 'f2', field: null })]
    expect(score(truth(whole, field), findings, AS_OF).total).toMatchObject({
      expected: 2,
      found: 2,
      missed: 0,
      false: 0,
    })
  })

  test.each([
    ['another platform', { platform: 'support' }],
    ['another field', { field: 'currency' }],
    ['another record', { subject: [crm('C9')] }],
    ['another category', { category: 'missing' as const }],
  ])('a finding on %s is false and the fault is missed', (_, over) => {
    const result = score(truth(fault()), [found(over)], AS_OF)
    expect(result.total).toMatchObject({ expected: 1, found: 0, missed: 1, false: 1, precision: 0, recall: 0 })
    expect(result.falseFindings[0]!.why).toBe('unexplained')
    expect(result.missed).toEqual([{ fault: 'F-1', drift: 'dropped_change', says: 'terms differ' }])
  })

  test('several findings on one fault count once, and none of them is false', () => {
    const group = found({ id: 'f2', field: 'bill_to' })
    const one = fault({ fields: ['bill_to.city', 'payment_terms'] })
    expect(score(truth(one), [found(), group], AS_OF).total).toMatchObject({ found: 1, false: 0 })
  })

  test('an alternative wording counts as found; a consequence neither helps nor harms', () => {
    const order = fault({
      drift: 'missing_order',
      category: 'missing',
      kind: 'order',
      fields: [],
      platform: 'erp',
      subjects: [crm('O1', 'order')],
      alternatives: [{ categories: ['exception'], kinds: ['order'], subjects: [crm('O1', 'order')] }],
      alsoExpected: [{ categories: ['deadline'], subjects: [crm('O1', 'order')] }],
    })
    const other = found({
      category: 'exception',
      kind: 'order',
      field: null,
      platform: null,
      subject: [crm('O1', 'order')],
    })
    const follows = found({
      id: 'f2',
      category: 'deadline',
      kind: 'order',
      field: null,
      platform: 'erp',
      subject: [crm('O1', 'order')],
    })
    expect(score(truth(order), [other], AS_OF).total).toMatchObject({ found: 1, false: 0 })
    const consequence = score(truth(order), [follows], AS_OF)
    expect(consequence).toMatchObject({ consequences: 1 })
    expect(consequence.total).toMatchObject({ found: 0, missed: 1, false: 0 })
  })

  test('drift called on a change that stays in its window is a false alarm; calling it in flight is not', () => {
    const slow = fault({ drift: 'late_in_window', driftFrom: null, healsAt: START + 50 * MINUTE })
    const alarm = score(truth(slow), [found()], AS_OF)
    expect(alarm).toMatchObject({ inFlightAlarms: 1 })
    expect(alarm.rows).toMatchObject([{ drift: 'late_in_window', expected: 0, false: 1, precision: 0, recall: null }])
    expect(score(truth(slow), [found({ verdict: 'in_flight', state: 'in_flight' })], AS_OF).total.false).toBe(0)
    expect(score(truth(slow), [found({ verdict: 'in_flight', state: 'resolved' })], AS_OF).total.false).toBe(0)
  })

  test('a healed fault is asked for only if somebody looked while it was drift', () => {
    const healed = fault({ healsAt: START + 2 * DAY })
    expect(score(truth(healed), [], AS_OF).total).toMatchObject({ expected: 0, missed: 0 })
    expect(score(truth(healed), [], AS_OF, { looks: [START + DAY] }).total).toMatchObject({ expected: 1, missed: 1 })
    expect(
      score(
        truth(healed),
        [found({ state: 'resolved', resolved_at: iso(START + 2 * DAY), last_seen_at: iso(START + 2 * DAY) })],
        AS_OF,
      ).total,
    ).toMatchObject({ expected: 1, found: 1 })
  })

  test('a finding that stays open after its fault healed is lingering, and false', () => {
    const result = score(truth(fault({ healsAt: START + 2 * DAY })), [found()], AS_OF)
    expect(result).toMatchObject({ lingering: 1 })
    expect(result.total.false).toBe(1)
  })

  test('an undecided finding claims nothing: the fault stays missed', () => {
    const result = score(truth(fault()), [found({ state: 'undecided', verdict: 'undecided' })], AS_OF)
    expect(result).toMatchObject({ undecided: 1 })
    expect(result.total).toMatchObject({ missed: 1, false: 0 })
  })

  test('a finding that was in flight first is timed from when it was opened', () => {
    const early = found({ first_seen_at: iso(START + 10 * MINUTE), changed_at: iso(START + 65 * MINUTE) })
    expect(score(truth(fault()), [early], AS_OF).total.medianMs).toBe(5 * MINUTE)
  })

  test('what was wrong before anybody looked has no time to detect', () => {
    const looks = [START + DAY]
    expect(score(truth(fault()), [found({ first_seen_at: iso(START + DAY) })], AS_OF, { looks }).total).toMatchObject({
      found: 1,
      medianMs: null,
    })
  })

  test('money is right to the last minor unit, whatever the trailing zeros', () => {
    const invoice = fault({ amount: '12.30', currency: 'EUR' })
    expect(score(truth(invoice), [found({ amount_at_risk: '12.3' })], AS_OF).total).toMatchObject({
      amountKnown: 1,
      amountRight: 1,
    })
    expect(score(truth(invoice), [found({ amount_at_risk: '12.31' })], AS_OF).total).toMatchObject({
      amountKnown: 1,
      amountRight: 0,
    })
  })

  test('totals are matched by the scope that both sides name', () => {
    const off = fault({
      drift: 'control_total_off',
      category: 'total',
      kind: 'invoice',
      fields: [],
      subjects: [],
      scope: { period: '2026-11', currency: 'EUR', legal_entity: 'X' },
    })
    const total = (scope: Record<string, string>) =>
      found({ category: 'total', kind: 'invoice', field: null, subject: [], scope })
    expect(score(truth(off), [total({ period: '2026-11', currency: 'EUR' })], AS_OF).total.found).toBe(1)
    expect(score(truth(off), [total({ period: '2026-10', currency: 'EUR' })], AS_OF).total.found).toBe(0)
    expect(fits(total({}), { scope: { period: '2026-11' } })).toBe(false)
  })

  test('faults that are planted after the instant are not asked for', () => {
    expect(score(truth(fault({ injectedAt: AS_OF + 1 })), [], AS_OF).total.expected).toBe(0)
  })

  test('the median is over all kinds, the sums add up, and people get a table', () => {
    const second = fault({ id: 'F-2', drift: 'overwritten', driftFrom: START, subjects: [crm('C2')] })
    const result = score(
      truth(fault(), second),
      [
        found(),
        found({ id: 'f2', subject: [crm('C2')], cause: 'unknown', first_seen_at: iso(START + DAY) }),
        found({ id: 'f3', subject: [crm('C7')] }),
      ],
      AS_OF,
    )
    expect(result.total).toMatchObject({ expected: 2, found: 2, false: 1, causeRight: 1, causeKnown: 2 })
    const text = scoreText(result)
    expect(text).toContain('dropped_change')
    expect(text.split('\n')[0]).toMatch(/^drift +planted +found +missed +false +precision +recall/)
    expect(text).toContain('66.7 %')
    expect([null, 1500, 7 * MINUTE, 3.5 * 60 * MINUTE, 2 * DAY].map(span)).toEqual([
      '–',
      '1.5 s',
      '7 min',
      '3.5 h',
      '2 d',
    ])
  })
})
