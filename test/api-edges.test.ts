/** Edges over HTTP, after real rounds over files: the list, one edge, what is lacking, and the metrics page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { movedCompany, type MovedCompany } from './world/moving-company.ts'

let world: MovedCompany
const get = (path: string) => world.get(path)

beforeAll(async () => {
  world = await movedCompany()
})
afterAll(() => world.end())

interface Listed {
  measured: { stage: string; outcome: string }
  low_volume: number
  edges: Record<string, unknown>[]
}

describe('the edges', () => {
  it('are listed with their promise, how long changes take, what waits and what is left of the budget', async () => {
    const { measured, low_volume, edges } = (await (await get('/v1/edges')).json()) as Listed
    expect(measured).toMatchObject({ stage: 'measure', outcome: 'ok' })
    expect(low_volume).toBe(20)
    expect(edges).toHaveLength(1)
    expect(edges[0]).toMatchObject({
      owner: { name: 'erp', title: 'NetSuite', mark: 'NS' },
      follower: { name: 'crm', title: 'Salesforce' },
      kind: 'customer',
      kind_title: 'Customer',
      part: 'legal',
      window_seconds: 3600,
      criticality: 'high',
      period: { changes: 24, in_time: 22, late: 0, lost: 0, waiting: 2 },
      still_wrong: 2,
      in_flight: 0,
      budget: { target: 0.995, good: 22, bad: 2 },
      lacks: [],
    })
    // The i-th took 2 + i minutes: the middle of 22 lies at 12.
    expect((edges[0]!['now'] as { p50: number }).p50 / 60).toBeCloseTo(12, 0)
  })

  it('tell one edge in detail, with links to what waits and what was found', async () => {
    const reply = await get('/v1/edges/erp/crm/customer/legal?range=24h')
    const detail = (await reply.json()) as Record<string, Record<string, unknown>[]>
    expect(reply.status).toBe(200)
    expect(detail['waiting']).toHaveLength(2)
    expect(detail['waiting']![0]).toMatchObject({
      verdict: 'wrong',
      fields: ['payment_terms'],
      follower_record_id: 'S22',
    })
    expect(detail['customers']![0]).toMatchObject({ missed: 1 })
    expect(detail['customers']![0]!['name']).toMatch(/^Firma 2[23]$/)
    expect(detail['findings']).toHaveLength(2)
    expect(detail['findings']![0]).toMatchObject({ state: 'open', field: 'payment_terms' })
    expect(detail['excluded']).toMatchObject([{ reason: 'Data centre move' }])
    expect(detail['steps']!.reduce((n, s) => n + Number(s['changes']), 0)).toBe(24)
    expect(detail['histogram']!.reduce((n, s) => n + Number(s['changes']), 0)).toBe(22)
  })

  it('say so when nothing ever travelled there', async () => {
    const reply = await get('/v1/edges/crm/erp/customer/legal')
    expect(reply.status).toBe(404)
    expect(await reply.json()).toMatchObject({ remedy: 'GET /v1/edges lists the edges that changes travel on.' })
  })

  it('are described in the API’s own document, and closed to those who have not signed in', async () => {
    const document = (await (await get('/v1/openapi.json')).json()) as { paths: Record<string, unknown> }
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/edges', '/v1/edges/{owner}/{follower}/{kind}/{part}']),
    )
    expect((await fetch(`${world.running.url}/v1/edges`)).status).toBe(401)
  })

  it('are on the metrics page: quantiles, burn, budget and what waits', async () => {
    const page = await (await get('/metrics')).text()
    const edge = 'owner="erp",follower="crm",kind="customer",part="legal"'
    expect(page).toMatch(new RegExp(`plumbline_edge_lag_seconds\\{${edge},quantile="0.95"[^}]*\\} 1\\d{3}`))
    expect(page).toMatch(new RegExp(`plumbline_edge_waiting\\{${edge},state="still_wrong"[^}]*\\} 2`))
    expect(page).toMatch(new RegExp(`plumbline_edge_budget_left\\{${edge}[^}]*\\} -\\d+`))
    expect(page).toMatch(new RegExp(`plumbline_edge_burn_rate\\{${edge},window="3d"[^}]*\\} 1[67]\\.`))
  })
})
