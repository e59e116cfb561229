/** Connectors that are only told: each with its simulated sender, over HTTP, through refusals, doubles and another order. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import cloudeventsConnector from '../connectors/cloudevents/connector.ts'
import type { Connector } from '../connectors/contract.ts'
import otlpConnector from '../connectors/otlp/connector.ts'
import type { HookReading, HookRequest } from '../connectors/receiver.ts'
import webhookConnector from '../connectors/webhook/connector.ts'
import cloudevents from '../lab/platforms/cloudevents.ts'
import otlp from '../lab/platforms/otlp.ts'
import webhook from '../lab/platforms/webhook.ts'
import type { RecordedEvent } from '../model/event.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
const CHANGES = 12

/** Changes into NetSuite: each was sent, and answered a minute later; every fourth was refused. */
function tell(world: Simulated): void {
  for (let n = 0; n < CHANGES; n++) {
    const refused = n % 4 === 3
    const event = (type: RecordedEvent['type'], at: number): RecordedEvent => ({
      ...{ id: `chg-${n}/netsuite/${type}`, at: new Date(at).toISOString(), type, reported_by: 'middleware' },
      ...{
        from_platform: 'salesforce',
        to_platform: 'netsuite',
        kind: 'customer',
        record_id: `001-${n}`,
        number: null,
      },
      ...{ correlation_id: `chg-${n}`, trace_id: null, actor: null, release: null, detail: {} },
      message: type === 'rejected' ? 'record is locked' : null,
    })
    world.told.push(event('sent', T0 - 600_000), event(refused ? 'rejected' : 'acknowledged', T0 - 540_000))
  }
}

interface Heard {
  readings: HookReading[]
  requests: HookRequest[]
  url: string
  close(): void
}

/** A receiver as the intake is one: what proves no sender is refused, and while it is busy so is everything. */
async function receiver(world: Simulated, connector: Connector<never>, busy: (n: number) => boolean): Promise<Heard> {
  const { verify, read, handshake } = connector.receive!
  const { config } = world.context()
  let count = 0
  const server = createServer((incoming, outgoing) => {
    void incoming.toArray().then((chunks) => {
      const headers = incoming.headers as Record<string, string>
      const body = Buffer.concat(chunks as Buffer[])
      const request: HookRequest = { method: incoming.method!, path: '/', query: {}, headers, body }
      const greeting = handshake?.(config, request)
      if (greeting) return outgoing.writeHead(greeting.status, greeting.headers).end(greeting.body)
      if (busy(++count)) return outgoing.writeHead(503, { 'retry-after': '1' }).end()
      if (verify(config, request, world.now()).trust === 'refused') return outgoing.writeHead(401).end()
      heard.requests.push(request)
      heard.readings.push(...read(config, request))
      return outgoing.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const heard: Heard = {
    readings: [],
    requests: [],
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => (server.close(), server.closeAllConnections()),
  }
  return heard
}

describe.each([
  ['cloudevents', cloudevents, cloudeventsConnector as unknown as Connector<never>],
  ['otlp', otlp, otlpConnector as unknown as Connector<never>],
  ['webhook', webhook, webhookConnector as unknown as Connector<never>],
])('%s', (_, simulator, connector) => {
  const factsOf = (readings: readonly HookReading[]) =>
    readings
      .flatMap((r) => r.events)
      .map(({ value }) => value as Partial<RecordedEvent>)
      .map((e) => [e.type, e.at, e.from_platform, e.to_platform, e.kind, e.record_id, e.correlation_id].join(' '))

  it('is told everything once, though it was busy, told twice and out of order', async () => {
    const world = await simulated(simulator, connector)
    tell(world)
    const heard = await receiver(world, connector, (n) => n % 3 === 1)
    const hooks = world.running.hooks!(heard.url, { duplicate: 0.4, reorder: 0.4 })
    let left = 1
    for (let turn = 0; left > 0; turn++) {
      expect(turn).toBeLessThan(20)
      left = (await hooks.deliver()).refused.length
    }
    const once = new Map(heard.readings.map((reading) => [reading.key, reading]))
    expect(heard.readings.length).toBeGreaterThan(once.size)
    expect(factsOf([...once.values()]).sort()).toEqual(
      world.told
        .map((e) => [e.type, e.at, 'salesforce', 'netsuite', 'customer', e.record_id, e.correlation_id].join(' '))
        .sort(),
    )
    // Nothing is new: nothing is sent.
    expect((await hooks.deliver()).sent).toEqual([])
    heard.close()
    await world.stop()
  })

  it('takes nothing that was changed on its way or comes from somebody else', async () => {
    const world = await simulated(simulator, connector)
    tell(world)
    const heard = await receiver(world, connector, () => false)
    await world.running.hooks!(heard.url).deliver()
    const [request] = heard.requests
    const { config } = world.context()
    const verify = (own: Partial<HookRequest>, now = world.now()) =>
      connector.receive!.verify(config, { ...request!, ...own }, now).trust
    // A token proves the sender alone, neither bytes nor the time.
    const token = simulator === otlp
    expect(verify({})).toBe(token ? 'token' : 'signed')
    const bare = { 'content-type': request!.headers['content-type']! }
    expect(verify({ headers: bare })).toBe('refused')
    if (!token) {
      expect(verify({ body: Buffer.from(`${Buffer.from(request!.body).toString()} `) })).toBe('refused')
      for (const off of [-600_000, 600_000]) expect(verify({}, world.now() + off)).toBe('refused')
    }
    heard.close()
    await world.stop()
  })
})

it('a broker that is not let in delivers nothing, and what it sends comes in all three modes', async () => {
  const connector = cloudeventsConnector as unknown as Connector<never>
  const closed = await simulated(cloudevents, connector, { config: (own) => ({ ...own, origins: ['others.example'] }) })
  tell(closed)
  const deaf = await receiver(closed, connector, () => false)
  const { sent, refused } = await closed.running.hooks!(deaf.url).deliver()
  expect(sent.length).toBeGreaterThan(0)
  expect(refused).toEqual(sent)
  expect(deaf.requests).toEqual([])
  const world = await simulated(cloudevents, connector)
  tell(world)
  const heard = await receiver(world, connector, () => false)
  await world.running.hooks!(heard.url).deliver()
  expect(new Set(heard.requests.map((r) => r.headers['content-type']!.split(';')[0]))).toEqual(
    new Set(['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json']),
  )
  for (const one of [deaf, heard]) one.close()
  await closed.stop()
  await world.stop()
})
