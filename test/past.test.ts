/** The past: current tables rebuilt at an instant, and moved forward, are what they were then. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Facts } from '../server/store/facts/facts.ts'
import { changePoints } from '../server/store/facts/past/instants.ts'
import { openPast } from '../server/store/facts/past/move.ts'
import { checkWorld, forget } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { live, pastOf } from './world/past-company.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const KINDS = ['customer', 'order', 'invoice']

/** Everything that current rows say, without the numbers of the runs that wrote them. */
async function rowsOf(of: Facts): Promise<unknown> {
  const all: Record<string, unknown> = {}
  for (const kind of KINDS) {
    const rows = await of.query(`select * from ${of.database}.current_${kind} final order by eid, platform, record_id`)
    all[kind] = rows.map(({ rev: _, ...row }) => row)
  }
  return all
}

/** Back to before there was anything, and on from there. */
async function fromNothing(instants: readonly number[], then: ReadonlyMap<number, unknown>): Promise<void> {
  const before = await openPast(facts.facts, instants[0]! - 1, 'before', KINDS, { windsBack: Infinity })
  expect(await rowsOf(before.facts)).toEqual({ customer: [], order: [], invoice: [] })
  await before.forward(instants[1]!)
  expect(await rowsOf(before.facts)).toEqual(then.get(instants[1]!))
  await before.end()
}

describe.each([1, 2])('seed %i', (seed) => {
  it('is what it was at every change, opened there or moved there', async () => {
    control = controlWorld()
    const world = checkWorld({
      facts: facts.facts,
      control: control.control,
      platforms: { crm: { role: 'crm' }, erp: { role: 'erp' }, billing: { role: 'billing' } },
      checks: [],
      at: '2026-10-01T06:00:00Z',
    })
    const then = new Map<number, unknown>()
    await live(world, pastOf(seed, 5), async (at) => void then.set(at, await rowsOf(facts.facts)))
    const instants = [...then.keys()]
    expect(await changePoints(facts.facts, KINDS, instants[0]! - 1, instants.at(-1)!)).toEqual(instants)
    const past = await openPast(facts.facts, instants[0]!, 'forward', KINDS)
    expect(await rowsOf(past.facts)).toEqual(then.get(instants[0]!))
    for (const at of instants.slice(1)) {
      await past.forward(at)
      expect(await rowsOf(past.facts)).toEqual(then.get(at))
    }
    await past.end()
    const middle = instants[3]!
    for (const windsBack of seed === 1 ? [Infinity] : [0, Infinity]) {
      const opening = { windsBack, ...(seed === 2 && { most: 2 }) }
      const once = await openPast(facts.facts, middle + 30_000, 'once', KINDS, opening)
      expect(await rowsOf(once.facts)).toEqual(then.get(middle))
      await once.forward(instants[4]!)
      expect(await rowsOf(once.facts)).toEqual(then.get(instants[4]!))
      await once.end()
    }
    if (seed === 1) await fromNothing(instants, then)
    const left = await facts.facts.query(`select name from system.databases where name like '%past%'`)
    expect(left).toEqual([])
  })
})
