/** Confirmed and rejected matches: what a person says closes findings on evidence, and can be undone. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { components, confirm, reject } from '../server/check/match/decide.ts'
import { alone, suggestions, sums, type MatchCheck } from '../server/check/match/standing.ts'
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

const check = checkFile(
  'm/paid',
  `kind: match
left: { of: invoice, where: { state: paid }, value: total, date: issued_on }
right: { of: payment, by: invoice, where: { state: succeeded }, value: amount, date: received_at }
unmatched: [left, right]
says: { left: no money, right: unapplied, less: short }`,
) as MatchCheck

const OLD = '2026-11-01T08:00:00Z'
const common = { platform: 'erp', currency: 'EUR', changed_at: OLD, customer_entity: 'K1' }
const invoice = (entity: string, total: string, more: Record<string, unknown> = {}) => ({
  ...common,
  kind: 'invoice',
  record_id: entity,
  entity,
  number: `INV-${entity}`,
  state: 'paid',
  total,
  issued_on: '2026-10-01',
  ...more,
})
const payment = (entity: string, of: string, amount: string, more: Record<string, unknown> = {}) => ({
  ...common,
  kind: 'payment',
  record_id: entity,
  entity,
  invoice: of,
  state: 'succeeded',
  amount,
  received_at: '2026-10-05T10:00:00Z',
  ...more,
})

async function begin(...records: (WishedRecord & { entity: string })[]): Promise<CheckWorld> {
  const world = checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms: { erp: { role: 'erp' } },
    checks: [check],
  })
  await world.place(...records)
  world.read(undefined, ['erp'], ['invoice', 'payment'])
  return world
}
async function open(world: CheckWorld): Promise<string[]> {
  const [result] = await world.check()
  expect(result!.error?.message ?? null).toBeNull()
  return (await world.findings())
    .filter((f) => f.state === 'open')
    .map((f) => `${f.title}: ${f.subject.map((s) => s.record_id).join(' ')}`)
    .sort()
}
const members = (...names: string[]) =>
  names.map((entity_id) => ({ kind: entity_id.startsWith('I') ? 'invoice' : 'payment', entity_id }))
const by = { reason: 'one transfer for two invoices', actor: 'ann@example.com' }

it('tells what is matched, what differs and what stands alone, by currency', async () => {
  const world = await begin(
    invoice('I1', '100'),
    payment('P1', 'I1', '100'),
    invoice('I2', '100'),
    payment('P2', 'I2', '60'),
    invoice('I3', '30'),
    payment('P4', '', '5', { currency: 'USD' }),
  )
  const all = await sums(world.ctx, check)
  const decimals = all.map((s) =>
    Object.fromEntries(Object.entries(s).map(([k, v]) => [k, String(v).replace(/\.0+$/, '')])),
  )
  expect(decimals).toMatchObject([
    {
      currency: 'EUR',
      matched: '1',
      matched_left: '100',
      differing: '1',
      differing_left: '100',
      differing_right: '60',
      left_alone: '1',
      left_alone_sum: '30',
      right_alone: '0',
    },
    { currency: 'USD', matched: '0', right_alone: '1', right_alone_sum: '5' },
  ])
  const first = await alone(world.ctx, check, { side: 'left', limit: 1 })
  expect(first).toMatchObject([
    { entity_id: 'I2', amount: '40', sum: '100', number: 'INV-I2', customer: 'K1', day: '2026-10-01' },
  ])
  const second = await alone(world.ctx, check, {
    side: 'left',
    limit: 5,
    after: { open: first[0]!.amount, grp: first[0]!.grp },
  })
  expect(second.map((a) => [a.entity_id, a.amount])).toEqual([['I3', '30']])
  expect(await alone(world.ctx, check, { side: 'right', limit: 5, currency: 'EUR' })).toEqual([])
})

it('suggests, and a confirmed match closes all findings of its records until it is rejected', async () => {
  const world = await begin(invoice('I1', '60'), invoice('I2', '40'), payment('P1', '', '100'))
  expect(await open(world)).toEqual(['no money: I1', 'no money: I2', 'unapplied: P1'])
  const [found] = await suggestions(world.ctx, check)
  expect(found).toMatchObject({
    difference: '0',
    left: [{ entity_id: 'I1' }, { entity_id: 'I2' }],
    right: [{ entity_id: 'P1' }],
  })
  await confirm(world.ctx, check, { members: members('P1', 'I1', 'I2'), ...by })
  expect(await open(world)).toEqual([])
  expect(await suggestions(world.ctx, check)).toEqual([])
  expect(control.control.auditEntries(0, 5)).toMatchObject([
    { action: 'match.confirmed', actor: by.actor, detail: { reason: by.reason } },
  ])
  await reject(world.ctx, check, { members: members('I1', 'I2', 'P1'), ...by })
  expect(await open(world)).toEqual(['no money: I1', 'no money: I2', 'unapplied: P1'])
  expect(await suggestions(world.ctx, check)).toEqual([])
})

it('refuses a match that does not meet, unless the difference is let pass; more than that is told again', async () => {
  const world = await begin(invoice('I1', '100'), payment('P1', '', '97'))
  await expect(confirm(world.ctx, check, { members: members('I1', 'P1'), ...by })).rejects.toThrow('differ by 3 EUR')
  await confirm(world.ctx, check, { members: members('I1', 'P1'), letPass: true, ...by })
  expect(await open(world)).toEqual([])
  await world.place(payment('P1', '', '90', { changed_at: '2026-11-20T09:00:00Z' }))
  expect(await open(world)).toEqual(['short: I1 P1'])
})

it.each([
  ['records of one side', members('I1', 'I2'), 'all on one side'],
  ['records of different currencies', members('I1', 'P2'), 'different currencies'],
  ['what is not there', members('I1', 'P9'), 'not among the records'],
  ['one record', members('I1'), 'joins 2 to'],
  [
    'a kind that the check does not match',
    [{ kind: 'order', entity_id: 'O1' }, ...members('I1')],
    'matches nothing of kind order',
  ],
])('refuses %s', async (_, wanted, says) => {
  const world = await begin(invoice('I1', '100'), invoice('I2', '100'), payment('P2', '', '100', { currency: 'USD' }))
  await expect(confirm(world.ctx, check, { members: wanted, ...by })).rejects.toThrow(says)
})

it('carries out with the next run what a crash cut off after the decision', async () => {
  const world = await begin(invoice('I1', '100'), payment('P1', '', '100'))
  expect(await open(world)).toEqual(['no money: I1', 'unapplied: P1'])
  control.control.decideMatch({
    check: check.id,
    state: 'confirmed',
    members: members('I1', 'P1'),
    allowance: null,
    currency: null,
    reason: by.reason,
    actor: by.actor,
    at: world.clock.now(),
  })
  expect(await open(world)).toEqual([])
  expect(control.control.matches({ written: false })).toEqual([])
})

it('joins confirmed matches that share a record', () => {
  const decide = (...names: string[]) =>
    control.control.decideMatch({
      check: 'm',
      state: 'confirmed',
      members: members(...names),
      allowance: '1',
      currency: 'EUR',
      reason: 'r',
      actor: 'a',
      at: 0,
    })
  decide('I1', 'P1')
  decide('I2', 'P2')
  decide('I3', 'P1', 'P2')
  decide('I4', 'P4')
  expect(
    components(control.control).map((c) => [
      c.members
        .map((m) => m.entity_id)
        .sort()
        .join(),
      c.allowance,
    ]),
  ).toEqual([
    ['I1,I2,I3,P1,P2', '3'],
    ['I4,P4', '1'],
  ])
})
