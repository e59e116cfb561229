/** Alerts: what is told together, when, in which words, what holds it back, and what we do not see ourselves. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { wouldHaveMuted } from '../server/alert/trial.ts'
import { watchOurselves } from '../server/alert/watch.ts'
import { toldOf } from '../server/alert/known.ts'
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
    expect(closing!.message.facts).toEqual(
      expect.arrayContaining([
        { name: 'Cleared', value: 'EUR 500' },
        { name: 'How', value: 'without a decision here' },
      ]),
    )
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
    expect(control.control.outbox({ limit: 1 })[0]!.message.more).toBe('and 20 more')
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

  test('a silence that is to end with its issue ends when that is resolved, and no sooner', async () => {
    const it = begin()
    const at = it.clock.now()
    const silence = { createdAt: at, endsAt: at + 30 * HOUR, author: 'ada', reason: 'known' }
    control.control.addSilence({ ...silence, match: { issue: ['I-1'] }, endOnResolve: true })
    control.control.addSilence({ ...silence, match: { issue: ['I-1'] }, endOnResolve: false })
    await it.put({ number: 1 })
    await it.look()
    await it.pass(MIN)
    expect(control.control.silences(it.clock.now())).toHaveLength(2)
    await it.put({ number: 1, ...over })
    await it.look()
    expect(control.control.silences(it.clock.now()).map((s) => s.endOnResolve)).toEqual([false])
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
