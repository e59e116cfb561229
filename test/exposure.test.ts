/** Exposure: what came and went adds up to what is at risk, day by day, whatever people accepted in between. */
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FindingState } from '../model/verdict.ts'
import { exposureRoutes } from '../server/api/exposure.ts'
import { identifies } from '../server/api/guard.ts'
import { digest } from '../server/api/passwords.ts'
import { acceptances, acceptedIssues, spansOf } from '../server/measure/exposure/acceptances.ts'
import { exposureDays } from '../server/measure/exposure/moves.ts'
import { createRuntime } from '../server/runtime.ts'
import { openExposure } from '../server/store/facts/exposure.ts'
import { openFigures } from '../server/store/facts/overview.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { at, DAY, HOUR, writeLives, NOW, type Lived, type Step } from './world/exposure-lives.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { seeded } from './world/seeded.ts'

let factsW: FactsWorld
let controlW: ControlWorld
let world: CheckWorld

beforeAll(async () => {
  factsW = await factsWorld()
})
beforeEach(async () => {
  await forget(factsW.facts)
  controlW = controlWorld()
  world = checkWorld({
    facts: factsW.facts,
    control: controlW.control,
    checks: [],
    at: at(0),
    platforms: { crm: { role: 'crm' }, erp: { role: 'erp' } },
    config: {
      money: {
        reporting_currency: 'EUR',
        rates: [
          { on: '2026-01-01', rates: { USD: '0.5' } },
          { on: '2026-11-19', rates: { USD: '2' } },
        ],
      },
    },
  })
})
afterAll(async () => {
  await factsW?.end()
})

const lives = (of: Lived[]) => writeLives(factsW.facts, controlW.control, of)

function decide(issue: number, ago: number, what: 'accepted' | 'reopened', detail: Record<string, unknown>) {
  const { control } = controlW
  for (let n = 1; n <= issue; n++) control.issueNumber(`i${n}`, 'a/b', NOW)
  control.workIssue(issue, {}, { at: NOW - ago, actor: 'kim', what, detail })
}

describe('acceptances', () => {
  it('are spans that end at their time, when they are taken back, and go on when they are renewed', () => {
    const entry = (issue: number, atMs: number, what: 'accepted' | 'reopened', detail = {}) => ({
      issue,
      at: atMs,
      actor: 'kim',
      what,
      detail,
    })
    const until = (ms: number) => ({ until: new Date(ms).toISOString() })
    expect(
      spansOf([
        entry(1, 1000, 'accepted', until(5000)),
        entry(1, 2000, 'reopened', { of: 'snooze' }),
        entry(1, 3000, 'reopened', { of: 'acceptance' }),
        entry(2, 1000, 'accepted', until(5000)),
        entry(2, 4000, 'accepted', until(9000)),
        entry(3, 1000, 'accepted', until(5000)),
        entry(3, 6000, 'accepted', until(9000)),
        entry(4, 1000, 'reopened', { of: 'acceptance' }),
      ]),
    ).toEqual([
      { issue: 1, from: 1000, to: 3000 },
      { issue: 2, from: 1000, to: 9000 },
      { issue: 3, from: 1000, to: 5000 },
      { issue: 3, from: 6000, to: 9000 },
    ])
  })
})

describe('money over time', () => {
  it('tells found, recovered, suspended and written off apart, by day, basis and currency', async () => {
    await lives([
      {
        id: 'a',
        issue: 1,
        basis: 'confirmed',
        currency: 'EUR',
        amount: '10.10',
        steps: [
          [5 * DAY, 'open'],
          [2 * DAY, 'resolved'],
        ],
      },
      { id: 'b', issue: 1, basis: 'confirmed', currency: 'USD', amount: '7', steps: [[5 * DAY, 'open']] },
      {
        id: 'c',
        issue: 1,
        basis: 'estimated',
        currency: 'EUR',
        amount: '3',
        steps: [
          [6 * DAY, 'in_flight'],
          [5 * DAY, 'open'],
          [DAY, 'undecided'],
        ],
      },
      {
        id: 'd',
        issue: 2,
        basis: 'confirmed',
        currency: 'EUR',
        amount: '100',
        steps: [
          [5 * DAY, 'open'],
          [DAY, 'resolved'],
        ],
      },
      {
        id: 'e',
        issue: 1,
        basis: 'confirmed',
        currency: 'EUR',
        amount: '1',
        steps: [
          [6 * DAY, 'in_flight'],
          [5 * DAY, 'resolved'],
        ],
      },
    ])
    decide(2, 3 * DAY, 'accepted', { until: at(-DAY) })
    const days = await exposureDays(world.ctx, NOW - 10 * DAY, NOW + 1)
    const told = days.map(({ day, basis, currency, opened, recovered, suspended, written_off }) =>
      [day, basis, currency, opened, recovered, suspended, written_off].join(' '),
    )
    expect(told).toEqual([
      '2026-11-15 confirmed EUR 110.1 0 0 0',
      '2026-11-15 confirmed USD 7 0 0 0',
      '2026-11-15 estimated EUR 3 0 0 0',
      '2026-11-17 confirmed EUR 0 0 0 100',
      '2026-11-18 confirmed EUR 0 10.1 0 0',
      '2026-11-19 estimated EUR 0 0 3 0',
    ])
  })

  it('adds up: what is open and not accepted is what was found less what left, over 20 random histories', async () => {
    const rnd = seeded(8)
    for (let round = 0; round < 20; round++) {
      await forget(factsW.facts)
      controlW.control.close()
      controlW = controlWorld()
      world.ctx.control = controlW.control
      const STATES: FindingState[] = ['open', 'resolved', 'undecided', 'in_flight']
      await lives(
        Array.from({ length: 30 }, (_, i) => {
          const n = 1 + rnd(5)
          const agos = [...new Set(Array.from({ length: n }, () => 1 + rnd(20 * 24)))].sort((a, b) => b - a)
          let before: FindingState | null = null
          const steps = agos.map((ago): Step => {
            const state: FindingState = STATES.filter((s) => s !== before && (before !== null || s !== 'resolved'))[
              rnd(3)
            ]!
            before = state
            return [ago * HOUR, state]
          })
          return {
            id: `f${i}`,
            issue: 1 + (i % 4),
            basis: rnd(2) ? ('confirmed' as const) : ('estimated' as const),
            currency: rnd(2) ? 'EUR' : 'USD',
            amount: `${1 + rnd(99)}.5`,
            steps,
          }
        }),
      )
      let ago = 19 * 24
      while ((ago -= 1 + rnd(60)) > 0)
        decide(
          1 + rnd(3),
          ago * HOUR + 60_000,
          rnd(3) ? 'accepted' : 'reopened',
          rnd(2) ? { until: at((ago - 1 - rnd(100)) * HOUR) } : { of: 'acceptance' },
        )
      const days = await exposureDays(world.ctx, NOW - 30 * DAY, NOW + 1)
      const open = await openExposure(factsW.facts, [...acceptedIssues(controlW.control, NOW)])
      for (const basis of ['confirmed', 'estimated'])
        for (const currency of ['EUR', 'USD']) {
          const sum = (list: number[]) => list.reduce((a, b) => a + b, 0)
          const mine = days.filter((d) => d.basis === basis && d.currency === currency)
          const grown = sum(
            mine.map((d) => Number(d.opened) - Number(d.suspended) - Number(d.recovered) - Number(d.written_off)),
          )
          const stands = sum(
            open.filter((o) => o.basis === basis && o.currency === currency).map((o) => Number(o.amount)),
          )
          expect(
            grown,
            `round ${round} ${basis} ${currency} ${JSON.stringify(acceptances(controlW.control))}`,
          ).toBeCloseTo(stands, 6)
        }
    }
  }, 60_000)

  it('answers over HTTP: each day at its own rate, currencies and bases apart, what has no rate named', async () => {
    await lives([
      {
        id: 'a',
        issue: 1,
        basis: 'confirmed',
        currency: 'USD',
        amount: '10',
        steps: [
          [3 * DAY, 'open'],
          [HOUR, 'resolved'],
        ],
      },
      { id: 'b', issue: 1, basis: 'estimated', currency: 'USD', amount: '4', steps: [[3 * DAY, 'open']] },
      { id: 'c', issue: 1, basis: 'confirmed', currency: 'JPY', amount: '999', steps: [[3 * DAY, 'open']] },
    ])
    const token = 'a-token-for-the-test'
    const guard = { control: controlW.control, clock: world.clock, origin: 'http://x', localToken: digest(token) }
    const app = new Hono()
      .use('/v1/*', identifies(guard))
      .route('/v1/exposure', exposureRoutes(createRuntime(world.ctx)))
    const answer = await app.request('/v1/exposure?range=7d', { headers: { authorization: `Bearer ${token}` } })
    const got = (await answer.json()) as Record<string, never> & { days: Record<string, never>[] }
    expect(got).toMatchObject({
      currency: 'EUR',
      open: {
        confirmed: { amounts: { JPY: '999' }, known: null, unconverted: ['JPY'] },
        estimated: { amounts: { USD: '4' }, known: '8' },
      },
      total: {
        confirmed: {
          opened: { amounts: { USD: '10', JPY: '999' }, known: '5', unconverted: ['JPY'] },
          recovered: { amounts: { USD: '10' }, known: '20' },
          written_off: { amounts: {} },
        },
        estimated: { opened: { known: '2' } },
      },
    })
    expect(got.days.map((d) => d['day'])).toEqual(['14', '15', '16', '17', '18', '19', '20'].map((d) => `2026-11-${d}`))
  })
})

describe('a basis', () => {
  it('is carried by findings, by the rules or by what the check says, and sums are shown apart', async () => {
    const keys = (money: string) => `kind: agree\nof: invoice\nfields: [total]\n${money}`
    const invoice = (platform: string, total: string) => ({
      platform,
      kind: 'invoice',
      record_id: `${platform}-1`,
      refs: platform === 'crm' ? { erp: 'erp-1' } : { crm: 'crm-1' },
      number: 'R1',
      state: 'open',
      total,
      currency: 'EUR',
      changed_at: at(9 * DAY),
    })
    world.ctx.checks = [checkFile('money/ruled', keys('')), checkFile('money/said', keys('money: estimated'))]
    await world.put(invoice('erp', '10'), invoice('crm', '7'))
    world.read()
    await world.check()
    const found = await world.findings()
    expect(found.map((f) => [f.check, f.amount_at_risk, f.amount_basis])).toEqual(
      expect.arrayContaining([
        ['money/ruled', '3', 'confirmed'],
        ['money/said', '3', 'estimated'],
      ]),
    )
    expect((await openFigures(factsW.facts)).amounts).toEqual({ confirmed: { EUR: '3' }, estimated: { EUR: '3' } })
  })

  it('cannot be anything else', () => {
    expect(() => checkFile('money/wrong', 'kind: agree\nof: invoice\nfields: [total]\nmoney: perhaps')).toThrow(/money/)
  })
})
