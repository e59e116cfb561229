/** Lanes, turns, parameters and version-dependent settings: the small parts of the store that need no engine. */
import { describe, expect, test } from 'vitest'
import { bindings } from '../server/store/facts/bindings.ts'
import { ident } from '../server/store/facts/ident.ts'
import { lanes } from '../server/store/facts/lanes.ts'
import { withLongLists } from '../server/store/facts/long-lists.ts'
import { connectionSettings, deduplicationOff } from '../server/store/facts/settings.ts'
import { pending } from '../server/store/migrations.ts'
import { inTurn } from '../server/store/turns.ts'

/** A promise to be settled by hand. */
function gate() {
  let open!: () => void
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { open, passed }
}

describe('lanes', () => {
  test('carry one statement each, and open no more connections than allowed', async () => {
    let made = 0
    const pool = lanes(async () => ++made, 2)
    const gates = [gate(), gate(), gate()]
    const running = new Set<number>()
    const jobs = gates.map((g) =>
      pool.use(async (connection) => {
        expect(running.has(connection)).toBe(false)
        running.add(connection)
        await g.passed
        running.delete(connection)
        return connection
      }),
    )
    gates.forEach((g) => g.open())
    expect((await Promise.all(jobs)).every((connection) => connection <= 2)).toBe(true)
    expect(made).toBe(2)
  })

  test('that cannot be opened fail their caller and leave the place to the next', async () => {
    let tries = 0
    const pool = lanes(async () => {
      if (++tries < 3) throw new Error(`try ${tries}`)
      return tries
    }, 1)
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => pool.use(async (connection) => connection)))
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value : (o.reason as Error).message))).toEqual([
      'try 1',
      'try 2',
      3,
      3,
    ])
  })

  test('close only when every statement has ended, also those that fail', async () => {
    const pool = lanes(async () => 'connection', 2)
    const late = gate()
    const order: string[] = []
    const job = pool.use(async () => {
      await late.passed
      order.push('statement')
      throw new Error('failed')
    })
    const closing = pool.close(async () => void order.push('closed'))
    late.open()
    await expect(job).rejects.toThrow('failed')
    await closing
    expect(order).toEqual(['statement', 'closed'])
  })
})

test('turns are taken in the order of asking, each after the one before has ended, however it ended', async () => {
  const owner = {}
  const order: number[] = []
  const turn = (n: number, fails = false) =>
    inTurn(owner, 'x', async () => {
      await Promise.resolve()
      order.push(n)
      if (fails) throw new Error(String(n))
      return n
    })
  const outcomes = await Promise.allSettled([turn(1), turn(2, true), turn(3)])
  expect(order).toEqual([1, 2, 3])
  expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

describe('parameters', () => {
  test('are spelled by the type the statement declares', () => {
    const sql = `{at:DateTime64(3, 'UTC')} {word:String} {n:UInt64} {list:Array(UInt64)} {ats:Array(DateTime64(3, 'UTC'))}`
    const at = '2026-11-20T12:00:00.123Z'
    expect(bindings(sql, { at, word: at, n: 5n, list: ['1', 2n, 3], ats: [at] })).toEqual({
      at: '2026-11-20T12:00:00.123',
      word: at,
      n: '5',
      list: '[1,2,3]',
      ats: ['2026-11-20T12:00:00.123'],
    })
    expect(() => bindings('{list:Array(UInt64)}', { list: ['1) or (1'] })).toThrow(/list of numbers/)
  })

  test('too long for one HTTP field go as several that the server joins', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `id-${i}`)
    const request = withLongLists({
      sql: 'where a in {ids:Array(String)} and b = {text:String}',
      params: { ids, text: `[${'1,'.repeat(90_000)}` },
    })
    const parts = Object.entries(request.params).filter(([name]) => name.startsWith('ids__'))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.flatMap(([, part]) => part)).toEqual(ids)
    expect(request.sql).toBe(
      `where a in arrayConcat(${parts.map(([name]) => `{${name}:Array(String)}`).join(', ')}) and b = {text:String}`,
    )
    expect(withLongLists({ sql: '{a:Array(String)}', params: { a: ['x'] } })).toEqual({
      sql: '{a:Array(String)}',
      params: { a: ['x'] },
    })
  })
})

test('insert deduplication is switched off under the name that each server version listens to', () => {
  expect(deduplicationOff('25.8.3.1')).toEqual({ insert_deduplicate: 0 })
  expect(deduplicationOff('26.1.9')).toEqual({ insert_deduplicate: 0 })
  expect(deduplicationOff('26.2.1')).toEqual({ deduplicate_insert: 'disable' })
  expect(deduplicationOff('27.1.1')).toEqual({ deduplicate_insert: 'disable' })
  expect(connectionSettings('26.7.2.1', 100)).toMatchObject({
    async_insert: 0,
    deduplicate_insert: 'disable',
    join_use_nulls: 1,
    max_memory_usage: 104_857_600,
  })
})

test('names are letters, digits and underscores, or refused', () => {
  expect(ident('versions_customer')).toBe('`versions_customer`')
  for (const name of ['', 'a b', 'a`b', 'a;b', '1a', 'a.b', 'ä', 'x'.repeat(200)])
    expect(() => ident(name)).toThrow(/not a name/)
})

test('migrations already applied are left out, and a newer schema is refused', () => {
  const known = [1, 2, 3].map((number) => ({ number, name: `000${number}_x`, sql: '' }))
  expect(pending(known, [1, 2], 'It').map((m) => m.number)).toEqual([3])
  expect(pending(known, [], 'It')).toHaveLength(3)
  expect(() => pending(known, [1, 2, 3, 4], 'The data')).toThrow(/newer version/)
})
