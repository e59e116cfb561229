/** Back-tests: what one says of an instant is what a run said that was live then; and its figures. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Check } from '../server/check/contract.ts'
import { backtest } from '../server/check/past/backtest.ts'
import { replay } from '../server/check/past/replay.ts'
import { checksThen, hasPast } from '../server/check/past/then.ts'
import type { StoredFinding } from '../server/store/facts/findings.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { seeded } from './world/seeded.ts'

let world: FactsWorld
let control: ControlWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
afterEach(async () => {
  control.end()
  await forget(world.facts)
})

const MINUTE = 60_000
const CHECKS: Check[] = [
  checkFile('agree', 'kind: agree\nof: order\nfields: [amount, state, currency]'),
  checkFile('exist', 'kind: exist\nof: order\npast: draft\non: [crm, erp, billing]\nowners: [crm, erp]'),
  checkFile('duplicate', 'kind: duplicate\nof: order'),
]

/** What a finding says, without its name and the runs that saw it. */
function said(f: StoredFinding) {
  return {
    entity: f.entity_id,
    check: f.check,
    field: f.field,
    platform: f.platform,
    owner: f.owner_platform,
    state: f.state,
    verdict: f.verdict,
    cause: f.cause,
    amount: f.amount_at_risk,
    since: f.since,
    due: f.due_at,
    values: f.values.map((v) => [v.platform, v.state, v.value]),
  }
}
const told = (all: readonly StoredFinding[], check: string) =>
  all
    .filter((f) => f.check === check && f.state !== 'resolved')
    .map(said)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

describe.each([1, 2])('seed %i', (seed) => {
  it('agrees at instants of change and between them', async () => {
    control = controlWorld()
    const draw = seeded(seed)
    const platforms = ['crm', 'erp', 'billing']
    const w = checkWorld({
      facts: world.facts,
      control: control.control,
      platforms: Object.fromEntries(platforms.map((role) => [role, { role }])),
      checks: CHECKS,
    })
    const from = w.clock.now()
    const then = new Map<number, StoredFinding[]>()
    for (let step = 0; step < 8; step++) {
      const records = Array.from({ length: 2 + draw(12) }, () => {
        const entity = `o${draw(10)}`
        const platform = platforms[draw(3)]!
        return {
          platform,
          kind: 'order',
          entity,
          record_id: `${platform}-${entity}-${draw(8) === 0 ? 'b' : 'a'}`,
          state: ['draft', 'booked', 'booked', 'fulfilled'][draw(4)],
          amount: `${100 + draw(2)}.00`,
          currency: draw(10) === 0 ? 'USD' : 'EUR',
          changed_at: new Date(w.clock.now() - draw(90) * MINUTE).toISOString(),
          deleted: draw(12) === 0,
        }
      })
      await w.place(...new Map(records.map((r) => [r.record_id, r])).values())
      for (const platform of platforms)
        if (draw(4) > 0) w.read(w.clock.now() - draw(40) * MINUTE, [platform], ['order'])
      await w.clock.turn((5 + draw(30)) * MINUTE)
      // Half of the looks lie between two changes, some where a stream was read further and nothing else.
      if (draw(2)) for (const platform of platforms) w.read(w.clock.now(), [platform], ['order'])
      if (step < 2 || draw(2)) {
        for (const result of await w.check({ full: true })) expect(result.error).toBeNull()
        then.set(w.clock.now(), await w.findings())
      }
      await w.clock.turn((5 + draw(50)) * MINUTE)
    }
    const instants = [...then.keys()]
    expect(instants.length).toBeGreaterThan(3)
    let compared = 0
    for (const to of [instants[1]!, instants.at(-1)!]) {
      const { lives, cellMs } = await replay(w.ctx, { checks: CHECKS, from, to })
      expect(cellMs).toBeNull()
      for (const [i, check] of CHECKS.entries()) {
        const expected = told(then.get(to)!, check.id)
        expect(told(lives[i]!.unresolved(), check.id)).toEqual(expected)
        compared += expected.length
      }
    }
    expect(compared).toBeGreaterThan(10)
  })
})

const HOUR = 60 * MINUTE

describe('a back-test', () => {
  /** An order that is off by 20 for ten hours, one that is off for good, and one whose change arrived in time. */
  async function history() {
    control = controlWorld()
    const w = checkWorld({
      facts: world.facts,
      control: control.control,
      platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
      checks: CHECKS.slice(0, 1),
      at: '2026-10-01T00:00:00Z',
    })
    const order = (platform: string, n: number, amount: string) => ({
      platform,
      kind: 'order',
      entity: `o${n}`,
      customer_entity: `c${n}`,
      record_id: `${platform}-${n}`,
      state: 'booked',
      amount,
      currency: 'EUR',
      changed_at: new Date(w.clock.now()).toISOString(),
    })
    const read = () => w.read(w.clock.now(), ['crm', 'erp'], ['order'])
    for (const n of [1, 2, 3]) await w.place(order('crm', n, '100.00'), order('erp', n, '100.00'))
    read()
    await w.clock.turn(24 * HOUR)
    await w.place(order('erp', 1, '120.00'), order('erp', 2, '105.00'), order('erp', 3, '130.00'))
    read()
    await w.clock.turn(10 * MINUTE)
    await w.place(order('crm', 3, '130.00'))
    read()
    await w.clock.turn(2 * HOUR)
    read()
    await w.clock.turn(8 * HOUR)
    await w.place(order('crm', 1, '120.00'))
    read()
    await w.clock.turn(24 * HOUR)
    read()
    return w
  }

  it('says how often, how much, how long until it healed, and what it would have done against the live version', async () => {
    const w = await history()
    const live = CHECKS[0]!
    const wide = checkFile('agree', 'kind: agree\nof: order\nfields: [amount, state, currency]\ntolerance: "10"')
    const stops: number[] = []
    const result = await backtest(w.ctx, {
      check: wide,
      live,
      from: w.clock.now() - 90 * 24 * HOUR,
      to: w.clock.now(),
      progress: (done) => stops.push(done),
    })
    expect(result).toMatchObject({ cell_s: null, compared: { added: 0, removed: 1, same: 1, alerts_added: 0 } })
    expect(result.figures).toMatchObject({ fired: 1, findings: 1, still_open: 0, healed: 1, money: { EUR: '20' } })
    expect(result.live).toMatchObject({ fired: 2, findings: 2, alerts: 1, still_open: 1, healed: 1, only_in_flight: 1 })
    // It opened when both were known to have been read past the window, and ended with the change that mended it.
    expect(result.live!.healed_median_s).toBe(8 * 3_600)
    expect(result.removed).toMatchObject([{ entity_id: 'o2', amount: '5', closed_at: null }])
    expect(result.days.reduce((n, d) => n + d.opened, 0)).toBe(1)
    expect(result.days.find((d) => d.opened === 1)!.day).toBe('2026-10-02')
    expect(stops).toEqual(Array.from({ length: result.instants }, (_, i) => i + 1))
    expect(await w.findings()).toEqual([])
  })

  it('stops when it is told to, and leaves nothing behind', async () => {
    const w = await history()
    const stop = new AbortController()
    const running = backtest(
      { ...w.ctx, signal: stop.signal },
      {
        check: CHECKS[0]!,
        live: null,
        from: w.clock.now() - 5 * 24 * HOUR,
        to: w.clock.now(),
        progress: (done) => done === 2 && stop.abort(new Error('enough')),
      },
    )
    await expect(running).rejects.toThrow('enough')
    const left = await world.facts.query(`select name from system.databases where name like '%past%'`)
    expect(left).toEqual([])
  })

  it('refuses a check of which no past is kept', async () => {
    const w = await history()
    const check = checkFile('streams', 'kind: fresh\nwhat: [late]')
    await expect(backtest(w.ctx, { check, live: null, from: 0, to: w.clock.now() })).rejects.toThrow('no past is kept')
  })

  it('of a single instant answers from the facts as of then, deleted records and all, and writes nothing', async () => {
    const w = await history()
    const drift = Date.parse('2026-10-02T03:00:00Z')
    await w.place({
      platform: 'erp',
      kind: 'order',
      entity: 'o2',
      record_id: 'erp-2',
      state: 'booked',
      amount: '105.00',
      currency: 'EUR',
      deleted: true,
    })
    await w.clock.turn(HOUR)
    expect(await hasPast(w.ctx, drift)).toBe(true)
    expect(await hasPast(w.ctx, Date.parse('2026-09-01T00:00:00Z'))).toBe(false)
    expect(await hasPast(w.ctx, w.clock.now())).toBe(false)
    const [then] = await checksThen(w.ctx, CHECKS.slice(0, 1), drift)
    expect(then).toMatchObject({ outcome: 'ok', open: 2, inFlight: 0, newlyOpen: 0 })
    expect(then!.findings.map((f) => [f.entity_id, f.amount_at_risk]).sort()).toEqual([
      ['o1', '20'],
      ['o2', '5'],
    ])
    const [early] = await checksThen(w.ctx, CHECKS.slice(0, 1), Date.parse('2026-10-01T12:00:00Z'))
    expect(early).toMatchObject({ open: 0, inFlight: 0, undecided: 0 })
    expect(await w.findings()).toEqual([])
  })
})
