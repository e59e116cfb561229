/** Exceptions from flows and polled queues, the alert before a source forgets, and where a replay may go with which payload. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector } from '../connectors/contract.ts'
import mulesoft from '../connectors/mulesoft/connector.ts'
import { workatoReruns } from '../connectors/workato/rerun.ts'
import { alertTick } from '../server/alert/jobs.ts'
import { iso } from '../server/clock.ts'
import { appendEvents } from '../server/store/facts/events.ts'
import type { RecordedEvent } from '../model/event.ts'
import { handClock } from './world/clock.ts'
import { desk, remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { remedyDoor, type Door } from './world/remedy-door.ts'
import { receiver, type Receiver } from './world/receivers.ts'
import { startWritePlatform, type WritePlatform } from './world/write-platform.ts'

const HOUR = 3_600_000
const clock = handClock('2026-11-27T09:00:00.000Z')
let platform: WritePlatform
let world: RemedyWorld
let door: Door
let hook: Receiver

beforeAll(async () => {
  platform = await startWritePlatform(() => clock.now())
  hook = await receiver()
  world = await remedyWorld({
    clock,
    platforms: {
      crm: desk(platform.url, 'crm', 'crm'),
      support: desk(platform.url, 'support', 'support'),
      mw: desk(platform.url, 'mw', 'middleware'),
      anypoint: {
        ...{ connector: 'mulesoft', role: 'middleware' },
        config: { client_id: 'c', client_secret: 's', organization: 'o', environment: 'e' },
      },
    },
    connectors: new Map([['mulesoft', mulesoft as unknown as Connector<never>]]),
    remedy: {
      targets: { test: { url: `${hook.url}/test`, secret: 'k', purpose: 'test', allow_private_network: true } },
    },
    more: {
      channels: { mail: { kind: 'folder' } },
      recipients: { ops: { channel: 'mail', address: 'ops@example.com' } },
      alerts: { own: { tell: ['ops'] }, routes: [{ name: 'All', tell: ['ops'] }] },
    },
  })
  door = remedyDoor(world)
})
afterAll(async () => {
  await world.end()
  await platform.stop()
  await hook.close()
})

const tick = async () => (door.signIn(), await door.runtime.desk.tick())
const waiting = (source: 'flow' | 'delivery' | 'dead_letter') =>
  world.ctx.control.exceptions({ states: ['open', 'retrying'], source, limit: 100 })

describe('a flow that stopped', () => {
  const instance = (over: Record<string, unknown>) => ({
    ...{ flow: 'quote-to-cash', eid: 1, entity_id: 'e1', customer_eid: 2, customer_entity_id: 'c1', platform: 'crm' },
    ...{ record_id: 'Q-1', stage: 'waiting', leg: 'invoiced', since: iso(clock.now() - 48 * HOUR) },
    ...{ due_at: iso(clock.now() - HOUR), completed_at: null, act: 'support', amount: '1200.5', currency: 'EUR' },
    ...{ legs: [], rev: 1, gone: 0, ...over },
  })

  it('is an exception with its money, and closes when the flow goes on', async () => {
    const { FLOWS } = await import('../model/flows.ts')
    const flow = FLOWS[0]!
    const leg = flow.legs[1]!
    await world.ctx.facts.insert('flow_instances', [instance({ flow: flow.name, leg: leg.name })])
    await tick()
    expect(waiting('flow')).toMatchObject([
      { class: 'business', business: true, money: '1200.5', currency: 'EUR', entityId: 'e1', recordId: 'Q-1' },
    ])
    expect(waiting('flow')[0]!.reason).toContain(leg.title)
    await tick()
    expect(waiting('flow')).toHaveLength(1)
    await world.ctx.facts.insert('flow_instances', [instance({ flow: flow.name, leg: '', stage: 'complete', rev: 2 })])
    await tick()
    expect(waiting('flow')).toEqual([])
    const [closed] = world.ctx.control.exceptions({ states: ['resolved'], source: 'flow', limit: 1 })
    expect(closed).toMatchObject({ resolvedBy: 'evidence', evidence: 'The flow went on, or its deadline was moved.' })
  })
})

const event = (id: string, detail: Record<string, unknown>): RecordedEvent => ({
  ...{ id, at: iso(clock.now() - HOUR), type: 'rejected', reported_by: 'mw', from_platform: 'crm' },
  ...{
    to_platform: 'support',
    kind: 'customer',
    record_id: `Z-${id}`,
    number: null,
    correlation_id: id,
    trace_id: null,
  },
  ...{ message: 'status 503, service unavailable', actor: null, release: null, detail },
})
const replay = (to: string, ids: number[]) =>
  door.call<{ plan: { id: string; hash: string } | null; dry_run: { left_out: { why: string }[] } }>(
    'olga',
    '/replays',
    {
      ...{ reason: 'It is up again.', to, ids },
    },
  )

describe('what was polled from middleware and brokers', () => {
  async function sent(to: string, ids: number[]) {
    const { plan } = (await replay(to, ids)).body
    const said = { hash: plan!.hash, reason: 'Yes.', irreversible: ids.length }
    expect((await door.call('anna', `/plans/${plan!.id}/approve`, said)).status).toBe(200)
    await door.call('olga', `/plans/${plan!.id}/apply`, { reason: 'Now.' })
    const worked = door.runtime.desk.worked(plan!.id)
    for (let i = 0; i < 10; i++) await clock.turn(1_000)
    await worked
  }

  it('tells dead letters from refused deliveries, and keeps payloads whole but for secrets', async () => {
    await appendEvents(world.ctx.facts, world.ctx.control, [
      event('a', { dead_letter: 'orders.dlq', body: { email: 'info@kranich.example', name: 'Kranich' } }),
      event('b', { rerun: 'r7', values: { name: 'Nordwind' } }),
      event('c', { body: { name: 'Adler', token: 'abc' } }),
    ])
    await tick()
    expect(waiting('dead_letter')).toMatchObject([{ eventId: 'a', via: 'mw', class: 'unavailable', state: 'retrying' }])
    expect(waiting('delivery').map((e) => [e.eventId, e.run])).toEqual(
      expect.arrayContaining([
        ['b', 'r7'],
        ['c', null],
      ]),
    )
    const shown = await door.call<{ payload: Record<string, string>; can_run_again: boolean }>(
      'olga',
      `/exceptions/${waiting('dead_letter')[0]!.id}`,
    )
    expect(shown.body).toMatchObject({ payload: { email: 'i…' }, can_run_again: false })
  })

  it('sends the event itself to a target, never a masked one, and refuses where a secret is missing', async () => {
    const [a] = waiting('dead_letter')
    await sent('test', [a!.id])
    const [got] = hook.taken.filter((t) => t.path === '/test')
    expect(JSON.parse(got!.body)).toMatchObject({ id: 'a', data: { email: 'info@kranich.example', name: 'Kranich' } })
    expect(got!.headers).toMatchObject({ 'webhook-id': 'a', 'plumbline-original-time': a!.eventAt && iso(a!.eventAt) })
    const c = waiting('delivery').find((e) => e.eventId === 'c')!
    const { body } = await replay('test', [c.id])
    expect(body.plan).toBeNull()
    expect(body.dry_run.left_out[0]!.why).toContain('secret that is not kept')
  })

  it('asks the middleware to run again by the name that it gave', async () => {
    const b = waiting('delivery').find((e) => e.eventId === 'b')!
    await sent('middleware', [b.id])
    expect(platform.events.filter((e) => e.platform === 'mw').map((e) => e.id)).toEqual(['r7'])
    const c = waiting('delivery').find((e) => e.eventId === 'c')!
    expect((await replay('middleware', [c.id])).body.dry_run.left_out[0]!.why).toContain('did not say by what')
  })

  it('asks Workato for one job of one recipe', () => {
    const jobs = { r: { to: 'erp', kind: 'customer', read: [] }, s: { to: 'erp', kind: 'order', read: [] } }
    const [customer, order] = workatoReruns({ jobs })
    const request = { action: 'redeliver' as const, kind: 'customer', fields: {}, references: {}, refs: {}, key: 'k' }
    expect(order!.kind).toBe('order')
    expect(customer!.calls({ jobs }, { ...request, recordId: '12/j-3' }, { row: null, mark: null })).toEqual([
      { method: 'POST', path: '/api/recipes/12/repeat_jobs', body: { job_ids: ['j-3'] } },
    ])
    expect(() => customer!.calls({ jobs }, { ...request, recordId: 'j-3' }, { row: null, mark: null })).toThrow(
      'recipe/job',
    )
  })
})

describe('middleware that has no call for it', () => {
  it('is refused in its own words, and one run is asked for once', async () => {
    const event = (id: string, reported_by: string, detail: Record<string, unknown>): RecordedEvent => ({
      ...{
        id,
        at: iso(clock.now() - HOUR),
        type: 'rejected',
        reported_by,
        from_platform: 'crm',
        to_platform: 'support',
      },
      ...{ kind: 'customer', record_id: `Z-${id}`, number: null, correlation_id: id, trace_id: null },
      ...{ message: 'status 503, service unavailable', actor: null, release: null, detail },
    })
    await appendEvents(world.ctx.facts, world.ctx.control, [
      event('m1', 'anypoint', {}),
      event('m2', 'mw', { rerun: 'run-9' }),
      event('m3', 'mw', { rerun: 'run-9' }),
    ])
    await tick()
    const ids = waiting('delivery').flatMap((e) => (e.eventId?.startsWith('m') ? [e.id] : []))
    const { body } = await door.call<{
      plan: { items: number } | null
      dry_run: { left_out: { why: string }[] }
    }>('olga', '/replays', { reason: 'It is up again.', to: 'middleware', ids })
    expect(body.plan).toMatchObject({ items: 1 })
    expect(body.dry_run.left_out.map((l) => l.why).sort()).toEqual([
      expect.stringContaining('Anypoint has no call that runs a message again') as string,
      'The same run carries it, and is asked for once.',
    ])
  })
})

describe('before the source forgets', () => {
  const mails = () =>
    world.ctx.control.outbox({ limit: 50 }).filter((r) => r.refs.some((x) => x.startsWith('exceptions/')))

  it('an alert reaches the outbox, once for each trouble', async () => {
    const pushed = ['x1', 'x2'].map((id) => ({
      ...{ id, reason: 'Account 12 not found', status: 404, platform: 'crm', target: 'support', kind: 'customer' },
      ...{ event_id: id, occurred_at: iso(clock.now() - 50 * HOUR), record_id: id },
    }))
    door.signIn()
    await door.call('olga', '/exceptions', pushed)
    await tick()
    await alertTick(world.ctx)
    await clock.turn(2 * 60_000)
    await alertTick(world.ctx)
    expect(mails()).toHaveLength(1)
    expect(mails()[0]!.message).toMatchObject({
      event: 'exceptions.recoverability_ending',
      title: 'crm will soon forget 2 events that did not arrive',
      lines: ['Account 12 not found', expect.stringContaining('can still be sent again') as string],
    })
    await clock.turn(20 * 60_000)
    await tick()
    await alertTick(world.ctx)
    expect(mails()).toHaveLength(1)
  })
})

describe('a replay', () => {
  it('is proved by what the target holds then: as many records as before, or a second one', async () => {
    const one = (n: number) => ({ name: `E${n}`, domain: `e${n}.example`, state: 'customer' })
    for (const n of [1, 2]) platform.put('support', `Z-e${n}`, one(n))
    await door.runtime.collect({ platforms: ['support'] })
    await door.runtime.check({ checks: [] })
    await clock.turn(2 * HOUR)
    const told = [event('e1', { rerun: 'r-e1' }), event('e2', { rerun: 'r-e2' })]
    await appendEvents(world.ctx.facts, world.ctx.control, told)
    await tick()
    const ids = waiting('delivery').flatMap((e) => (e.eventId?.startsWith('e') ? [e.id] : []))
    const plan = (await replay('middleware', ids)).body.plan!
    // What the receiver makes of the second event is another record of the same customer.
    platform.put('support', 'Z-e2-again', one(2))
    await door.call('anna', `/plans/${plan.id}/approve`, { hash: plan.hash, reason: 'Yes.', irreversible: 2 })
    await door.call('olga', `/plans/${plan.id}/apply`, { reason: 'Now.' })
    let over = false
    const worked = door.runtime.desk.worked(plan.id).then(() => (over = true))
    while (!over) await clock.turn(20)
    await worked
    const says = world.ctx.control
      .planItems(plan.id, 0, 9)
      .map((i) => [i.state, (JSON.parse(i.result!) as { says: string }).says])
    expect(says.sort()).toEqual([
      ['verified', 'support was read again: it holds 1 of it, 1 before.'],
      ['verified', 'support was read again: it holds 2 of it, 1 before; the replay made a second record.'],
    ])
    const [read] = world.ctx.control.auditEntries(0, 10_000).filter((e) => e.action === 'plan.effects read')
    expect(read).toMatchObject({ detail: { replayed: 2, second_records: 1 } })
  })
})
