/** Promises: compliance, error budget and burn of an edge, and what an edge has taught us to expect of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { configSchema } from '../server/config/schema.ts'
import { excludedBy } from '../server/measure/lag/excluded.ts'
import { budgetOf, burnsOf, type Counts } from '../server/measure/sla/budget.ts'
import { edgeDetail } from '../server/measure/sla/detail.ts'
import { edgeStandings, type EdgeStanding } from '../server/measure/sla/standing.ts'
import { kindOf } from '../model/kinds.ts'
import { BURN_MS } from '../server/store/facts/lag-decisions.ts'
import { foldHours } from '../server/store/facts/lag-hours.ts'
import { writeLag, type LagRow } from '../server/store/facts/lag.ts'
import { checkWorld, forget, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { DAY, HOUR, many, MINUTE, NOW, WINDOW } from './world/lag-rows.ts'

const PLATFORMS = { crm: { role: 'crm' }, erp: { role: 'erp' } }

let world: FactsWorld
let control: ControlWorld
let w: CheckWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())
beforeEach(() => begin())
afterEach(async () => {
  control.end()
  await forget(world.facts)
})

function begin(config: Record<string, unknown> = {}) {
  control = controlWorld()
  w = checkWorld({ facts: world.facts, control: control.control, platforms: PLATFORMS, checks: [], config })
  for (const platform of Object.keys(PLATFORMS)) control.control.declareStream(platform, 'invoice', 'invoice')
  w.read(NOW)
}

async function standing(...rows: LagRow[][]): Promise<EdgeStanding> {
  await writeLag(world.facts, rows.flat(), [], 1)
  await foldHours(world.facts, 0, 1)
  const [edge] = await edgeStandings(w.ctx, NOW)
  return edge!
}

describe('the error budget', () => {
  it.each([
    ['nothing missed', { good: 1000, bad: 0 }, 1, 1],
    ['half of what is allowed', { good: 995, bad: 5 }, 0.995, 0.5],
    ['all of it', { good: 990, bad: 10 }, 0.99, 0],
    ['overdrawn', { good: 980, bad: 20 }, 0.98, -1],
    ['too few changes to speak of shares', { good: 10, bad: 5 }, null, null],
  ])('%s', (_, counts, compliance, left) => {
    const budget = budgetOf(counts, 0.99, 20)
    expect(budget.compliance).toBe(compliance)
    if (left === null) expect(budget.left).toBeNull()
    else expect(budget.left).toBeCloseTo(left, 6)
  })
})

describe('the burn rate', () => {
  const quiet: Counts = { good: 0, bad: 0 }
  const windows = (of: Partial<Record<keyof typeof BURN_MS, Counts>>) => ({
    '5m': quiet,
    '30m': quiet,
    '1h': quiet,
    '6h': quiet,
    '3d': quiet,
    ...of,
  })
  const THRESHOLDS = { fast: 14.4, slow: 6, long: 1 }
  const alarms = (of: Parameters<typeof windows>[0]) =>
    burnsOf(windows(of), 0.99, THRESHOLDS, 20)
      .filter((b) => b.alarm)
      .map((b) => b.name)

  it('alarms when the long and the short window agree', () => {
    expect(alarms({ '1h': { good: 80, bad: 20 }, '5m': { good: 4, bad: 1 } })).toEqual(['fast'])
    expect(alarms({ '6h': { good: 93, bad: 7 }, '30m': { good: 9, bad: 1 } })).toEqual(['slow'])
    expect(alarms({ '3d': { good: 980, bad: 20 } })).toEqual(['long'])
  })
  it('is silent once the short window is good again, and in an hour without changes', () => {
    expect(alarms({ '1h': { good: 80, bad: 20 }, '5m': { good: 5, bad: 0 } })).toEqual([])
    expect(alarms({ '1h': { good: 80, bad: 20 } })).toEqual([])
    expect(alarms({})).toEqual([])
  })
  it('says nothing with fewer changes than the low volume: a rate of a handful means nothing', () => {
    const few = burnsOf(windows({ '1h': { good: 0, bad: 19 }, '5m': { good: 0, bad: 19 } }), 0.99, THRESHOLDS, 20)
    expect(few[0]).toMatchObject({ changes: 19, bad: 19, rate: null, alarm: false })
    const enough = burnsOf(windows({ '1h': { good: 0, bad: 20 }, '5m': { good: 0, bad: 20 } }), 0.99, THRESHOLDS, 20)
    expect(enough[0]!.rate).toBeCloseTo(100, 6)
    expect(enough[0]!.alarm).toBe(true)
  })
})

describe('the standing of an edge', () => {
  it('counts late but healed apart from still wrong, and lost only where its window had ended', async () => {
    const edge = await standing(
      many(95, (i) => ({ ago: DAY + i * MINUTE, took: 2 * MINUTE })),
      many(3, () => ({ ago: DAY, took: 40 * MINUTE })),
      many(2, () => ({ ago: 5 * HOUR, took: null })),
      many(4, () => ({ ago: 5 * MINUTE, took: null })),
      many(6, () => ({ ago: DAY, took: null, lostAfter: 5 * MINUTE })),
      many(1, () => ({ ago: DAY, took: null, lostAfter: 50 * MINUTE })),
    )
    expect(edge.waiting).toMatchObject({ wrong: 2, inFlight: 4, undecided: 0 })
    expect(edge.period).toMatchObject({ changes: 111, inTime: 95, late: 3, lost: 7, lostLate: 1, waiting: 6 })
    // 3 late, 2 still wrong and 1 overtaken too late are missed; in flight and overtaken in time count for nothing.
    expect(edge.budget).toMatchObject({ good: 95, bad: 6, changes: 101 })
    expect(edge.promised).toMatchObject({ criticality: 'high', target: 0.995, windowMs: WINDOW })
    expect(edge.budget.left).toBeLessThan(0)
    expect(edge.norm!.p50! / 120).toBeCloseTo(1, 1)
  })

  it('does not call wrong what the follower was not read for', async () => {
    w.read(NOW - HOUR, ['crm'])
    const edge = await standing(
      many(2, () => ({ ago: 5 * HOUR, took: null })),
      many(3, () => ({ ago: 30 * MINUTE, took: null })),
    )
    expect(edge.waiting).toMatchObject({ wrong: 2, undecided: 3, inFlight: 0 })
    expect(edge.budget).toMatchObject({ bad: 2 })
  })

  it('burns by the instant at which it was decided, not by the one of the change', async () => {
    const edge = await standing(
      many(30, (i) => ({ ago: 18 * MINUTE + i, took: null })),
      many(10, () => ({ ago: 10 * HOUR, took: 2 * MINUTE })),
    )
    const [fast, slow, long] = edge.burns
    // Due 3 minutes ago: wrong in every window; what was good ten hours ago counts in the days only.
    expect(fast).toMatchObject({ changes: 30, bad: 30, alarm: true })
    expect(slow).toMatchObject({ changes: 30, bad: 30, alarm: true })
    expect(long).toMatchObject({ changes: 40, bad: 30, alarm: true })
    expect(fast!.rate).toBeCloseTo(200, 6)
  })

  it('leaves excluded times out of the budget and keeps them in the latency', async () => {
    const edge = await standing(
      many(50, () => ({ ago: DAY, took: MINUTE })),
      many(50, () => ({ ago: 2 * DAY, took: 3 * HOUR, excluded: 'Data centre move' })),
    )
    expect(edge.budget).toMatchObject({ good: 50, bad: 0 })
    expect(edge.period).toMatchObject({ changes: 100, excluded: 50, late: 0 })
    expect(edge.norm!.p95! / (3 * 3600)).toBeCloseTo(1, 1)
  })

  it('takes its target from the criticality, or from the last exception that fits', async () => {
    control.end()
    begin({
      objectives: {
        targets: { high: 0.9 },
        edges: [
          { fields: ['invoice'], target: 0.8 },
          { from: 'erp', to: 'crm', fields: ['invoice.state'], target: 0.7 },
          { to: 'erp', fields: ['*'], target: 0.6 },
        ],
        lost: 'always',
      },
    })
    const edge = await standing(
      many(30, () => ({ ago: DAY, took: MINUTE })),
      many(10, () => ({ ago: DAY, took: null, lostAfter: MINUTE })),
    )
    expect(edge.promised.target).toBe(0.7)
    expect(edge.budget).toMatchObject({ good: 30, bad: 10, compliance: 0.75 })
  })

  it('tells in detail how it went over time, who is slowest, and what waits', async () => {
    const edge = await standing(
      many(40, (i) => ({ ago: (i + 1) * HOUR, took: (i + 1) * MINUTE })),
      many(2, () => ({ ago: 3 * HOUR, took: null })),
    )
    const detail = await edgeDetail(w.ctx, edge, '24h', NOW)
    expect(detail.steps.reduce((n, s) => n + s.changes, 0)).toBe(26)
    expect(detail.histogram.reduce((n, h) => n + h.changes, 0)).toBe(24)
    expect(detail.waiting.map((x) => x.verdict)).toEqual(['wrong', 'wrong'])
    expect(detail.customers[0]!.slowest).toBe(3 * 3600)
    expect(detail.fields).toMatchObject([{ field: 'state', changes: 26, missed: 11 }])
    expect(detail.budget).toHaveLength(31)
    expect(detail.budget.at(-1)!.left).toBeCloseTo(edge.budget.left!, 6)
  })
})

describe('excluded times', () => {
  it('say their reason for changes whose window met them, on the edges and fields they name', () => {
    const config = configSchema.parse({
      platforms: { crm: { connector: 'files', role: 'crm' }, erp: { connector: 'files', role: 'erp' } },
      objectives: {
        exclude: [
          {
            begin: '2026-11-20T10:00:00Z',
            end: '2026-11-20T11:00:00Z',
            reason: 'Outage',
            to: 'crm',
            fields: ['invoice.state'],
          },
        ],
      },
    })
    const reason = excludedBy({ config: config as never, landscape: w.ctx.landscape }, kindOf('invoice'))
    const at = (time: string) => Date.parse(`2026-11-20T${time}:00Z`)
    expect(reason('state', 'erp', 'crm', at('10:30'), at('10:45'))).toBe('Outage')
    expect(reason('state', 'erp', 'crm', at('09:50'), at('10:05'))).toBe('Outage')
    expect(reason('state', 'erp', 'crm', at('11:00'), at('11:15'))).toBe('')
    expect(reason('state', 'erp', 'crm', at('09:30'), at('09:45'))).toBe('')
    expect(reason('total', 'erp', 'crm', at('10:30'), at('10:45'))).toBe('')
    expect(reason('state', 'crm', 'erp', at('10:30'), at('10:45'))).toBe('')
  })
})
