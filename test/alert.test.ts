/** Alerts: what is news, who is told, when, and why not; over real stores and a clock turned by hand. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { noticeBurns, type EdgeBurns } from '../server/alert/burn.ts'
import { hypothetical, trial, wouldHaveMuted } from '../server/alert/trial.ts'
import { watchOurselves } from '../server/alert/watch.ts'
import { toldOf } from '../server/alert/known.ts'
import { alertWorld, over, type AlertWorld } from './world/alert-world.ts'
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

const BASE = `
channels:
  mail: { kind: folder }
  pager: { kind: pagerduty, routing_key: abc }
recipients:
  finance-ops: { channel: mail, address: finance@example.com, timezone: Europe/Zurich, quiet: [{ hours: '20:00-07:00' }] }
  anna: { kind: person, channel: mail, address: anna@example.com, language: de, timezone: Europe/Zurich }
  boss: { kind: person, channel: mail, address: boss@example.com, digest: '0 8 * * *', timezone: Europe/Zurich }
  ops: { channel: mail, address: ops@example.com }
  night: { channel: mail, address: night@example.com, on_call: [{ hours: '22:00-06:00' }], instead: ops }
alerts:
  own: { tell: [ops] }
  routes:
    - { name: Off, enabled: false, tell: [boss] }
    - { name: Big money, match: { money_from: 10000 }, tell: [boss], continue: true }
    - name: Billing
      match: { check: invoice-payment/*, to: billing, severity: [high, critical], legal_entity: [DE01, unknown] }
      tell: [owner]
      escalate: [{ after: 30m, tell: [anna] }]
    - { name: Rest, match: { severity: [low, medium, high, critical] }, when: [new, regressed, resolved], tell: [ops] }
`
const begin = (yaml = BASE, at = '2026-11-20T12:00:00.000Z'): AlertWorld =>
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
    const it = begin(BASE, '2026-11-20T21:00:00.000Z')
    const about = { check: 'invoice-payment/x', to: ['bill'], team: 'finance-ops', legalEntities: ['DE01'] }
    const of = (severity: 'high' | 'critical') =>
      trial(it.ctx, 'new', hypothetical({ ...about, severity })).decisions[0]!
    expect(new Date(of('high').notBefore).toISOString()).toBe('2026-11-21T06:00:00.000Z')
    expect(of('high').reason).toContain('quiet hours')
    expect(of('critical').notBefore).toBe(it.clock.now())
    const night = begin(BASE.replace('resolved], tell: [ops]', 'resolved], tell: [night]'), '2026-11-20T12:00:00.000Z')
    const [d] = trial(night.ctx, 'new', hypothetical({ severity: 'low' })).decisions
    expect(d).toMatchObject({
      recipient: 'ops',
      reason: expect.stringContaining('night is not on call, ops stands in') as string,
    })
  })
})

describe('telling', () => {
  test('waits 60 s for others of the same cause, then 15 min, and closes in the same thread', async () => {
    const it = begin()
    await it.put({ number: 1 }, { number: 2, check: 'invoice-payment/other' })
    await it.findings({ id: 'a', issue: 'I-1' }, { id: 'b', issue: 'I-2' })
    await it.look()
    expect(await it.pass(59_000)).toBe(0)
    expect(await it.pass(1_000)).toBe(1)
    expect(it.mails()).toEqual([
      'finance-ops: 2 issues of one cause: The change was never sent, Salesforce → Stripe, EUR 1,000 at risk',
    ])
    await it.put({ number: 3, check: 'invoice-payment/third' })
    await it.findings({ id: 'c', issue: 'I-3' })
    await it.look()
    expect(await it.pass(10 * MIN)).toBe(0)
    expect(await it.pass(5 * MIN)).toBe(1)
    await it.put({ number: 3, ...over })
    await it.look()
    await it.pass(20 * MIN)
    const [closing, opening] = control.control.outbox({ ref: 'I-3', limit: 5 })
    expect(closing!.message).toMatchObject({ state: 'closed', thread: opening!.message.thread })
    expect(closing!.message.subject).toBe('Resolved: Cancelled and still billed I-3')
  })

  test('says nothing of what came and went within the wait', async () => {
    const it = begin()
    await it.put({ number: 1 })
    await it.look()
    await it.put({ number: 1, ...over })
    await it.look()
    expect(await it.pass(HOUR)).toBe(0)
    expect(reasons('I-1').every((r) => r.includes('over before it was told') || r.includes('none'))).toBe(true)
  })

  test('makes one mail of a storm, by its cause', async () => {
    const it = begin()
    await it.put(
      ...Array.from({ length: 25 }, (_, i) => ({ number: i + 1, check: `invoice-payment/c${i}`, findings_open: 400 })),
    )
    await it.findings(...Array.from({ length: 25 }, (_, i) => ({ id: `s${i}`, issue: `I-${i + 1}` })))
    await it.look()
    await it.pass(MIN)
    expect(it.mails()).toEqual([
      'finance-ops: 25 new issues of one cause: The change was never sent, Salesforce → Stripe, EUR 12,500 at risk',
    ])
    expect(control.control.outbox({ limit: 1 })[0]!.message.more).toBe('and 15 more')
  })

  test('escalates when nobody acknowledges, each member of a group by itself, in the reader’s language', async () => {
    const it = begin()
    await it.put({ number: 1 }, { number: 2 })
    await it.findings({ id: 'a', issue: 'I-1' }, { id: 'b', issue: 'I-2' })
    await it.look()
    await it.pass(MIN)
    control.control.acknowledge({ subject: 'I-1', actor: 'ada', at: it.clock.now(), note: '' })
    const told = async (ms: number) => (await it.pass(ms), control.control.outbox({ recipient: 'anna', limit: 5 }))
    expect(await told(29 * MIN)).toEqual([])
    const [mail] = await told(MIN)
    expect(await told(HOUR)).toHaveLength(1)
    expect(mail!.refs).toEqual(['I-2'])
    expect(mail!.message.lines).toContain('Niemand hat es innerhalb von 30 min bestätigt.')
    expect(mail!.message.rows[0]!.amount).toBe('500 EUR')
  })

  test('never lets the value of a masked field out, nor a name that is a mail address', async () => {
    const it = begin()
    await it.put({ number: 1, kind: 'customer', field: 'email', title: 'E-mail of ada@example.com differs' })
    await it.findings({
      id: 'a',
      issue: 'I-1',
      kind: 'customer',
      field: 'email',
      expected: { crm: 'ada@example.com' },
      actual: { bill: 'ada@old.example' },
      subject: [{ platform: 'bill', kind: 'customer', record_id: 'bo@example.com' }],
    })
    await it.look()
    await it.pass(MIN)
    const [row] = control.control.outbox({ limit: 1 })
    expect(JSON.stringify(row!.message)).not.toMatch(/ada|bo@/)
    expect(row!.message.rows[0]!.detail).toBe('Salesforce: differs, hidden | Stripe: differs, hidden')
  })
})

describe('holding back', () => {
  test('a silence holds news until it ends, and tells then what still holds', async () => {
    const it = begin()
    const at = it.clock.now()
    const silence = control.control.addSilence({
      match: { issue: ['I-1'] },
      createdAt: at,
      endsAt: at + HOUR,
      author: 'ada',
      reason: 'known',
      endOnResolve: false,
    })
    await it.put({ number: 1 }, { number: 2, check: 'other/x', severity: 'low' })
    await it.findings({ id: 'a', issue: 'I-1' })
    await it.look()
    expect(reasons('I-1')[0]).toContain('silenced by ada (issue I-1): known')
    await it.pass(30 * MIN)
    expect(it.mails().filter((m) => m.includes('Cancelled'))).toEqual([
      'ops: Cancelled and still billed: 1 customer, EUR 500 at risk',
    ])
    await it.pass(31 * MIN)
    await it.pass(MIN)
    expect(it.mails().filter((m) => m.startsWith('finance-ops: Cancelled'))).toHaveLength(1)
    expect(control.control.endSilence(silence.id, it.clock.now(), 'ada')).toBe(false)
    expect(wouldHaveMuted(it.ctx, { check: ['other/*'] } as never)).toEqual({ events: 1, issues: ['I-2'], of: 2 })
  })

  test('a dead connector mutes what follows from it, is told itself, and what still holds is told later', async () => {
    const it = begin()
    control.control.declareStream('crm', 'accounts', 'customer')
    control.control.commitStream('crm', 'accounts', { lastSuccessAt: it.clock.now() - 2 * HOUR })
    await watchOurselves(it.ctx, [])
    await it.put({ number: 1 }, { number: 2 })
    await it.findings({ id: 'a', issue: 'I-1' }, { id: 'b', issue: 'I-2' })
    await it.look()
    await it.pass(MIN)
    expect(it.mails()).toEqual(['ops: Salesforce has not been read'])
    expect(reasons('I-1')[0]).toContain('crm cannot be read')
    await it.put({ number: 2, ...over })
    await it.look()
    control.control.commitStream('crm', 'accounts', { lastSuccessAt: it.clock.now() })
    await it.pass(MIN)
    await it.pass(20 * MIN)
    expect(it.mails().slice(1).sort()).toEqual([
      'finance-ops: Cancelled and still billed: 1 customer, EUR 500 at risk',
      'ops: Over: Salesforce has not been read',
    ])
    expect(toldOf(it.ctx, 'I-2')).toEqual([])
  })

  test('watches checks, queues, schedules and our own silence', async () => {
    const it = begin()
    control.control.commitCheck({
      check: 'a/b',
      version: '',
      through: null,
      lastRunAt: null,
      lastFullAt: null,
      lastError: { code: 'sql', message: 'out of memory', at: 0 },
    })
    await it.put({ number: 1 })
    await it.findings({ id: 'a', issue: 'I-1' })
    await it.look()
    await it.pass(2 * MIN)
    control.control.claimSlot('check', it.clock.now(), it.clock.now())
    it.clock.set(it.clock.now() + HOUR)
    await watchOurselves(it.ctx, [{ name: 'check', cron: '*/5 * * * *', timezone: 'UTC' }])
    expect(
      news()
        .filter((n) => n.startsWith('own'))
        .map((n) => n.replace(/gap\/\d+/, 'gap')),
    ).toEqual([
      'own/run/a/b own_opened',
      'own/gap own_opened',
      'own/queue/mail own_opened',
      'own/schedule/check own_opened',
    ])
  })
})
