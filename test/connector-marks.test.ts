/** Marks of platforms that keep no records: they are heard, not read, and make nobody wait for them. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Running } from '../server/main.ts'
import { handClock } from './world/clock.ts'
import { company, type Company } from './world/company.ts'

const CONFIG = `company: Kranich Systeme
platforms:
  crm: { connector: files, role: crm, title: Salesforce, config: { folder: ./crm } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: ./erp } }
  bus: { connector: webhook, role: middleware, config: { signature: { scheme: none }, rules: [{ when: { /type: '*' }, hints: [{ platform: crm, stream: customers }] }] } }
schedules: { collect: manual, sweep: manual, check: manual, full: manual }
`
let world: Company
let running: Running
let cookie = ''
const get = async <T>(path: string) => (await (await fetch(running.url + path, { headers: { cookie } })).json()) as T

beforeAll(async () => {
  world = company()
  world.configure(CONFIG)
  running = await world.start({ clock: handClock('2026-11-20T12:00:00.000Z') })
  const reply = await fetch(`${running.url}/v1/session/one-time`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-by': 'plumbline', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: running.signInLink!.split('#')[1] }),
  })
  cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!
})
afterAll(async () => {
  await running.stop()
  world.end()
})

it('calls what was never read unknown, and what only sends neither unread nor stale', async () => {
  type Connectors = { platform: { name: string }; freshness: { state: string; says: string } }[]
  type Overview = { stale: { platform: { name: string } }[]; complete_through: string | null }
  const marks = async () =>
    Object.fromEntries((await get<Connectors>('/v1/connectors')).map((c) => [c.platform.name, c.freshness.state]))
  expect(await marks()).toEqual({ crm: 'unknown', erp: 'unknown', bus: 'ok' })
  const before = await get<Overview>('/v1/overview')
  expect(before.stale.map((s) => s.platform.name).sort()).toEqual(['crm', 'erp'])
  expect(before.complete_through).toBeNull()
  await running.runtime.collect({})
  const after = await get<Overview>('/v1/overview')
  expect(after.stale).toEqual([])
  expect(after.complete_through).toBe('2026-11-20T11:50:00.000Z')
})
