/** Key figures: every one of them worked out once more in plain JavaScript from what was stored, and what becomes of its values. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Hono } from 'hono'
import { kpiRoutes } from '../server/api/kpis.ts'
import { identifies } from '../server/api/guard.ts'
import { onError } from '../server/api/problem.ts'
import { digest } from '../server/api/passwords.ts'
import { observeKpis } from '../server/measure/kpi/gauge.ts'
import { figuresAt, measureKpis } from '../server/measure/kpi/measure.ts'
import { kpisPage } from '../server/measure/kpi/page.ts'
import { KPIS } from '../server/measure/kpi/table.ts'
import type { Runtime } from '../server/runtime.ts'
import { latestKpis, type KpiRow } from '../server/store/facts/kpis.ts'
import { teamWindows } from '../server/store/facts/team-windows.ts'
import { windowsKept } from '../server/store/facts/overview.ts'
import { writeFindingEvents } from '../server/store/facts/finding-events.ts'
import { writeFindings } from '../server/store/facts/findings.ts'
import { startTelemetry } from '../server/telemetry.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { expectedFigures } from './world/kpi-expected.ts'
import { kpiCompany, type KpiCompany } from './world/kpi-company.ts'
import { aFinding } from './world/retained.ts'
import { day, NOW } from './world/kpi-moves.ts'

const HOUR = 3_600_000
let factsW: FactsWorld
let controlW: ControlWorld
let company: KpiCompany
let rows: KpiRow[]
let expected: Map<string, Map<string, number | null>>

beforeAll(async () => {
  factsW = await factsWorld()
  controlW = controlWorld()
  company = await kpiCompany(factsW.facts, controlW.control)
  const { control } = controlW
  const run = (
    id: string,
    subject: string,
    ago: number,
    took: number,
    outcome: 'ok' | 'failed',
    stats: Record<string, number>,
  ) => {
    control.startRun({ id, stage: 'collect', subject, startedAt: NOW - ago })
    control.finishRun(id, outcome, NOW - ago + took, stats)
  }
  run('1', 'crm/customer', 2 * HOUR, 4000, 'ok', { read: 100, retries: 3, throttles: 2 })
  run('2', 'crm/order', 3 * HOUR, 1000, 'failed', { read: 7, retries: 5, throttles: 0 })
  run('3', 'erp/invoice', 4 * HOUR, 2500, 'ok', { read: 50 })
  run('4', 'erp/invoice', 30 * HOUR, 9000, 'ok', { read: 1000, retries: 9, throttles: 9 })
  control.startRun({ id: '5', stage: 'collect', subject: 'erp/invoice', startedAt: NOW - 1000 })
  control.commitStream('erp', 'invoice', { lastError: { code: 'upstream', message: 'x', at: NOW } })
  control.commitStream('crm', 'order', { completeThrough: NOW - 30 * HOUR })
  const one = control.issueNumber('a', 'existence/customer', NOW)
  control.workIssue(
    one,
    { assigneePerson: 'a@b.example' },
    { at: NOW - HOUR, actor: 'a@b.example', what: 'assigned', detail: {} },
  )
  control.addActivity({ issue: one, at: NOW - 40 * 24 * HOUR, actor: 'a', what: 'commented', detail: {} })
  control.addActivity({ issue: one, at: NOW - 2 * HOUR, actor: 'a', what: 'opened', detail: {} })
  await factsW.facts.insert(
    'flow_instances',
    [20, 60, 100].map((ago, i) => ({
      flow: 'account-onboarding',
      eid: String(i + 1),
      entity_id: `e${i}`,
      platform: 'crm',
      stage: 'complete',
      completed_at: new Date(NOW - ago * 24 * HOUR).toISOString(),
      legs: [
        {
          leg: 'customer',
          records: 1,
          reached: 1,
          at: new Date(NOW - (ago + 3 + i) * 24 * HOUR).toISOString(),
          took_s: null,
          platform: 'crm',
          record_id: '',
          entity_id: '',
          state: null,
          lacking: [],
        },
      ],
      rev: 1,
      gone: 0,
    })),
  )
  rows = await figuresAt(company.world.ctx, NOW)
  expected = expectedFigures(company, control.runs({ stage: 'collect', limit: 100 }), control.streams())
})

afterAll(async () => {
  controlW?.control.close()
  await factsW?.end()
})

describe('every key figure', () => {
  it('is worked out once more below', () => {
    expect(KPIS.map((k) => k.id).filter((id) => !expected.has(id))).toEqual([])
  })

  it.each(KPIS.map((k) => [k.id] as const))(
    '%s says what plain JavaScript makes of the same facts, in total and in parts',
    (id) => {
      const got = Object.fromEntries(
        rows.filter((r) => r.kpi === id).map((r) => [r.scope, r.value === null ? null : Number(r.value)]),
      )
      const want = Object.fromEntries(expected.get(id)!)
      expect(Object.keys(got).sort()).toEqual(Object.keys(want).sort())
      for (const [scope, value] of Object.entries(want))
        if (value === null) expect(got[scope], `${id} ${scope}`).toBeNull()
        else expect(got[scope], `${id} ${scope}`).toBeCloseTo(value, 6)
    },
  )

  it('says why where it is not known, and never says 0 instead', () => {
    for (const r of rows) expect(r.value === null, `${r.kpi} ${r.scope}`).toBe(r.why !== '')
    expect(rows.some((r) => r.value === null)).toBe(true)
  })

  it('answers every metric that the requirements name', () => {
    const answered = new Set(KPIS.flatMap((k) => k.answers))
    expect(Array.from({ length: 25 }, (_, i) => 147 + i).filter((n) => !answered.has(n))).toEqual([])
    expect(new Set(KPIS.map((k) => k.id)).size).toBe(KPIS.length)
  })
})

describe('measuring', () => {
  it('keeps one row a figure, scope and hour, so that a trend says what was said at the time', async () => {
    const { ctx, clock } = company.world
    expect(await measureKpis(ctx)).toMatchObject({ outcome: 'ok' })
    expect(await measureKpis(ctx)).toMatchObject({ outcome: 'still' })
    clock.set(NOW + 20 * 60_000)
    expect(await measureKpis(ctx)).toMatchObject({ outcome: 'ok' })
    clock.set(NOW + 24 * HOUR)
    const aged = Number((await measureKpis(ctx), await latest('aged-exceptions'))!.value)
    expect(aged).toBeGreaterThan(expected.get('aged-exceptions')!.get('')!)
    const [count] = await ctx.facts.query<{ n: string }>(
      `select count() as n from plumbline.kpis final where kpi = 'aged-exceptions' and scope = ''`,
    )
    expect(Number(count!.n)).toBe(2)
  })

  it('answers over HTTP with definition, present and previous value and trend', async () => {
    const get = await api()
    const list = (await (await get('/v1/kpis?range=7d')).json()) as { id: string }[]
    expect(list.map((k) => k.id)).toEqual(KPIS.map((k) => k.id))
    const aged = list.find((k) => k.id === 'aged-exceptions') as unknown as { trend: unknown[] }
    expect(aged).toMatchObject({
      unit: 'count',
      better: 'lower',
      current: { value: (await latest('aged-exceptions'))!.value },
      previous: { value: String(expected.get('aged-exceptions')!.get('')) },
    })
    expect(aged.trend.length).toBe(2)
    const one = (await (await get('/v1/kpis/sync-sla-compliance')).json()) as {
      scopes: { title: string }[]
      trends: unknown[]
    }
    expect(one.scopes.map((s) => s.title)).toContain('crm → erp')
    expect(one.trends.length).toBe(4)
    expect((await get('/v1/kpis/nothing')).status).toBe(404)
    expect((await get('/v1/kpis?range=1y')).status).toBe(400)
  })

  it('shows what is known on the metrics page', async () => {
    const telemetry = startTelemetry({ serviceName: 'plumbline', version: '0' })
    observeKpis(company.world.ctx)
    const page = await telemetry.metricsPage()
    await telemetry.stop()
    expect(page).toMatch(/plumbline_kpi\{kpi="billing-disputes",scope=""[^}]*\} \d+/)
  })
})

describe('compliance by team', () => {
  it('counts every change that was seen under way once, under the team that answers for it', async () => {
    const { facts } = factsW
    const from = day(-28) + 'T00:00:00.000Z'
    const before = await windowsKept(facts, from)
    // Team, days ago that it was seen under way, and whether it arrived in time, too late, or is still under way.
    const seen = [
      ['finance', 20, 'kept'], ['finance', 19, 'missed'], ['finance', 2, 'kept'], ['finance', 1, 'flying'],
      ['sales', 3, 'missed'], ['sales', 40, 'kept'],
    ] as const // prettier-ignore
    const number = (team: string) => (team === 'finance' ? 9001 : 9002)
    await facts.insert(
      'issues',
      ['finance', 'sales'].map((owner_team) => ({ number: number(owner_team), owner_team, rev: 1 })),
    )
    await writeFindings(
      facts,
      controlW.control,
      seen.map(([team], n) => aFinding(`flown-${n}`, number(team), { state: 'resolved' })),
    )
    const moves = { kept: ['in_flight', 'resolved'], missed: ['in_flight', 'open'], flying: ['in_flight'] } as const
    for (const [n, [, ago, how]] of seen.entries())
      await writeFindingEvents(
        facts,
        moves[how].map((to_state, i) => ({
          ...{
            id: `flown-${n}`,
            transition: i + 1,
            at: `${day(-ago)}T0${i + 1}:00:00.000Z`,
            from_state: null,
            to_state,
          },
          ...{ verdict: 'drift', cause: 'unknown', run_id: 'r', reason: 'x', detail: {} },
        })),
      )
    const weeks = (await teamWindows(facts, from, 7 * 86_400)).filter((t) => t.team !== '')
    expect(weeks).toEqual([
      { team: 'finance', step: 1, kept: 1, missed: 1 },
      { team: 'finance', step: 3, kept: 1, missed: 0 },
      { team: 'sales', step: 3, kept: 0, missed: 1 },
    ])
    const after = await windowsKept(facts, from)
    expect(after).toEqual({ kept: before.kept + 2, missed: before.missed + 2 })
  })
})

describe('the docs', () => {
  it('describe the key figures as they are', async () => {
    const path = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/kpis.md')
    const text = await format(kpisPage(), { ...(await resolveConfig(path)), filepath: path })
    if (process.env['UPDATE_DOCS']) writeFileSync(path, text)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})

async function latest(kpi: string) {
  const { ctx, clock } = company.world
  const all = await latestKpis(ctx.facts, new Date(clock.now()).toISOString(), day(-30) + 'T00:00:00.000Z')
  return all.find((r) => r.kpi === kpi && r.scope === '')
}

async function api() {
  const { ctx } = company.world
  const token = 'a-token-for-the-test'
  const guard = { control: ctx.control, clock: ctx.clock, origin: 'http://x', localToken: digest(token) }
  const app = new Hono().use('/v1/*', identifies(guard)).route('/v1/kpis', kpiRoutes({ ctx } as Runtime))
  app.onError(onError(ctx.log))
  return (path: string) => app.request(path, { headers: { authorization: `Bearer ${token}` } })
}
