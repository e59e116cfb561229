/** Clusters: ten thousand differences fold into the few causes that were planted, exactly, with what set them off and one action on each. */
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../model/event.ts'
import type { Finding } from '../model/verdict.ts'
import { clusterDecisions } from '../server/api/cluster-decisions.ts'
import { clusterRoutes } from '../server/api/clusters.ts'
import { identifies } from '../server/api/guard.ts'
import { digest } from '../server/api/passwords.ts'
import { onError } from '../server/api/problem.ts'
import { readChecks, shippedChecks } from '../server/check/read.ts'
import { noticeOwnChanges, ownChanges } from '../server/measure/changes/notice.ts'
import { createRuntime } from '../server/runtime.ts'
import { appendEvents } from '../server/store/facts/events.ts'
import { findings as storedFindings, writeFindings } from '../server/store/facts/findings.ts'
import { issueFigures, writeIssues } from '../server/store/facts/issues.ts'
import { checkWorld, type CheckWorld } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'
import { at, finding, HOUR, MINUTE, NOW, PLANTED, TOTAL } from './world/planted-causes.ts'

let factsW: FactsWorld
let controlW: ControlWorld
let world: CheckWorld
let all: Finding[]
let get: (path: string) => Promise<Response>
let post: (path: string, body?: unknown) => Promise<Response>

type Cluster = Record<string, unknown> & {
  id: string
  findings: number
  pattern: string
  kind: string
  field: string
  triggers: { what: string; sure: string; because: string }[]
  money: Record<string, { amounts: Record<string, string> }>
}
type List = { findings: number; total: number; clusters: Cluster[]; breaks: (Cluster & { parts: string[] })[] }
const list = async (query = '') => (await (await get(`/v1/clusters${query}`)).json()) as List
const named = (l: List, name: string) => {
  const p = PLANTED.find((x) => x.name === name)!
  return l.clusters.find((c) => c.kind === p.kind && c.field === p.field)!
}

beforeAll(async () => {
  factsW = await factsWorld()
  controlW = controlWorld()
  const { facts } = factsW
  const { control } = controlW
  world = checkWorld({
    facts,
    control,
    at: new Date(NOW).toISOString(),
    checks: readChecks([shippedChecks()], { checks: { folders: [], disable: [], override: {} } }).checks.filter(
      (c) => c.id === 'entitlement/entitlement',
    ),
    platforms: {
      crm: { role: 'crm' },
      erp: { role: 'erp' },
      billing: { role: 'billing' },
      support: { role: 'support' },
    },
  })
  all = PLANTED.flatMap((p, which) => {
    const issue = control.issueNumber(p.name, p.check, NOW)
    return Array.from({ length: p.n }, (_, i) => finding(p, which, i, `I-${issue}`))
  })
  await writeFindings(facts, control, all)
  const numbers = PLANTED.map((_, i) => i + 1)
  const figures = await issueFigures(facts, numbers)
  await writeIssues(
    facts,
    control,
    figures.map((f, i) => ({
      ...f,
      fingerprint: 'x',
      title: PLANTED[i]!.name,
      category: 'mismatch',
      kind: PLANTED[i]!.kind,
      field: PLANTED[i]!.field,
      owner_platform: PLANTED[i]!.owner,
      platform: PLANTED[i]!.fault,
      cause: PLANTED[i]!.cause,
      state: 'ongoing',
      amount_reporting: null,
      owner_team: 'finance',
    })),
  )
  const told = (
    id: string,
    type: RecordedEvent['type'],
    ago: number,
    platform: string,
    message: string,
  ): RecordedEvent => ({
    id,
    at: at(ago),
    type,
    reported_by: platform,
    from_platform: null,
    to_platform: platform,
    kind: null,
    record_id: null,
    number: null,
    correlation_id: null,
    trace_id: null,
    message,
    actor: 'ops',
    release: '2026.11.1',
    detail: {},
  })
  await appendEvents(facts, control, [
    told('m', 'mapping_changed', 30 * HOUR + 10 * MINUTE, 'crm', 'terms of payment'),
    told('d', 'deployed', 60 * HOUR + 3 * HOUR, 'crm', 'invoice sync'),
    told('o', 'outage_began', 10 * HOUR + 2 * MINUTE, 'support', 'no answer'),
    told('x', 'deployed', 10 * HOUR + 2 * MINUTE, 'erp', 'something else'),
  ])
  const token = 'a-token-for-the-test'
  const guard = { control, clock: world.clock, origin: 'http://x', localToken: digest(token) }
  const runtime = createRuntime(world.ctx)
  const app = new Hono()
    .use('/v1/*', identifies(guard))
    .route('/v1/clusters', clusterRoutes(runtime))
    .route('/v1/clusters', clusterDecisions(runtime))
  app.onError(onError(world.ctx.log))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  get = async (path) => await app.request(path, { headers })
  post = async (path, body) => await app.request(path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) })
})

afterAll(async () => {
  controlW?.control.close()
  await factsW?.end()
})

describe('ten thousand findings', () => {
  it('fold into exactly the causes that were planted, with their patterns', async () => {
    const found = await list()
    expect(found.findings).toBe(TOTAL)
    expect(found.findings).toBe(10_000)
    expect(Object.fromEntries(PLANTED.map((p) => [p.name, named(found, p.name).pattern]))).toEqual({
      terms: 'pair:net_30>net_60',
      cents: 'times:100',
      cut: 'truncated:40',
      same: 'constant:TO BE FILLED',
      state: 'pair:cancelled>active',
      seats: 'other',
      tier: 'empty',
      drip: 'other',
    })
    expect(found.total).toBe(PLANTED.length)
    expect(found.clusters.map((c) => c.findings)).toEqual(PLANTED.map((p) => p.n).sort((a, b) => b - a))
  })

  it('are counted exactly: findings, customers, money by basis and currency, first and last onset, share', async () => {
    const found = await list()
    for (const p of PLANTED) {
      const mine = all.filter((f) => f.id.startsWith(`${p.name}-`))
      const cluster = named(found, p.name)
      const sums: Record<string, Record<string, number>> = { confirmed: {}, estimated: {} }
      for (const f of mine)
        if (f.amount_basis)
          sums[f.amount_basis]![f.currency!] = (sums[f.amount_basis]![f.currency!] ?? 0) + Number(f.amount_at_risk)
      expect(cluster).toMatchObject({
        findings: p.n,
        customers: new Set(mine.map((f) => f.customer_entity_id)).size,
        share: p.n / TOTAL,
        severity: 'high',
        first_onset_at: at(p.ago),
        last_onset_at: at(p.ago - (p.n - 1) * p.step),
        unpriced: mine.filter((f) => f.amount_at_risk === null).length,
        burst: p.name !== 'drip',
      })
      for (const basis of ['confirmed', 'estimated'])
        expect(
          Object.fromEntries(Object.entries(cluster.money[basis]!.amounts).map(([c, a]) => [c, Number(a)])),
        ).toEqual(sums[basis])
    }
  })

  it('show that a whole edge broke at once where many fields of it began together', async () => {
    const { breaks, clusters } = await list()
    const [first, second] = breaks
    expect(second).toBeUndefined()
    expect(first).toMatchObject({
      findings: 600,
      customers: 300,
      about: ['entitlement.sla_tier', 'subscription.quantity', 'subscription.state'],
    })
    expect(first!.parts.map((id) => clusters.find((c) => c.id === id)!.findings)).toEqual([300, 200, 100])
    expect(first!.triggers[0]).toMatchObject({ what: 'outage_began', sure: 'likely' })
  })

  it('name what happened shortly before, how sure that is, and nothing that happened elsewhere', async () => {
    const found = await list()
    expect(named(found, 'terms').triggers).toMatchObject([
      {
        what: 'mapping_changed',
        sure: 'likely',
        because: 'it happened within an hour before at the platform at fault and such a change does this',
      },
    ])
    expect(named(found, 'cents').triggers).toMatchObject([{ what: 'deployed', sure: 'possible' }])
    expect(named(found, 'cut').triggers).toEqual([])
    expect(named(found, 'drip').triggers).toEqual([])
    expect(named(found, 'state').triggers.map((t) => t.what)).toEqual(['outage_began'])
  })

  it('are filtered by the grammar of the issue list, while causes keep their ids', async () => {
    const whole = await list()
    const crm = await list(`?q=${encodeURIComponent('is:open platform:crm -field:total')}`)
    expect(crm.findings).toBe(4800)
    expect(crm.clusters.map((c) => c.id)).toEqual([named(whole, 'terms').id, named(whole, 'same').id])
    expect((await get('/v1/clusters?q=nonsense:x')).status).toBe(400)
    expect((await get('/v1/clusters?gap=1s')).status).toBe(400)
  })

  it('are each reachable, page by page', async () => {
    const { id } = named(await list(), 'same')
    const seen: string[] = []
    for (let after = ''; ;) {
      const page = (await (await get(`/v1/clusters/${id}/findings?limit=300&after=${after}`)).json()) as {
        findings: { id: string }[]
        next: string | null
      }
      seen.push(...page.findings.map((f) => f.id))
      if (page.next === null) break
      after = page.next
    }
    expect(seen).toEqual(all.filter((f) => f.id.startsWith('same-')).map((f) => f.id))
    expect((await get('/v1/clusters/0000000000000000/findings')).status).toBe(404)
  })
})

describe('one action on the cause', () => {
  it('applies to every issue of it, says what else it touches, and is in the audit trail', async () => {
    const { breaks } = await list()
    const done = await post(`/v1/clusters/${breaks[0]!.id}/assign`, { person: 'kim@company.example' })
    expect(await done.json()).toEqual({ issues: [5, 6, 7], findings: 600, beyond: 0 })
    const { control } = controlW
    expect(control.issues([5, 6, 7]).map((i) => i.assigneePerson)).toEqual(Array(3).fill('kim@company.example'))
    const entries = control.auditEntries(0, 100)
    expect(entries.map((e) => [e.action, e.object])).toEqual([
      ['issue.assigned', 'I-5'],
      ['issue.assigned', 'I-6'],
      ['issue.assigned', 'I-7'],
      ['cause.assigned', breaks[0]!.id],
    ])
    expect(control.verifyAudit().broken).toBeNull()
  })

  it('accepts and snoozes with an end and a reason, and takes what is put off out of sight', async () => {
    const { id } = named(await list(), 'cut')
    expect((await post(`/v1/clusters/${id}/accept`, { until: at(-HOUR) })).status).toBe(400)
    expect(
      (await post(`/v1/clusters/${id}/accept`, { until: at(-30 * 24 * HOUR), reason: 'Support shows 40 letters.' }))
        .status,
    ).toBe(200)
    expect(named(await list(), 'cut')).toBeUndefined()
    expect(named(await list('?q=is:accepted'), 'cut').id).toBe(id)
    expect((await post(`/v1/clusters/${id}/accept`, { until: null })).status).toBe(200)
    expect(named(await list(), 'cut').id).toBe(id)
    expect((await post(`/v1/clusters/${id}/snooze`, { until: at(-91 * 24 * HOUR) })).status).toBe(400)
  })

  it('looks again at its checks; a cause keeps its id while it shrinks, and is gone when nothing is left', async () => {
    const before = named(await list(), 'terms')
    const left = all.filter((f) => f.id.startsWith('terms-')).slice(0, 10)
    await writeFindings(
      factsW.facts,
      controlW.control,
      left.map((f): Finding => ({ ...f, state: 'resolved', resolved_at: at(0) })),
    )
    expect(named(await list(), 'terms')).toMatchObject({ id: before.id, findings: 3990 })
    const { id } = named(await list(), 'tier')
    expect((await post(`/v1/clusters/${id}/recheck`)).status).toBe(200)
    expect(named(await list(), 'tier')).toBeUndefined()
    const rows = await storedFindings(factsW.facts, { check: 'entitlement/entitlement' })
    expect(new Set(rows.map((f) => f.state))).toEqual(new Set(['resolved']))
    expect(controlW.control.activity(7, 1)).toMatchObject([{ what: 'rechecked', detail: { cause: id } }])
  })
})

describe('changes of our own configuration', () => {
  it('are noticed when they come into force, and not on the first look', () => {
    const { ctx, clock } = world
    controlW.control.set('own changes', 'null')
    expect(noticeOwnChanges(ctx)).toEqual([])
    clock.set(NOW + MINUTE)
    expect(noticeOwnChanges(ctx)).toEqual([])
    const config = {
      ...ctx.config,
      platforms: { ...ctx.config.platforms, crm: { ...ctx.config.platforms['crm']!, timezone: 'Europe/Berlin' } },
    }
    expect(noticeOwnChanges({ ...ctx, config })).toEqual([
      { at: NOW + MINUTE, platform: 'crm', says: 'the mapping of crm was changed' },
    ])
    expect(ownChanges(ctx).length).toBe(1)
  })
})
