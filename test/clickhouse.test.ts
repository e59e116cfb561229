/** ClickHouse, read from a real server, with the troubles of a network in front of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import connector from '../connectors/clickhouse/connector.ts'
import type { Cursor, Page } from '../connectors/contract.ts'
import type { ApiFault, RunningSimulator, Simulator } from '../lab/platform.ts'
import { listen } from '../lab/wire.ts'
import type { ClickHouseServer } from './world/clickhouse-server.mjs'
import { startClickHouseServer } from './world/clickhouse-server.mjs'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
const PATH = mkdtempSync(join(tmpdir(), 'plumbline-warehouse-'))
let engine: ClickHouseServer
let world: Simulated

/** As the owner of the server. */
async function owner(sql: string): Promise<string> {
  const reply = await fetch(engine.url, { method: 'POST', body: sql })
  const text = await reply.text()
  if (!reply.ok) throw new Error(text)
  return text
}

const refused = (status: number, code: number, words: string) =>
  new Response(`Code: ${code}. DB::Exception: ${words}. (version 26.7)\n`, {
    status,
    headers: { 'x-clickhouse-exception-code': String(code) },
  })

function faulty(fault: ApiFault): Response | undefined {
  if (fault.kind === 'throttle') return refused(500, 202, 'Too many simultaneous queries')
  if (fault.kind === 'error') return new Response('', { status: fault.status })
  if (fault.kind === 'expired_session') return refused(403, 516, 'default: Authentication failed')
  return undefined
}

const LEDGER = { kind: 'payment', table: 'ledger', id: 'NO', changed: 'booked', fields: { amount: 'amount' } }

/** The real server, reached through a door that breaks where it is told to. */
const door: Simulator = {
  vendor: 'clickhouse',
  role: 'warehouse',
  kinds: [],
  holds: () => [],
  id: (_, n) => String(n),
  async start(state): Promise<RunningSimulator> {
    const wire = await listen(
      state,
      async (request) => {
        const to = new URL(new URL(request.url).search, engine.url)
        const reply = await fetch(to, { method: 'POST', body: await request.text() })
        const code = reply.headers.get('x-clickhouse-exception-code')
        return new Response(await reply.arrayBuffer(), {
          status: reply.status,
          ...(code !== null && { headers: { 'x-clickhouse-exception-code': code } }),
        })
      },
      faulty,
    )
    const streams = {
      ledger: LEDGER,
      daily: { ...LEDGER, changed: 'day', deleted: { column: 'paid', equals: ['false'] } },
      query: {
        ...LEDGER,
        table: undefined,
        query: "SELECT *, concat('P-', toString(no)) AS key FROM ledger",
        id: 'key',
      },
      absent: { ...LEDGER, table: 'nothing' },
      slow: { ...LEDGER, table: undefined, query: 'SELECT *, sleepEachRow(0.5) AS pause FROM ledger' },
    }
    const config = { url: wire.url, user: 'default', statement_timeout: 20, streams }
    return {
      url: wire.url,
      platformConfig: { connector: 'clickhouse', role: 'warehouse', config, allow_private_network: true },
      referenceMaps: {},
      requests: wire.requests,
      stop: wire.stop,
    }
  },
}

beforeAll(async () => {
  engine = await startClickHouseServer({ path: PATH, stdio: 'ignore' })
  await owner(`CREATE TABLE ledger (no UInt64, booked DateTime64(6), day Date, amount Decimal(38, 10), ratio Float64,
    paid Bool, note LowCardinality(Nullable(String)), tags Array(String)) ENGINE = ReplacingMergeTree(booked) ORDER BY no`)
  await owner(`INSERT INTO ledger SELECT number + 1, toDateTime64('2026-11-20 10:00:00.000001', 6, 'UTC') + intDiv(number, 150),
    '2026-11-20', number + 1, 0.1, true, NULL, [] FROM numbers(230)`)
  world = await simulated(door, connector as never)
}, 90_000)
afterAll(async () => {
  await world?.stop()
  await engine?.stop()
  rmSync(PATH, { recursive: true, force: true })
})

const again = (cursor: Cursor | undefined): Cursor => JSON.parse(JSON.stringify(cursor ?? null)) as Cursor

describe('a table by change', () => {
  it('tells rows with one stamp apart by an id that is a number, across pages and statements', async () => {
    const pages = await world.read('ledger', null, 'changes', 5)
    expect(ids(pages)).toEqual(Array.from({ length: 230 }, (_, i) => String(i + 1)))
    expect(pages[0]!.cursor).toMatchObject({ exact: '2026-11-20T10:00:00.000001Z', id: '5' })
    expect(ids(await world.read('ledger', again(pages[24]!.cursor), 'changes', 5))).toEqual(ids(pages).slice(125))
  })

  it('shows a replaced row once, as it is now, before the engine has merged', async () => {
    const before = await world.read('ledger')
    await owner(
      "INSERT INTO ledger SELECT * REPLACE (booked + 7200 AS booked, toDecimal128('7.5', 10) AS amount) FROM ledger WHERE no = 5",
    )
    world.set(T0 + 3_600_000)
    const after = await world.read('ledger', again(lastCursor(before)))
    const [changed] = (await world.mapped('ledger', after)).filter((r) => r.record_id === '5')
    expect(changed).toMatchObject({ fields: { amount: '7.5' }, changed_at: '2026-11-20T12:00:00.000001Z' })
    expect(ids(await world.read('ledger', null, 'full')).filter((id) => id === '5')).toHaveLength(1)
    const stream = await world.stream('ledger')
    expect(await stream.count!(world.context() as never)).toBe(230)
  })

  it('goes by days where a table keeps no more', async () => {
    const first = await world.read('daily')
    await owner("INSERT INTO ledger VALUES (231, '2026-11-20 12:30:00', '2026-11-20', 1, 0, true, NULL, [])")
    const second = await world.read('daily', again(lastCursor(first)))
    expect(ids(second)).toContain('231')
    await owner('ALTER TABLE ledger DELETE WHERE no = 231 SETTINGS mutations_sync = 2')
  })

  it('takes a query instead of a table', async () => {
    const stream = await world.stream('query')
    expect((await stream.one!(world.context() as never, 'P-17'))!.id).toBe('P-17')
    expect(ids(await world.read('query', null, 'full', 10))).toHaveLength(230)
  })
})

it('keeps every type to its last digit', async () => {
  await owner(`INSERT INTO ledger VALUES (18446744073709551615, '2026-11-20 10:00:00.123456', '2026-11-20',
    1234567890123456789012345678.0123456789, 0.30000000000000004, false, 'a\\tb', ['x'])`)
  const stream = await world.stream('ledger')
  const row = await stream.one!(world.context() as never, '18446744073709551615')
  expect(row!.value).toEqual({
    NO: '18446744073709551615',
    booked: '2026-11-20T10:00:00.123456Z',
    day: '2026-11-20',
    amount: '1234567890123456789012345678.0123456789',
    ratio: '0.30000000000000004',
    paid: 'false',
    note: 'a\tb',
    tags: '["x"]',
  })
  const flagged = await world.stream('daily')
  expect(await flagged.one!(world.context() as never, '18446744073709551615')).toBeNull()
  const full: Page[] = await world.read('daily', null, 'full')
  expect(full.flatMap((p) => p.deleted ?? []).map((d) => d.id)).toEqual(['18446744073709551615'])
  expect(await flagged.count!(world.context() as never)).toBe(ids(full).length)
})

describe('what goes wrong', () => {
  it.each([
    ['a table that is not there', 'absent', { code: 'schema', message: /nothing/ }],
    ['a statement that takes too long, which is not tried again', 'slow', { code: 'upstream', retryable: false }],
  ])('is named: %s', async (_, stream, wrong) => {
    const { message, ...rest } = { message: /./, ...wrong }
    await expect(world.read(stream)).rejects.toMatchObject({
      ...rest,
      message: expect.stringMatching(message) as string,
    })
  })

  it.each([
    [{ kind: 'error', status: 500 }, 'upstream'],
    [{ kind: 'error', status: 503 }, 'upstream'],
    [{ kind: 'hang' }, 'upstream'],
    [{ kind: 'truncated' }, 'upstream'],
    [{ kind: 'throttle' }, 'rate_limited'],
    [{ kind: 'expired_session' }, 'auth'],
  ] as const)('is told apart: %o', async (fault, code) => {
    world.meet(() => fault)
    await expect(world.read('ledger')).rejects.toMatchObject({ code })
    world.meet(() => null)
  })

  it.each([{ kind: 'error', status: 502 }, { kind: 'throttle' }, { kind: 'truncated' }, { kind: 'hang' }] as const)(
    'loses no row when it happens once: %o',
    async (fault) => {
      const before = world.seen.length
      world.meet((_, n) => (n === before + 2 ? fault : null))
      expect(ids(await world.read('ledger', null, 'full'))).toHaveLength(231)
      world.meet(() => null)
    },
  )

  it('is seen where an exception follows a status of 200', () => {
    const whole = '{"meta":[],"data":[["Code: 1. DB::Exception: said in a cell"]]}'
    expect(
      connector.errors!({ status: 200, headers: {}, text: whole, json: () => null }, undefined as never),
    ).toBeUndefined()
    const broken = '{"meta":[],"data":[["1"],\nCode: 241. DB::Exception: Memory limit exceeded. (version 26.7)'
    expect(
      connector.errors!({ status: 200, headers: {}, text: broken, json: () => null }, undefined as never),
    ).toMatchObject({
      code: 'upstream',
      message: 'Memory limit exceeded.',
      retryable: false,
    })
  })
})

it('writes nothing, and says when the account could', async () => {
  const { streams } = world.context().config as { streams: Record<string, unknown> }
  const config = { ...(world.context().config as object), streams: { ledger: streams['ledger'] } }
  const told = await connector.ping({ ...world.context(), config } as never)
  expect(told.account).toMatch(/^default at .*may write \(INSERT/)
  const writing = {
    ...(config as object),
    streams: { w: { ...LEDGER, table: undefined, query: 'INSERT INTO ledger (no) VALUES (1)' } },
  }
  const [stream] = await connector.discover!({ ...world.context(), config: connector.config.parse(writing) } as never)
  await expect(
    stream!.count!({ ...world.context(), config: connector.config.parse(writing) } as never),
  ).rejects.toMatchObject({
    code: 'schema',
  })
})
