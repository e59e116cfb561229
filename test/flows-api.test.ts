/** Flows over HTTP: the list with its funnel, one flow by leg and page, one instance with its next step, and renewals. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../server/main.ts'
import { handClock } from './world/clock.ts'
import { company, type Company } from './world/company.ts'

const AT = '2026-11-20T11:50:00.000Z'
const clock = handClock('2026-11-20T12:00:00.000Z')
let world: Company
let running: Running
let cookie = ''

interface Flow {
  name: string
  watched: boolean
  complete: number
  running: number
  stopped: number
  amounts: Record<string, string>
  legs: {
    name: string
    watched: boolean
    why: string | null
    reached: number
    stopped: number
    running: number
    p50_seconds: number | null
  }[]
}
interface Instance {
  entity_id: string
  customer: string | null
  record: { record_id: string; platform: { title: string } }
  stage: string
  leg: string | null
  act: { title: string } | null
  next_step: string
  legs: { name: string; state: string; says: string }[]
}

const get = (path: string) => fetch(running.url + path, { headers: { cookie } })
const read = async <T>(path: string): Promise<T> => (await (await get(path)).json()) as T

beforeAll(async () => {
  world = company(AT)
  world.write(
    'crm/quotes.csv',
    `record_id,customer,number,amount,currency,state,approved_at,accepted_at,changed_at
Q1,S1,Q-1,1000.00,EUR,accepted,2026-10-10T08:00:00Z,2026-10-11T08:00:00Z,2026-10-11T08:00:00Z
Q2,S1,Q-2,500.00,EUR,accepted,2026-11-18T08:00:00Z,2026-11-19T08:00:00Z,2026-11-19T08:00:00Z
Q3,S2,Q-3,700.00,EUR,rejected,,,2026-11-01T08:00:00Z
Q4,S2,Q-4,800.00,EUR,accepted,2026-11-01T08:00:00Z,2026-11-02T08:00:00Z,2026-11-02T08:00:00Z
`,
    AT,
  )
  world.write(
    'crm/orders.csv',
    `record_id,customer,quote,number,amount,currency,state,approved_at,changed_at
O4,S2,Q4,SO-4,800.00,EUR,booked,2026-11-03T08:00:00Z,2026-11-03T08:00:00Z
`,
    AT,
  )
  world.write(
    'crm/renewals.csv',
    `record_id,customer,state,due_on,amount,currency,readiness,changed_at
R1,S1,upcoming,2026-12-20,900.00,EUR,on track,2026-11-01T08:00:00Z
`,
    AT,
  )
  running = await world.start({ clock })
  const token = running.signInLink!.split('#')[1]!
  const reply = await fetch(`${running.url}/v1/session/one-time`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token }),
  })
  cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  await running.runtime.collect({})
  await running.runtime.check({})
})

afterAll(async () => {
  await running.stop()
  world.end()
})

describe('flows over HTTP', () => {
  it('are listed with what is complete, running and stopped per leg, and what cannot be watched', async () => {
    const flows = await read<Flow[]>('/v1/flows')
    const quotes = flows.find((f) => f.name === 'quote-to-cash')!
    expect(quotes).toMatchObject({ watched: true, complete: 1, running: 1, stopped: 1, amounts: { EUR: '1000' } })
    expect(quotes.legs.find((l) => l.name === 'ordered')).toMatchObject({ reached: 1, running: 1, stopped: 1 })
    expect(quotes.legs.find((l) => l.name === 'accepted')).toMatchObject({ reached: 3, p50_seconds: 86_400 })
    expect(quotes.legs.find((l) => l.name === 'invoiced')).toMatchObject({
      watched: false,
      why: 'No platform keeps invoices.',
    })
    expect(flows.find((f) => f.name === 'cancellation')).toMatchObject({ watched: false })
  })

  it('show their instances, those that have waited longest first, by leg, stage and page', async () => {
    const all = await read<{ instances: Instance[]; total: number }>('/v1/flows/quote-to-cash')
    expect(all.total).toBe(4)
    const stopped = await read<{ instances: Instance[]; total: number; next: number | null }>(
      '/v1/flows/quote-to-cash?stage=stopped&leg=ordered',
    )
    expect(stopped).toMatchObject({ total: 1, next: null })
    expect(stopped.instances[0]).toMatchObject({
      customer: 'Nordwind',
      record: { record_id: 'Q1', platform: { title: 'Salesforce' } },
      leg: 'ordered',
      act: { title: 'Salesforce' },
      next_step: 'Salesforce: create the order (“Order booked”)',
    })
    const seen: string[] = []
    for (let offset: number | null = 0; offset !== null;) {
      const page: { instances: Instance[]; next: number | null } = await read(
        `/v1/flows/quote-to-cash?limit=1&offset=${offset}`,
      )
      seen.push(...page.instances.map((i) => i.entity_id))
      offset = page.next
    }
    expect(new Set(seen).size).toBe(4)
  })

  it('say of one instance which legs it has reached, where it stopped and what checks found', async () => {
    const { instances } = await read<{ instances: Instance[] }>('/v1/flows/quote-to-cash?stage=stopped')
    const one = await read<{ instance: Instance; findings: { check: string }[] }>(
      `/v1/flows/quote-to-cash/${instances[0]!.entity_id}`,
    )
    expect(one.instance.legs.map((l) => [l.name, l.state])).toEqual([
      ['quoted', 'reached'],
      ['approved', 'reached'],
      ['accepted', 'reached'],
      ['ordered', 'waiting'],
    ])
    expect(one.instance.legs[3]!.says).toBe('No order was found.')
    expect(one.findings.map((f) => f.check)).toContain('deadlines/accepted-quote-ordered')
  })

  it('answer for what there is not, and for what makes no sense', async () => {
    expect((await get('/v1/flows/nonsense')).status).toBe(404)
    expect((await get('/v1/flows/quote-to-cash/nobody')).status).toBe(404)
    expect((await get('/v1/flows/quote-to-cash?stage=odd')).status).toBe(400)
    expect((await fetch(`${running.url}/v1/flows`)).status).toBe(401)
  })
})

describe('renewals over HTTP', () => {
  it('come with their parts, of which the unknown ones say so', async () => {
    const page = await read<{
      total: number
      counts: Record<string, number>
      renewals: {
        customer: string
        said: string
        readiness: string
        known: number
        parts: { part: string; score: number | null }[]
      }[]
    }>('/v1/renewals')
    expect(page).toMatchObject({ total: 1, counts: { ready: 0, watch: 0, at_risk: 0, unknown: 1 } })
    expect(page.renewals[0]).toMatchObject({ customer: 'Nordwind', said: 'on track', readiness: 'unknown', known: 25 })
    expect(page.renewals[0]!.parts.filter((p) => p.score === null).map((p) => p.part)).toEqual([
      'billing',
      'health',
      'support',
    ])
    expect((await read<{ total: number }>('/v1/renewals?readiness=ready')).total).toBe(0)
    expect((await read<{ total: number }>('/v1/renewals?within_days=10')).total).toBe(0)
  })
})
