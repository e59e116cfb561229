/** Lag measured in steps, after a kill, or all at once is the same; and it is what the laboratory knows to be true. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { measureLag } from '../server/measure/lag/measure.ts'
import { lagFigures } from '../server/store/facts/lag-hours.ts'
import { checkWorld, forget, type CheckWorld, type WishedRecord } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { seeded } from './world/seeded.ts'

let world: FactsWorld
let control: ControlWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(world.facts)
})

const MINUTE = 60_000
const PLATFORMS = { crm: { role: 'crm' }, erp: { role: 'erp' }, billing: { role: 'billing' } }
const ROLES = Object.keys(PLATFORMS)

function begin(): CheckWorld {
  return checkWorld({ facts: world.facts, control: control.control, platforms: PLATFORMS, checks: [] })
}

/** A few records take a few new values, with stamps that are mostly good. */
function step(w: CheckWorld, draw: (below: number) => number): (WishedRecord & { entity: string })[] {
  const records = Array.from({ length: 1 + draw(14) }, () => {
    const entity = `o${draw(10)}`
    const platform = ROLES[draw(3)]!
    return {
      platform,
      kind: 'order',
      entity: draw(30) === 0 ? 'o0' : entity,
      record_id: `${platform}-${entity}-${draw(12) === 0 ? 'b' : 'a'}`,
      created_at: '2026-11-19T00:00:00Z',
      state: ['draft', 'booked', 'booked', 'fulfilled'][draw(4)],
      amount: draw(15) === 0 ? null : `${100 + draw(3)}.00`,
      currency: 'EUR',
      changed_at: draw(12) === 0 ? undefined : new Date(w.clock.now() - draw(40) * MINUTE).toISOString(),
      deleted: draw(25) === 0,
    }
  })
  return [...new Map(records.map((r) => [r.record_id, r])).values()]
}

/** Everything that was measured, without the numbers of the runs. */
async function everything() {
  const rows = await world.facts.query<Record<string, unknown>>(
    'select * except (rev, gone) from plumbline.lag final where gone = 0 order by eid, kind, part, owner, follower, change',
  )
  const hours = await lagFigures(world.facts, { from: 0, to: Date.parse('2027-01-01T00:00:00Z'), stepHours: 1 })
  return { rows, hours }
}

describe.each([1, 2, 3])('seed %i', (seed) => {
  it('ends with the same rows and hours, in steps with kills in between or all at once', async () => {
    const draw = seeded(seed)
    const w = begin()
    for (let n = 0; n < 12; n++) {
      await w.place(...step(w, draw))
      if (draw(3) === 0) {
        // Killed at the last moment: everything is written, nothing is remembered.
        const before = control.control.get('measure.lag')
        await measureLag(w.ctx)
        control.control.set('measure.lag', before ?? JSON.stringify({ version: '', through: '0', run: 0 }))
      } else if (draw(3) > 0) expect((await measureLag(w.ctx)).error).toBeNull()
      await w.clock.turn((1 + draw(30)) * MINUTE)
    }
    await measureLag(w.ctx)
    const inSteps = await everything()
    const again = await measureLag(w.ctx, { full: true })
    expect(again).toMatchObject({ full: true, written: 0, gone: 0 })
    await world.facts.command('truncate table plumbline.lag')
    await world.facts.command('truncate table plumbline.lag_hours')
    await measureLag(w.ctx, { full: true })
    const atOnce = await everything()
    expect(inSteps.rows.length).toBeGreaterThan(10)
    expect(inSteps.rows).toEqual(atOnce.rows)
    expect(inSteps.hours).toEqual(atOnce.hours)
  })
})
