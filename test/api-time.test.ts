/** The time machine over HTTP, after real rounds over files: customers, states, timelines, first disagreements, back-tests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { movedCompany, START, type MovedCompany } from './world/moving-company.ts'

let world: MovedCompany
const ask = async <T = Record<string, unknown>>(path: string): Promise<T> => {
  const reply = await world.get(path)
  expect(reply.status, path).toBe(200)
  return (await reply.json()) as T
}
const minute = (n: number) => new Date(Date.parse(START) + n * 60_000).toISOString()

interface Customers {
  customers: { entity_id: string; name: string; open: number; next_step: string; records: unknown[] }[]
  total: number | null
  next: string | null
}

beforeAll(async () => {
  world = await movedCompany()
})
afterAll(() => world.end())

const find = async (text: string) => (await ask<Customers>(`/v1/customers?q=${encodeURIComponent(text)}`)).customers

describe('customers', () => {
  it('are listed by what is open about them, each with a next step', async () => {
    const page = await ask<Customers>('/v1/customers')
    expect(page).toMatchObject({ shown: 'at_risk', total: 2, next: null, reporting_currency: 'EUR' })
    expect(page.customers.map((c) => [c.name, c.open, c.next_step])).toEqual(
      expect.arrayContaining([
        ['Firma 22', 1, 'Look at what differs'],
        ['Firma 23', 1, 'Look at what differs'],
      ]),
    )
    const all = await ask<Customers>('/v1/customers?show=all&limit=20')
    const rest = await ask<Customers>(`/v1/customers?show=all&limit=20&after=${all.next}`)
    expect(new Set([...all.customers, ...rest.customers].map((c) => c.entity_id)).size).toBe(24)
    expect(rest.next).toBeNull()
  })

  it('are found by name and by any platform’s id, exact ones first', async () => {
    expect((await find('N7')).map((c) => c.name)).toEqual(['Firma 7'])
    expect((await find('S7')).map((c) => c.name)).toEqual(['Firma 7'])
    expect((await find('firma 2')).map((c) => c.name).sort()).toEqual([
      'Firma 2',
      'Firma 20',
      'Firma 21',
      'Firma 22',
      'Firma 23',
    ])
    expect(await find('nobody of that name')).toEqual([])
  })

  it('show one from all sides: records, how they were linked, open issues and findings', async () => {
    const [customer] = await find('Firma 22')
    const detail = await ask(`/v1/customers/${customer!.entity_id}`)
    expect(detail).toMatchObject({
      customer: { name: 'Firma 22', open: 1, worst: 'high' },
      issues: [{ field: 'payment_terms' }],
      findings: [{ field: 'payment_terms', state: 'open' }],
      findings_total: 1,
      documents: [],
    })
    expect((detail['state'] as { records: unknown[] }).records).toMatchObject([
      { platform: { name: 'crm' }, record_id: 'S22', linked: { rule: 'refs' } },
      { platform: { name: 'erp' }, record_id: 'N22' },
    ])
    expect((await world.get('/v1/customers/customer_nobody')).status).toBe(404)
  })
})

describe('an entity over time', () => {
  it('is told at an instant, compared between two, and drawn in between', async () => {
    const [{ entity_id: id }] = (await find('Firma 3')) as unknown as [{ entity_id: string }]
    const state = await ask<{
      fields: { name: string; differs: boolean; owner: string; cells: { value: string }[] }[]
    }>(`/v1/entities/${id}/at?instant=${minute(61)}`)
    expect(state.fields[0]).toMatchObject({ name: 'payment_terms', differs: true, owner: 'erp' })
    expect(state.fields[0]!.cells.map((c) => c.value)).toEqual(['net_30', 'net_45'])
    const before = await ask<typeof state>(`/v1/entities/${id}/at?instant=${minute(30)}`)
    expect(before.fields.filter((f) => f.differs)).toEqual([])
    const compared = await ask(`/v1/entities/${id}/compare?from=${minute(30)}&to=${minute(130)}`)
    expect(compared).toMatchObject({ appeared: [], gone: [] })
    expect(compared['changes']).toMatchObject([
      { field: 'payment_terms', platform: 'crm', before: 'net_30', after: 'net_45' },
      { field: 'payment_terms', platform: 'erp', before: 'net_30', after: 'net_45' },
    ])
    const timeline = await ask(`/v1/entities/${id}/timeline`)
    expect(timeline).toMatchObject({
      lanes: [{ record_id: 'S3' }, { record_id: 'N3' }],
      drift: [{ field: 'payment_terms', from: minute(60), to: minute(120), began: { is: 'owner_changed' } }],
    })
    expect(timeline['points']).toEqual([minute(0), minute(60), minute(120)])
  })

  it('tells when platforms first disagreed about a field, and which version made them', async () => {
    const [{ entity_id: id }] = (await find('Firma 23')) as unknown as [{ entity_id: string }]
    expect(await ask(`/v1/entities/${id}/first-disagreement?field=payment_terms`)).toMatchObject({
      times: 1,
      first: {
        from: minute(60),
        to: null,
        owner: { name: 'erp' },
        began: { is: 'owner_changed', record_id: 'N23', changed_at: minute(33), before: 'net_30', after: 'net_45' },
      },
    })
    expect(await ask(`/v1/entities/${id}/first-disagreement?field=name`)).toMatchObject({ first: null, times: 0 })
    const wrong = await world.get(`/v1/entities/${id}/first-disagreement?field=payment_term`)
    expect(wrong.status).toBe(400)
  })
})

describe('a back-test job', () => {
  const post = (path: string, json: unknown, method = 'POST') =>
    fetch(world.running.url + path, {
      method,
      headers: {
        cookie: world.cookie(),
        'content-type': 'application/json',
        'x-requested-by': 'plumbline',
        'sec-fetch-site': 'same-origin',
      },
      ...(method === 'POST' && { body: JSON.stringify(json) }),
    })
  interface Job {
    id: string
    state: string
    done: number
    of: number
    result: { figures: { findings: number; still_open: number }; findings: { customer: string }[] } | null
  }

  it('runs with progress and ends with its figures', async () => {
    const begun = await post('/v1/checks/backtest', { check: 'customer-master/legal-profile', window: '24h' })
    expect(begun.status).toBe(202)
    let job = (await begun.json()) as Job
    for (let n = 0; job.state === 'running' && n < 600; n++) {
      await new Promise((r) => setTimeout(r, 200))
      // A connection that idled while the engine worked may be closed under the question: ask again.
      job = await ask<Job>(`/v1/checks/backtest/${job.id}`).catch((e: unknown) => {
        if (e instanceof TypeError) return job
        throw e
      })
    }
    expect(job).toMatchObject({ state: 'done', done: job.of })
    expect(job.result!.figures).toMatchObject({ findings: 2, still_open: 2 })
    expect(job.result!.findings.map((f) => f.customer).sort()).toEqual(['Firma 22', 'Firma 23'])
  })

  it('says what is wrong with the text, with its line', async () => {
    const reply = await post('/v1/checks/backtest', { check: 'draft/mine', yaml: 'title: t\nkind: agre\n' })
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(await reply.json())).toMatch(/agree/)
    expect((await post('/v1/checks/backtest', { check: 'draft/none' })).status).toBe(404)
    expect((await post('/v1/checks/backtest', { check: 'customer-master/legal-profile', window: 'ages' })).status).toBe(
      400,
    )
  })

  it('can be stopped', async () => {
    const job = (await (await post('/v1/checks/backtest', { check: 'customer-master/legal-profile' })).json()) as Job
    expect(await (await post(`/v1/checks/backtest/${job.id}`, null, 'DELETE')).json()).toMatchObject({
      state: 'stopped',
    })
  })
})
