/** Standing remediations that write: within their limits an hour, stopped by their breaker, started again by an approver, with a report. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkFile } from './world/check-files.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door, type Name } from './world/remedy-door.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const HOUR = 3_600_000
const CHECK = 'customer-master/profile'
const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let door: Door

const rule = { checks: [CHECK], why_safe: 'A segment is a label that nobody bills by.', mode: 'on' }

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    checks: [checkFile(CHECK, 'kind: agree\nof: customer\nfields: [segment]')],
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    remedy: {
      automations: {
        careful: { ...rule, money_per_hour: '100' },
        segments: { ...rule, per_hour: 2, breaker: 2 },
      },
      approvals: [
        { needs: 'one', why: 'A second person looks.' },
        { automations: ['careful', 'segments'], needs: 'automatic', why: 'Nobody bills by a segment.' },
      ],
    },
  })
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const same = { name: `C${n}`, domain: `c${n}.example`, state: 'customer' }
    platform.put('crm', `S-${n}`, { ...same, segment: 'enterprise' })
    platform.put('support', `Z-${n}`, { ...same, segment: 'smb' })
  }
  await clock.turn(48 * HOUR)
  await world.read()
  door = remedyDoor(world)
  await door.runtime.check({ full: true })
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})

interface Shown {
  name: string
  stopped: string | null
  failures: number
  used: { items: number; money: string | null }
  did: { plan: number; items: number; state: string; verified: number; failed: number }[]
}
const shown = async (name = 'segments', as: Name = 'olga'): Promise<Shown> => {
  door.signIn()
  return (await door.call<Shown[]>(as, '/standing/automations')).body.find((a) => a.name === name)!
}
async function turn(ms: number) {
  await clock.turn(ms)
  await door.runtime.desk.tick()
  for (const p of world.ctx.control.plans({ limit: 20 })) await door.runtime.desk.worked(p.id)
}
const ours = () => platform.ledger.filter((m) => m.by === 'plumbline')

it('writes as much as the hour allows, by plans of its own, and reports what came of them', async () => {
  await turn(60_000)
  expect(ours()).toHaveLength(2)
  await turn(60_000)
  expect(ours()).toHaveLength(2)
  expect(await shown()).toMatchObject({
    used: { items: 2 },
    did: [{ items: 2, state: 'done', verified: 2, failed: 0 }],
  })
  expect(world.ctx.control.plans({ limit: 5 }).every((p) => p.requester === 'automation segments')).toBe(true)
})

it('counts an amount that nobody knows as over its limit of money', async () => {
  expect(await shown('careful')).toMatchObject({ used: { items: 0, money: '0' }, did: [] })
})

it('stops after failures in a row, until an approver starts it again with a reason', async () => {
  platform.fault = () => 'before'
  await turn(HOUR + 60_000)
  await turn(HOUR + 60_000)
  expect(ours()).toHaveLength(2)
  expect((await shown()).failures).toBe(1)
  await turn(HOUR + 60_000)
  const stopped = await shown()
  expect(stopped.stopped).toMatch(/^2 plans in a row failed/)
  const plans = world.ctx.control.plans({ limit: 20 }).length
  platform.fault = () => undefined
  await turn(HOUR + 60_000)
  expect(world.ctx.control.plans({ limit: 20 })).toHaveLength(plans)
  const again = (as: Name) => door.call(as, '/standing/automations/segments/start', { reason: 'The CRM is up again.' })
  door.signIn()
  expect((await again('olga')).status).toBeGreaterThanOrEqual(401)
  expect((await again('anna')).status).toBe(200)
  expect(await shown()).toMatchObject({ stopped: null, failures: 0 })
  const actions = world.ctx.control.auditEntries(0, 1_000).map((e) => e.action)
  expect(actions).toEqual(expect.arrayContaining(['automation.stopped', 'automation.started again']))
})
