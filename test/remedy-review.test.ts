/** Reviewing plans: given back for a change and made anew, and applied by themselves in a window, with everything asked again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextOpening, type ChangeWindow } from '../server/config/change-window.ts'
import { iso } from '../server/clock.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door } from './world/remedy-door.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let door: Door

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    remedy: {
      windows: {
        evening: { from: '22:00', until: '23:00', platforms: ['support'], why: 'Nobody answers cases then.' },
        elsewhere: { from: '01:00', until: '02:00', platforms: ['crm'] },
      },
    },
  })
  door = remedyDoor(world)
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})

interface Plan {
  id: string
  number: number
  state: string
  hash: string
  items: number
  stopped_because: string | null
  replaces: number | null
  window: { name: string | null; opens_at: string; armed_by: string } | null
  counts: Record<string, number>
}
type Drafted = { plan: Plan | null }
type As = Parameters<Door['call']>[0]
const call = <T = Plan>(as: As, path: string, body?: unknown) => door.call<T>(as, path, body)
const shown = async (p: Plan) => (await call('olga', `/plans/P-${p.number}`)).body

let made = 0
/** A plan over so many records of support, drafted by the operator. */
async function drafted(records: number): Promise<Plan> {
  door.signIn()
  const ids = Array.from({ length: records }, () => `Z-${++made}`)
  for (const id of ids) platform.put('support', id, { name: id, segment: 'smb', state: 'customer' })
  const body = {
    reason: 'The segment is wrong.',
    records: ids.map((record_id) => ({
      ...{ platform: 'support', kind: 'customer', action: 'set_fields', record_id },
      fields: { segment: 'enterprise' },
    })),
  }
  return (await call<Drafted>('olga', '/plans', body)).body.plan!
}
async function approved(records: number): Promise<Plan> {
  const plan = await drafted(records)
  return (await call('anna', `/plans/${plan.id}/approve`, { hash: plan.hash, reason: 'It is.' })).body
}
const segment = (n: number) => platform.records.get('support')!.get(`Z-${n}`)!.fields['segment']
const audit = (action: string) => world.ctx.control.auditEntries(0, 10_000).filter((e) => e.action === action)

describe('an approver who wants a change', () => {
  let first: Plan
  let second: Plan

  it('gives the plan back with a reason, which voids what was approved of it', async () => {
    first = await approved(2)
    expect(first.state).toBe('approved')
    const reason = { reason: 'Leave the first out; the second is mid-market.' }
    expect((await call('olga', `/plans/${first.id}/return`, reason)).status).toBe(403)
    const back = await call('anna', `/plans/${first.id}/return`, reason)
    expect(back.body).toMatchObject({ state: 'returned', stopped_because: reason.reason })
    const [entry] = audit('plan.returned')
    expect(entry).toMatchObject({
      ...{ actor: 'anna', object: `P-${first.number}` },
      detail: { hash: first.hash, void_approvals_of: ['anna'], reason: reason.reason },
    })
  })

  it('leaves no way to apply or approve it as it was', async () => {
    expect((await call('olga', `/plans/${first.id}/apply`, { reason: 'Anyway.' })).status).toBe(409)
    expect((await call('anna', `/plans/${first.id}/approve`, { hash: first.hash, reason: 'Again.' })).status).toBe(409)
    const window = { reason: 'At night, then.', window: 'evening' }
    expect((await call('olga', `/plans/${first.id}/arm`, window)).status).toBe(409)
    expect(platform.ledger).toEqual([])
  })

  it('is answered by its requester alone, with another plan that takes its place', async () => {
    const change = { reason: 'As asked.', without: [1], values: [{ seq: 2, fields: { segment: 'mid_market' } }] }
    expect((await call('anna', `/plans/${first.id}/revise`, change)).status).toBe(403)
    expect((await call('olga', `/plans/${first.id}/revise`, { ...change, without: [9] })).status).toBe(404)
    second = (await call<Drafted>('olga', `/plans/${first.id}/revise`, change)).body.plan!
    expect(second).toMatchObject({ state: 'waiting', items: 1, replaces: first.number })
    expect(second.hash).not.toBe(first.hash)
    expect(await shown(first)).toMatchObject({
      state: 'replaced',
      stopped_because: `P-${second.number} takes its place. It was given back: Leave the first out; the second is mid-market.`,
    })
    expect((await call('olga', `/plans/${first.id}/revise`, change)).status).toBe(409)
  })

  it('looks at the new one afresh, and only that is applied', async () => {
    expect((await call('olga', `/plans/${second.id}/apply`, { reason: 'Now.' })).status).toBe(403)
    await call('anna', `/plans/${second.id}/approve`, { hash: second.hash, reason: 'Now it is right.' })
    await call('olga', `/plans/${second.id}/apply`, { reason: 'Now.' })
    await door.runtime.desk.worked(second.id)
    expect(await shown(second)).toMatchObject({ state: 'done', counts: { verified: 1 } })
    expect([segment(1), segment(2)]).toEqual(['smb', 'mid_market'])
  })
})

describe('a plan that waits for its window', () => {
  it('is armed by somebody freshly proven, for a window that suits its target, before it expires', async () => {
    const plan = await approved(1)
    const windows = await call<{ name: string; opens_at: string }[]>('olga', `/plans/${plan.id}/windows`)
    expect(windows.body).toMatchObject([{ name: 'evening', opens_at: '2026-11-27T22:00:00.000Z' }])
    const arm = (hours: object) => call('olga', `/plans/${plan.id}/arm`, { reason: 'When it is quiet.', ...hours })
    expect((await arm({ window: 'elsewhere' })).status).toBe(404)
    const late = { from: iso(clock.now() + 30 * HOUR), until: iso(clock.now() + 31 * HOUR) }
    expect((await arm(late)).status).toBe(409)
    await clock.turn(6 * MINUTE)
    expect((await arm({ window: 'evening' })).status).toBe(403)
    door.signIn('olga')
    expect((await arm({ window: 'evening' })).body).toMatchObject({
      ...{ state: 'armed', window: { name: 'evening', armed_by: 'olga@kranich.example' } },
    })
    await clock.turn(12 * HOUR)
    await door.runtime.desk.tick()
    expect(world.ctx.control.plan(plan.id)!.state).toBe('armed')
    await clock.turn(HOUR)
    await door.runtime.desk.tick()
    await door.runtime.desk.worked(plan.id)
    door.signIn()
    expect(await shown(plan)).toMatchObject({ state: 'done', window: null, counts: { verified: 1 } })
    const applied = audit('plan.applied').at(-1)!
    expect(applied).toMatchObject({ actor: 'olga', object: `P-${plan.number}`, detail: { window: 'evening' } })
  })

  it('is not applied after its hours, nor once who armed it may not any more', async () => {
    const [missed, orphan] = [await approved(1), await approved(1)]
    const before = platform.ledger.length
    const from = iso(clock.now() + HOUR)
    for (const p of [missed, orphan])
      await call('olga', `/plans/${p.id}/arm`, { reason: 'Later.', from, until: iso(clock.now() + 2 * HOUR) })
    await call('olga', `/plans/${missed.id}/disarm`, { reason: 'Sooner.' })
    expect((await shown(missed)).state).toBe('approved')
    const short = { reason: 'Sooner.', from, until: iso(clock.now() + HOUR + MINUTE) }
    expect((await call('olga', `/plans/${missed.id}/arm`, short)).body.state).toBe('armed')
    const { control } = world.ctx
    control.saveUser({ ...control.user('olga')!, role: 'viewer' })
    await clock.turn(HOUR + 5 * MINUTE)
    await door.runtime.desk.tick()
    control.saveUser({ ...control.user('olga')!, role: 'operator' })
    door.signIn()
    expect(await shown(missed)).toMatchObject({
      ...{ state: 'approved', stopped_because: expect.stringContaining('window has passed') as string },
    })
    expect(await shown(orphan)).toMatchObject({
      ...{ state: 'approved', stopped_because: expect.stringContaining('may not apply plans any more') as string },
    })
    expect(platform.ledger).toHaveLength(before)
  })

  it('pauses when the window closes in the middle, and goes on when a person says so', async () => {
    const plan = await approved(3)
    const hours = { from: iso(clock.now()), until: iso(clock.now() + HOUR) }
    await call('olga', `/plans/${plan.id}/arm`, { reason: 'Within the hour.', ...hours })
    platform.seen = ({ method }) => {
      if (method === 'PATCH') clock.set(clock.now() + HOUR)
    }
    await door.runtime.desk.tick()
    await door.runtime.desk.worked(plan.id)
    platform.seen = () => undefined
    door.signIn()
    expect(await shown(plan)).toMatchObject({
      ...{ state: 'paused', counts: { verified: 1, pending: 2 } },
      stopped_because: expect.stringContaining('Its window closed') as string,
    })
    const leave = (person: string) =>
      call<Plan & { left_with: { person: string } | null }>('olga', `/plans/${plan.id}/leave`, {
        ...{ reason: 'She knows these customers.', person },
      })
    expect((await leave('vera@kranich.example')).status).toBe(404)
    expect((await leave('anna@kranich.example')).body.left_with).toMatchObject({ person: 'anna@kranich.example' })
    expect(audit('plan.left with a person')).toHaveLength(1)
    expect((await call('olga', `/plans/${plan.id}/apply`, { reason: 'Go on.' })).body).toMatchObject({
      left_with: null,
    })
    await door.runtime.desk.worked(plan.id)
    expect((await shown(plan)).state).toBe('done')
  })

  it('is refused by the database itself unless the plan is approved as it stands', async () => {
    const plan = await drafted(1)
    const row = { plan: plan.id, hash: plan.hash, name: null, reason: 'Around the API.', armedBy: 'olga' }
    const hours = { armedAt: clock.now(), provenAt: clock.now(), opensAt: clock.now(), closesAt: clock.now() + HOUR }
    expect(() => world.ctx.control.addPlanWindow({ ...row, ...hours })).toThrow('only an approved plan')
  })
})

describe('when a window opens', () => {
  const nights: ChangeWindow = { days: ['fri'], from: '22:00', until: '04:00', timezone: 'Europe/Berlin' }
  const next = (at: string, window = nights) => {
    const { opensAt, closesAt } = nextOpening(window, Date.parse(at))
    return [iso(opensAt), iso(closesAt)]
  }

  it('is the night that is under way, else the next of its days, by the clock of its zone', () => {
    const friday = ['2026-11-27T21:00:00.000Z', '2026-11-28T03:00:00.000Z']
    expect(next('2026-11-27T09:00:00Z')).toEqual(friday)
    expect(next('2026-11-28T02:59:00Z')).toEqual(friday)
    expect(next('2026-11-28T03:00:00Z')).toEqual(['2026-12-04T21:00:00.000Z', '2026-12-05T03:00:00.000Z'])
  })

  it('keeps its hours when the clocks go back', () => {
    // 25 October 2026: the night is an hour longer.
    const sunday: ChangeWindow = { ...nights, days: ['sat'] }
    expect(next('2026-10-24T12:00:00Z', sunday)).toEqual(['2026-10-24T20:00:00.000Z', '2026-10-25T03:00:00.000Z'])
  })
})
