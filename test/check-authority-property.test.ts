/** Authority, step by step: looking at what moved finds what looking at everything finds, also when only time has passed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import type { StoredFinding } from '../server/store/facts/findings.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget } from './world/check-world.ts'
import { controlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { seeded } from './world/seeded.ts'

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
afterEach(() => forget(world.facts))

const KINDS = [
  'kind: authority\nof: customer\nfields: [payment_terms, credit_limit, segment]\nquiet: 1d',
  'kind: authority\nof: customer\nfields: [payment_terms]\nwhat: turns\nturns: 3\nwithin: 2d\nquiet: 1d',
]
const checks = (name: string): Check[] => KINDS.map((text, i) => checkFile(`${name}-${i}`, text))
const HOUR = 3_600_000

/** What stands, without names, runs and wording. */
const said = (all: StoredFinding[], name: string) =>
  all
    .filter((f) => f.check.startsWith(name) && f.state !== 'resolved')
    .map((f) =>
      JSON.stringify([
        f.check.split('-')[1],
        f.entity_id,
        f.field,
        f.platform,
        f.state,
        f.verdict,
        f.expected,
        f.actual,
        f.amount_at_risk,
        f.title,
      ]),
    )
    .sort()

describe.each([2, 3])('seed %i', (seed) => {
  it('agrees at every step and at the end', async () => {
    const { control, end } = controlWorld()
    const draw = seeded(seed)
    const [step, full, last] = [checks('step'), checks('full'), checks('last')]
    const ids = (of: Check[]) => of.map((c) => c.id)
    const platforms = ['crm', 'erp', 'support']
    const w = checkWorld({
      facts: world.facts,
      control,
      platforms: Object.fromEntries(platforms.map((role) => [role, { role }])),
      checks: [...step, ...full, ...last],
    })
    let most = 0
    for (let n = 0; n < 9; n++) {
      const records = new Map(
        Array.from({ length: 1 + draw(5) }, () => {
          const entity = `c${draw(4)}`
          const platform = platforms[draw(3)]!
          return [
            `${platform}-${entity}`,
            {
              platform,
              kind: 'customer',
              entity,
              record_id: `${platform}-${entity}`,
              state: 'customer',
              payment_terms: ['net_30', 'net_60', 'net_90'][draw(3)],
              credit_limit: draw(3) === 0 ? '200.00' : '100.00',
              currency: 'EUR',
              segment: ['public', 'retail'][draw(2)],
              changed_at: new Date(w.clock.now() - draw(20) * 60_000).toISOString(),
              changed_by: ['integration', 'j.lindner', 'workflow', null][draw(4)],
              deleted: draw(25) === 0,
            },
          ] as const
        }),
      )
      await w.place(...records.values())
      for (const platform of platforms) if (draw(4) > 0) w.read(w.clock.now() - draw(30) * 60_000, [platform])
      const results = [...(await w.check({ checks: ids(step) })), ...(await w.check({ checks: ids(full), full: true }))]
      expect(results.map((r) => r.error)).toEqual(results.map(() => null))
      const all = await w.findings()
      most = Math.max(most, said(all, 'step').length)
      expect(said(all, 'step'), `step ${n}`).toEqual(said(all, 'full'))
      // Sometimes nothing moves for days: what was undone becomes quiet.
      await w.clock.turn((draw(4) === 0 ? 30 + draw(40) : 1 + draw(8)) * HOUR)
    }
    w.read()
    await w.check({ checks: [...ids(step), ...ids(last)] })
    const all = await w.findings()
    expect(most).toBeGreaterThan(0)
    expect(said(all, 'step')).toEqual(said(all, 'last'))
    expect(all.some((f) => f.check.startsWith('step') && f.state === 'resolved')).toBe(true)
    end()
  })
})
