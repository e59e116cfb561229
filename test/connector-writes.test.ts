/**
 * The promises of actions and receivers, held against every connector that discovery finds and whose simulated platform
 * accepts writes or sends hooks: nothing is sent twice, nothing is written over what moved, no delivery is let in unproven.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActionRequest } from '../connectors/action.ts'
import { ACTION_NAMES, actionsOf } from '../connectors/action.ts'
import type { Connector } from '../connectors/contract.ts'
import type { HookRequest } from '../connectors/receiver.ts'
import type { Simulator } from '../lab/platform.ts'
import { kindOf } from '../model/kinds.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import type { Acting } from './world/acting.ts'
import { acting } from './world/acting.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const connectors = await discoverConnectors(foldersOf('connectors'))
const simulators = new Map<string, Simulator>()
for (const name of connectors.keys()) {
  if (!existsSync(join(ROOT, 'lab/platforms', `${name}.ts`))) continue
  const module = (await import(`../lab/platforms/${name}.ts`)) as Record<string, Simulator>
  simulators.set(name, module['default'] ?? module[name]!)
}
/** Middleware that is only asked to run something again keeps no records: what holds for it is in remedy-exceptions.test.ts. */
const keepsRecords = ({ streams, discover }: Connector<never>) => streams.length > 0 || discover !== undefined
const writing = [...simulators.keys()].filter((name) => {
  const connector = connectors.get(name)!
  return (connector.actions || connector.actionsOf) && keepsRecords(connector)
})
// Senders that have no records and tell of those of others have senders.test.ts.
const receiving = [...simulators.keys()].filter((name) => {
  const connector = connectors.get(name)!
  return connector.receive && keepsRecords(connector)
})

it('covers the connectors that are shipped', () => {
  for (const name of ['dynamics-sales', 'hubspot', 'netsuite', 'salesforce', 'stripe', 'zendesk'])
    expect([writing.includes(name), receiving.includes(name)], name).toEqual([true, true])
})

describe.each(writing)('%s, written to,', (name) => {
  const connector = connectors.get(name)! as Connector<never>
  const simulator = simulators.get(name)!
  const CUSTOMER = simulator.id('customer', 1)
  let s: Simulated
  let a: Acting

  beforeAll(async () => {
    s = await simulated(simulator, connector)
    a = acting(s, connector)
    s.put({
      kind: 'customer',
      id: CUSTOMER,
      state: 'customer',
      fields: { name: 'Acme', currency: 'EUR', legal_entity: 'LM-DE' },
    })
  })
  afterAll(() => s?.stop())

  const rename = (value: string) =>
    a.request({ action: 'set_fields', kind: 'customer', recordId: CUSTOMER, fields: { name: value } })
  /** A new customer under another platform's id that the configuration has a place for. */
  async function newcomer(): Promise<ActionRequest> {
    const act = a.action('create', 'customer')
    const fields = Object.fromEntries(
      Object.entries({ name: `Newcomer ${s.now()}`, currency: 'EUR', legal_entity: 'LM-DE' }).filter(([f]) =>
        act.fields.includes(f),
      ),
    )
    for (const platform of ['salesforce', 'stripe', 'netsuite']) {
      const wanted = a.request({ action: 'create', kind: 'customer', fields, refs: { [platform]: `ref-${s.now()}` } })
      try {
        act.calls(s.context().config, wanted, await act.look(s.context(), wanted))
        return wanted
      } catch (error) {
        if ((error as { code?: string }).code !== 'config') throw error
      }
    }
    throw new Error(`${name} has no place for any other platform's id`)
  }

  it('declares actions of known kinds, streams and fields, each once', async () => {
    const actions = actionsOf(connector, s.context().config)
    const streams = (connector.discover ? await connector.discover(s.context()) : connector.streams).map((x) => x.name)
    expect(new Set(actions.map((x) => `${x.name} ${x.stream}`)).size).toBe(actions.length)
    for (const x of actions) {
      const known = kindOf(x.kind).fields.map((f) => f.name)
      expect(ACTION_NAMES, x.name).toContain(x.name)
      expect(streams, x.stream).toContain(x.stream)
      expect(
        x.fields.filter((f) => !known.includes(f)),
        `${x.name} ${x.kind}`,
      ).toEqual([])
      expect(x.needs.length, `${x.name} ${x.kind}`).toBeGreaterThan(0)
      if (x.into !== undefined) expect(kindOf(x.kind).states).toContain(x.into)
    }
  })

  it('sends exactly the calls that it planned, and planning is pure', async () => {
    const wanted = rename('Acme AG')
    const { outcome, planned, wire, standing } = await a.run(wanted)
    expect(outcome).toEqual({ status: 'done', recordId: CUSTOMER })
    expect(wire).toEqual(planned)
    const act = a.action('set_fields', 'customer')
    expect(act.calls(s.context().config, wanted, standing)).toEqual(planned)
    expect(a.record('customer', CUSTOMER).fields['name']).toBe('Acme AG')
  })

  it.each([
    ['a lost reply', { kind: 'lost_reply' } as const, 1],
    ['a failure after the write', { kind: 'error_after', status: 503 } as const, 1],
    ['a failure before the write', { kind: 'error', status: 503 } as const, 0],
    ['a connection that is cut before the write', { kind: 'hang' } as const, 0],
  ])('repeats nothing after %s', { timeout: 60_000 }, async (_, fault, written) => {
    s.set(s.now() + 5_000)
    const act = a.action('set_fields', 'customer')
    const wanted = rename(`After ${fault.kind}`)
    const standing = await act.look(s.context(), wanted)
    const [before, seen] = [a.mutations().length, s.seen.length]
    const isWrite = ({ method, path }: { method: string; path: string }) =>
      method !== 'GET' && !/token|query|suiteql/.test(path)
    s.meet((request) => (isWrite(request) ? fault : null))
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    expect(s.seen.slice(seen).filter(isWrite)).toHaveLength(1)
    expect(a.mutations().length - before).toBe(written)
  })

  it('sends again what the platform says it did not do', { timeout: 60_000 }, async () => {
    s.set(s.now() + 5_000)
    const act = a.action('set_fields', 'customer')
    const wanted = rename('Throttled')
    const standing = await act.look(s.context(), wanted)
    const before = a.mutations().length
    let met = 0
    s.meet(({ method, path }) =>
      method !== 'GET' && !/token|query|suiteql/.test(path) && met++ === 0
        ? { kind: 'throttle', retryAfterSeconds: 1 }
        : null,
    )
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'done' })
    s.meet(() => null)
    expect(a.mutations().length - before).toBe(1)
  })

  it('writes nothing over what moved since it was looked at', async () => {
    s.set(s.now() + 5_000)
    const act = a.action('set_fields', 'customer')
    const wanted = rename('Ours')
    const standing = await act.look(s.context(), wanted)
    s.set(s.now() + 5_000)
    s.state.change('customer', CUSTOMER, { by: 'somebody', fields: { name: 'Theirs' } })
    const before = a.mutations().length
    await expect(act.perform(s.context(), wanted, standing)).resolves.toMatchObject({ status: 'conflict' })
    expect(a.mutations()).toHaveLength(before)
    expect(a.record('customer', CUSTOMER).fields['name']).toBe('Theirs')
  })

  it('finds what a creation made although its reply was lost, and makes it once', { timeout: 60_000 }, async () => {
    const act = a.action('create', 'customer')
    const wanted = await newcomer()
    const standing = await act.look(s.context(), wanted)
    expect(standing.row).toBeNull()
    const before = a.mutations().length
    s.meet(({ method, path }) =>
      method !== 'GET' && !/token|query|suiteql/.test(path) ? { kind: 'lost_reply' } : null,
    )
    await expect(act.perform(s.context(), wanted, standing)).rejects.toMatchObject({ code: 'upstream' })
    s.meet(() => null)
    expect((await act.look(s.context(), wanted)).row?.id).toBe(a.mutations().at(-1)!.record)
    // Whatever the caller does next, there is one.
    await act.perform(s.context(), wanted, standing)
    expect(a.mutations()).toHaveLength(before + 1)
  })

  it('does not call refused what was made while the reply named no id', { timeout: 60_000 }, async () => {
    s.set(s.now() + 5_000)
    const act = a.action('create', 'customer')
    const wanted = await newcomer()
    const standing = await act.look(s.context(), wanted)
    const before = a.mutations().length
    const { http } = s.context()
    const nameless: typeof http = {
      async request(request) {
        const reply = await http.request(request)
        return request.once ? { ...reply, headers: {}, json: () => ({}) } : reply
      },
    }
    const outcome = await act.perform(s.context({ http: nameless }), wanted, standing).catch((error: unknown) => error)
    expect(outcome).not.toMatchObject({ status: expect.stringMatching('refused|conflict') as string })
    // `config` says that nothing was sent.
    expect(outcome).not.toMatchObject({ code: 'config' })
    expect(a.mutations()).toHaveLength(before + 1)
  })

  it('refuses fields that it did not declare before anything is sent, and tells no secret', async () => {
    const seen = s.seen.length
    const act = a.action('set_fields', 'customer')
    const wanted = { ...rename('x'), fields: { no_such_field: 'x' } }
    expect(() => act.calls(s.context().config, wanted, { row: null, mark: null })).toThrow(/no_such_field/)
    expect(s.seen).toHaveLength(seen)
    const config = s.running.platformConfig['config'] as Record<string, unknown>
    const told = s.logged.join('\n') + JSON.stringify(s.http.calls())
    for (const value of secretsOf(connector.config.parse(config), config)) expect(told).not.toContain(value)
  })
})

/** Texts that the parsed configuration hides. */
function secretsOf(parsed: unknown, written: unknown): string[] {
  if (String(parsed) === '[secret]') return [String(written)]
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(parsed).flatMap(([key, value]) => secretsOf(value, (written as Record<string, unknown>)?.[key]))
}

describe.each(receiving)('%s, received from,', (name) => {
  const connector = connectors.get(name)! as Connector<never>
  const simulator = simulators.get(name)!
  const receiver = connector.receive!
  let s: Simulated
  let delivery: HookRequest

  beforeAll(async () => {
    s = await simulated(simulator, connector)
    s.put({ kind: 'customer', id: simulator.id('customer', 1), fields: { name: 'Acme' } })
    delivery = await delivered(s)
  })
  afterAll(() => s?.stop())
  const verdict = (change: Partial<HookRequest> = {}, now = s.now()) =>
    receiver.verify(s.context().config, { ...delivery, ...change }, now)

  it('takes what the platform sends, reads it twice alike, and names streams that it has', async () => {
    expect(['signed', 'token', 'unsigned']).toContain(verdict().trust)
    const readings = receiver.read(s.context().config, delivery)
    expect(receiver.read(s.context().config, delivery)).toEqual(readings)
    const streams = (connector.discover ? await connector.discover(s.context()) : connector.streams).map((x) => x.name)
    expect(readings.flatMap((r) => r.hints).length).toBeGreaterThan(0)
    for (const hint of readings.flatMap((r) => r.hints)) expect(streams).toContain(hint.stream)
  })

  it('refuses a delivery of which one byte differs, one that is too old and one from the future', () => {
    if (verdict().trust === 'unsigned') return undefined
    // A token says who sends, and covers neither the body nor the time.
    if (verdict().trust === 'token') {
      const secrets = Object.keys(delivery.headers).filter((h) => h === 'authorization' || /-key$/.test(h))
      const other = { ...delivery.headers, ...Object.fromEntries(secrets.map((h) => [h, 'another'])) }
      expect(verdict({ body: Buffer.from('{}') }, s.now() + 1e9)).toEqual({ trust: 'token' })
      return expect(verdict({ headers: other })).toMatchObject({ trust: 'refused' })
    }
    for (const at of [0, Math.floor(delivery.body.length / 2), delivery.body.length - 1]) {
      const body = Uint8Array.from(delivery.body)
      body[at]! ^= 1
      expect(verdict({ body }), `byte ${at}`).toMatchObject({ trust: 'refused' })
    }
    for (const header of Object.keys(delivery.headers).filter((h) => /signature/.test(h)))
      expect(verdict({ headers: { ...delivery.headers, [header]: '' } })).toMatchObject({ trust: 'refused' })
    expect(verdict({}, s.now() + 299_000)).toEqual({ trust: 'signed' })
    expect(verdict({}, s.now() + 302_000)).toMatchObject({
      trust: 'refused',
      reason: expect.stringMatching(/old/) as string,
    })
    expect(verdict({}, s.now() - 302_000)).toMatchObject({
      trust: 'refused',
      reason: expect.stringMatching(/ahead/) as string,
    })
    return undefined
  })

  it('lets nothing in while nothing is configured', () => {
    const { webhook: _, outbound: __, ...bare } = s.running.platformConfig['config'] as Record<string, unknown>
    expect(receiver.verify(connector.config.parse(bare), delivery, s.now())).toMatchObject({
      trust: 'refused',
      remedy: expect.stringMatching(/\w/) as string,
    })
  })
})

async function delivered(s: Simulated): Promise<HookRequest> {
  let got: HookRequest | null = null
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]))
      const query = Object.fromEntries(new URL(incoming.url!, 'http://hook.test').searchParams)
      got = { method: 'POST', path: '/', query, headers, body: Buffer.concat(chunks) }
      outgoing.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await s.running.hooks!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).deliver()
  server.close()
  return got!
}
