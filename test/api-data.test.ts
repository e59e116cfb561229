import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../server/main.ts'
import { handClock } from './world/clock.ts'
import { checkedCompany, type Company } from './world/company.ts'

const clock = handClock('2026-11-20T12:00:00.000Z')
let world: Company
let running: Running
let cookie = ''

const unsafe = { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' }
const get = (path: string, headers: Record<string, string> = { cookie }) => fetch(running.url + path, { headers })
const post = (path: string, body: unknown, headers: Record<string, string> = { cookie }) =>
  fetch(running.url + path, { method: 'POST', headers: { ...unsafe, ...headers }, body: JSON.stringify(body) })
const cookieOf = (reply: Response) => reply.headers.getSetCookie()[0]!.split(';')[0]!

beforeAll(async () => {
  world = await checkedCompany(clock.now())
  running = await world.start({ clock })
  const token = running.signInLink!.split('#')[1]!
  cookie = cookieOf(await post('/v1/session/one-time', { token }, {}))
})

afterAll(async () => {
  await running.stop()
  world.end()
})

interface Listed {
  issues: {
    id: string
    number: number
    check: string
    findings: { open: number }
    next_step: string
    amounts: Record<string, string>
  }[]
  total: number
  next: string | null
}

describe('issues over HTTP', () => {
  it('lists what was found, pages by cursor, filters by the grammar and counts facets', async () => {
    const all = (await (await get('/v1/issues')).json()) as Listed
    expect(all.issues.map((i) => i.check).sort()).toContain('existence/customer')
    expect(all.issues.every((i) => i.next_step.length > 3)).toBe(true)
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = (await (await get(`/v1/issues?limit=1${cursor ? `&cursor=${cursor}` : ''}`)).json()) as Listed
      seen.push(...page.issues.map((i) => i.id))
      cursor = page.next
    }
    expect(seen.sort()).toEqual(all.issues.map((i) => i.id).sort())
    const missing = (await (await get('/v1/issues?q=category:missing')).json()) as Listed
    expect(missing.issues.map((i) => i.check)).toEqual(['existence/customer'])
    const none = (await (await get('/v1/issues?q=category:missing+money:%3E1000')).json()) as Listed
    expect(none.total).toBe(0)
    const facets = (await (await get('/v1/issues/facets')).json()) as Record<string, { value: string; n: number }[]>
    expect(facets.category!.find((f) => f.value === 'missing')!.n).toBe(1)
  })

  it('shows one issue with values, evidence, runbook and history, and keeps what people decide', async () => {
    const { issues } = (await (await get('/v1/issues?q=field:payment_terms')).json()) as Listed
    const number = issues[0]!.number
    const detail = (await (await get(`/v1/issues/${number}`)).json()) as {
      check: { fix: string }
      findings: {
        values: { platform: { name: string }; value: string | null; stands: string; at_fault: boolean }[]
        evidence: unknown[]
      }[]
      history: unknown[]
    }
    const values = detail.findings[0]!.values
    expect(values.find((v) => v.stands === 'owner')).toMatchObject({
      platform: { name: 'erp', title: 'NetSuite', mark: 'NS' },
      value: 'net_45',
    })
    expect(values.find((v) => v.at_fault)).toMatchObject({ platform: { name: 'crm' }, value: 'net_30' })
    expect(detail.findings[0]!.evidence.length).toBeGreaterThan(0)
    expect(detail.check.fix.length).toBeGreaterThan(20)
    expect(detail.history.length).toBeGreaterThan(0)
    expect((await post(`/v1/issues/${number}/snooze`, { until: '2099-01-01T00:00:00Z' })).status).toBe(400)
    expect((await post(`/v1/issues/${number}/accept`, { until: '2026-12-20T00:00:00Z' })).status).toBe(400)
    await post(`/v1/issues/${number}/assign`, { team: 'Finance', person: 'ada@kranich.example' })
    await post(`/v1/issues/${number}/snooze`, { until: '2026-11-27T12:00:00Z', reason: 'Waits for the year-end close' })
    const mine = (await (await get('/v1/issues?q=is:mine+is:snoozed')).json()) as Listed
    expect(mine.issues.map((i) => i.number)).toEqual([number])
    expect(((await (await get('/v1/issues')).json()) as Listed).issues.map((i) => i.number)).not.toContain(number)
    await post(`/v1/issues/${number}/snooze`, { until: null })
    expect(((await (await get('/v1/issues')).json()) as Listed).issues.map((i) => i.number)).toContain(number)
    const after = (await (await get(`/v1/issues/${number}`)).json()) as { activity: { what: string }[] }
    expect(after.activity.map((a) => a.what)).toEqual(['reopened', 'snoozed', 'assigned'])
  })

  it('resolves on evidence when the platform is corrected, and tells open dashboards', async () => {
    const events: string[] = []
    const stop = running.runtime.live.subscribe((e) => events.push(e.type))
    world.write(
      'crm/customers.csv',
      'record_id,name,legal_name,tax_id,bill_to.country,payment_terms,state,refs.erp,changed_at\nS1,Nordwind,Nordwind Logistik GmbH,DE136695976,DE,net_30,customer,N1,2026-11-01T08:00:00Z\nS2,Talwerk,Talwerk AG,,CH,net_45,customer,N2,2026-11-20T12:10:00Z\nS3,Söder,Söder & Co KG,,AT,net_10,customer,,2026-11-01T08:00:00Z\n',
      '2026-11-20T12:12:00.000Z',
    )
    await post('/v1/jobs', { do: 'collect' })
    await post('/v1/jobs', { do: 'check' })
    stop()
    expect(events).toContain('checked')
    const resolved = (await (await get('/v1/issues?q=is:resolved')).json()) as Listed
    expect(resolved.issues.map((i) => i.check).some((c) => c.startsWith('customer-master/'))).toBe(true)
  })
})

describe('the other nouns', () => {
  it('gives an overview whose figures say their scope', async () => {
    const overview = (await (await get('/v1/overview')).json()) as {
      drift: { open: number }
      confidence: { customers: number }
      connectors: unknown[]
      pairs: { owner: { name: string }; checked: boolean }[]
      trend: { open: number }[]
    }
    expect(overview.drift.open).toBeGreaterThan(0)
    expect(overview.confidence.customers).toBe(3)
    expect(overview.connectors).toHaveLength(2)
    expect(overview.pairs.find((p) => p.owner.name === 'erp')!.checked).toBe(true)
    expect(overview.trend.at(-1)!.open).toBe(overview.drift.open)
  })

  it('shows connectors, checks, runs and quarantine', async () => {
    const crm = (await (await get('/v1/connectors/crm')).json()) as {
      connector: { freshness: { state: string }; streams: unknown[] }
      runs: unknown[]
    }
    expect(crm.connector.freshness.state).toBe('ok')
    expect(crm.runs.length).toBeGreaterThan(0)
    expect((await (await post('/v1/connectors/crm/test', {})).json()) as { ok: boolean }).toMatchObject({ ok: true })
    const checks = (await (await get('/v1/checks')).json()) as { id: string }[]
    expect(checks.length).toBeGreaterThan(5)
    expect((await get(`/v1/checks/${checks[0]!.id}`)).status).toBe(200)
    expect((await get('/v1/runs?stage=collect')).status).toBe(200)
    expect((await get('/v1/quarantine')).status).toBe(200)
  })

  it('exports findings as NDJSON and CSV; a cell that a spreadsheet would run is disarmed', async () => {
    const lines = (await (await get('/v1/export/findings')).text())
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l) as Record<string, unknown>)
    for (const key of [
      'id',
      'issue',
      'check',
      'category',
      'kind',
      'entity_id',
      'subject',
      'scope',
      'field',
      'verdict',
      'cause',
      'owner_platform',
      'platform',
      'expected',
      'actual',
      'amount_at_risk',
      'currency',
      'severity',
      'state',
      'first_seen_at',
      'changed_at',
      'due_at',
      'resolved_at',
    ]) {
      expect(Object.keys(lines[0]!)).toContain(key)
    }
    const records = await (await get('/v1/export/records?kind=customer&format=csv')).text()
    expect(records).not.toContain('"=HYPERLINK')
    const parquet = new Uint8Array(await (await get('/v1/export/issues?format=parquet')).arrayBuffer())
    expect(new TextDecoder().decode(parquet.slice(0, 4))).toBe('PAR1')
    expect((await get('/v1/export/records')).status).toBe(400)
  })

  it('answers health and metrics without a session', async () => {
    expect(await (await get('/healthz', {})).json()).toEqual({
      alive: true,
      intake: { accepting: true, waiting: 0, bytes: 0, oldest_seconds: 0, ack_ms: null },
    })
    expect((await get('/readyz', {})).status).toBe(200)
    expect(await (await get('/metrics', {})).text()).toContain('plumbline_http_requests')
  })

  it('keeps an audit trail that only administrators read and whose chain holds', async () => {
    const trail = await (await get('/v1/export/audit')).text()
    expect(trail).toContain('asked for collect')
    expect(running.runtime.ctx.control.verifyAudit().broken).toBeNull()
  })
})
