/** The facts on both engines: exact values, durable settings, parameters, streams, failures and migrations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlumblineError } from '../server/errors.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { openFacts } from '../server/store/facts/open.ts'
import { factsWorld, serverFactsWorld, type FactsWorld } from './world/facts.ts'

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = []
  for await (const batch of batches) rows.push(...batch)
  return rows
}

describe.each([
  ['the embedded engine', () => factsWorld()],
  ['a ClickHouse server', () => serverFactsWorld()],
])('facts on %s', (_, make: () => Promise<FactsWorld>) => {
  let world: FactsWorld
  let facts: Facts
  beforeAll(async () => {
    world = await make()
    facts = world.facts
    await facts.command(`create table plumbline.plain (n UInt64, d Nullable(Decimal(38, 9)), s Nullable(String), at Nullable(DateTime64(3, 'UTC')))
      engine = MergeTree order by n settings non_replicated_deduplication_window = 0`)
  })
  afterAll(async () => {
    await world?.end()
  })

  test('gives 64-bit numbers and decimals back exactly, as objects and as text', async () => {
    await facts.command('truncate table plumbline.plain')
    await facts.insert('plain', [
      { n: '9007199254740993', d: '1.10' },
      { n: 18446744073709551615n, d: '-0.000000001' },
    ])
    await facts.insert('plain', '{"n":"1","d":"12345678901234567890123456789.123456789"}\n')
    expect(await facts.query('select n, d from plumbline.plain order by n')).toEqual([
      { n: '1', d: '12345678901234567890123456789.123456789' },
      { n: '9007199254740993', d: '1.1' },
      { n: '18446744073709551615', d: '-0.000000001' },
    ])
  })

  test('keeps two identical rows as two, however they are sent', async () => {
    await facts.command('truncate table plumbline.plain')
    const row = { n: '7', d: '1', s: 'same' }
    await facts.insert('plain', [row])
    await facts.insert('plain', [row])
    await facts.insert('plain', `${JSON.stringify(row)}\n${JSON.stringify(row)}\n`)
    expect(await facts.query('select count() as n from plumbline.plain')).toEqual([{ n: '4' }])
  })

  test('shows a missing side of a join as null, never as zero or an empty text', async () => {
    const rows = await facts.query(`select b.amount, b.name from (select 1 as id) as a
      left join (select 2 as id, toDecimal64('5', 2) as amount, 'x' as name) as b on a.id = b.id`)
    expect(Object.values(rows[0]!)).toEqual([null, null])
  })

  test('writes with the settings that make an acknowledged row durable', async () => {
    const [settings] =
      await facts.query(`select getSetting('async_insert') as async_insert, getSetting('deduplicate_insert') as deduplicate,
      getSetting('join_use_nulls') as nulls, getSetting('max_memory_usage') as memory, getSetting('input_format_skip_unknown_fields') as skip`)
    expect(settings).toEqual({
      async_insert: false,
      deduplicate: 'disable',
      nulls: true,
      memory: 512 * 1024 * 1024,
      skip: false,
    })
    const tables = await facts.query<{ name: string; engine_full: string }>(
      `select name, engine_full from system.tables where database = 'plumbline' and engine like '%MergeTree' and name != 'plain'`,
    )
    expect(tables.length).toBeGreaterThan(40)
    for (const { engine_full } of tables)
      for (const setting of [
        'non_replicated_deduplication_window = 0',
        'fsync_after_insert = 1',
        'fsync_part_directory = 1',
        'min_rows_to_fsync_after_merge = 1',
      ])
        expect(engine_full).toContain(setting)
  })

  test('binds text with quotes, tabs, zero bytes and emoji, instants, big numbers and long lists as they are', async () => {
    const text = `a'b"c\\d\te\nf {x:String} 😀 ü`
    const ids = Array.from({ length: 30_000 }, (_, i) => `id-'${i}`)
    const [row] = await facts.query(
      `select {text:String} as text, {list:Array(String)} as list, {n:UInt64} as n, {at:DateTime64(3, 'UTC')} as at, {word:String} as word,
         {nothing:Nullable(String)} as nothing, length({ids:Array(String)}) as ids, arraySum({numbers:Array(UInt64)}) as sum`,
      {
        text,
        list: [text, ''],
        n: 18446744073709551615n,
        at: '2026-11-20T12:00:00.123Z',
        word: '2026-11-20T12:00:00.123Z',
        nothing: null,
        ids,
        numbers: Array.from({ length: 30_000 }, () => '1000000000000'),
      },
    )
    expect(row).toEqual({
      text,
      list: [text, ''],
      n: '18446744073709551615',
      at: '2026-11-20T12:00:00.123Z',
      word: '2026-11-20T12:00:00.123Z',
      nothing: null,
      ids: '30000',
      sum: '30000000000000000',
    })
  })

  test('keeps broken Unicode and zero bytes of a platform instead of refusing the batch', async () => {
    await facts.command('truncate table plumbline.plain')
    await facts.insert('plain', [
      { n: 1, s: 'zero\u0000byte' },
      { n: 2, s: 'half \ud800 pair' },
      { n: 3, s: 'fine' },
    ])
    const rows = await facts.query<{ s: string }>('select s from plumbline.plain order by n')
    expect(rows[0]!.s).toBe('zero\u0000byte')
    expect(rows[1]!.s).toMatch(/^half .+ pair$/)
    expect(rows[2]!.s).toBe('fine')
  })

  test('streams a long result in batches of the size asked for, and survives a reader who leaves early', async () => {
    const sizes: number[] = []
    for await (const batch of facts.stream('select number from numbers({n:UInt64})', { n: 25_000 }, 10_000))
      sizes.push(batch.length)
    expect(sizes).toEqual([10_000, 10_000, 5_000])
    for await (const batch of facts.stream('select number from numbers(5000000)', {}, 1000)) if (batch.length) break
    expect(await facts.query('select 1 as one')).toEqual([{ one: 1 }])
  })

  test('answers other questions while streams are read inside each other', async () => {
    let seen = 0
    for await (const outer of facts.stream('select number from numbers(3)', {}, 1))
      for await (const inner of facts.stream('select number from numbers(3)', {}, 1))
        seen += (await facts.query('select 1')).length * outer.length * inner.length
    expect(seen).toBe(9)
  })

  test('says what failed and what to do about it', async () => {
    const failing = (sql: string) =>
      facts.query(sql).then(
        () => null,
        (e: unknown) => e as PlumblineError,
      )
    expect(await failing('select nonsense')).toMatchObject({
      code: 'sql',
      message: expect.stringContaining('nonsense') as string,
    })
    expect(await failing('select sleepEachRow(1) from numbers(3) settings max_execution_time = 1')).toMatchObject({
      code: 'full',
      retryable: true,
    })
    expect(
      await failing('select groupArray(number) from numbers(100000000) settings max_memory_usage = 10000000'),
    ).toMatchObject({
      code: 'full',
      remedy: expect.stringContaining('max_query_mb') as string,
    })
    const streamed = all(facts.stream('select throwIf(number = 200000) from numbers(1000000)'))
    await expect(streamed).rejects.toMatchObject({ code: 'sql', message: expect.stringContaining('throwIf') as string })
    await expect(facts.insert('plain', [{ n: 1, mispelt: 1 }])).rejects.toMatchObject({
      message: expect.stringContaining('mispelt') as string,
    })
    await expect(facts.insert('plain; drop table plain', [{ n: 1 }])).rejects.toMatchObject({ code: 'sql' })
  })

  test('opens again on its own data without changing it', async () => {
    await facts.insert('plain', [{ n: 4711 }])
    const applied = await facts.query('select number, name, at from plumbline.migrations order by number')
    facts = await world.reopen()
    expect(await facts.query('select number, name, at from plumbline.migrations order by number')).toEqual(applied)
    expect(await facts.query('select n from plumbline.plain where n = 4711')).toEqual([{ n: '4711' }])
  })

  test('adds the columns that a newer field table brings and keeps the rows', async () => {
    await facts.insert('versions_product', [
      { platform: 'erp', record_id: 'p-1', seq: 1, observed_at: '2026-11-20T12:00:00.000Z', name: 'Bolt' },
    ])
    await facts.command('alter table plumbline.versions_product drop column sku, drop column sku_key')
    facts = await world.reopen()
    expect(await facts.query(`select record_id, name, sku, sku_key from plumbline.versions_product`)).toEqual([
      { record_id: 'p-1', name: 'Bolt', sku: null, sku_key: null },
    ])
  })

  test('refuses data that a newer version has written', async () => {
    const other = await world.open('newer')
    await other.insert('migrations', [{ number: 9999, name: '9999_from_the_future' }])
    await other.close()
    await expect(world.open('newer')).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('newer version') as string,
    })
  })
})

test('a server that is not there is an upstream fault that names the address but no password', async () => {
  const opening = openFacts({ url: 'http://someone:secret@127.0.0.1:1', database: 'plumbline' })
  const error = await opening.catch((e: unknown) => e as PlumblineError)
  expect(error).toMatchObject({ code: 'upstream', retryable: true })
  expect(JSON.stringify(error) + (error as Error).message).not.toContain('secret')
  await expect(openFacts({ database: 'plumbline; drop' })).rejects.toMatchObject({ code: 'sql' })
  await expect(openFacts({ database: 'plumbline' })).rejects.toMatchObject({ code: 'config' })
  await expect(openFacts({ url: 'nonsense', database: 'plumbline' })).rejects.toMatchObject({ code: 'config' })
})
