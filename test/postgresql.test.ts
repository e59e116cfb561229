/** PostgreSQL, read from a real engine: order, ties, late rows, types to the last digit, and that nothing can be written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cursor, Page } from '../connectors/contract.ts'
import connector from '../connectors/postgresql/connector.ts'
import type { PostgresServer } from '../lab/platforms/postgresql.ts'
import { postgresql } from '../lab/platforms/postgresql.ts'
import type { Simulated } from './world/simulated.ts'
import { ids, lastCursor, simulated } from './world/simulated.ts'

const T0 = Date.parse('2026-11-20T12:00:00Z')
let world: Simulated
/** As the owner of the database. */
let owner: (sql: string) => Promise<unknown>

beforeAll(async () => {
  world = await simulated(postgresql, connector as never, {
    timezone: 'Europe/Berlin',
    config: (shipped) => ({
      ...shipped,
      streams: {
        ...(shipped['streams'] as object),
        ledger: { kind: 'payment', table: 'ledger', id: 'NO', changed: 'booked', fields: { amount: 'amount' } },
        local: { kind: 'payment', table: 'ledger', id: 'no', changed: 'wall', fields: { amount: 'amount' } },
        whole: { kind: 'payment', table: 'ledger', id: 'no', fields: { amount: 'amount' } },
        flagged: {
          kind: 'payment',
          query: 'SELECT *, no % 2 = 0 AS gone FROM ledger;',
          id: 'no',
          changed: 'booked',
          deleted: { column: 'gone' },
          fields: { amount: 'amount' },
        },
        writing: {
          kind: 'payment',
          query: "SELECT nextval('ledger_no') AS id, now() AS changed",
          changed: 'changed',
          fields: {},
        },
        broken: { kind: 'payment', table: 'ledger', id: 'no', fields: { amount: 'total' } },
        number: { kind: 'payment', table: 'ledger', id: 'no', changed: 'amount', fields: {} },
      },
    }),
  })
  owner = (sql) => (world.running as PostgresServer).owner(sql)
  await owner(`
    CREATE SEQUENCE ledger_no;
    CREATE TABLE ledger (no bigint PRIMARY KEY, booked timestamptz, wall timestamp, day date, amount numeric(38, 10),
      ratio double precision, paid boolean, attributes json);
    GRANT SELECT ON ledger TO plumbline_reader; GRANT USAGE ON SEQUENCE ledger_no TO plumbline_reader`)
}, 120_000)
afterAll(() => world?.stop())

/** Rows with these numbers, all booked at one instant. */
const book = (from: number, to: number, at: string) =>
  owner(`INSERT INTO ledger (no, booked, wall, amount)
    SELECT n, '${at}', timestamptz '${at}' AT TIME ZONE 'Europe/Berlin', n FROM generate_series(${from}, ${to}) n`)
const saved = (pages: Page[]): Cursor => JSON.parse(JSON.stringify(lastCursor(pages))) as Cursor

describe('a table by change', () => {
  it('tells rows with one stamp apart by an id that is a number, across pages and statements', async () => {
    await book(1, 61, '2026-11-20T10:00:00.123456Z')
    const pages = await world.read('ledger', null, 'changes', 3)
    const read = ids(pages)
    expect(read).toEqual(Array.from({ length: 61 }, (_, i) => String(i + 1)))
    // Nine is before ten: compared as numbers, not as text.
    expect(pages[0]!.cursor).toMatchObject({ exact: '2026-11-20T10:00:00.123456Z', id: '3', done: false })
    const resumed = await world.read('ledger', JSON.parse(JSON.stringify(pages[2]!.cursor)) as Cursor, 'changes', 3)
    expect(ids(resumed)).toEqual(read.slice(9))
  })

  it('reads again what was committed late, and nothing older than the lag', async () => {
    const first = await world.read('ledger')
    expect(first.at(-1)!.completeThrough).toBe(T0 - 300_000)
    await book(100, 100, '2026-11-20T09:56:00Z')
    await book(101, 101, '2026-11-20T12:30:00Z')
    world.set(T0 + 3_600_000)
    const second = await world.read('ledger', saved(first))
    expect(ids(second)).toContain('100')
    expect(ids(second).at(-1)).toBe('101')
    // The newest stamp seen was 10:00; from five minutes before that all is read again.
    expect(ids(second)).toHaveLength(63)
    const third = await world.read('ledger', saved(second))
    expect(ids(third)).toEqual(['101'])
  })

  it('takes rows without a stamp first, once', async () => {
    await owner('INSERT INTO ledger (no, amount) VALUES (200, 1), (201, 1), (202, 1)')
    const pages = await world.read('ledger', null, 'changes', 2)
    expect(ids(pages).slice(0, 4)).toEqual(['200', '201', '202', '100'])
    const again = await world.read('ledger', JSON.parse(JSON.stringify(pages[0]!.cursor)) as Cursor, 'changes', 2)
    expect(ids(again)[0]).toBe('202')
  })

  it('asks a wall clock in the zone of the platform, with more overlap for the hour that comes twice', async () => {
    const first = await world.read('local')
    world.set(T0 + 4 * 3_600_000)
    await book(300, 300, '2026-11-20T10:40:00Z')
    const second = await world.read('local', saved(first))
    // The newest was 12:30 UTC, 13:30 in Berlin; two hours and five minutes before it is 11:25 there.
    expect(ids(second)).toEqual(['300', '101'])
    const [record] = await world.mapped('local', second)
    expect(record!.changed_at).toBe('2026-11-20T11:40:00')
  })

  it('reads a span again, and says before what it takes', async () => {
    const stream = await world.stream('ledger')
    const range = { from: Date.parse('2026-11-20T12:00:00Z'), to: Date.parse('2026-11-20T12:30:00.001Z') }
    expect(await stream.cost!(world.context() as never, range)).toMatchObject({ rows: 1, by: 'change' })
    const pages: Page[] = []
    for await (const page of stream.range!(world.context(), range, null)) pages.push(page)
    expect(ids(pages)).toEqual(['101'])
  })
})

describe('all that is there', () => {
  it('is enumerated by id and counted, for keys that vanish without a trace', async () => {
    const full = await world.read('whole', null, 'full', 4)
    const stream = await world.stream('whole')
    expect(ids(full)).toHaveLength(await stream.count!(world.context() as never))
    expect(full.at(-1)).toMatchObject({ last: true, rows: [] })
    const resumed = await world.read('whole', JSON.parse(JSON.stringify(full[3]!.cursor)) as Cursor, 'full', 4)
    expect(ids(resumed)).toEqual(ids(full).slice(16))
    await owner('DELETE FROM ledger WHERE no = 61')
    expect(ids(await world.read('whole', null, 'full'))).not.toContain('61')
    expect(await stream.one!(world.context() as never, '61')).toBeNull()
    expect((await stream.one!(world.context() as never, '60'))!.id).toBe('60')
  })

  it('is the present state at every run where rows carry no stamp', async () => {
    const pages = await world.read('whole', null, 'changes', 20)
    expect(pages.slice(0, -1).every((p) => p.snapshot && p.cursor === undefined)).toBe(true)
    expect(pages.at(-1)).toMatchObject({ last: true, snapshot: true, cursor: null })
  })

  it('leaves out what a column calls deleted, from lists, counts and single reads', async () => {
    const stream = await world.stream('flagged')
    const pages = await world.read('flagged', null, 'full')
    expect(ids(pages).every((id) => Number(id) % 2 === 1)).toBe(true)
    expect(ids(pages)).toHaveLength(await stream.count!(world.context() as never))
    expect(pages.flatMap((p) => p.deleted ?? []).map((d) => d.id)).toContain('100')
    expect(await stream.one!(world.context() as never, '100')).toBeNull()
    const changes = await world.mapped('flagged', await world.read('flagged'))
    expect(changes.find((r) => r.record_id === '100')!.deleted).toBe(true)
  })
})

it('keeps every type to its last digit', async () => {
  await owner(`INSERT INTO ledger VALUES (9223372036854775807, '2026-11-20 11:00:00.000001+01', '2026-11-20 11:00:00.5',
    '2026-11-20', 1234567890123456789012345678.0123456789, 0.1, true, '{"n": 12345678901234567890, "n2": 1.10}')`)
  const stream = await world.stream('ledger')
  const row = await stream.one!(world.context() as never, '9223372036854775807')
  expect(row!.value).toEqual({
    NO: '9223372036854775807',
    booked: '2026-11-20T10:00:00.000001Z',
    wall: '2026-11-20T11:00:00.5',
    day: '2026-11-20',
    amount: '1234567890123456789012345678.0123456789',
    ratio: '0.1',
    paid: 'true',
    attributes: '{"n": 12345678901234567890, "n2": 1.10}',
  })
  await owner('DELETE FROM ledger WHERE no = 9223372036854775807')
})

describe('the account', () => {
  it('can write nothing through us, whatever a query of the settings tries', async () => {
    await expect(world.read('writing')).rejects.toMatchObject({ code: 'config' })
  })

  it('is told apart when it could write, and which tables it lacks', async () => {
    const bare = { ...world.context(), config: { ...(world.context().config as object), streams: {} } }
    expect((await connector.ping(bare as never)).account).toMatch(/^plumbline_reader at 127\.0\.0\.1\/\w+$/)
    await owner('GRANT UPDATE ON ledger TO plumbline_reader; REVOKE SELECT ON customers FROM plumbline_reader')
    const { streams } = world.context().config as { streams: Record<string, unknown> }
    const some = { ...bare, config: { ...bare.config, streams: { customers: streams['customers'] } } }
    const told = await connector.ping(some as never)
    expect(told.account).toMatch(/may write \(lab\.ledger\)/)
    expect(told.missingScopes).toEqual(['SELECT on customers'])
    await owner('REVOKE UPDATE ON ledger FROM plumbline_reader; GRANT SELECT ON customers TO plumbline_reader')
  })

  it('is refused by name when the password is wrong', async () => {
    const { config } = world.context() as { config: Record<string, unknown> }
    const wrong = connector.config.parse({ ...config, password: 'another' })
    await expect(connector.ping({ ...world.context(), config: wrong } as never)).rejects.toMatchObject({
      code: 'auth',
      message: expect.stringContaining('plumbline_reader') as string,
    })
  })
})

describe('settings that do not fit the database', () => {
  it.each([
    ['broken', /ledger has no column total; it has no, booked/],
    ['number', /amount is numeric, which is no time/],
  ])('are named (%s)', async (name, message) => {
    await expect(world.read(name)).rejects.toMatchObject({
      code: 'schema',
      message: expect.stringMatching(message) as string,
    })
  })

  it.each([
    [{ kind: 'payment', fields: {} }, 'name a table or write a query'],
    [{ kind: 'payment', table: 'a; DROP TABLE b', fields: {} }, 'write the name of a table'],
    [{ kind: 'payment', query: 'SELECT 1; SELECT 2', fields: {} }, 'without a semicolon'],
    [{ kind: 'payment', table: 'a', fields: { colour: 'c' } }, 'has no field colour'],
  ])('are refused before anything is asked', (stream, message) => {
    const settings = { host: 'db', database: 'd', user: 'u', password: 'p', streams: { s: stream } }
    expect(connector.config.safeParse(settings).error?.message).toContain(message)
  })
})

it('goes nowhere but to its own server, and nowhere in plain text outside of the own network', async () => {
  const { line } = world.context()
  const call = { port: 5432, what: 'QUERY', encrypted: true }
  await expect(line!.converse({ ...call, host: '127.0.0.1' }, () => Promise.resolve())).rejects.toMatchObject({
    code: 'config',
  })
  await expect(line!.converse({ ...call, host: 'other.example' }, () => Promise.resolve())).rejects.toMatchObject({
    code: 'config',
  })
})
