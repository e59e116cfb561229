/** Pace: what an edge has taught us to expect of it, and when it leaves that band. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isSlow } from '../server/check/kinds/fresh-slow.ts'
import { learnPaces } from '../server/measure/lag/pace.ts'
import { pacesOf } from '../server/store/control/paces.ts'
import { writeLag, type LagRow } from '../server/store/facts/lag.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { DAY, HOUR, many, MINUTE, NOW } from './world/lag-rows.ts'

let world: FactsWorld
let control: ControlWorld
let w: CheckWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
beforeEach(() => {
  control = controlWorld()
  const platforms = { crm: { role: 'crm' }, erp: { role: 'erp' } }
  w = checkWorld({ facts: world.facts, control: control.control, platforms, checks: [] })
  for (const platform of Object.keys(platforms)) control.control.declareStream(platform, 'invoice', 'invoice')
  w.read(NOW)
})
afterEach(async () => {
  control.end()
  await forget(world.facts)
})

describe('the pace of an edge', () => {
  /** Thirty days of ordinary work: six changes on each of five hours a day, a minute or so each. */
  const usual = () =>
    many(30 * 30, (i) => ({
      ago: 2 * DAY + Math.floor(i / 30) * DAY + (i % 5) * HOUR,
      took: (30 + (i % 7) * 10) * 1000,
    }))
  const slowly = async (...rows: LagRow[][]) => {
    await writeLag(world.facts, rows.flat(), [], 1)
    await learnPaces(w.ctx, NOW)
    return pacesOf(control.control).map((p) => [p.part, isSlow(p, 1.5)])
  }

  it('is slow when half of the last day took longer than nine of ten do, long before a window is broken', async () => {
    const today = many(30, (i) => ({ ago: (i % 5) * HOUR + MINUTE * 30, took: 5 * MINUTE }))
    expect(await slowly(usual(), today)).toEqual([['lifecycle', true]])
    expect(pacesOf(control.control)[0]).toMatchObject({
      learned: { p50: 60 },
      recent: { changes: 30, entities: 30, slow: 30, p50: 300 },
    })
  })

  it('is not when it is as quick as on other days', async () => {
    const today = many(30, (i) => ({ ago: (i % 5) * HOUR + MINUTE * 30, took: (30 + (i % 7) * 10) * 1000 }))
    expect(await slowly(usual(), today)).toEqual([['lifecycle', false]])
  })

  it('is not on a quiet edge, however slow the few are, nor where too little was learned', async () => {
    expect(
      await slowly(
        usual(),
        many(12, () => ({ ago: HOUR, took: 10 * MINUTE })),
      ),
    ).toEqual([])
    const fresh = many(60, (i) => ({ ago: 2 * DAY + i * MINUTE, took: MINUTE, part: 'body' }))
    expect(
      await slowly(
        fresh,
        many(40, () => ({ ago: HOUR, took: 10 * MINUTE, part: 'body' })),
      ),
    ).toEqual([])
  })

  it('counts what still waits once it has waited longer than the band', async () => {
    const today = many(24, () => ({ ago: 10 * MINUTE, took: null }))
    expect(await slowly(usual(), today)).toEqual([['lifecycle', true]])
  })

  it('knows the hours of the week: a nightly run that is always slow is no alarm, the same at noon is', async () => {
    // Every night at three sixty changes take ten minutes, every noon as many take one.
    const since = (hour: number, days: number) => days * DAY + (12 - hour) * HOUR - 10 * MINUTE
    const nights = many(29 * 60, (i) => ({ ago: since(3, 1 + (i % 29)) - (i % 50) * 1000, took: 10 * MINUTE }))
    const noons = many(29 * 60, (i) => ({ ago: since(11, 1 + (i % 29)) - (i % 50) * 1000, took: MINUTE }))
    const tonight = many(60, (i) => ({ ago: since(3, 0) - (i % 50) * 1000, took: 10 * MINUTE }))
    expect(await slowly(nights, noons, tonight)).toEqual([['lifecycle', false]])
    const today = many(200, (i) => ({ ago: since(11, 0) - (i % 50) * 1000, took: 10 * MINUTE }))
    expect(await slowly(today)).toEqual([['lifecycle', true]])
  })
})
