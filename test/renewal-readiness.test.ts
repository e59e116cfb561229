/** Renewal readiness: what each part says and weighs, and that nothing unknown is ever taken for fine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { READINESS_WEIGHTS, renewalReadiness, type RenewalFacts } from '../model/renewal-readiness.ts'
import { outOfHundred, upcomingRenewals } from '../server/measure/renewals.ts'
import { checkWorld, forget, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const GOOD: RenewalFacts = {
  billing: { invoices: 12, paidLate: 0, overdue: 0, worstDays: 0, disputed: 0, failed: 0 },
  pipeline: { state: 'in_progress', daysLeft: 40, autoRenew: true, subscription: 'active' },
  health: 90,
  support: { escalated: 0, open: 1, recent: 1, before: 3 },
}
const of = (more: Partial<RenewalFacts>) => renewalReadiness({ ...GOOD, ...more })
const part = (facts: Partial<RenewalFacts>, name: string) => of(facts).parts.find((p) => p.part === name)!

describe('the whole', () => {
  it('weighs four parts to a hundred', () => {
    expect(Object.values(READINESS_WEIGHTS).reduce((a, b) => a + b)).toBe(100)
    const { readiness, score, known, parts } = of({})
    expect(readiness).toBe('ready')
    expect(known).toBe(100)
    expect(score).toBe(Math.round(parts.reduce((n, p) => n + (p.weight * p.score!) / 100, 0)))
  })

  it.each([
    ['everything fine', {}, 'ready'],
    ['health unknown: eighty percent are known', { health: null }, 'ready'],
    ['support and health unknown', { health: null, support: null }, 'watch'],
    ['billing unknown', { billing: null }, 'watch'],
    ['only the pipeline and health known', { billing: null, support: null }, 'unknown'],
    ['nothing but the pipeline known', { billing: null, health: null, support: null }, 'unknown'],
    [
      'a disputed and overdue invoice',
      { billing: { ...GOOD.billing!, overdue: 1, worstDays: 40, disputed: 1 } },
      'at_risk',
    ],
    ['a low health score', { health: 20 }, 'at_risk'],
    ['two escalated cases', { support: { escalated: 2, open: 3, recent: 2, before: 3 } }, 'at_risk'],
    ['its day is over', { pipeline: { ...GOOD.pipeline, daysLeft: -2 } }, 'at_risk'],
    [
      'its day is over and nothing else is known',
      { pipeline: { ...GOOD.pipeline, daysLeft: -2 }, billing: null, health: null, support: null },
      'at_risk',
    ],
  ] as const)('%s', (_, facts, readiness) => {
    expect(of(facts).readiness).toBe(readiness)
  })

  it('gives an unknown part no score and says why', () => {
    const { parts, score, known } = of({ health: null })
    expect(parts.find((p) => p.part === 'health')).toEqual({
      part: 'health',
      weight: 20,
      score: null,
      says: ['Nobody keeps a health score for it.'],
    })
    expect(known).toBe(80)
    expect(score).toBe(Math.round((35 * 100 + 25 * 85 + 20 * 100) / 80))
  })
})

describe('each part', () => {
  it('billing: overdue weighs by its days, then disputes, failures and a habit of paying late', () => {
    const bill = GOOD.billing!
    expect(part({ billing: { ...bill, overdue: 1, worstDays: 10 } }, 'billing').score).toBe(60)
    expect(part({ billing: { ...bill, overdue: 3, worstDays: 400 } }, 'billing').score).toBe(25)
    expect(part({ billing: { ...bill, disputed: 1 } }, 'billing').score).toBe(60)
    expect(part({ billing: { ...bill, failed: 5 } }, 'billing').score).toBe(80)
    expect(part({ billing: { ...bill, paidLate: 6 } }, 'billing')).toMatchObject({
      score: 85,
      says: ['6 of 12 invoices paid late'],
    })
  })

  it('pipeline: somebody must ask in time, unless it renews by itself and is paid', () => {
    const score = (more: Partial<RenewalFacts['pipeline']>) =>
      part({ pipeline: { state: null, daysLeft: 90, autoRenew: false, subscription: 'active', ...more } }, 'pipeline')
        .score
    expect([
      score({}),
      score({ daysLeft: 45 }),
      score({ daysLeft: 20 }),
      score({ daysLeft: 5 }),
      score({ daysLeft: -1 }),
    ]).toEqual([75, 55, 35, 15, 0])
    expect(score({ daysLeft: 5, autoRenew: true })).toBe(85)
    expect(score({ daysLeft: 5, autoRenew: true, subscription: 'past_due' })).toBe(40)
    expect(score({ daysLeft: 5, state: 'in_progress' })).toBe(60)
  })

  it('support: a rising number counts only where there is one', () => {
    const score = (more: Partial<NonNullable<RenewalFacts['support']>>) =>
      part({ support: { escalated: 0, open: 0, recent: 0, before: 0, ...more } }, 'support').score
    expect([
      score({}),
      score({ recent: 2 }),
      score({ recent: 4, before: 3 }),
      score({ recent: 4, before: 12 }),
      score({ escalated: 1 }),
      score({ open: 9 }),
    ]).toEqual([100, 100, 75, 100, 60, 85])
  })

  it('health: the scale is the platform’s own', () => {
    expect([outOfHundred(0.8, 1), outOfHundred(4, 5), outOfHundred(80, 97), outOfHundred(700, 850)]).toEqual([
      80,
      80,
      80,
      null,
    ])
  })
})

describe('from the records', () => {
  let facts: FactsWorld
  let control: ControlWorld
  beforeAll(async () => void (facts = await factsWorld()))
  afterAll(() => facts.end())
  beforeEach(() => void (control = controlWorld()))
  afterEach(async () => {
    control.end()
    await forget(facts.facts)
  })
  const record = (platform: string, kind: string, record_id: string, more: Record<string, unknown>): WishedRecord => ({
    platform,
    kind,
    record_id,
    changed_at: '2026-11-01T08:00:00Z',
    ...more,
  })

  it('composes what is due, and subscriptions that end without anybody having opened a renewal', async () => {
    const world = checkWorld({
      facts: facts.facts,
      control: control.control,
      platforms: {
        crm: { role: 'crm' },
        billing: { role: 'billing' },
        success: { role: 'success' },
        support: { role: 'support' },
      },
      checks: [],
      config: { issuer: { '*': 'billing' } },
    })
    const customer = (platform: string, more: Record<string, unknown> = {}) =>
      record(platform, 'customer', `${platform}1`, {
        name: 'Ferro Tools',
        state: 'customer',
        ...(platform !== 'crm' && { refs: { crm: 'crm1' } }),
        ...more,
      })
    const invoice = (id: string, state: string, more: Record<string, unknown>) =>
      record('billing', 'invoice', id, {
        customer: 'billing1',
        number: id,
        state,
        total: '10.00',
        currency: 'EUR',
        disputed: 'false',
        paid_at: '',
        ...more,
      })
    await world.put(
      customer('crm'),
      customer('billing'),
      customer('success', { health_score: '8' }),
      customer('support'),
      record('success', 'customer', 'success2', { name: 'Another', state: 'customer', health_score: '10' }),
      record('billing', 'subscription', 's1', {
        customer: 'billing1',
        number: 'S-1',
        state: 'active',
        amount: '90.00',
        currency: 'EUR',
        auto_renew: 'false',
        renews_on: '2026-12-20',
      }),
      record('billing', 'subscription', 's2', {
        customer: 'billing1',
        number: 'S-2',
        state: 'active',
        amount: '50.00',
        currency: 'EUR',
        auto_renew: 'true',
        renews_on: '2027-01-10',
      }),
      record('billing', 'subscription', 's3', {
        customer: 'billing1',
        number: 'S-3',
        state: 'active',
        amount: '50.00',
        currency: 'EUR',
        auto_renew: 'true',
        renews_on: '2028-01-10',
      }),
      record('crm', 'renewal', 'r1', {
        customer: 'crm1',
        subscription: 'billing:s1',
        state: 'upcoming',
        due_on: '2026-12-20',
        amount: '1080.00',
        currency: 'EUR',
        readiness: 'on track',
      }),
      record('crm', 'renewal', 'r0', {
        customer: 'crm1',
        subscription: 'billing:s1',
        state: 'lost',
        due_on: '2026-11-30',
        amount: '1.00',
        currency: 'EUR',
        readiness: '',
      }),
      invoice('R-1', 'paid', { issued_on: '2026-09-01', due_on: '2026-09-30', paid_at: '2026-10-05T08:00:00Z' }),
      invoice('R-2', 'open', { issued_on: '2026-10-01', due_on: '2026-10-31', disputed: 'true' }),
      invoice('R-3', 'paid', { issued_on: '2024-10-01', due_on: '2024-10-31', paid_at: '2025-10-05T08:00:00Z' }),
      record('support', 'case', 't1', {
        customer: 'support1',
        number: 'T-1',
        state: 'escalated',
        opened_at: '2026-11-10T08:00:00Z',
      }),
    )
    const found = await upcomingRenewals(world.ctx, 120)
    expect(found.map((r) => [r.kind, r.record_id, r.state, r.due_on, r.days_left, r.readiness])).toEqual([
      ['renewal', 'r1', 'upcoming', '2026-12-20', 30, 'on track'],
      ['subscription', 's2', null, '2027-01-10', 51, null],
    ])
    const [first, second] = found
    expect(first).toMatchObject({ amount: '1080', currency: 'EUR', subscription_state: 'active', auto_renew: 'false' })
    expect(first!.readiness_now).toMatchObject({ readiness: 'at_risk', known: 100 })
    expect(first!.readiness_now.parts.map((p) => [p.part, p.score, p.says[0]])).toEqual([
      ['billing', 0, '1 invoice overdue, the worst by 20 days'],
      ['pipeline', 35, 'Opened and not in talks, 30 days left'],
      ['health', 80, 'Health score 80 of 100'],
      ['support', 60, '1 case escalated'],
    ])
    expect(second!.readiness_now.parts.find((p) => p.part === 'pipeline')).toMatchObject({ score: 85 })
  })

  it('says unknown of a customer about whom nothing else is known', async () => {
    const world = checkWorld({
      facts: facts.facts,
      control: control.control,
      platforms: { crm: { role: 'crm' } },
      checks: [],
    })
    await world.put(
      record('crm', 'renewal', 'r1', { state: 'in_progress', due_on: '2026-12-20', amount: '10.00', currency: 'EUR' }),
    )
    const [only] = await upcomingRenewals(world.ctx, 120)
    expect(only!.readiness_now).toMatchObject({ readiness: 'unknown', known: 25 })
    expect(only!.readiness_now.parts.filter((p) => p.score === null).map((p) => p.part)).toEqual([
      'billing',
      'health',
      'support',
    ])
  })
})
