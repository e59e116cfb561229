/** Plans against the simulated Salesforce, NetSuite, Stripe and Zendesk over HTTP, judged by the vendors' own ledgers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import netsuiteConnector from '../connectors/netsuite/connector.ts'
import salesforceConnector from '../connectors/salesforce/connector.ts'
import stripeConnector from '../connectors/stripe/connector.ts'
import zendeskConnector from '../connectors/zendesk/connector.ts'
import type { Connector } from '../connectors/contract.ts'
import { netsuite } from '../lab/platforms/netsuite.ts'
import { salesforce } from '../lab/platforms/salesforce.ts'
import { stripe } from '../lab/platforms/stripe.ts'
import { zendesk } from '../lab/platforms/zendesk.ts'
import type { Clock } from '../server/clock.ts'
import { startPlan, workPlan } from '../server/remedy/apply.ts'
import { undoPlan } from '../server/remedy/undo.ts'
import { wish } from '../server/remedy/wish.ts'
import { remedyWorld, type RemedyWorld } from './world/remedy-world.ts'
import { simulated, type Simulated } from './world/simulated.ts'

let time = Date.parse('2026-11-20T12:00:00Z')
/** Short waits take no time; deadlines and silences (30 s and more) never come. */
const clock: Clock = {
  now: () => time,
  sleep: (ms, signal) =>
    ms < 30_000
      ? ((time += ms), Promise.resolve())
      : new Promise((_, stop) => signal?.addEventListener('abort', () => stop(signal.reason as Error), { once: true })),
}
const VENDORS = [
  ['salesforce', salesforce, salesforceConnector, 'crm'],
  ['netsuite', netsuite, netsuiteConnector, 'erp'],
  ['stripe', stripe, stripeConnector, 'billing'],
  ['zendesk', zendesk, zendeskConnector, 'support'],
] as const
const sims = new Map<string, Simulated>()
let world: RemedyWorld

beforeAll(async () => {
  const platforms: Record<string, unknown> = {}
  const connectors = new Map<string, Connector<never>>()
  for (const [name, simulator, shipped, role] of VENDORS) {
    const connector = shipped as unknown as Connector<never>
    const s = await simulated(simulator, connector)
    sims.set(name, s)
    connectors.set(name, connector)
    platforms[name] = { allow_private_network: true, ...s.running.platformConfig, maps: {}, connector: name, role }
    for (const n of [1, 2])
      s.put({
        ...{ kind: 'customer', id: simulator.id('customer', n), state: 'customer' },
        fields: {
          name: 'Acme',
          email: 'a@acme.example',
          currency: 'EUR',
          legal_entity: 'LM-DE',
          domain: 'acme.example',
        },
      })
  }
  world = await remedyWorld({ platforms, connectors, clock })
  world.person('olga', 'operator')
})
afterAll(async () => {
  await world?.end()
  for (const s of sims.values()) await s.stop()
})

async function applied(plan: Parameters<RemedyWorld['approve']>[0]) {
  const approved = world.approve(plan, { ...world.person('anna', 'approver'), provenAt: clock.now() })
  startPlan(world.ctx, approved, { ...world.person('olga', 'operator'), provenAt: clock.now() })
  return await workPlan(world.ctx, world.reach, plan.id)
}

describe.each(VENDORS)('a plan on %s', (name, simulator) => {
  const id = simulator.id('customer', 1)
  it('writes once, reads back, and is taken back to the value before', async () => {
    const s = sims.get(name)!
    const before = s.running.mutations!().length
    const { plan, dryRun } = await world.draft([
      wish({
        platform: name,
        kind: 'customer',
        action: 'set_fields',
        recordId: id,
        entity: id,
        fields: { name: 'Acme AG' },
      }),
    ])
    expect(dryRun.left_out).toEqual([])
    const done = await applied(plan!)
    expect([done.state, world.ctx.control.planItems(done.id, 0, 9).map((r) => r.state)]).toEqual(['done', ['verified']])
    expect(s.running.mutations!().length).toBe(before + 1)
    expect(s.state.record('customer', id)!.fields['name']).toBe('Acme AG')
    time += 5_000
    const undo = await undoPlan(world.ctx, world.reach, done, { requester: 'olga', reason: 'Back again.' })
    const back = await applied(undo.plan!)
    expect([back.state, s.state.record('customer', id)!.fields['name']]).toEqual(['done', 'Acme'])
  })
})
