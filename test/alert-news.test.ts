/** Alerts: what is news, and which rules take it, with their reasons; over real stores and a clock turned by hand. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noticeBurns, type EdgeBurns } from '../server/alert/burn.ts'
import { hypothetical, trial } from '../server/alert/trial.ts'
import { alertWorld, over, RULES, type AlertWorld } from './world/alert-world.ts'
import { forget } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const MIN = 60_000
const HOUR = 60 * MIN

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const begin = (yaml = RULES, at = '2026-11-20T12:00:00.000Z'): AlertWorld =>
  alertWorld(facts.facts, control.control, yaml, at)
const reasons = (subject: string) =>
  control.control.alertNotices({ subject, limit: 50 }).map((n) => `${n.recipient || '-'} ${n.state}: ${n.reason}`)
const news = () =>
  control.control
    .alertEvents({ limit: 100 })
    .reverse()
    .map((e) => `${e.subject} ${e.trigger}`)

describe('news', () => {
  test('is what became different, never that it is still there', async () => {
    const it = begin()
    await it.put({ number: 1 })
    expect([await it.look(), await it.look(), await it.look()]).toEqual([1, 0, 0])
    await it.put({ number: 1, findings_open: 4 })
    expect(await it.look()).toBe(0)
    await it.put({ number: 1, findings_open: 12 })
    expect(await it.look()).toBe(1)
    await it.put({ number: 1, findings_open: 4 })
    await it.look()
    await it.put({ number: 1, findings_open: 12 })
    expect(await it.look()).toBe(0)
    await it.put({ number: 1, findings_open: 12, amount_reporting: '1500', amounts: { EUR: '1500' } })
    await it.look()
    await it.put({ number: 1, findings_open: 12, severity: 'critical', amount_reporting: '1500' })
    await it.look()
    await it.put({ number: 1, ...over })
    await it.look()
    it.clock.set(it.clock.now() + HOUR)
    await it.put({ number: 1, regressed: true, state: 'regressed' })
    await it.look()
    expect(news()).toEqual([
      'I-1 new',
      'I-1 escalating',
      'I-1 escalating',
      'I-1 escalating',
      'I-1 resolved',
      'I-1 regressed',
    ])
  })

  test('tells a fix that did not hold from a difference that merely came back', async () => {
    const it = begin()
    const number = control.control.issueNumber('f', 'x/y', 0)
    await it.put({ number })
    await it.look()
    control.control.addActivity({ issue: number, at: it.clock.now(), actor: 'ada', what: 'assigned', detail: {} })
    await it.put({ number, ...over })
    await it.look()
    it.clock.set(it.clock.now() + 24 * HOUR)
    await it.put({ number, state: 'regressed', regressed: true })
    await it.look()
    expect(news().at(-1)).toBe(`I-${number} fix_failed`)
  })

  test('warns once of a critical window that is about to end, and then tells that it was missed', async () => {
    const it = begin()
    const flying = {
      number: 1,
      state: 'in_flight',
      findings_open: 0,
      findings_in_flight: 1,
      severity: 'critical',
      due_at: '2026-11-20T12:30:00.000Z',
    } as const
    await it.put(flying, { ...flying, number: 2, severity: 'high' })
    expect(await it.look()).toBe(0)
    it.clock.set(it.clock.now() + 21 * MIN)
    expect([await it.look(), await it.look()]).toEqual([1, 0])
    it.clock.set(it.clock.now() + 10 * MIN)
    await it.put({ number: 1, severity: 'critical' })
    await it.look()
    expect(news()).toEqual(['I-1 about_to_breach', 'I-1 breached'])
  })

  test('does not tell at the start what was known for long, and finds by a full look what it has not noticed', async () => {
    const it = begin()
    await it.put({ number: 1, first_seen_at: '2026-11-01T00:00:00.000Z' })
    expect(await it.look()).toBe(0)
    await it.put({ number: 1, ...over })
    expect(await it.look()).toBe(1)
    expect(reasons('I-1')).toEqual(['- none: it is over, and nobody had been told of it'])
  })

  test('tells before the owner forgets the events that could be replayed', async () => {
    const it = begin()
    const ctx = { ...it.ctx, connectors: new Map([['files', { replayDays: 3 } as never]]) }
    const { noticeIssues } = await import('../server/alert/notice.ts')
    await it.put({ number: 1 })
    await it.findings({ id: 'a', issue: 'I-1', since: '2026-11-18T13:00:00.000Z' })
    await noticeIssues(ctx)
    it.clock.set(it.clock.now() + 2 * HOUR)
    await it.put({ number: 1 })
    await noticeIssues(ctx)
    await noticeIssues(ctx)
    expect(news()).toEqual(['I-1 new', 'I-1 recoverability_ending'])
  })

  test('comes of burn rates once for each alarm, and not of becoming slower', async () => {
    const it = begin()
    const edge = (fast: boolean, slow: boolean): EdgeBurns[] => [
      {
        kind: 'order',
        part: 'state',
        owner: 'crm',
        follower: 'erp',
        burns: [
          { name: 'fast', long: '1h', short: '5m', changes: 40, bad: 20, rate: 100, alarm: fast },
          { name: 'slow', long: '6h', short: '30m', changes: 90, bad: 20, rate: 44, alarm: slow },
        ],
      },
    ]
    expect([
      await noticeBurns(it.ctx, edge(true, true)),
      await noticeBurns(it.ctx, edge(true, true)),
      await noticeBurns(it.ctx, edge(false, true)),
      await noticeBurns(it.ctx, edge(false, false)),
      await noticeBurns(it.ctx, edge(false, true)),
    ]).toEqual([1, 0, 0, 0, 1])
    await it.pass(2 * MIN)
    expect(news()).toEqual(['burn/crm>erp/order/state burn_rate', 'burn/crm>erp/order/state burn_rate'])
  })
})

describe('routes', () => {
  test('are asked in order, give a reason each, and find the owner team', async () => {
    const it = begin()
    await it.put({ number: 1, amount_reporting: '20000', amounts: { EUR: '20000' } }, { number: 2, severity: 'medium' })
    await it.findings({ id: 'a', issue: 'I-1' }, { id: 'b', issue: 'I-2' })
    await it.look()
    expect(reasons('I-1').sort()).toEqual([
      'boss queued: route “Big money” takes it; collected for the digest',
      'finance-ops queued: route “Billing” takes it',
    ])
    expect(reasons('I-2')).toEqual(['ops queued: route “Rest” takes it'])
    const { decisions, routes } = trial(it.ctx, 'escalating', hypothetical({ severity: 'low' }))
    expect(decisions[0]!.reason).toContain('no route takes it')
    expect(routes.map((r) => r.why)).toEqual([
      'it is switched off',
      'its money at risk is not known, so it is not 10000 or more',
      'its check is not known, not invoice-payment/*',
      'it takes no news of the kind “escalating”',
    ])
  })

  test('wait for quiet hours, wake for what is critical, and stand in for who is not on call', () => {
    const it = begin(RULES, '2026-11-20T21:00:00.000Z')
    const about = { check: 'invoice-payment/x', to: ['bill'], team: 'finance-ops', legalEntities: ['DE01'] }
    const of = (severity: 'high' | 'critical') =>
      trial(it.ctx, 'new', hypothetical({ ...about, severity })).decisions[0]!
    expect(new Date(of('high').notBefore).toISOString()).toBe('2026-11-21T06:00:00.000Z')
    expect(of('high').reason).toContain('quiet hours')
    expect(of('critical').notBefore).toBe(it.clock.now())
    const night = begin(RULES.replace('resolved], tell: [ops]', 'resolved], tell: [night]'), '2026-11-20T12:00:00.000Z')
    const [d] = trial(night.ctx, 'new', hypothetical({ severity: 'low' })).decisions
    expect(d).toMatchObject({
      recipient: 'ops',
      reason: expect.stringContaining('night is not on call, ops stands in') as string,
    })
  })
})
