/** Matches and periods over HTTP: what stands alone, what is suggested, what a person decides, what blocks the close. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Running } from '../server/main.ts'
import { handClock } from './world/clock.ts'
import { company, type Company } from './world/company.ts'
import { CREDITS, INVOICES, PAYMENTS } from './world/money-files.ts'

const clock = handClock('2026-11-20T12:00:00.000Z')
const READ = '2026-11-20T11:50:00.000Z'
let world: Company
let running: Running
let cookie = ''

const unsafe = { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' }
const get = (path: string) => fetch(running.url + path, { headers: { cookie } })
const post = (path: string, body: unknown) =>
  fetch(running.url + path, { method: 'POST', headers: { ...unsafe, cookie }, body: JSON.stringify(body) })
const read = async <T>(path: string) => (await (await get(path)).json()) as T

interface Detail {
  confirmable: boolean
  open: number
  sums: {
    currency: string
    matched: { groups: number; left: string }
    left_alone: { groups: number; sum: string }
    right_alone: { groups: number; sum: string }
    confirmed: number
  }[]
  suggested: {
    left: { entity_id: string; kind: string; number: string }[]
    right: { entity_id: string; kind: string }[]
    difference: string
    score: number
  }[]
  unmatched: Record<
    'left' | 'right',
    {
      records: { entity_id: string; kind: string; record_id: string; number: string; open: string }[]
      next: string | null
    }
  >
  decisions: { state: string; reason: string; by: string; let_pass: string | null }[]
}
const PAID = '/v1/matches/matching/paid-invoice'
const ONLY = { checks: ['matching/paid-invoice'] }

beforeAll(async () => {
  world = company()
  world.write('erp/invoices.csv', INVOICES, READ)
  world.write('erp/payments.csv', PAYMENTS, READ)
  world.write('erp/credits.csv', CREDITS, READ)
  running = await world.start({ clock })
  const token = running.signInLink!.split('#')[1]!
  const reply = await fetch(`${running.url}/v1/session/one-time`, {
    method: 'POST',
    headers: unsafe,
    body: JSON.stringify({ token }),
  })
  cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
  await running.runtime.collect({})
  await running.runtime.check(ONLY)
})
afterAll(async () => {
  await running.stop()
  world.end()
})

describe('matches over HTTP', () => {
  it('lists the match checks with their sums by currency', async () => {
    const all = await read<{ id: string; left: string[]; right: string[]; open: number }[]>('/v1/matches')
    expect(all.map((c) => c.id)).toContain('matching/order-overbilled')
    expect(all.find((c) => c.id === 'matching/paid-invoice')).toMatchObject({
      left: ['invoice'],
      right: ['payment', 'credit'],
      confirmable: true,
    })
  })

  it('shows what is matched and what stands alone, by page, and suggests what belongs together', async () => {
    const found = await read<Detail>(PAID)
    expect(found.sums).toMatchObject([
      {
        currency: 'EUR',
        matched: { groups: 1, left: '25' },
        left_alone: { groups: 2, sum: '100' },
        right_alone: { groups: 2, sum: '100' },
        confirmed: 0,
      },
    ])
    expect(found.unmatched.left.records.map((r) => [r.number, r.open])).toEqual([
      ['INV-1001', '60'],
      ['INV-1002', '40'],
    ])
    const first = await read<Detail['unmatched']['left']>(`${PAID}/unmatched?side=right&limit=1`)
    expect(first.records.map((r) => r.record_id)).toEqual(['P1'])
    const second = await read<Detail['unmatched']['left']>(`${PAID}/unmatched?side=right&limit=1&cursor=${first.next}`)
    expect(second.records.map((r) => r.record_id)).toEqual(['P4'])
    expect((await get(`${PAID}/unmatched?side=right&cursor=nonsense`)).status).toBe(400)
  })

  it('confirms and rejects with a reason, and refuses what does not meet', async () => {
    const before = await read<Detail>(PAID)
    const id = (kind: string, record: string) => ({
      kind,
      entity_id: [...before.unmatched.left.records, ...before.unmatched.right.records].find(
        (r) => r.record_id === record,
      )!.entity_id,
    })
    const members = [id('invoice', 'I1'), id('invoice', 'I2'), id('payment', 'P1')]
    const refused = await post(`${PAID}/confirm`, { members, reason: 'one transfer, less the bank fee' })
    expect(refused.status).toBe(409)
    expect(((await refused.json()) as { title: string }).title).toBe('The two sides differ by 10 EUR.')
    expect((await post(`${PAID}/confirm`, { members })).status).toBe(400)
    const done = await post(`${PAID}/confirm`, { members, reason: 'one transfer, less the bank fee', let_pass: true })
    expect(await done.json()).toMatchObject({
      state: 'confirmed',
      let_pass: '10',
      currency: 'EUR',
      by: 'ada@kranich.example',
    })
    await running.runtime.check(ONLY)
    const after = await read<Detail>(PAID)
    expect(after.sums[0]).toMatchObject({ confirmed: 1, left_alone: { groups: 0 } })
    expect(after.decisions[0]).toMatchObject({ state: 'confirmed', reason: 'one transfer, less the bank fee' })
    expect((await post(`${PAID}/reject`, { members, reason: 'it was another transfer' })).status).toBe(200)
    await running.runtime.check(ONLY)
    expect((await read<Detail>(PAID)).sums[0]).toMatchObject({ confirmed: 0, left_alone: { groups: 2 } })
  })

  it('knows only match checks', async () => {
    expect((await get('/v1/matches/existence/customer')).status).toBe(404)
  })
})

describe('periods over HTTP', () => {
  interface Listed {
    period: string
    legal_entity: string
    state: string
    documents: number
    blockers: { block: string; says: string; count: number; amounts: Record<string, string>; check: string | null }[]
  }

  it('lists what blocks each month: what is unmatched, in draft, not posted', async () => {
    const all = await read<Listed[]>('/v1/periods')
    // Money that names no invoice belongs to none of our companies yet.
    expect(all.map((p) => [p.period, p.legal_entity, p.state])).toEqual([
      ['2026-11', 'DE01', 'running'],
      ['2026-10', '', 'blocked'],
      ['2026-10', 'DE01', 'blocked'],
      ['2026-09', 'DE01', 'blocked'],
    ])
    const october = all.find((p) => p.period === '2026-10' && p.legal_entity === 'DE01')!
    expect(october.documents).toBe(3)
    expect(october.blockers.map((b) => b.block)).toContain('draft')
    expect(october.blockers.find((b) => b.block === 'unmatched')).toMatchObject({
      check: 'matching/paid-invoice',
      amounts: { EUR: '100' },
    })
    expect(all.find((p) => p.period === '2026-09')!.blockers).toContainEqual({
      block: 'unposted',
      kind: 'invoice',
      says: '1 invoice not posted to the ledger',
      count: 1,
      amounts: { EUR: '25' },
      check: null,
      platform: null,
      through: null,
    })
  })

  it('shows one month, and says what it cannot show', async () => {
    expect((await read<Listed[]>('/v1/periods/2026-09')).map((p) => p.period)).toEqual(['2026-09'])
    expect((await get('/v1/periods/2026-13')).status).toBe(400)
    expect((await get('/v1/periods/2019-01')).status).toBe(404)
  })
})
