/**
 * The promises of the connector contract, held against every connector that discovery finds. Connectors that have a
 * simulated platform (lab/platforms/<name>.ts) are read over HTTP, with the faults that real platforms have.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Connector, Cursor, Page, Stream } from '../connectors/contract.ts'
import type { Simulator } from '../lab/platform.ts'
import type { Field } from '../model/fields.ts'
import { hasKind, kindOf } from '../model/kinds.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import type { Simulated } from './world/simulated.ts'
import { simulated } from './world/simulated.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const connectors = await discoverConnectors(foldersOf('connectors'))
const CANARY = 'canary-8d41f0-secret'

it('discovery finds the shipped connectors', () => {
  expect([...connectors.keys()]).toEqual(
    expect.arrayContaining(['dynamics-sales', 'files', 'hubspot', 'netsuite', 'salesforce', 'stripe', 'zendesk']),
  )
})

describe.each([...connectors])('%s', (name, connector) => {
  const folder = join(ROOT, 'connectors', name)

  it('carries its own documentation and icon', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    expect(readme.length).toBeGreaterThan(500)
    expect(readme).toMatch(/limit|budget/i)
    expect(readme).toMatch(/unverified|not verified/i)
    const icon = readFileSync(join(folder, 'icon.svg'), 'utf8')
    expect(icon).toMatch(/<svg[\s\S]*viewBox/)
    expect(icon).not.toMatch(/<script|href=|on\w+=/i)
  })

  it('refuses settings that make no sense, unknown keys and wrong types, and describes every key', () => {
    for (const nonsense of [null, 'x', 42, [], { no_such_key: 1 }])
      expect(connector.config.safeParse(nonsense).success).toBe(false)
    const shape = z.toJSONSchema(connector.config, { unrepresentable: 'any', io: 'input' })
    const undescribed: string[] = []
    const walk = (node: typeof shape, path: string) => {
      for (const [key, inner] of Object.entries(node.properties ?? {})) {
        if (typeof inner === 'boolean') continue
        if (!inner.description) undescribed.push(`${path}${key}`)
      }
      for (const branch of [...(node.oneOf ?? []), ...(node.anyOf ?? [])]) walk(branch as typeof shape, path)
    }
    walk(shape as never, '')
    expect(undescribed).toEqual([])
  })

  it('declares streams with unique names, known kinds and fields that their kinds have', () => {
    expect(new Set(connector.streams.map((s) => s.name)).size).toBe(connector.streams.length)
    for (const stream of connector.streams) {
      expect(hasKind(stream.kind), stream.name).toBe(true)
      const fields = kindOf(stream.kind).fields.map((f) => f.name)
      expect(
        stream.holds.filter((f) => !fields.includes(f)),
        stream.name,
      ).toEqual([])
    }
    // Middleware keeps no records: it tells of changes on their way, or is told of them.
    const speaks = connector.streams.length > 0 || connector.discover || connector.events || connector.receive
    expect(speaks).toBeTruthy()
    expect(connector.limits.reserve).toBeGreaterThanOrEqual(0)
    expect(connector.limits.reserve).toBeLessThan(1)
    expect(connector.lagMs).toBeGreaterThanOrEqual(0)
  })
})

const simulators = [...connectors.keys()].filter((name) => existsSync(join(ROOT, 'lab/platforms', `${name}.ts`)))

async function simulatorOf(name: string): Promise<Simulator> {
  const module = (await import(`../lab/platforms/${name}.ts`)) as { default?: Simulator } & Record<string, unknown>
  return module.default ?? (module[name] as Simulator)
}

const telling = simulators.filter((name) => connectors.get(name)!.events && connectors.get(name)!.streams.length === 0)
/** Those that are only told stand in senders.test.ts. */
const reading = simulators.filter((name) => {
  const { streams, discover } = connectors.get(name)!
  return streams.length > 0 || discover !== undefined
})

const VALUES: Partial<Record<Field['type'], string>> = {
  email: 'info@acme.example',
  domain: 'acme.example',
  phone: '+4930123456',
  tax_id: 'DE136695976',
  country: 'DE',
  currency: 'EUR',
  language: 'de',
  money: '12.50',
  number: '3',
  date: '2026-11-01',
  instant: '2026-11-01T10:00:00.000Z',
  bool: 'true',
  payment_terms: 'net_30',
}
const RECORDS = 23

/** Records of every kind that the platform keeps, several of them with one stamp. */
function fill(world: Simulated, simulator: Simulator): void {
  const kinds = [...simulator.kinds]
  for (const kind of kinds) {
    const holds = new Set(simulator.holds(kind))
    for (let n = 1; n <= RECORDS; n++) {
      const fields: Record<string, string | null> = {}
      for (const field of kindOf(kind).fields) {
        if (field.name === 'state' || !holds.has(field.name)) continue
        const target = field.to?.find((k) => kinds.includes(k))
        if (field.type === 'reference') {
          if (target) fields[field.name] = simulator.id(target, n)
        } else if (field.name === 'document_kind')
          fields[field.name] =
            kindOf(kind)
              .fields.find((f) => f.name === 'document')
              ?.to?.find((k) => kinds.includes(k)) ?? null
        else fields[field.name] = field.of?.[0] ?? VALUES[field.type] ?? `${field.name} ${n}`
      }
      const at = Date.parse('2026-11-19T10:00:00Z') + Math.floor(n / 8) * 60_000
      const states = kindOf(kind).states
      world.put({
        kind,
        id: simulator.id(kind, n),
        fields,
        state: states[1] ?? states[0] ?? null,
        createdAt: at,
        changedAt: at,
        visibleAt: 0,
      })
    }
  }
}

describe.each(reading)('%s, read from its simulated platform,', (name) => {
  const connector = connectors.get(name)! as Connector<never>
  let world: Simulated
  let streams: readonly Stream<never>[]

  beforeAll(async () => {
    const simulator = await simulatorOf(name)
    world = await simulated(simulator, connector)
    fill(world, simulator)
    streams = connector.discover ? await connector.discover(world.context()) : connector.streams
  })
  afterAll(() => world?.stop())

  const keys = (pages: readonly Page[]) =>
    pages.flatMap((p) => [...p.rows.map((r) => String(r.id)), ...(p.deleted ?? []).map((d) => `deleted ${d.id}`)])

  it(
    'ends every list, in changes and in full, and says through when it is complete',
    { timeout: 120_000 },
    async () => {
      for (const stream of streams) {
        for (const mode of ['changes', 'full'] as const) {
          const pages = await world.read(stream.name, null, mode, 5)
          if (mode === 'changes')
            expect(
              pages.some((p) => p.completeThrough !== undefined),
              `${stream.name} is complete through`,
            ).toBe(true)
          for (const page of pages)
            expect(JSON.stringify(page.cursor ?? null).length, `${stream.name} cursor`).toBeLessThan(64 * 1024)
          if (mode === 'full' && stream.deletes === 'sweep')
            expect(pages.at(-1)!.last, `${stream.name} ends its enumeration`).toBe(true)
        }
      }
    },
  )

  it('maps every row that it reads, to its own id and kind', { timeout: 120_000 }, async () => {
    let rows = 0
    for (const stream of streams) {
      const pages = await world.read(stream.name)
      const records = await world.mapped(stream.name, pages)
      rows += records.length
      const fields = new Set(kindOf(stream.kind).fields.map((f) => f.name))
      for (const [i, record] of records.entries()) {
        expect(record.record_id, stream.name).toBe(pages.flatMap((p) => p.rows)[i]!.id)
        expect(
          Object.keys(record.fields).filter((f) => !fields.has(f)),
          stream.name,
        ).toEqual([])
        expect(
          Object.keys(record.fields).filter((f) => f !== 'state' && !stream.holds.includes(f)),
          `${stream.name} holds`,
        ).toEqual([])
      }
    }
    expect(rows).toBeGreaterThan(RECORDS)
  })

  it('goes on from any cursor with everything that was not yet yielded', { timeout: 180_000 }, async () => {
    for (const stream of streams) {
      const pages = await world.read(stream.name, null, 'changes', 5)
      for (let at = 0; at < pages.length; at++) {
        const cursor = pages[at]!.cursor
        if (cursor === undefined) continue
        const resumed = new Set(
          keys(await world.read(stream.name, JSON.parse(JSON.stringify(cursor)) as Cursor, 'changes', 5)),
        )
        const missing = keys(pages.slice(at + 1)).filter(
          (key) => !resumed.has(key) && !keys(pages.slice(0, at + 1)).includes(key),
        )
        expect(missing, `${stream.name} after page ${at + 1}`).toEqual([])
      }
    }
  })

  it.each([
    ['a failing platform', { kind: 'error', status: 500 } as const, 'upstream'],
    ['an unavailable platform', { kind: 'error', status: 503 } as const, 'upstream'],
    ['a connection that is cut', { kind: 'hang' } as const, 'upstream'],
    ['half an answer', { kind: 'truncated' } as const, 'upstream'],
    ['throttling', { kind: 'throttle' } as const, 'rate_limited'],
  ])('names %s', { timeout: 60_000 }, async (_, fault, code) => {
    world.meet(() => fault)
    try {
      await expect(world.read(streams[0]!.name)).rejects.toMatchObject({ code })
    } finally {
      world.meet(() => null)
    }
  })

  it(
    'names credentials that are refused for good, where there is a session that can be refused',
    { timeout: 60_000 },
    async () => {
      world.meet(() => ({ kind: 'expired_session' }))
      try {
        // A platform whose requests are signed one by one has no session: nothing expires there.
        const code = await world.read(streams[0]!.name).then(
          () => 'auth',
          (error: { code: string }) => error.code,
        )
        expect(code).toBe('auth')
      } finally {
        world.meet(() => null)
      }
    },
  )

  it('survives single faults of every sort without losing a row', { timeout: 120_000 }, async () => {
    const stream = streams[0]!
    const whole = keys(await world.read(stream.name, null, 'changes', 5))
    for (const fault of [
      { kind: 'error', status: 502 },
      { kind: 'throttle', retryAfterSeconds: 1 },
      { kind: 'truncated' },
      { kind: 'expired_session' },
    ] as const) {
      const before = world.seen.length
      world.meet((_, n) => (n === before + 2 ? fault : null))
      const got = new Set(keys(await world.read(stream.name, null, 'changes', 5)))
      expect(
        whole.filter((key) => !got.has(key)),
        fault.kind,
      ).toEqual([])
    }
    world.meet(() => null)
  })

  it('answers a ping, and writes nothing secret to its log or call log', async () => {
    expect(typeof (await connector.ping(world.context() as never)).account).toBe('string')
    const secrets = JSON.stringify(world.running.platformConfig).match(/"[^"]{12,}"/g) ?? []
    const told = world.logged.join('\n') + JSON.stringify(world.http.calls())
    const config = connector.config.parse(world.running.platformConfig['config']) as Record<string, unknown>
    const hidden = Object.entries(config)
      .filter(([, v]) => String(v) === '[secret]')
      .map(([k]) => k)
    const written = world.running.platformConfig['config'] as Record<string, unknown>
    for (const key of hidden) expect(told).not.toContain(String(written[key]))
    expect(secrets.length).toBeGreaterThan(0)
    expect(told).not.toContain(CANARY)
  })
})
