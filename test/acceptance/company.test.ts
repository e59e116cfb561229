/**
 * A company as CSV files: five platforms, a week of daily drops, and every drift kind and business exception that the
 * product must find, each in a row of its own. Nothing is configured but the platforms.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../server/log.ts'
import { openContext } from '../../server/open.ts'
import { collectAll, look } from '../../server/round.ts'
import { figuresAt } from '../../server/measure/kpi/measure.ts'
import { upcomingRenewals, type UpcomingRenewal } from '../../server/measure/renewals.ts'
import { findingsExport } from '../../server/store/facts/findings.ts'
import { flowInstances, type FlowInstanceRow } from '../../server/store/facts/flows.ts'
import type { KpiRow } from '../../server/store/facts/kpis.ts'
import type { Finding } from '../../model/verdict.ts'
import { handClock } from '../world/clock.ts'
import { EXPECTED } from './company-rows.ts'

const COMPANY = join(import.meta.dirname, 'company')
const DAYS = ['2026-11-15', '2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20'] as const

let folder: string
let findings: Finding[]
let figures: KpiRow[]
let renewals: UpcomingRenewal[]
let onboardings: FlowInstanceRow[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-company-'))
  cpSync(COMPANY, folder, { recursive: true })
  const later = new Map<string, string>()
  for (const platform of readdirSync(folder, { withFileTypes: true }).filter((e) => e.isDirectory()))
    for (const name of readdirSync(join(folder, platform.name))) {
      const day = /\d{4}-\d\d-\d\d/.exec(name)?.[0] ?? DAYS.at(-1)!
      later.set(join(platform.name, name), day)
      rmSync(join(folder, platform.name, name))
    }
  const clock = handClock(`${DAYS[0]}T12:00:00Z`)
  const opened = await openContext({
    configFile: join(folder, 'plumbline.yaml'),
    data: join(folder, 'data'),
    env: {},
    clock,
    log: createLog({ clock, level: 'error' }),
  })
  try {
    for (const day of DAYS) {
      clock.set(Date.parse(`${day}T12:00:00Z`))
      for (const [file, due] of later)
        if (due === day) {
          cpSync(join(COMPANY, file), join(folder, file))
          utimesSync(join(folder, file), new Date(clock.now()), new Date(clock.now()))
        }
      const delivering = [...later].filter(([, due]) => due <= day).map(([file]) => file.split('/')[0]!)
      for (const { error } of await collectAll(opened.ctx, { platforms: [...new Set(delivering)] }))
        expect(error).toBeNull()
    }
    for (const { error } of await look(opened.ctx, { full: true })) expect(error).toBeNull()
    findings = []
    for await (const batch of findingsExport(opened.ctx.facts))
      findings.push(...batch.filter((f) => f.state === 'open' || f.state === 'undecided'))
    // As a week and a day later: what stays open ages.
    figures = await figuresAt(opened.ctx, clock.now() + 8 * 86_400_000)
    renewals = await upcomingRenewals(opened.ctx, 60)
    const asked = { flow: 'account-onboarding', nowIso: new Date(clock.now()).toISOString(), limit: 200, offset: 0 }
    onboardings = (await flowInstances(opened.ctx.facts, asked)).rows
  } finally {
    await opened.close()
  }
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const about = (row: string) => {
  const [place, id] = row.split(' ') as [string, string | undefined]
  const [platform, kind] = place.split('/') as [string, string]
  return (f: Finding) =>
    id === undefined
      ? f.platform === platform && f.kind === kind
      : f.subject.some((s) => s.platform === platform && s.kind === kind && s.record_id === id)
}

describe('five platforms as CSV files', () => {
  it('are configured by name, role and folder alone', () => {
    const lines = readFileSync(join(COMPANY, 'plumbline.yaml'), 'utf8').trim().split('\n')
    expect(lines[0]).toBe('platforms:')
    for (const line of lines.slice(1))
      expect(line).toMatch(/^ {2}(\w+): \{ connector: files, role: \1, config: \{ folder: \.\/\1 \} \}$/)
  })

  it.each(EXPECTED)('$what: $row', ({ row, check, is }) => {
    const said = findings.filter(about(row))
    expect(said.map((f) => f.check)).toContain(check)
    if (is) expect(said.filter((f) => f.check === check)).toContainEqual(expect.objectContaining(is))
  })

  it('that are right are left alone', () => {
    const sound = findings.filter((f) => f.subject.some((s) => /^[A-Z]+01s?$/.test(s.record_id)))
    expect(sound.map((f) => `${f.check} ${f.title}`)).toEqual([])
  })

  it('show nothing that no row explains', () => {
    // Rows that belong together bear the same number.
    const known = new Set(EXPECTED.flatMap(({ row }) => row.match(/\d+/g) ?? []))
    const explained = (id: string) => (id.match(/\d+/g) ?? []).some((n) => known.has(n))
    const strange = findings.filter((f) => f.subject.length > 0 && !f.subject.some((s) => explained(s.record_id)))
    expect(strange.map((f) => `${f.check} ${f.subject.map((s) => `${s.platform}:${s.record_id}`).join(' ')}`)).toEqual(
      [],
    )
  })

  // What follows is no finding about a row: it is measured over all of them.
  const total = (kpi: string) => Number(figures.find((f) => f.kpi === kpi && f.scope === '')?.value ?? 'NaN')

  it('keep or break the objectives of their edges, which is counted', () => {
    expect(total('sync-sla-compliance')).toBeGreaterThan(0)
    expect(total('sync-sla-compliance')).toBeLessThan(1)
  })

  it('leave exceptions that age', () => {
    expect(total('aged-exceptions')).toBeGreaterThan(EXPECTED.length / 2)
  })

  it('show where an onboarding stopped, and call it complete only when every leg is valid', () => {
    const stopped = onboardings.find((o) => /52$/.test(o.record_id))!
    expect(stopped.stage).toBe('waiting')
    expect(stopped.legs.find((l) => l.leg === stopped.leg)!.reached).toBe(0)
    const complete = onboardings.filter((o) => o.stage === 'complete')
    // A project is a leg that may be left out.
    expect(complete.flatMap((o) => o.legs).filter((l) => l.reached === 0 && l.leg !== 'project')).toEqual([])
  })

  it('show how ready a renewal is, part by part', () => {
    const { readiness_now: ready } = renewals.find((r) => r.record_id === 'RN38')!
    // An invoice is overdue, and nobody keeps its health: that is no reason to call it ready.
    expect(ready.readiness).toBe('watch')
    expect(ready.parts.map((p) => p.part)).toEqual(['billing', 'pipeline', 'health', 'support'])
    expect(ready.parts.find((p) => p.part === 'billing')!.score).toBeLessThan(100)
    expect(ready.parts.find((p) => p.part === 'health')!.score).toBeNull()
  })
})
