/** Stepwise: a statement that runs piece by piece says the same, and stops where nothing is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropKept, keptTable } from '../server/store/facts/kept.ts'
import { cut, stepwise, type Stepwise } from '../server/store/facts/stepwise.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

const SQL = `with
  (select max(number) from numbers(4)) as most,
  -- Who's odd (not even).
  odd as (
    select number as n from numbers(10) where number % 2 = 1 and 'a)' != 'b' and \`number\` >= 0
  ),
  small as (select n from odd where n <= most + {more:UInt64}),
  arrayMap(x -> x * 2, [n]) as twice
select small.n as n, twice[1] as double
from small
inner join odd on odd.n = small.n
order by n`

let world: FactsWorld
beforeAll(async () => void (world = await factsWorld()))
afterAll(() => world.end())

/** Rows, and how many tables were made on the way. */
async function run(how: Omit<Stepwise, 'sql'>): Promise<{ rows: unknown[]; made: number }> {
  const rows: unknown[] = []
  let made = 0
  const facts = {
    ...world.facts,
    command: (sql: string, params?: Record<string, unknown>) => {
      if (sql.startsWith('create table')) made++
      return world.facts.command(sql, params)
    },
  }
  for await (const batch of stepwise(facts, { sql: SQL, ...how }, 'settings max_threads = 1')) rows.push(...batch)
  return { rows, made }
}

const kept = async () =>
  (
    await world.facts.query(
      `select name from system.tables where database = {db:String} and startsWith(name, 'kept_')`,
      { db: world.facts.database },
    )
  ).length

describe('a stepwise statement', () => {
  it('is cut at its expressions, whatever their texts and notes hold', () => {
    const { steps, last } = cut(SQL)
    expect(steps.map((s) => s.name)).toEqual(['', 'odd', 'small', ''])
    expect(steps[1]!.text).toMatch(/^odd as \(\n {4}select .* >= 0\n {2}\)$/)
    expect(last).toMatch(/^select small\.n/)
    expect(cut('select 1')).toEqual({ steps: [], last: 'select 1' })
  })

  it('says the same with every choice of what is kept', async () => {
    const rows = [1, 3, 5].map((n) => ({ n: String(n), double: String(2 * n) }))
    const params = { more: 2 }
    expect(await run({ params })).toEqual({ rows, made: 0 })
    expect(await run({ params, kept: ['odd'] })).toEqual({ rows, made: 1 })
    expect(await run({ params, needed: ['odd', 'small'] })).toEqual({ rows, made: 2 })
    expect(await kept()).toBe(0)
  })

  it('ends at the first needed expression without rows', async () => {
    const nothing = SQL.replace('% 2 = 1', '% 2 = 7')
    const rows: unknown[] = []
    const broken = nothing.replace('select small.n as n', 'select no_such_column')
    for await (const batch of stepwise(world.facts, { sql: broken, params: { more: 0 }, needed: ['odd'] }))
      rows.push(...batch)
    expect(rows).toEqual([])
  })

  it('drops what it kept when it fails, and at a start what a killed process left', async () => {
    const broken = SQL.replace('select small.n as n', 'select no_such_column')
    const all = async () => {
      for await (const _ of stepwise(world.facts, { sql: broken, params: { more: 0 }, needed: ['odd'] })) void _
    }
    await expect(all()).rejects.toThrow(/no_such_column/)
    expect(await kept()).toBe(0)
    await world.facts.command(`create table ${keptTable(world.facts)} engine = Memory as select 1 as one`)
    await dropKept(world.facts)
    expect(await kept()).toBe(0)
  })
})
