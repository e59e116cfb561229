/** Runs of checks: what is looked at, what a failure leaves behind, how findings fold into issues. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { runChecks } from '../server/check/run.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { findingEvents } from '../server/store/facts/finding-events.ts'
import { issueFacts } from '../server/store/facts/issues.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const LONG_AGO = '2026-11-01T08:00:00Z'
const ORDERS = checkFile('orders', 'kind: agree\nof: order\nfields: [amount]')
const CUSTOMERS = checkFile('customers', 'kind: agree\nof: customer\nfields: [payment_terms]')

function begin(checks: Check[], config: Record<string, unknown> = {}): CheckWorld {
  return checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
    checks,
    config,
  })
}

/** Both sides of `n` orders that differ by one euro. */
function orders(n: number, from = 0, currency = 'EUR'): (WishedRecord & { entity: string })[] {
  return Array.from({ length: n }, (_, i) => from + i).flatMap((i) => {
    const order = {
      kind: 'order',
      entity: `o${i}`,
      customer_entity: `c${i % 2}`,
      state: 'booked',
      currency,
      changed_at: LONG_AGO,
    }
    return [
      { ...order, platform: 'erp', record_id: `E${i}`, amount: '101.00' },
      { ...order, platform: 'crm', record_id: `C${i}`, amount: '100.00' },
    ]
  })
}

const numberOf = (issue: string) => Number(issue.slice(2))

describe('an incremental run', () => {
  it('looks only at what moved', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(20))
    world.read()
    expect((await world.check())[0]).toMatchObject({ full: true, candidates: 20, newlyOpen: 20, open: 20 })
    expect((await world.check())[0]).toMatchObject({ full: false, candidates: 0, newlyOpen: 0, open: 20 })
    await world.place({ ...orders(1)[1]!, amount: '101.00' })
    expect((await world.check())[0]).toMatchObject({ full: false, resolved: 1, open: 19 })
  })

  it('is full once after the check or the landscape changed', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(1))
    world.read()
    await world.check()
    const [narrowed] = await runChecks({ ...world.ctx, checks: [{ ...ORDERS, version: 'other' }] })
    expect(narrowed!.full).toBe(true)
    const other = begin([{ ...ORDERS, version: 'other' }], { edges: [{ fields: ['order'], window: '1h' }] })
    expect((await other.check())[0]!.full).toBe(true)
    expect((await other.check())[0]!.full).toBe(false)
  })

  it('does not look at other kinds’ movements', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(1))
    control.control.declareStream('crm', 'customer', 'customer')
    world.read()
    await world.check()
    await world.place({ platform: 'crm', kind: 'customer', record_id: 'x', entity: 'o0', changed_at: LONG_AGO })
    expect((await world.check())[0]!.candidates).toBe(0)
  })
})

describe('a check that fails', () => {
  it('is recorded as failed, keeps its findings and its high water, and the others go on', async () => {
    const world = begin([ORDERS, CUSTOMERS])
    await world.place(...orders(2))
    world.read()
    await world.check()
    const before = control.control.checkState('orders')!
    await world.place({ ...orders(1)[1]!, amount: '101.00' })
    const broken: Facts = {
      ...facts.facts,
      stream: (sql, params, batch) =>
        sql.includes('current_order') ? failing() : facts.facts.stream(sql, params, batch),
      command: async (sql, params) => {
        if (sql.includes('current_order')) throw new Error('no memory')
        await facts.facts.command(sql, params)
      },
    }
    const results = await runChecks({ ...world.ctx, facts: broken })
    expect(results.map((r) => [r.check, r.outcome, r.open])).toEqual([
      ['orders', 'failed', 2],
      ['customers', 'ok', 0],
    ])
    expect(control.control.checkState('orders')).toMatchObject({
      through: before.through,
      lastRunAt: before.lastRunAt,
      lastError: { message: 'no memory' },
    })
    expect(control.control.runs({ stage: 'check', subject: 'orders', limit: 1 })[0]).toMatchObject({
      outcome: 'failed',
    })
    expect((await world.check())[0]).toMatchObject({ outcome: 'ok', resolved: 1, open: 1 })
    expect(control.control.checkState('orders')!.lastError).toBeNull()
  })

  async function* failing(): AsyncGenerator<never[]> {
    yield []
    throw new Error('no memory')
  }
})

describe('a run that broke off between two writes', () => {
  it.each(['findings', 'issues'])(
    'leaves the same findings, events and issues once it is run again (%s)',
    async (table) => {
      const world = begin([ORDERS])
      await world.place(...orders(3))
      world.read()
      const broken: Facts = {
        ...facts.facts,
        insert: (into, rows) =>
          into === table ? Promise.reject(new Error('power cut')) : facts.facts.insert(into, rows),
      }
      expect((await runChecks({ ...world.ctx, facts: broken }))[0]!.outcome).toBe('failed')
      expect((await world.check())[0]).toMatchObject({ outcome: 'ok', open: 3 })
      const found = await world.findings()
      expect(found.map((f) => f.transition)).toEqual([1, 1, 1])
      expect(
        await findingEvents(
          facts.facts,
          found.map((f) => f.id),
        ),
      ).toHaveLength(3)
      expect(await issueFacts(facts.facts, [numberOf(found[0]!.issue)])).toMatchObject([
        { findings_open: 3, state: 'new' },
      ])
    },
  )
})

describe('reading again before a finding opens', () => {
  it('drops what the platform has meanwhile put right', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(3).map((o) => ({ ...o, amount: '101.00' })))
    world.read()
    // A first look at everything brings no news, and reads nothing again.
    await world.check()
    await world.place(...orders(3))
    const asked: string[] = []
    const [result] = await world.check({
      verify: async (subjects) => {
        asked.push(...subjects.map((s) => s.record_id))
        await world.place({ ...orders(1)[1]!, amount: '101.00' })
      },
    })
    expect(asked).toContain('C0')
    expect(result).toMatchObject({ newlyOpen: 2, open: 2 })
    expect((await world.check())[0]).toMatchObject({ newlyOpen: 0, resolved: 0, open: 2 })
  })

  it('asks even in a first look for a record that is named and was never read: it may have been merged', async () => {
    const world = begin([checkFile('reach', 'kind: exist\nof: customer\non: [crm, erp]')])
    const lost = { kind: 'customer', entity: 'lost', state: 'active', changed_at: LONG_AGO }
    await world.place({ ...lost, platform: 'erp', record_id: 'E1', refs: { crm: 'C1' } })
    // Lists leave out what was merged, so that this one shows how a read of the one record answers.
    await world.place({ ...lost, entity: 'other', platform: 'crm', record_id: 'C2' })
    await world.place({ ...lost, entity: 'other', platform: 'erp', record_id: 'E2', refs: { crm: 'C2' } })
    world.read()
    const asked: string[] = []
    await world.check({
      verify: async (subjects) => {
        asked.push(...subjects.map((s) => `${s.platform} ${s.record_id}`))
        await world.place({ ...lost, platform: 'crm', record_id: 'C1', deleted: true, merged_into: 'C2' })
      },
    })
    expect(asked).toEqual(['crm C1'])
    expect((await world.findings()).map((f) => [f.platform, f.cause, f.state])).toEqual([['crm', 'merged', 'open']])
  })
})

describe('an issue', () => {
  it('folds the findings of one edge, field and cause, with exact counts and money by currency', async () => {
    const world = begin([ORDERS], {
      money: { reporting_currency: 'EUR', rates: [{ on: '2026-01-01', rates: { USD: '0.9' } }] },
    })
    await world.place(...orders(3), ...orders(2, 10, 'USD'))
    world.read()
    await world.check()
    const found = await world.findings()
    expect(new Set(found.map((f) => f.issue)).size).toBe(1)
    const [issue] = await issueFacts(facts.facts, [numberOf(found[0]!.issue)])
    expect(issue).toMatchObject({
      check: 'orders',
      title: 'Amount: crm differs from erp',
      state: 'new',
      findings_open: 5,
      findings_total: 5,
      customers: 2,
      amounts: { EUR: '3', USD: '2' },
      amount_reporting: '4.8',
      owner_team: 'o',
      platform: 'crm',
      owner_platform: 'erp',
      field: 'amount',
    })
  })

  it('is resolved with its last finding and regresses with the first that comes back', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(1))
    world.read()
    await world.check()
    const number = numberOf((await world.findings())[0]!.issue)
    await world.clock.turn(60_000)
    await world.place({ ...orders(1)[1]!, amount: '101.00' })
    await world.check()
    expect(await issueFacts(facts.facts, [number])).toMatchObject([
      { state: 'resolved', findings_open: 0, amounts: {} },
    ])
    await world.clock.turn(60_000)
    await world.place({ ...orders(1)[1]!, amount: '100.00' })
    world.read()
    await world.check()
    const [finding] = await world.findings()
    expect(finding).toMatchObject({ state: 'open', regressed: true })
    expect((await issueFacts(facts.facts, [numberOf(finding!.issue)]))[0]).toMatchObject({
      state: 'regressed',
      findings_open: 1,
    })
  })

  it('is ongoing after a day, without anything having moved', async () => {
    const world = begin([ORDERS])
    await world.place(...orders(1))
    world.read()
    await world.check()
    await world.clock.turn(25 * 3_600_000)
    await world.check()
    expect(await issueFacts(facts.facts, [1])).toMatchObject([{ state: 'ongoing' }])
  })
})
