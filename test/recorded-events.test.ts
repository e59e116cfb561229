/** Recorded events on every way in and out: files, HTTP, export; refused by name, kept once, shown with their findings. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEvent, type RecordedEvent } from '../model/event.ts'
import type { Running } from '../server/main.ts'
import { landscapeEvents } from '../server/store/facts/events.ts'
import { handClock } from './world/clock.ts'
import { company, CONFIG, type Company } from './world/company.ts'

const NOW = '2026-11-20T12:00:00.000Z'
const clock = handClock(NOW)
let world: Company
let running: Running
let cookie = ''

const unsafe = { 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' }
const get = async <T>(path: string): Promise<T> => {
  const reply = await fetch(running.url + path, { headers: { cookie } })
  expect(reply.status, path).toBe(200)
  return (await reply.json()) as T
}
const post = (
  path: string,
  body: string,
  headers: Record<string, string> = { cookie, 'content-type': 'application/json' },
) => fetch(running.url + path, { method: 'POST', headers: { ...unsafe, ...headers }, body })
const tell = async (...events: unknown[]) => {
  const reply = await post('/v1/events', JSON.stringify(events))
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

const SENT = {
  id: 'x-1',
  at: '2026-11-20T09:00:00Z',
  type: 'sent',
  reported_by: 'bus',
  from_platform: 'erp',
  to_platform: 'crm',
  kind: 'customer',
  record_id: 'N2',
  correlation_id: 't1',
}
const LOG = `id,at,type,from_platform,to_platform,kind,record_id,correlation_id,message,detail
b-1,2026-11-01T08:05:10Z,sent,erp,crm,customer,N2,t1,,"{""values"": {""payment_terms"": ""net_45""}}"
b-2,2026-11-01T08:05:20Z,rejected,erp,crm,customer,N2,t1,record is locked,
b-3,2026-11-19T20:00:00Z,outage_began,,crm,,,,,
b-4,yesterday,sent,erp,crm,customer,N2,t1,,
b-5,2026-11-01T08:05:10Z,vanished,erp,crm,customer,N2,t1,,
`

beforeAll(async () => {
  world = company()
  world.configure(
    CONFIG.replace(
      'schedules:',
      '  bus: { connector: files, role: middleware, config: { folder: ./bus } }\nschedules:',
    ),
  )
  world.write('bus/events.csv', LOG, '2026-11-20T11:50:00.000Z')
  world.write(
    'erp/erp_events.ndjson',
    `${JSON.stringify({ id: 'd-1', at: '2026-11-18T10:00:00Z', type: 'deployed', release: '4.2', actor: 'r.meier' })}\n`,
    NOW,
  )
  running = await world.start({ clock })
  const token = running.signInLink!.split('#')[1]!
  const signedIn = await post('/v1/session/one-time', JSON.stringify({ token }), { 'content-type': 'application/json' })
  cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
})
afterAll(async () => {
  await running.stop()
  world.end()
})

describe('an events file', () => {
  it('is read with its platform, of which bad lines are refused by name and the others kept', async () => {
    const outcomes = await running.runtime.collect({})
    const bus = outcomes.find((o) => o.platform === 'bus')!
    expect(bus.error).toBeNull()
    expect(bus.result!.streams).toEqual([])
    expect(bus.result!.events).toMatchObject({ read: 5, stored: 3, refused: 2, error: null })
    expect(bus.result!.events!.notes.join('\n')).toMatch(/events\.csv line 5 is no event: at: an instant/)
    expect(bus.result!.events!.notes.join('\n')).toMatch(/line 6 is no event: type: one of sent, /)
    expect(outcomes.find((o) => o.platform === 'erp')!.result!.events).toMatchObject({ stored: 1 })
    expect(outcomes.find((o) => o.platform === 'crm')!.result!.events).toBeUndefined()
  })

  it('that has grown tells only what is new', async () => {
    world.write('bus/events.csv', `${LOG}b-6,2026-11-20T11:00:00Z,outage_ended,,crm,,,,,\n`, '2026-11-20T11:55:00.000Z')
    const [bus] = await running.runtime.collect({ platforms: ['bus'] })
    expect(bus!.result!.events).toMatchObject({ read: 6, stored: 1 })
  })

  it('speaks of the platform whose folder it lies in, where it names none', async () => {
    const { facts } = running.runtime.ctx
    const found = await landscapeEvents(facts, '2026-11-18T00:00:00Z', '2026-11-21T00:00:00Z')
    expect(found.map((e) => [e.type, e.to_platform, e.reported_by])).toEqual([
      ['outage_ended', 'crm', 'bus'],
      ['outage_began', 'crm', 'bus'],
      ['deployed', 'erp', 'erp'],
    ])
    expect(await landscapeEvents(facts, '2026-11-19T00:00:00Z', '2026-11-20T00:00:00Z')).toHaveLength(1)
  })
})

describe('events over HTTP', () => {
  it('are taken one by one: each bad one is refused by place and reason, told twice is kept once', async () => {
    const first = await tell(SENT, { ...SENT, id: 'x-2', to_platform: 'crn' }, 'nothing', {
      ...SENT,
      id: 'x-3',
      colour: 1,
    })
    expect(first).toEqual({
      status: 200,
      body: {
        stored: 1,
        known: 0,
        refused: [
          {
            index: 1,
            id: 'x-2',
            reason: expect.stringMatching(/^to_platform: there is no platform crn; there are crm, erp, bus/) as string,
          },
          { index: 2, id: null, reason: 'an event is an object' },
          { index: 3, id: 'x-3', reason: expect.stringMatching(/^colour: /) as string },
        ],
      },
    })
    expect((await tell(SENT)).body).toEqual({ stored: 0, known: 1, refused: [] })
    const { id: _, ...nameless } = SENT
    expect((await tell(nameless, nameless)).body).toMatchObject({ stored: 1, known: 1 })
  })

  it('are refused as a whole where none can be taken', async () => {
    const { status, body } = await tell({ type: 'sent' })
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'invalid', problems: [{ path: '0', message: expect.any(String) as string }] })
    expect((await post('/v1/events', '{"type": ')).status).toBe(400)
  })

  it('come as NDJSON too, a broken line spoiling only itself', async () => {
    const lines = `${JSON.stringify({ ...SENT, id: 'n-1' })}\n{"id": \n${JSON.stringify({ ...SENT, id: 'n-2' })}\n`
    const reply = await post('/v1/events', lines)
    expect(await reply.json()).toMatchObject({ stored: 2, refused: [{ index: 1, reason: 'not valid JSON' }] })
  })

  it('are for those who may operate; without a session nobody tells or reads them', async () => {
    expect((await post('/v1/events', JSON.stringify([SENT]), { 'content-type': 'application/json' })).status).toBe(401)
    expect((await fetch(`${running.url}/v1/events`)).status).toBe(401)
  })

  it('are listed newest first, filtered and by page', async () => {
    type Page = { events: RecordedEvent[]; next: string | null }
    const all = await get<Page>('/v1/events?limit=500')
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page = await get<Page>(`/v1/events?limit=3${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...page.events.map((e) => e.id))
      cursor = page.next
    }
    expect(seen).toEqual(all.events.map((e) => e.id))
    const ids = async (q: string) => (await get<Page>(`/v1/events?${q}`)).events.map((e) => e.id)
    expect(await ids('type=rejected')).toEqual(['b-2'])
    expect(await ids('type=outage_began&type=outage_ended&platform=crm')).toEqual(['b-6', 'b-3'])
    expect(await ids('kind=customer&record=N2&to=2026-11-10T00:00:00Z')).toEqual(['b-2', 'b-1'])
    expect(await ids('correlation=nobody')).toEqual([])
  })
})

describe('a finding', () => {
  it('is explained by them, and shows them', async () => {
    await running.runtime.check({ checks: ['customer-master/legal-profile'] })
    const { issues } = await get<{ issues: { number: number; cause: string; platforms: { name: string }[] }[] }>(
      '/v1/issues?q=field:payment_terms',
    )
    expect(issues[0]).toMatchObject({ cause: 'not_applied', platforms: [{ name: 'crm' }] })
    const { findings } = await get<{ findings: { id: string; sure: string }[] }>(`/v1/issues/${issues[0]!.number}`)
    expect(findings[0]!.sure).toBe('certain')
    const life = await get<{ finding: { evidence: { says: string; for?: string }[] }; events: RecordedEvent[] }>(
      `/v1/findings/${findings[0]!.id}`,
    )
    expect(life.events.map((e) => e.id)).toEqual(expect.arrayContaining(['b-2', 'b-1']))
    expect(life.finding.evidence.some((e) => e.for === 'cause' && e.says.includes('record is locked'))).toBe(true)
  })

  it('and the events themselves leave by export, as do the transitions of findings', async () => {
    const lines = async (what: string) =>
      (await (await fetch(`${running.url}/v1/export/${what}`, { headers: { cookie } })).text())
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    const events = await lines('events')
    expect(events.find((e) => e['id'] === 'b-1')).toMatchObject({
      reported_by: 'bus',
      detail: { values: { payment_terms: 'net_45' } },
    })
    expect((await lines('transitions'))[0]).toMatchObject({ transition: 1, from_state: null })
    expect((await lines('findings')).every((f) => 'sure' in f)).toBe(true)
  })
})

describe('reading an event', () => {
  const read = (change: Record<string, unknown>) =>
    readEvent(
      { ...SENT, ...change },
      { platforms: ['erp', 'crm', 'bus'], kinds: ['customer'], reporter: null, now: Date.parse(NOW) },
    )
  it.each([
    ['at', { at: '2026-11-20 09:00' }],
    ['at', { at: '2026-11-22T09:00:00Z' }],
    ['reported_by', { reported_by: '' }],
    ['kind', { kind: 'client' }],
    ['kind', { kind: null }],
    ['to_platform', { to_platform: null }],
    ['record_id', { record_id: null, correlation_id: null }],
    ['detail', { detail: '[1]' }],
    ['message', { message: 'x'.repeat(501) }],
  ])('names %s where it cannot be one', (field, change) => {
    expect(read(change)).toEqual({ wrong: expect.stringMatching(new RegExp(`^${field}: `)) as string })
  })

  it('takes an offset, a number and an empty cell as what they mean', () => {
    expect(read({ at: '2026-11-20T10:00:00+01:00', record_id: 42, message: '' })).toMatchObject({
      at: '2026-11-20T09:00:00.000Z',
      record_id: '42',
      message: null,
    })
  })
})
