/** Matching: groups, sums by currency, and what time says of a difference. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { credit, invoice, OLD, payment } from './world/money-records.ts'

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
const both: Record<string, PlatformWish> = { erp: { role: 'erp' }, billing: { role: 'billing' } }

const PAID = checkFile(
  'm/paid',
  `kind: match
left: { of: invoice, where: { state: paid }, value: total }
right:
  - { of: payment, by: invoice, where: { state: succeeded }, value: amount }
  - { of: credit, by: invoice, where: { state: [posted, applied] }, value: amount }
unmatched: [left]
window: 1h
says: { more: overpaid, less: underpaid, left: unpaid }`,
)

function begin(check: Check, platforms = both, config?: Record<string, unknown>): CheckWorld {
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

it('adds payments and credits of one invoice, and names every member, both sums and the difference', async () => {
  const world = begin(PAID, erp)
  await world.put(
    invoice('I1', '100.00'),
    payment('P1', 'I1', '60.00'),
    payment('P2', 'I1', '30.00'),
    credit('C1', 'I1', '10.00'),
    invoice('I2', '100.00'),
    payment('P3', 'I2', '60.00'),
    credit('C2', 'I2', '10.00'),
    invoice('I3', '100.00'),
    payment('P4', 'I3', '100.00'),
    payment('P5', 'I3', '100.00'),
    invoice('I4', '50.00'),
  )
  world.read()
  expect(await found(world)).toEqual([
    {
      title: 'underpaid',
      verdict: 'drift',
      members: ['C2', 'I2', 'P3'],
      expected: { erp: '100' },
      actual: { erp: '70' },
      risk: '30',
      currency: 'EUR',
    },
    {
      title: 'overpaid',
      verdict: 'drift',
      members: ['I3', 'P4', 'P5'],
      expected: { erp: '100' },
      actual: { erp: '200' },
      risk: '100',
      currency: 'EUR',
    },
    {
      title: 'unpaid',
      verdict: 'drift',
      members: ['I4'],
      expected: { erp: '50' },
      actual: { erp: '0' },
      risk: '50',
      currency: 'EUR',
    },
  ])
  const [over] = (await world.findings()).filter((f) => f.title === 'overpaid')
  expect(over!.cause).toBe('duplicate_created')
  expect(over!.evidence.map((e) => e.says)).toContain(
    '1 invoice over 100 EUR in erp stand against 2 payments and 0 credits over 200 EUR in erp; the difference is 100 EUR.',
  )
})

it('lets the issuer of the invoice speak for all copies', async () => {
  const world = begin(PAID, both, { issuer: { '*': 'billing' } })
  await world.put(
    invoice('I1', '100.00', { legal_entity: 'DE01' }),
    invoice('B1', '100.00', { platform: 'billing', number: 'I1', legal_entity: 'DE01' }),
    payment('BP1', 'B1', '100.00', { platform: 'billing' }),
    payment('P1', 'I1', '90.00', { refs: { billing: 'BP1' } }),
  )
  world.read()
  expect(await found(world)).toEqual([])
})

it('never adds currencies: each is matched by itself', async () => {
  const world = begin(PAID, erp)
  await world.put(
    invoice('I1', '100.00'),
    payment('P1', 'I1', '60.00'),
    payment('P2', 'I1', '40.00', { currency: 'USD' }),
  )
  world.read()
  expect(await found(world)).toMatchObject([{ title: 'underpaid', members: ['I1', 'P1'], risk: '40', currency: 'EUR' }])
})

it('is in flight while a side is younger than its window, and open once it is not and all was read', async () => {
  const world = begin(PAID, erp)
  await world.put(invoice('I1', '100.00', { changed_at: '2026-11-20T11:30:00Z' }))
  world.read(undefined, ['erp'], ['invoice', 'payment', 'credit'])
  expect(await found(world)).toMatchObject([{ verdict: 'in_flight' }])
  await world.clock.turn(40 * 60_000)
  expect(await found(world)).toMatchObject([{ verdict: 'undecided' }])
  world.read(undefined, ['erp'], ['invoice', 'payment', 'credit'])
  expect(await found(world)).toMatchObject([{ verdict: 'drift', title: 'unpaid' }])
  await world.put(payment('P1', 'I1', '100.00', { changed_at: '2026-11-20T12:35:00Z' }))
  world.read(undefined, ['erp'], ['invoice', 'payment', 'credit'])
  expect(await found(world)).toEqual([])
})

it('finds both invoices again when a payment moves from one to the other', async () => {
  const world = begin(PAID, erp)
  await world.put(
    invoice('I1', '100.00'),
    invoice('I2', '100.00'),
    payment('P1', 'I1', '100.00'),
    payment('P2', 'I2', '100.00'),
  )
  world.read()
  expect(await found(world)).toEqual([])
  await world.clock.turn(3 * 3_600_000)
  await world.put(payment('P2', 'I1', '100.00', { changed_at: '2026-11-20T12:10:00Z' }))
  world.read()
  const step = await found(world)
  expect(step).toMatchObject([
    { title: 'overpaid', members: ['I1', 'P1', 'P2'] },
    { title: 'unpaid', members: ['I2'] },
  ])
  expect(await found(world, true)).toEqual(step)
  await world.put(payment('P2', 'I2', '100.00', { changed_at: '2026-11-20T13:10:00Z' }))
  await world.clock.turn(3 * 3_600_000)
  world.read()
  expect(await found(world)).toEqual([])
})

it('judges deleted payments as gone, from their deletion on', async () => {
  const world = begin(PAID, erp)
  await world.put(invoice('I1', '100.00'), payment('P1', 'I1', '100.00'))
  world.read()
  expect(await found(world)).toEqual([])
  await world.put(payment('P1', 'I1', '100.00', { deleted: true, changed_at: '2026-11-20T11:50:00Z' }))
  expect(await found(world)).toMatchObject([{ verdict: 'in_flight', members: ['I1'] }])
})
