/** Matching: tolerances, shapes, dates, shared keys, platforms by themselves, and money that names nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { invoice, OLD, payment } from './world/money-records.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const erp: Record<string, PlatformWish> = { erp: { role: 'erp' } }

function begin(check: Check, platforms = erp, config?: Record<string, unknown>): CheckWorld {
  const world = checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms,
    checks: [check],
    ...(config && { config }),
  })
  // Who keeps no payments or credits cannot say that any are missing.
  world.read(undefined, Object.keys(platforms), ['invoice', 'payment', 'credit'])
  return world
}

async function found(world: CheckWorld, full = false) {
  const [result] = await world.check({ full })
  expect(result!.error?.message ?? null).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map((f) => ({
      title: f.title,
      verdict: f.verdict,
      members: f.subject.map((s) => s.record_id).sort(),
      expected: f.expected,
      actual: f.actual,
      risk: f.amount_at_risk,
      currency: f.currency,
    }))
    .sort((a, b) => (a.members.join() < b.members.join() ? -1 : 1))
}

it('allows a difference in money or as a share, whichever is larger', async () => {
  const text = (id: string, allow: string) =>
    checkFile(
      `m/${id}`,
      `kind: match\nleft: { of: invoice, where: { state: paid }, value: total }\nright: { of: payment, by: invoice, value: amount }\nallow: ${allow}`,
    )
  const narrow = text('narrow', '{ amount: 0.50 }')
  const wide = text('wide', '{ amount: 0.50, percent: 0.1 }')
  const world = checkWorld({ facts: facts.facts, control: control.control, platforms: erp, checks: [narrow, wide] })
  await world.put(
    invoice('I1', '10.00'),
    payment('P1', 'I1', '9.50'),
    invoice('I2', '1000.00'),
    payment('P2', 'I2', '999.00'),
  )
  world.read()
  expect(await world.check()).toMatchObject([
    { check: 'm/narrow', error: null, open: 1 },
    { check: 'm/wide', error: null, open: 0 },
  ])
})

it('holds the shape: one to one finds the second payment though the sums meet', async () => {
  const check = checkFile(
    'm/one',
    `kind: match\nshape: one_to_one\nmust: any\nleft: { of: invoice, value: total }\nright: { of: payment, by: invoice, value: amount }\nsays: { count: paid twice }`,
  )
  const world = begin(check, erp)
  await world.put(
    invoice('I1', '100.00'),
    payment('P1', 'I1', '50.00'),
    payment('P2', 'I1', '50.00'),
    invoice('I2', '5.00'),
    payment('P3', 'I2', '5.00'),
  )
  world.read()
  expect(await found(world)).toMatchObject([
    { title: 'paid twice', members: ['I1', 'P1', 'P2'], expected: { erp: '1' }, actual: { erp: '2' } },
  ])
})

it('compares dates: a posting of another month is told of though the amounts meet', async () => {
  const check = checkFile(
    'm/dates',
    `kind: match\nleft: { of: invoice, value: total, date: issued_on }\nright: { of: posting, by: invoice, where: { state: posted }, value: amount, date: posted_on }\nallow: { days: 3 }\nsays: { dates: apart }`,
  )
  const world = begin(check, erp)
  const posting = (id: string, of: string, day: string): WishedRecord => ({
    platform: 'erp',
    kind: 'posting',
    record_id: id,
    invoice: of,
    state: 'posted',
    amount: '100.00',
    currency: 'EUR',
    posted_on: day,
    changed_at: OLD,
  })
  await world.put(
    invoice('I1', '100.00', { issued_on: '2026-10-01' }),
    posting('G1', 'I1', '2026-10-04'),
    invoice('I2', '100.00', { issued_on: '2026-10-01' }),
    posting('G2', 'I2', '2026-10-05'),
  )
  world.read()
  expect(await found(world)).toMatchObject([{ title: 'apart', members: ['G2', 'I2'] }])
})

it('groups by shared keys of one customer, many to many', async () => {
  const check = checkFile(
    'm/keys',
    `kind: match\nshape: many_to_many\nleft: { of: invoice, by: [customer, issued_on.month], where: { state: paid }, value: total }\nright: { of: payment, by: [customer, received_at.month], where: { state: succeeded }, value: amount }\nunmatched: [left, right]\nsays: { less: short, right: cash alone }`,
  )
  const world = begin(check, erp)
  const customer: WishedRecord = {
    platform: 'erp',
    kind: 'customer',
    record_id: 'K1',
    name: 'Ostmark GmbH',
    state: 'customer',
    changed_at: OLD,
  }
  await world.put(
    customer,
    { ...customer, record_id: 'K2', name: 'Westmark GmbH' },
    invoice('I1', '60.00', { customer: 'K1', issued_on: '2026-10-03' }),
    invoice('I2', '40.00', { customer: 'K1', issued_on: '2026-10-13' }),
    payment('P1', null, '100.00', { customer: 'K1', received_at: '2026-10-20T10:00:00Z' }),
    payment('P2', null, '7.00', { customer: 'K2', received_at: '2026-10-20T10:00:00Z' }),
  )
  world.read()
  expect(await found(world)).toMatchObject([{ title: 'cash alone', members: ['P2'] }])
  await world.clock.turn(60_000)
  await world.put(
    payment('P1', null, '99.00', {
      customer: 'K1',
      received_at: '2026-10-20T10:00:00Z',
      changed_at: '2026-11-20T09:00:00Z',
    }),
  )
  world.read()
  const step = await found(world)
  expect(step).toMatchObject([{ title: 'short', members: ['I1', 'I2', 'P1'], risk: '1' }, { title: 'cash alone' }])
  expect(await found(world, true)).toEqual(step)
})

it('matches every platform in itself where that is asked for', async () => {
  const check = checkFile(
    'm/lines',
    `kind: match\nper: platform\nleft: { of: order, value: amount }\nright: { of: line, by: document, where: { document_kind: order }, value: amount }`,
  )
  const world = begin(check, { erp: { role: 'erp' }, crm: { role: 'crm' } })
  const order = (platform: string): WishedRecord => ({
    platform,
    kind: 'order',
    record_id: `${platform}1`,
    number: 'SO1',
    state: 'booked',
    amount: '100.00',
    currency: 'EUR',
    changed_at: OLD,
  })
  const line = (platform: string, id: string, amount: string): WishedRecord => ({
    platform,
    kind: 'line',
    record_id: `${platform}${id}`,
    document_kind: 'order',
    document: `${platform}1`,
    amount,
    currency: 'EUR',
    changed_at: OLD,
  })
  await world.put(
    order('erp'),
    order('crm'),
    line('erp', 'a', '60.00'),
    line('erp', 'b', '40.00'),
    line('crm', 'a', '60.00'),
  )
  world.read()
  expect(await found(world)).toMatchObject([
    { expected: { crm: '100' }, actual: { crm: '60' }, members: ['crm1', 'crma'] },
  ])
})

it('takes one payment that names nothing for several invoices of its customer, and tells of the rest', async () => {
  const check = checkFile(
    'm/pool',
    `kind: match
pool: true
must: at_least
left: { of: invoice, where: { state: paid }, value: total }
right: { of: payment, by: invoice, where: { state: succeeded }, value: amount }
unmatched: [left, loose]
says: { left: no money, right: unapplied }`,
  )
  const world = begin(check, erp)
  const customer = (id: string): WishedRecord => ({
    platform: 'erp',
    kind: 'customer',
    record_id: id,
    name: `${id} GmbH`,
    state: 'customer',
    changed_at: OLD,
  })
  await world.put(
    customer('K1'),
    customer('K2'),
    invoice('I1', '60.00', { customer: 'K1' }),
    invoice('I2', '40.00', { customer: 'K1' }),
    payment('P1', null, '100.00', { customer: 'K1' }),
    invoice('I3', '40.00', { customer: 'K2' }),
    payment('P3', 'I3', '40.00', { customer: 'K2' }),
    payment('P4', null, '5.00', { customer: 'K2' }),
  )
  world.read()
  expect(await found(world)).toMatchObject([{ title: 'unapplied', members: ['P4'], risk: '5' }])
  await world.put(payment('P1', null, '90.00', { customer: 'K1', changed_at: '2026-11-20T08:00:00Z' }))
  world.read()
  const step = await found(world)
  expect(step).toMatchObject([
    { title: 'no money', members: ['I1'] },
    { title: 'no money', members: ['I2'] },
    { title: 'unapplied', members: ['P4'] },
  ])
  expect(await found(world, true)).toEqual(step)
})
