/** Applying plans against platforms over HTTP, judged by their own ledger. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import { undoPlan } from '../server/remedy/undo.ts'
import { wish, type Wish } from '../server/remedy/wish.ts'
import type { PlanRow } from '../server/store/control/remedy-rows.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { startWritePlatform, type Fault, type WritePlatform } from './world/write-platform.ts'

const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  world = await remedyWorld({
    clock,
    platforms: {
      crm: desk(platform.url, 'crm', 'crm'),
      erp: desk(platform.url, 'erp', 'erp', { guard: 'etag', idempotency: 'journal' }),
      billing: desk(platform.url, 'billing', 'billing', { guard: 'compare', idempotency: 'header' }),
      support: desk(platform.url, 'support', 'support', { guard: 'compare', idempotency: 'journal' }),
    },
  })
  world.person('olga', 'operator')
})
afterAll(async () => {
  await world.end()
  await platform.stop()
})
let n = 0
beforeEach(() => {
  platform.fault = () => undefined
  platform.ledger.length = 0
})

/** A customer of its own on the platform, and the wish to rename it. */
function rename(on: string, to = 'Kranich GmbH', from = 'Kranich'): Wish {
  const id = `c${++n}`
  platform.put(on, id, { name: from, segment: 'smb' })
  return wish({ platform: on, kind: 'customer', action: 'set_fields', recordId: id, entity: id, fields: { name: to } })
}

async function approved(wishes: Wish[], how = {}): Promise<PlanRow> {
  const { plan } = await world.draft(wishes, how)
  return world.approve(plan!, world.person('anna', 'approver'))
}
async function apply(plan: PlanRow): Promise<PlanRow> {
  startPlan(world.ctx, plan, world.person('olga', 'operator'))
  return await workPlan(world.ctx, world.reach, plan.id)
}
const states = (plan: PlanRow) => world.ctx.control.planItems(plan.id, 0, 1000).map((r) => r.state)
const nameOf = (w: Wish) => platform.records.get(w.platform)!.get(w.recordId!)!.fields['name']
const ours = () => platform.ledger.filter((m) => m.by === 'plumbline')

describe('a plan', () => {
  it('writes what was approved, reads it back, and stores what it read', async () => {
    const wishes = [rename('crm'), rename('erp'), rename('billing'), rename('support')]
    const done = await apply(await approved(wishes))
    expect([done.state, ...states(done)]).toEqual(['done', 'verified', 'verified', 'verified', 'verified'])
    expect(wishes.map(nameOf)).toEqual(Array(4).fill('Kranich GmbH'))
    expect(ours()).toHaveLength(4)
    const stored = await world.ctx.facts.query<{ platform: string; name: string }>(
      'select platform, name from plumbline.versions_customer order by platform',
    )
    expect(stored).toEqual(['billing', 'crm', 'erp', 'support'].map((p) => ({ platform: p, name: 'Kranich GmbH' })))
  })

  it('leaves out what is as wanted, what is gone and what cannot be done, and says why', async () => {
    const same = rename('crm', 'Kranich')
    const gone = { ...rename('crm'), recordId: 'nobody' }
    const cannot = { ...rename('crm'), action: 'hold' as const }
    const { plan, dryRun } = await world.draft([same, gone, cannot])
    expect(plan).toBeNull()
    expect(dryRun.left_out.map((l) => l.why).sort()).toEqual([
      'It is as wanted already.',
      'crm cannot be told to hold a customer.',
      'crm has no such record any more.',
    ])
  })

  it('skips a record that moved between plan and apply, on the target and at the source', async () => {
    const [target, source] = [rename('crm'), rename('billing')]
    platform.put('erp', 'owner', { name: 'Kranich GmbH' })
    source.source = { platform: 'erp', kind: 'customer', record_id: 'owner', fields: { name: 'Kranich GmbH' } }
    const plan = await approved([target, source])
    platform.move('crm', target.recordId!, { name: 'Somebody else’s' })
    platform.move('erp', 'owner', { name: 'Kranich AG' })
    const done = await apply(plan)
    expect([done.state, ...states(done)]).toEqual(['done', 'skipped', 'skipped'])
    expect(ours()).toEqual([])
  })

  it('never overwrites what somebody changes between our look and our write, where the platform has a precondition', async () => {
    const w = rename('erp')
    const plan = await approved([w])
    platform.fault = () => 'race'
    const done = await apply(plan)
    expect([done.state, ...states(done)]).toEqual(['stopped', 'conflict'])
    expect(nameOf(w)).toMatch(/^Others/)
    expect(ours()).toEqual([])
  })

  it('sees that somebody wrote in the moment between, where the platform has no precondition but counts', async () => {
    const w = rename('billing')
    const plan = await approved([w])
    platform.fault = () => 'race'
    const done = await apply(plan)
    expect(states(done)).toEqual(['verified'])
    const [item] = world.ctx.control.planItems(done.id, 0, 1)
    expect(item!.result).toContain('1 more writes in that moment than ours')
  })

  const once = (fault: Fault) => {
    let left = 1
    return () => (left-- > 0 ? fault : undefined)
  }
  it.each([
    ['crm', 'lost', 'verified', 1],
    ['crm', 'after', 'verified', 1],
    ['crm', 'before', 'verified', 1],
    ['crm', 'late', 'verified', 1],
    ['erp', 'before', 'verified', 1],
    ['erp', 'late', 'verified', 1],
    ['billing', 'lost', 'verified', 1],
    ['billing', 'late', 'verified', 1],
    ['support', 'lost', 'verified', 1],
    ['support', 'before', 'unresolved', 0],
    ['support', 'late', 'unresolved', 0],
    ['support', 'slow', 'verified', 1],
  ] as const)('%s, answer %s: %s, written %i times', async (on, fault, state, times) => {
    const w = rename(on)
    const plan = await approved([w])
    platform.fault = once(fault)
    startPlan(world.ctx, plan, world.person('olga', 'operator'))
    const working = workPlan(world.ctx, world.reach, plan.id)
    for (let i = 0; i < 60; i++) await clock.turn(1000)
    const done = await working
    expect(states(done)).toEqual([state])
    expect(ours().filter((m) => m.id === w.recordId)).toHaveLength(times)
  })

  it('makes records in the order in which they rest on one another, once, also when the answer is lost', async () => {
    const make = (on: string) =>
      wish({
        platform: on,
        kind: 'customer',
        action: 'create',
        recordId: null,
        entity: `new${++n}`,
        fields: { name: 'Neu' },
      })
    const plan = await approved([make('crm'), make('billing')])
    platform.fault = once('lost')
    const done = await apply(plan)
    expect(states(done)).toEqual(['verified', 'verified'])
    expect(ours()).toHaveLength(2)
  })

  it('stops by itself after a first failure, shows the rest as not tried, and takes back what was done by a plan of its own', async () => {
    const wishes = [rename('crm'), rename('crm'), rename('crm')]
    const plan = await approved(wishes, { stages: [2, 5] })
    platform.fault = (r) => (r.path.endsWith(wishes[1]!.recordId!) ? 'race' : undefined)
    const stopped = await apply(plan)
    expect(stopped.state).toBe('stopped')
    expect(stopped.reason).toBe('1 of 2 failed in stage 1.')
    expect(states(stopped).sort()).toEqual(['conflict', 'pending', 'verified'])
    platform.fault = () => undefined
    const undo = await undoPlan(world.ctx, world.reach, stopped, { requester: 'olga', reason: 'It went wrong.' })
    expect(undo.plan!.state).toBe('waiting')
    await apply(world.approve(undo.plan!, world.person('anna', 'approver')))
    expect(wishes.map(nameOf).filter((x) => x === 'Kranich')).toHaveLength(2)
  })

  it('is applied by one holder: of many at once, each record is written once', async () => {
    const wishes = Array.from({ length: 12 }, () => rename('crm'))
    const plan = await approved(wishes)
    startPlan(world.ctx, plan, world.person('olga', 'operator'))
    await Promise.all(Array.from({ length: 100 }, () => workPlan(world.ctx, world.reach, plan.id)))
    expect(world.ctx.control.plan(plan.id)!.state).toBe('done')
    expect(ours()).toHaveLength(12)
  })

  it('pauses, continues and cancels between two items', async () => {
    const wishes = Array.from({ length: 8 }, () => rename('crm'))
    const plan = await approved(wishes)
    let writes = 0
    platform.seen = (r) => {
      if (r.method === 'PATCH' && ++writes === 3)
        world.ctx.control.movePlan(plan.id, ['applying'], 'paused', {
          actor: 'olga',
          at: clock.now(),
          action: 'plan.paused',
        })
    }
    const paused = await apply(plan)
    expect(paused.state).toBe('paused')
    const before = ours().length
    expect(before).toBeLessThan(8)
    platform.seen = () => undefined
    const done = await apply(paused)
    expect(done.state).toBe('done')
    expect(ours()).toHaveLength(8)
  })
})
