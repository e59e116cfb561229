/**
 * The promises of the connector contract for platforms that keep no records: what middleware tells of changes on their way,
 * held against every connector that is found with a simulated platform.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connector, EventPage } from '../connectors/contract.ts'
import type { Simulator } from '../lab/platform.ts'
import { isDelivery, readEvent, type RecordedEvent } from '../model/event.ts'
import { discoverConnectors, foldersOf } from '../server/discover.ts'
import { simulated, type Simulated } from './world/simulated.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const connectors = await discoverConnectors(foldersOf('connectors'))
const telling = [...connectors]
  .filter(([name, c]) => c.events && c.streams.length === 0 && existsSync(join(ROOT, 'lab/platforms', `${name}.ts`)))
  .map(([name]) => name)

async function simulatorOf(name: string): Promise<Simulator> {
  return ((await import(`../lab/platforms/${name}.ts`)) as { default: Simulator }).default
}

it('finds the middleware that is read', () => {
  expect(telling).toEqual(expect.arrayContaining(['boomi', 'kafka-rest', 'mulesoft', 'workato']))
})

/** Twenty-five changes into two platforms, every third refused and the last still on its way. */
function carried(): RecordedEvent[] {
  const from = Date.parse('2026-11-20T09:00:00Z')
  const event = (n: number, type: RecordedEvent['type'], at: number): RecordedEvent => ({
    id: `chg-${n}/${type}`,
    at: new Date(at).toISOString(),
    type,
    reported_by: 'middleware',
    from_platform: null,
    to_platform: n % 2 ? 'crm' : 'erp',
    kind: 'customer',
    record_id: `N${n}`,
    number: null,
    correlation_id: `chg-${n}`,
    trace_id: null,
    message: type === 'rejected' ? 'record is locked' : null,
    actor: null,
    release: null,
    detail: {},
  })
  return Array.from({ length: 25 }, (_, n) => {
    const at = from + n * 60_000
    const answer = n === 24 ? [] : [event(n, n % 3 ? 'acknowledged' : 'rejected', at + 5_000)]
    return [event(n, 'sent', at), ...answer]
  }).flat()
}

describe.each(telling)('%s, which tells of changes on their way,', (name) => {
  const connector = connectors.get(name)! as Connector<never>
  let world: Simulated
  const eventWorld = {
    platforms: ['crm', 'erp', 'middleware', name],
    kinds: ['customer'],
    reporter: name,
    now: Date.parse('2026-11-20T12:00:00Z'),
  }
  const told = (pages: readonly EventPage[]) =>
    pages
      .flatMap((p) => p.rows)
      .map((row) => (row.unreadable === undefined ? readEvent(row.value, eventWorld) : { wrong: row.unreadable }))
  const good = (pages: readonly EventPage[]) => told(pages).filter((e): e is RecordedEvent => !('wrong' in e))
  /** What a delivery is about, whoever tells of it. */
  const plain = (events: readonly RecordedEvent[]) =>
    [
      ...new Set(events.map((e) => `${e.type} ${e.correlation_id ?? ''} ${e.to_platform} ${e.kind} ${e.record_id}`)),
    ].sort()

  beforeAll(async () => {
    // Waiting for a call budget is the door's work, and tested there.
    const limits = { ...connector.limits, calls: 100_000 }
    world = await simulated(await simulatorOf(name), { ...connector, limits })
    world.told.push(...carried())
  })
  afterAll(() => world?.stop())

  it('tells every delivery with its record, answer and correlation id, to the end, and through when', async () => {
    const pages = await world.events()
    expect(told(pages).filter((e) => 'wrong' in e)).toEqual([])
    expect(plain(good(pages).filter((e) => isDelivery(e.type)))).toEqual(plain(carried()))
    expect(pages.at(-1)!.completeThrough).toBeGreaterThan(Date.parse('2026-11-20T10:55:00Z'))
    const refused = good(pages).find((e) => e.type === 'rejected')!
    expect(refused.message).toMatch(/record is locked/)
    for (const page of pages) expect(JSON.stringify(page.cursor ?? null).length).toBeLessThan(64 * 1024)
  })

  it('tells the same event under the same id, and goes on from its cursor with what is new', async () => {
    const first = await world.events()
    const cursor = first.findLast((p) => p.cursor !== undefined)?.cursor ?? null
    const again = good(await world.events())
    const ids = new Set(good(first).map((e) => e.id))
    expect(again.every((e) => ids.has(e.id))).toBe(true)
    world.set(world.now() + 10 * 60_000)
    const late = {
      ...carried()[0]!,
      id: 'late',
      correlation_id: 'chg-late',
      at: new Date(world.now() - 60_000).toISOString(),
    }
    world.told.push(late)
    const next = good(await world.events(cursor))
    expect(next.map((e) => e.correlation_id)).toContain('chg-late')
  })

  it.each([
    ['a failing platform', { kind: 'error', status: 500 } as const, 'upstream'],
    ['a connection that is cut', { kind: 'hang' } as const, 'upstream'],
    ['half an answer', { kind: 'truncated' } as const, 'upstream'],
    ['throttling', { kind: 'throttle' } as const, 'rate_limited'],
    ['a session that is refused for good', { kind: 'expired_session' } as const, 'auth'],
  ])('names %s', { timeout: 60_000 }, async (_, fault, code) => {
    world.meet(() => fault)
    try {
      await expect(world.events()).rejects.toMatchObject({ code })
    } finally {
      world.meet(() => null)
    }
  })

  it('survives single faults, puts one unreadable row aside and loses no other', { timeout: 60_000 }, async () => {
    const whole = new Set(plain(good(await world.events())))
    for (const fault of [
      { kind: 'error', status: 502 },
      { kind: 'throttle', retryAfterSeconds: 1 },
      { kind: 'expired_session' },
      { kind: 'expired_cursor' },
    ] as const) {
      const before = world.seen.length
      world.meet((_, n) => (n === before + 3 ? fault : null))
      const got = new Set(plain(good(await world.events())))
      // What was committed at the platform is not told again; nothing else may be missing.
      if (name !== 'kafka-rest')
        expect(
          [...whole].filter((e) => !got.has(e)),
          fault.kind,
        ).toEqual([])
    }
    world.meet(() => ({ kind: 'poison', recordIndex: 0 }))
    world.told.push({
      ...carried()[1]!,
      id: 'poisoned',
      correlation_id: 'chg-poisoned',
      at: new Date(world.now()).toISOString(),
    })
    const poisoned = told(await world.events())
    world.meet(() => null)
    expect(poisoned.some((e) => 'wrong' in e)).toBe(true)
  })

  it('answers a ping and writes nothing secret to its log or call log', async () => {
    expect(typeof (await connector.ping(world.context() as never)).account).toBe('string')
    const told_ = world.logged.join('\n') + JSON.stringify(world.http.calls())
    const written = world.running.platformConfig['config'] as Record<string, unknown>
    const config = connector.config.parse(written) as Record<string, unknown>
    const hidden = Object.entries(config).filter(([, v]) => String(v) === '[secret]')
    expect(hidden.length).toBeGreaterThan(0)
    for (const [key] of hidden) expect(told_).not.toContain(String(written[key]))
  })
})
