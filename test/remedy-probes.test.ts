/** Probes: a canary goes along its route on a schedule, is taken back afterwards, and is told of when it is late or slow. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door } from './world/remedy-door.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const MINUTE = 60_000
const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let door: Door

const free = (name: string) => ({ automations: [`probe ${name}`], needs: 'automatic', why: 'It is a record of ours.' })

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    platforms: { crm: desk(platform.url, 'crm', 'crm'), support: desk(platform.url, 'support', 'support') },
    remedy: {
      probes: {
        route: { from: 'crm', to: ['support'], record: 'S-0', field: 'segment', within: '30m', schedule: '0 * * * *' },
        fresh: { from: 'crm', to: ['support'], create: { domain: 'canary.example' }, field: 'name', within: '30m' },
        asked: { from: 'crm', to: ['support'], record: 'S-0', field: 'legal_name' },
      },
      approvals: [{ needs: 'one', why: 'A second person looks.' }, free('route'), free('fresh')],
    },
  })
  const canary = { name: 'Canary', domain: 'probe.example', segment: 'smb', state: 'customer', legal_name: 'Canary' }
  platform.put('crm', 'S-0', canary)
  platform.put('support', 'Z-0', canary)
  await world.read()
  door = remedyDoor(world)
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})

interface Shown {
  name: string
  outcome: string
  plan: number
  cleaned: number | null
  arrived: Record<string, string | null>
  runs: { lag_ms: Record<string, number | null>; outcome: string }[]
  usual_ms: Record<string, number | null>
}
const shown = async (name: string): Promise<Shown> => {
  door.signIn()
  return (await door.call<Shown[]>('olga', '/standing/probes')).body.find((p) => p.name === name)!
}
const at = (of: string, id: string, field: string) => platform.records.get(of)!.get(id)?.fields[field]
/** The integration carries the value over. */
const carry = (field: string, from = 'S-0', to = 'Z-0') =>
  platform.move('support', to, { [field]: at('crm', from, field)! })
const worked = async () => {
  for (const p of world.ctx.control.plans({ limit: 10 })) await door.runtime.desk.worked(p.id)
}
async function turn(minutes: number) {
  await clock.turn(minutes * MINUTE)
  await door.runtime.desk.tick()
  await worked()
}
const open = () => world.ctx.control.exceptions({ states: ['open', 'retrying'], source: 'probe', limit: 10 })

describe('a probe on its schedule', () => {
  it('is a job of its own, changes the marked record at once, and waits for it', async () => {
    expect(door.runtime.scheduler.next('probe route')).toBe(Date.parse('2026-11-27T10:00:00.000Z'))
    expect(door.runtime.scheduler.next('probe asked')).toBeNull()
    await clock.turn(60 * MINUTE)
    await door.runtime.desk.probe('route', 'automation probe route')
    await worked()
    expect(at('crm', 'S-0', 'segment')).toMatch(/^Probe 2026-11-27/)
    await turn(1)
    expect(await shown('route')).toMatchObject({ outcome: 'under way', arrived: { support: null } })
    expect(platform.ledger.every((m) => m.key !== null && world.ctx.control.plan(m.key.slice(0, 36)))).toBe(true)
  })

  it('arrives, keeps its lag, and is taken back by a plan of its own', async () => {
    carry('segment')
    await turn(4)
    const probe = await shown('route')
    expect(probe).toMatchObject({ outcome: 'arrived', runs: [{ outcome: 'arrived', lag_ms: { support: 5 * MINUTE } }] })
    expect(at('crm', 'S-0', 'segment')).toBe('smb')
    expect(world.ctx.control.plan(probe.cleaned!)).toMatchObject({
      state: 'done',
      undoOf: expect.any(String) as string,
    })
    carry('segment')
  })

  it('is an exception when it is late, which the next one that arrives closes', async () => {
    await door.runtime.desk.probe('route', 'automation probe route')
    await worked()
    await turn(31)
    expect(await shown('route')).toMatchObject({ outcome: 'late' })
    expect(open()).toMatchObject([{ target: 'support', priority: 'high', class: 'timeout' }])
    expect(at('crm', 'S-0', 'segment')).toBe('smb')
    await turn(1)
    await door.runtime.desk.probe('route', 'automation probe route')
    await worked()
    carry('segment')
    await turn(2)
    expect(open()).toEqual([])
    carry('segment')
  })

  it('is told of when it is much slower than usual', async () => {
    for (let i = 0; i < 4; i++) {
      await turn(1)
      await door.runtime.desk.probe('route', 'automation probe route')
      await worked()
      carry('segment')
      await turn(2)
      carry('segment')
    }
    expect((await shown('route')).usual_ms['support']).toBe(2 * MINUTE)
    await turn(1)
    await door.runtime.desk.probe('route', 'automation probe route')
    await worked()
    await turn(20)
    carry('segment')
    await turn(1)
    expect(open()).toMatchObject([
      { target: 'support', priority: 'medium', reason: expect.stringContaining('usually 2') as string },
    ])
    carry('segment')
  })
})

it('makes a canary of its own where none is named, follows it, and ends it', async () => {
  const plan = await door.runtime.desk.probe('fresh', 'automation probe fresh')
  await worked()
  const id = platform.ledger.findLast((m) => m.key?.startsWith(plan!.id))!.id
  const name = at('crm', id, 'name')!
  expect(name).toMatch(/^Probe /)
  platform.put('support', 'Z-9', { name, domain: 'canary.example', segment: null })
  await world.read()
  await turn(2)
  expect(await shown('fresh')).toMatchObject({ outcome: 'arrived' })
  expect(platform.records.get('crm')!.get(id)!.deleted).toBe(true)
})

it('waits for approval where the policy does not name it, whoever starts it', async () => {
  door.signIn()
  const started = await door.call<{ plan: { state: string } }>('olga', '/standing/probes/asked', {})
  expect(started.body.plan.state).toBe('waiting')
  expect(at('crm', 'S-0', 'legal_name')).toBe('Canary')
  expect((await door.call('olga', '/standing/probes/asked', {})).status).toBe(409)
})
