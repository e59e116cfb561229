/** Findings, their events, issues, quarantine, touched entities and links on both engines. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Facts } from '../server/store/facts/facts.ts'
import {
  findingEvents,
  transitionsOverTime,
  writeFindingEvents,
  type FindingEvent,
} from '../server/store/facts/finding-events.ts'
import {
  finding,
  findingCounts,
  findings,
  findingsExport,
  writeFindings,
  type NewFinding,
} from '../server/store/facts/findings.ts'
import { issueFacts, issueFigures, issuesExport, writeIssues, type IssueFacts } from '../server/store/facts/issues.ts'
import { linkHistory, linksOf, recordsOf } from '../server/store/facts/links.ts'
import {
  quarantine,
  quarantineCounts,
  quarantinedIds,
  resolveQuarantine,
  writeQuarantine,
} from '../server/store/facts/quarantine.ts'
import { forgetTouched, lastRev, touchedBetween, touchedCount } from '../server/store/facts/touched.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, serverFactsWorld, type FactsWorld } from './world/facts.ts'

const at = (minute: number) => new Date(Date.parse('2026-11-20T12:00:00.000Z') + minute * 60_000).toISOString()

function aFinding(id: string, over: Partial<NewFinding> = {}): NewFinding {
  return {
    id,
    issue: 'I-7',
    check: 'customer-master/credit-limit',
    category: 'mismatch',
    kind: 'customer',
    entity_id: `E-${id}`,
    customer_entity_id: `E-${id}`,
    subject: [
      { platform: 'erp', kind: 'customer', record_id: '1' },
      { platform: 'crm', kind: 'customer', record_id: 'a' },
    ],
    scope: { legal_entity: 'DE01' },
    field: 'credit_limit',
    verdict: 'drift',
    cause: 'not_applied',
    owner_platform: 'erp',
    platform: 'crm',
    expected: { erp: '9007199254740993.1' },
    actual: { crm: null },
    values: [],
    evidence: [{ says: 'seen', strength: 'strong' }],
    amount_at_risk: '10.5',
    currency: 'EUR',
    amount_basis: 'confirmed',
    severity: 'medium',
    due_at: at(5),
    title: 'Credit limit differs',
    state: 'open',
    regressed: false,
    first_seen_at: at(0),
    changed_at: at(0),
    last_seen_at: at(1),
    resolved_at: null,
    run_id: 'r1',
    transition: 1,
    since: at(-5),
    ...over,
  }
}

describe.each([
  ['the embedded engine', () => factsWorld()],
  ['a ClickHouse server', () => serverFactsWorld()],
])('findings on %s', (_, make: () => Promise<FactsWorld>) => {
  let world: FactsWorld
  let control: ControlWorld
  let facts: Facts
  beforeAll(async () => {
    world = await make()
    facts = world.facts
    control = controlWorld()
  })
  afterAll(async () => {
    await world?.end()
    control?.end()
  })
  const write = (rows: NewFinding[]) => writeFindings(facts, control.control, rows)

  test('a finding reads back whole, and its latest state replaces the ones before', async () => {
    const first = aFinding('f1')
    await write([first])
    await write([{ ...first, state: 'resolved', resolved_at: at(9), transition: 2, regressed: true }])
    const found = await finding(facts, 'f1')
    expect(found).toMatchObject({ ...first, state: 'resolved', resolved_at: at(9), transition: 2, regressed: true })
    const [hash] = await facts.query<{ eid: string }>(`select cityHash64('E-f1') as eid`)
    expect([found!.eid, found!.customer_eid]).toEqual([hash!.eid, hash!.eid])
    expect(await finding(facts, 'f-none')).toBeNull()
  })

  test('findings are found by check, entity, customer, issue, state and end of window', async () => {
    await write([
      aFinding('g1', { check: 'g', state: 'in_flight', due_at: at(10), issue: 'I-8' }),
      aFinding('g2', { check: 'g', state: 'in_flight', due_at: at(20), issue: 'I-8', customer_entity_id: '' }),
      aFinding('g3', { check: 'g', state: 'undecided', due_at: null, issue: 'I-9', customer_entity_id: 'E-g1' }),
    ])
    const g1 = (await finding(facts, 'g1'))!
    const ids = async (filter: Parameters<typeof findings>[1]) => (await findings(facts, filter)).map((f) => f.id)
    expect(await ids({ check: 'g' })).toEqual(['g1', 'g2', 'g3'])
    expect(await ids({ check: 'g', after: 'g1' })).toEqual(['g2', 'g3'])
    expect(await ids({ entities: [g1.eid] })).toEqual(['g1'])
    expect(await ids({ customers: [g1.eid] })).toEqual(['g1', 'g3'])
    expect(await ids({ issues: [8], states: ['in_flight'] })).toEqual(['g1', 'g2'])
    expect(await ids({ check: 'g', dueBy: at(10) })).toEqual(['g1'])
    expect((await finding(facts, 'g2'))!.customer_eid).toBe('0')
    await write([{ ...g1, state: 'resolved', resolved_at: at(11) }])
    expect(await ids({ check: 'g', dueBy: at(10) })).toEqual([])
    const exported: string[] = []
    for await (const batch of findingsExport(facts, { check: 'g' }))
      exported.push(...batch.map((f) => `${f.id} ${f.state}`))
    expect(exported).toEqual(['g1 resolved', 'g2 in_flight', 'g3 undecided'])
    expect((await findingCounts(facts)).filter((c) => c.check === 'g')).toHaveLength(3)
  })

  test('an event written twice is there once, and the curve counts it once', async () => {
    const event: FindingEvent = {
      id: 'f1',
      transition: 1,
      at: at(0),
      from_state: null,
      to_state: 'open',
      verdict: 'drift',
      cause: 'not_applied',
      run_id: 'r',
      reason: 'window ended',
      detail: { by: 'owner' },
    }
    await writeFindingEvents(facts, [
      event,
      { ...event, transition: 2, at: at(61), from_state: 'open', to_state: 'resolved' },
    ])
    await writeFindingEvents(facts, [event])
    expect(await findingEvents(facts, ['f1'])).toEqual([
      event,
      { ...event, transition: 2, at: at(61), from_state: 'open', to_state: 'resolved' },
    ])
    expect(await transitionsOverTime(facts, { from: at(0), to: at(120), stepSeconds: 3600 })).toEqual([
      { at: at(0), to_state: 'open', n: 1 },
      { at: at(60), to_state: 'resolved', n: 1 },
    ])
    expect(await transitionsOverTime(facts, { from: at(30), to: at(60), stepSeconds: 3600 })).toEqual([])
  })

  test('an issue adds up its open findings by currency, and never the resolved ones', async () => {
    const of = (id: string, over: Partial<NewFinding>) => aFinding(`i-${id}`, { issue: 'I-20', check: 'i', ...over })
    await write([
      of('1', { amount_at_risk: '0.1', severity: 'low' }),
      of('2', { amount_at_risk: '0.2', customer_entity_id: 'E-i-1', first_seen_at: at(-60), due_at: at(3) }),
      of('3', { amount_at_risk: '1000', currency: 'JPY' }),
      of('4', { amount_at_risk: null, state: 'undecided', regressed: true }),
      of('5', {
        amount_at_risk: '999',
        state: 'resolved',
        resolved_at: at(9),
        severity: 'critical',
        last_seen_at: at(50),
      }),
      of('6', { amount_at_risk: '5', state: 'in_flight', customer_entity_id: '' }),
      of('7', { issue: 'I-21', state: 'resolved', resolved_at: at(9) }),
    ])
    const [issue, closed] = await issueFigures(facts, [20, 21])
    expect(issue).toEqual({
      number: 20,
      check: 'i',
      platforms: ['crm'],
      severity: 'medium',
      findings_open: 3,
      findings_in_flight: 1,
      findings_undecided: 1,
      findings_total: 6,
      customers: 2,
      amounts: { EUR: '0.3', JPY: '1000' },
      amounts_estimated: {},
      first_seen_at: at(-60),
      last_seen_at: at(50),
      changed_at: at(0),
      resolved_at: null,
      due_at: at(3),
      regressed: true,
    })
    expect(closed).toMatchObject({
      number: 21,
      findings_open: 0,
      findings_total: 1,
      resolved_at: at(9),
      due_at: null,
      amounts: {},
      severity: 'medium',
    })
    const row: IssueFacts = {
      ...issue!,
      fingerprint: 'fp',
      title: 'T',
      category: 'mismatch',
      kind: 'customer',
      field: null,
      owner_platform: 'erp',
      platform: 'crm',
      cause: 'unknown',
      state: 'new',
      amount_reporting: '12.34',
      owner_team: 'finance',
    }
    await writeIssues(facts, control.control, [row, { ...row, number: 22 }])
    await writeIssues(facts, control.control, [{ ...row, state: 'ongoing' }])
    expect(await issueFacts(facts, [20])).toEqual([{ ...row, state: 'ongoing' }])
    const numbers: number[] = []
    for await (const batch of issuesExport(facts)) numbers.push(...batch.map((i) => i.number))
    expect(numbers).toEqual([20, 22])
  })

  test('quarantine keeps an entry once, counts the open ones and closes what could be read since', async () => {
    const entry = {
      platform: 'erp',
      stream: 'customers',
      kind: 'customer',
      record_id: '1',
      at: at(0),
      field: 'credit_limit',
      reason: 'two decimal points',
      place: 'customers.csv:7',
      raw_base64: 'MS4yLjM=',
    }
    await writeQuarantine(facts, control.control, [entry, { ...entry, record_id: '', raw_base64: 'eA==' }])
    await writeQuarantine(facts, control.control, [entry])
    expect(await quarantineCounts(facts)).toEqual([{ platform: 'erp', stream: 'customers', kind: 'customer', n: 2 }])
    expect([...(await quarantinedIds(facts, 'erp', 'customer'))]).toEqual(['1'])
    expect(
      await resolveQuarantine(facts, control.control, { platform: 'erp', stream: 'customers', record_ids: ['1', '2'] }),
    ).toBe(1)
    expect(
      await resolveQuarantine(facts, control.control, { platform: 'erp', stream: 'customers', record_ids: ['1'] }),
    ).toBe(0)
    expect((await quarantinedIds(facts, 'erp', 'customer')).size).toBe(0)
    expect(
      (await quarantine(facts, { platform: 'erp', state: 'resolved' })).map((q) => [q.record_id, q.place]),
    ).toEqual([['1', 'customers.csv:7']])
    await writeQuarantine(facts, control.control, [entry])
    expect([...(await quarantinedIds(facts, 'erp', 'customer'))]).toEqual(['1'])
  })

  test('touched entities are told by kind and revision, each once, with their customers', async () => {
    const touch = (rev: number, kind: string, eid: string, customer_eid: string) => ({
      rev,
      kind,
      eid,
      customer_eid,
      at: at(0),
    })
    await facts.insert('touched', [
      touch(5, 'order', '18446744073709551615', '7'),
      touch(6, 'order', '2', '0'),
      touch(7, 'order', '2', '7'),
      touch(7, 'invoice', '3', '7'),
    ])
    expect(await lastRev(facts)).toBe('7')
    const touched = await touchedBetween(facts, ['order'], '4', '7')
    expect([touched.entities.sort(), touched.customers]).toEqual([['18446744073709551615', '2'], ['7']])
    expect(await touchedBetween(facts, ['order', 'invoice'], '6', '7')).toMatchObject({ customers: ['7'] })
    expect(await touchedCount(facts, ['order', 'invoice'], '0', '6')).toBe(2)
    await forgetTouched(facts, '6')
  })

  test('links tell the entity of a record, the records of an entity, and how it came about', async () => {
    const link = {
      kind: 'customer',
      platform: 'crm',
      record_id: 'a',
      entity_id: 'E-1',
      rule: 'refs',
      evidence: '{"claim":"x"}',
      rev: '1',
      observed_at: at(0),
    }
    const moved = { ...link, entity_id: 'E-2', rev: '2', observed_at: at(1) }
    await facts.insert('links', [link, { ...link, platform: 'erp', record_id: '9' }])
    await facts.insert('links', [moved])
    await facts.insert('link_history', [link, moved])
    expect(await linksOf(facts, 'customer', 'crm', ['a', 'b'])).toMatchObject([
      { entity_id: 'E-2', rule: 'refs', evidence: { claim: 'x' } },
    ])
    expect((await recordsOf(facts, 'customer', 'E-1')).map((l) => l.platform)).toEqual(['erp'])
    expect((await linkHistory(facts, 'customer', 'crm', 'a')).map((l) => l.entity_id)).toEqual(['E-1', 'E-2'])
  })
})
