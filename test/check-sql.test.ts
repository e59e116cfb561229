/** The check kind sql: what a reviewed SELECT may say, and that it reads and nothing else. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { columnsOf, textProblems } from '../server/check/kinds/sql-text.ts'
import { limited } from '../server/check/kinds/reach.ts'
import { checkFile } from './world/check-files.ts'
import { checkWorld, forget } from './world/check-world.ts'
import { controlWorld, type ControlWorld } from './world/control.ts'
import { factsWorld, type FactsWorld } from './world/facts.ts'

let facts: FactsWorld
let control: ControlWorld
beforeAll(async () => void (facts = await factsWorld()))
afterAll(() => facts.end())
beforeEach(() => void (control = controlWorld()))
afterEach(async () => {
  control.end()
  await forget(facts.facts)
})

const COLUMNS = 'entity_id, customer_entity_id, platform, record_id'
const GOOD = `select ${COLUMNS} from {db}.current_order final where {reach:eid} and deleted = 0 and amount < 0`
const yaml = (select: string, more = '') =>
  `kind: sql\nof: order\n${more}select: |\n  ${select.replaceAll('\n', '\n  ')}`

describe('the text of a SELECT', () => {
  it.each([
    ['a semicolon', `${GOOD}; drop table x`, 'without a semicolon'],
    ['another statement', 'insert into x select 1', 'a SELECT, or WITH'],
    ['settings', `${GOOD} settings max_threads = 1`, 'no SETTINGS'],
    ['a table function', `select ${COLUMNS} from url('http://x', 'CSV') where {reach:eid}`, 'no table function'],
    ['a foreign table', `select ${COLUMNS} from system.tables where {reach:eid}`, 'is no table of ours'],
    [
      'a database of its own',
      `select ${COLUMNS} from plumbline.current_order where {reach:eid}`,
      'is no table of ours',
    ],
    ['an unknown placeholder', `${GOOD} and x = {y:String}`, 'is no placeholder'],
    ['no reach', `select ${COLUMNS} from {db}.current_order`, 'full: true'],
    [
      'a missing column',
      'select entity_id, platform, record_id from {db}.current_order where {reach:eid}',
      'customer_entity_id',
    ],
    [
      'a column of its own',
      `select ${COLUMNS}, 1 as mood from {db}.current_order where {reach:eid}`,
      'mood is no column',
    ],
  ])('with %s is refused, with what to write', (_, text, says) => {
    expect([...textProblems(text, false), ...columnsOf(text).problems].join('\n')).toContain(says)
    expect(() => checkFile('test', yaml(text))).toThrow()
  })

  it('may have steps, strings with any words, comments and the instant of the run', () => {
    const text = `with late as (select eid from {db}.current_order where {reach:eid} and ordered_at < {as_of:DateTime64(3, 'UTC')}) -- drop; it
select ${COLUMNS}, if(amount < 0, 'insert into; settings', 'b') as says from {db}.current_order final where eid in late`
    expect([...textProblems(text, false), ...columnsOf(text).problems]).toEqual([])
    expect(columnsOf(text).columns).toEqual([...COLUMNS.split(', '), 'says'])
  })
})

describe('a check of kind sql', () => {
  const order = (id: string, amount: string, changed = '2026-11-01T08:00:00Z') => ({
    platform: 'erp',
    kind: 'order',
    record_id: id,
    entity: id,
    state: 'booked',
    amount,
    currency: 'EUR',
    changed_at: changed,
  })

  it('finds the same step by step as in full, and lets go of what was corrected', async () => {
    const [step, full] = ['step', 'full'].map((name) => checkFile(name, yaml(GOOD)))
    const world = checkWorld({
      facts: facts.facts,
      control: control.control,
      platforms: { erp: { role: 'erp' } },
      checks: [step!, full!],
    })
    const open = async () => {
      world.read()
      const results = [
        ...(await world.check({ checks: ['step'] })),
        ...(await world.check({ checks: ['full'], full: true })),
      ]
      expect(results.map((r) => r.error)).toEqual([null, null])
      const all = (await world.findings()).filter((f) => f.state === 'open')
      return ['step', 'full'].map((name) =>
        all
          .filter((f) => f.check === name)
          .map((f) => f.entity_id)
          .sort(),
      )
    }
    await world.place(order('a', '-1.00'), order('b', '5.00'))
    expect(await open()).toEqual([['a'], ['a']])
    await world.clock.turn(60_000)
    await world.place(order('a', '1.00', '2026-11-20T12:00:30Z'), order('c', '-2.00'))
    expect(await open()).toEqual([['c'], ['c']])
  })

  it('looks at everything in every run where it says so', async () => {
    const text = `select ${COLUMNS} from {db}.current_order final where deleted = 0 and amount < (select avg(amount) from {db}.current_order final)`
    const world = checkWorld({
      facts: facts.facts,
      control: control.control,
      platforms: { erp: { role: 'erp' } },
      checks: [checkFile('test', yaml(text, 'full: true\n'))],
    })
    await world.place(order('a', '1.00'), order('b', '5.00'))
    world.read()
    await world.check()
    expect((await world.findings()).map((f) => f.entity_id)).toEqual(['a'])
    await world.place(order('c', '0.10'))
    world.read()
    await world.check()
    expect(
      (await world.findings())
        .filter((f) => f.state === 'open')
        .map((f) => f.entity_id)
        .sort(),
    ).toEqual(['a', 'c'])
  })

  it('cannot read anything but the tables even if its text got past the review', async () => {
    const { sql } = limited(
      { sql: `select * from file('/etc/hostname', 'LineAsString')`, params: {}, readonly: true },
      5,
      1e8,
    )
    await expect(facts.facts.query(sql)).rejects.toThrow(/readonly/i)
    // It binds that one statement and no other.
    await expect(
      facts.facts.command('create table plumbline.scratch_of_test (a UInt8) engine = Memory'),
    ).resolves.toBeUndefined()
  })
})
