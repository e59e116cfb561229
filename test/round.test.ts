/** A round while platforms go on being read: what arrives during identification is judged by the next round. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { look } from '../server/round.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => {
  facts = await factsWorld()
  control = controlWorld()
})
afterAll(async () => {
  control.end()
  await facts.end()
})

const customer = (platform: string, more = {}) => ({
  platform,
  kind: 'customer',
  record_id: `${platform}-1`,
  state: 'customer',
  changed_at: '2026-11-01T08:00:00Z',
  ...more,
})

it('calls nobody wrong whose records arrived while others were being identified', async () => {
  const check = checkFile('test', 'kind: exist\nof: customer\nstates: [customer]\non: [crm, erp]')
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' } }
  const world = checkWorld({ facts: facts.facts, control: control.control, platforms, checks: [check] })
  for (const platform of ['crm', 'erp']) control.control.declareStream(platform, 'customer', 'customer')
  await world.store(customer('crm'))
  world.read(world.clock.now(), ['crm'])

  let arrived = false
  const slow = Object.assign(Object.create(facts.facts) as Facts, {
    async command(...said: Parameters<Facts['command']>) {
      // Identification has looked how far there are versions: now the ERP’s first reading ends.
      if (!arrived && said[0].includes('identify_scratch')) {
        arrived = true
        await world.store(customer('erp', { refs: { crm: 'crm-1' } }))
        world.read(world.clock.now(), ['erp'])
      }
      return facts.facts.command(...said)
    },
  })
  const [first] = await look({ ...world.ctx, facts: slow })
  expect(arrived).toBe(true)
  expect(first!.error).toBeNull()
  // Nothing is known of the ERP yet, which is not the same as missing there.
  expect((await world.findings()).map((f) => [f.platform, f.state])).toEqual([['erp', 'undecided']])

  await look(world.ctx)
  expect((await world.findings()).filter((f) => f.state !== 'resolved')).toEqual([])
})

it('answers a look that somebody waits for between two checks of a round, and the round goes on from there', async () => {
  const exists = 'kind: exist\nof: customer\nstates: [customer]\non: [crm, erp]'
  const checks = ['one', 'two', 'three'].map((id) => checkFile(id, exists))
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' } }
  const world = checkWorld({ facts: facts.facts, control: control.control, platforms, checks })
  await world.store(customer('crm', { record_id: 'crm-9' }))
  world.read(world.clock.now(), ['crm', 'erp'])
  await look(world.ctx)
  const left = async () => (await world.findings()).filter((f) => f.state !== 'resolved' && f.check !== 'test').length
  expect(await left()).toBe(3)

  await world.store(customer('erp', { record_id: 'erp-9', refs: { crm: 'crm-9' } }))
  const order: string[] = []
  const round = look(world.ctx).then((results) => (order.push('round'), results))
  const soon = look(world.ctx, { checks: ['three'], soon: true }).then((results) => (order.push('three'), results))
  expect(await soon).toMatchObject([{ check: 'three', outcome: 'ok', resolved: 1 }])
  expect((await round).map((r) => [r.check, r.outcome])).toEqual(checks.map((c) => [c.id, 'ok']))
  expect(order).toEqual(['three', 'round'])
  expect(await left()).toBe(0)
})
