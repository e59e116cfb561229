/** ClickHouse, read from a real server, with the troubles of a network in front of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import connector from '../connectors/clickhouse/connector.ts'
import type { Cursor, Page } from '../connectors/contract.ts'
import type { RunningServer } from '../lab/platforms/clickhouse.ts'
import clickhouse, { clickhouseServer } from '../lab/platforms/clickhouse.ts'
import { READER, STRICT } from '../lab/platforms/clickhouse/users.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
const BUSY = 'SELECT *, sleepEachRow(0.5) AS pause FROM ledger'
/** Of each statement, and what one user may do at a time. */
const BOUNDS = { memory: 100_000_000, atOnce: 2, rows: 3000, forbidden: ['payments'] }
let world: Simulated
/** As the owner of the server. */
const owner = (sql: string): Promise<string> => (world.running as RunningServer).owner(sql)

const LEDGER = { kind: 'payment', table: 'mart.ledger', id: 'NO', changed: 'booked', fields: { amount: 'amount' } }
const HIDDEN = { ...LEDGER, table: 'mart.payments', id: 'id', changed: 'updated_at' }
const { table: _table, ...QUERIED } = LEDGER
const TORN = {
  ...QUERIED,
  query: `SELECT number AS no, toDateTime64('2026-11-20 10:00:00', 6) AS booked, number AS amount,
    base64Encode(randomString(900, number)) AS filler FROM numbers(5000)`,
}

beforeAll(async () => {
  const streams = {
    ledger: LEDGER,
    daily: { ...LEDGER, changed: 'day', deleted: { column: 'paid', equals: ['false'] } },
    query: { ...QUERIED, query: "SELECT *, concat('P-', toString(no)) AS key FROM ledger", id: 'key' },
    absent: { ...LEDGER, table: 'nothing' },
    hidden: HIDDEN,
    slow: { ...QUERIED, query: BUSY },
    writing: { ...QUERIED, query: 'INSERT INTO ledger (no) VALUES (1)' },
    large: { ...QUERIED, query: 'SELECT *, (SELECT groupArray(number) FROM numbers(20000000)) AS all FROM ledger' },
  }
  world = await simulated(clickhouseServer({ ...BOUNDS, further: ['ledger'] }), connector as never, {
    config: (shipped) => ({ ...shipped, statement_timeout: 20, streams }),
  })
  await owner(`CREATE TABLE mart.ledger (no UInt64, booked DateTime64(6), day Date, amount Decimal(38, 10), ratio Float64,
    paid Bool, note LowCardinality(Nullable(String)), tags Array(String)) ENGINE = ReplacingMergeTree(booked) ORDER BY no`)
  await owner(`INSERT INTO mart.ledger SELECT number + 1, toDateTime64('2026-11-20 10:00:00.000001', 6, 'UTC') + intDiv(number, 150),
    '2026-11-20', number + 1, 0.1, true, NULL, [] FROM numbers(230)`)
}, 90_000)
afterAll(() => world?.stop())

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
      "INSERT INTO mart.ledger SELECT * REPLACE (booked + 7200 AS booked, toDecimal128('7.5', 10) AS amount) FROM mart.ledger WHERE no = 5",
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
    await owner("INSERT INTO mart.ledger VALUES (231, '2026-11-20 12:30:00', '2026-11-20', 1, 0, true, NULL, [])")
    const second = await world.read('daily', again(lastCursor(first)))
    expect(ids(second)).toContain('231')
    await owner('ALTER TABLE mart.ledger DELETE WHERE no = 231 SETTINGS mutations_sync = 2')
  })

  it('takes a query instead of a table', async () => {
    const stream = await world.stream('query')
    expect((await stream.one!(world.context() as never, 'P-17'))!.id).toBe('P-17')
    expect(ids(await world.read('query', null, 'full', 10))).toHaveLength(230)
  })
})

it('keeps every type to its last digit', async () => {
  await owner(`INSERT INTO mart.ledger VALUES (18446744073709551615, '2026-11-20 10:00:00.123456', '2026-11-20',
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
    ['a table that may not be read', 'hidden', { code: 'auth', message: /Not enough privileges/ }],
    ['a statement that takes too long, which is not tried again', 'slow', { code: 'upstream', retryable: false }],
    [
      'a statement that takes too much memory, which is not tried again',
      'large',
      { code: 'upstream', message: /memory limit exceeded/i, retryable: false },
    ],
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

/** The same server, read by another user. */
async function as(own: Record<string, unknown>): Promise<Simulated> {
  const { running } = world
  const config = (shipped: Record<string, unknown>) => ({
    ...shipped,
    streams: { ledger: LEDGER, hidden: HIDDEN },
    ...own,
  })
  return simulated(
    { ...clickhouse, start: () => Promise.resolve({ ...running, stop: async () => {} }) },
    connector as never,
    {
      config,
    },
  )
}
const ping = async (own: Record<string, unknown>) => connector.ping((await as(own)).context() as never)

describe('users', () => {
  it('who only read write nothing, and tables that they may not read are named', async () => {
    await expect(world.read('writing')).rejects.toMatchObject({ code: 'schema' })
    expect(await ping({})).toMatchObject({
      account: expect.stringMatching(/^plumbline_reader at 127\.0\.0\.1:\d+, ClickHouse 26[.\d]+$/) as string,
      missingScopes: ['SELECT on mart.payments'],
    })
    const { password: _none, ...owning } = { ...READER, user: 'default' }
    expect((await ping({ ...owning, password: undefined })).account).toMatch(/^default at .*may write \(INSERT/)
  })

  it('who are not known, and wrong passwords, are told apart from a server that fails', async () => {
    for (const wrong of [{ user: 'nobody' }, { password: 'wrong-password' }]) {
      const refused = as(wrong).then((w) => w.read('ledger'))
      await expect(refused).rejects.toMatchObject({
        code: 'auth',
        message: expect.stringContaining('Authentication failed') as string,
      })
    }
  })

  it('who may not send settings read the same with those of their profile', async () => {
    await expect((await as(STRICT)).read('ledger')).rejects.toMatchObject({
      code: 'schema',
      message: expect.stringContaining('in readonly mode') as string,
    })
    const strict = await as({ ...STRICT, fixed_settings: true })
    expect(ids(await strict.read('ledger'))).toEqual(ids(await world.read('ledger')))
    expect(await strict.mapped('ledger', await strict.read('ledger'))).toEqual(
      await world.mapped('ledger', await world.read('ledger')),
    )
  })

  it('whose answers are not waited for as a whole see an exception in the middle of one, and its reason', async () => {
    const asked = world.seen.length
    const strict = await as({ ...STRICT, fixed_settings: true, streams: { torn: TORN } })
    await expect(strict.read('torn')).rejects.toMatchObject({
      code: 'upstream',
      retryable: false,
      message: expect.stringMatching(/Limit for result exceeded, max rows: 3.00 thousand/) as string,
    })
    // The columns, and the rows once: what is too much is too much however often it is asked for.
    expect(world.seen.length - asked).toBe(2)
    expect(strict.http.calls()[0]).toMatchObject({
      status: 200,
      code: 'upstream',
      bytes: expect.any(Number) as number,
    })
    expect(strict.http.calls()[0]!.bytes).toBeGreaterThan(500_000)
    // Whoever waits for the whole answer is told by the status.
    const waiting = await as({ streams: { torn: TORN } })
    await expect(waiting.read('torn')).rejects.toMatchObject({
      ...{ code: 'upstream', retryable: false, status: 500 },
      message: expect.stringMatching(/Limit for result exceeded/) as string,
    })
  })

  it('who run more statements at once than they may are throttled', async () => {
    const headers = { 'x-clickhouse-user': READER.user, 'x-clickhouse-key': READER.password }
    const slow = Array.from({ length: BOUNDS.atOnce }, () =>
      fetch(world.running.url, { method: 'POST', body: 'SELECT sleep(1.5)', headers }),
    )
    const running = `SELECT count() FROM system.processes WHERE user = '${READER.user}'`
    while (Number(await owner(running)) < BOUNDS.atOnce);
    await expect(world.read('ledger')).rejects.toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('Too many simultaneous queries for user') as string,
    })
    for (const { status } of await Promise.all(slow)) expect(status).toBe(200)
    expect(ids(await world.read('ledger'))).toHaveLength(231)
  })
})
