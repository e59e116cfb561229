/** Control totals: what is added up, between whom, and what is left out of a comparison. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { loadChecks, shippedChecks } from '../server/check/read.ts'
import { checkWorld, forget, type CheckWorld, type PlatformWish } from './world/check-world.ts'
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

const shipped = loadChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } })
const two: Record<string, PlatformWish> = { erp: { role: 'erp' }, crm: { role: 'crm' } }
const begin = (platforms = two): CheckWorld =>
  checkWorld({
    facts: facts.facts,
    control: control.control,
    platforms,
    checks: [shipped.find((c) => c.id === 'control-totals/invoices')!],
  })

const invoice = (platform: string, id: string, total: string, more: Record<string, unknown> = {}) => ({
  platform,
  kind: 'invoice',
  record_id: `${platform}-${id}`,
  number: id,
  entity: id,
  state: 'open',
  total,
  currency: 'EUR',
  legal_entity: 'DE01',
  issued_on: '2026-10-05',
  changed_at: '2026-10-05T08:00:00Z',
  ...more,
})

async function found(world: CheckWorld) {
  const [result] = await world.check()
  expect(result!.error).toBeNull()
  return (await world.findings())
    .filter((f) => f.state !== 'resolved')
    .map(({ scope, platform, verdict, amount_at_risk }) => ({ ...scope, platform, verdict, amount_at_risk }))
}

it('adds up by month, currency and legal entity, without drafts and void invoices', async () => {
  const world = begin()
  await world.place(
    invoice('erp', 'a', '100.00'),
    invoice('crm', 'a', '100.00'),
    invoice('erp', 'b', '0.10', { currency: 'USD' }),
    invoice('crm', 'b', '0.30', { currency: 'USD' }),
    invoice('erp', 'c', '70.00', { legal_entity: 'AT01' }),
    invoice('erp', 'd', '55.00', { state: 'void' }),
    invoice('erp', 'e', '56.00', { state: 'draft' }),
  )
  world.read()
  const all = await found(world)
  expect(all).toHaveLength(2)
  expect(all).toContainEqual({
    period: '2026-10',
    currency: 'USD',
    legal_entity: 'DE01',
    platform: 'crm',
    verdict: 'drift',
    amount_at_risk: '0.2',
  })
  expect(all).toContainEqual({
    period: '2026-10',
    currency: 'EUR',
    legal_entity: 'AT01',
    platform: 'crm',
    verdict: 'drift',
    amount_at_risk: '70',
  })
})

it('takes the legal entity from the owner’s copy where the follower cannot hold it', async () => {
  const world = begin()
  const { legal_entity: _, ...copy } = invoice('crm', 'a', '100.00')
  await world.place(invoice('erp', 'a', '100.00'), copy)
  world.read()
  expect(await found(world)).toEqual([])
})

it('leaves out what changed within the hour, and still finds an old gap beside it', async () => {
  const world = begin()
  const young = { changed_at: '2026-11-20T11:50:00Z' }
  await world.place(invoice('erp', 'a', '100.00'), invoice('crm', 'a', '100.00'), invoice('erp', 'b', '9.00', young))
  world.read()
  expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'in_flight' })])
  await world.place(invoice('erp', 'c', '5.00'))
  world.read()
  expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'drift', amount_at_risk: '5' })])
})

it('is undecided for a stream that was never read completely', async () => {
  const world = begin()
  await world.place(invoice('erp', 'a', '100.00'), invoice('erp', 'b', '10.00'), invoice('crm', 'a', '100.00'))
  world.read()
  world.read(null, ['crm'])
  expect(await found(world)).toEqual([expect.objectContaining({ verdict: 'undecided' })])
})

it('asks each platform only for the legal entities that it speaks for', async () => {
  const world = begin({
    'erp-de': { role: 'erp', scope: { legal_entity: ['DE01'] } },
    'erp-at': { role: 'erp', scope: { legal_entity: ['AT01'] } },
    crm: { role: 'crm' },
  })
  await world.place(
    invoice('erp-de', 'a', '100.00'),
    invoice('crm', 'a', '100.00'),
    invoice('erp-at', 'b', '70.00', { legal_entity: 'AT01' }),
    invoice('crm', 'b', '71.00', { legal_entity: 'AT01' }),
  )
  world.read()
  expect(await found(world)).toEqual([
    expect.objectContaining({ legal_entity: 'AT01', platform: 'crm', amount_at_risk: '1' }),
  ])
})
