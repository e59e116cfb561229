/** What collecting learns of a source: its shape, what became different, how much it brings, and what it lists no more. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Mapper } from '../server/collect/mapping.ts'
import { readPaths } from '../server/collect/read-paths.ts'
import { classOf, createShapeObserver } from '../server/collect/shape.ts'
import { countVolume } from '../server/collect/contract-changes.ts'
import { thin } from '../server/check/kinds/fresh-thin.ts'
import { shapeOf, volumeOf } from '../server/store/control/shapes.ts'
import { checkFile } from './world/check-files.ts'
import { fileDrop, type FileDrop } from './world/file-drop.ts'

let drop: FileDrop
beforeAll(async () => void (drop = await fileDrop()))
afterAll(() => drop.world.end())
beforeEach(() => drop.fresh())

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Rows of a customer file: `header` names the columns, `cells` gives the rest of row n. */
const csv = (header: string, cells: (n: number) => string, rows = 240) =>
  `${header}\n${Array.from({ length: rows }, (_, n) => `c${n},Name ${n},${cells(n)}`).join('\n')}\n`

async function next(content: string) {
  await drop.world.clock.turn(DAY)
  drop.put('customers.csv', content)
  const result = await drop.run()
  expect(result.error).toBeNull()
  return shapeOf(drop.ctx.control, drop.platform, result.stream)!
}

const said = (shape: Awaited<ReturnType<typeof next>>) =>
  shape.changes.map(({ what, path, before, after, backAt }) => [what, path, before, after, backAt !== null])

describe('the shape of a source', () => {
  it('is learned at first, and nothing is called a change', async () => {
    const shape = await next(csv('record_id,name,credit_limit,state', (n) => `${n},${n % 3 ? 'customer' : 'prospect'}`))
    expect([shape.rows, said(shape)]).toEqual([240, []])
    expect(shape.fields['credit_limit']).toMatchObject({ present: 240, blank: 0, classes: { number: 240 } })
    expect(shape.fields['state']).toMatchObject({ values: { customer: 160, prospect: 80 } })
    expect(shape.fields['name']!.values).toBeNull()
  })

  it('shows fields that are gone, new and of another type, with the checks that they touch, until they are back', async () => {
    drop.ctx = {
      ...drop.ctx,
      checks: [checkFile('customer-master/legal', 'kind: agree\nof: customer\nfields: [legal.*]')],
    }
    await next(csv('record_id,name,tax_id,credit_limit', (n) => `DE${100000000 + n},${n}`))
    const shape = await next(csv('record_id,name,Region__c,credit_limit', (n) => `North,about ${n}`))
    expect(said(shape).sort()).toEqual([
      ['gone', 'tax_id', 'text', null, false],
      ['new', 'Region__c', null, 'text', false],
      ['retyped', 'credit_limit', 'number', 'text', false],
    ])
    expect(shape.changes.find((c) => c.path === 'tax_id')).toMatchObject({
      fields: ['tax_id'],
      checks: ['customer-master/legal'],
    })
    expect(shape.changes.find((c) => c.path === 'Region__c')).toMatchObject({ fields: [], checks: [] })
    const back = await next(csv('record_id,name,Region__c,credit_limit,tax_id', (n) => `North,${n},DE${100000000 + n}`))
    expect(said(back).sort()).toEqual([
      ['gone', 'tax_id', 'text', null, true],
      ['new', 'Region__c', null, 'text', false],
      ['retyped', 'credit_limit', 'number', 'text', true],
    ])
  })

  it('knows a field of another type however few rows bring it at a time, and as long as no row is as before', async () => {
    const spelled = (rows: number) => csv('record_id,name,credit_limit', (n) => (n < rows ? `about ${n}` : String(n)))
    const retyped = async (rows: number) => said(await next(spelled(rows)))
    await next(spelled(0))
    // Rows that did not change are not looked at again: ten at a time are others.
    expect(await retyped(10)).toEqual([])
    expect(await retyped(20)).toEqual([])
    const told = [['retyped', 'credit_limit', 'number', 'text', false]]
    expect(await retyped(30)).toEqual(told)
    expect(await retyped(240)).toEqual(told)
    expect(said(await next(csv('record_id,name,credit_limit', (n) => `nearly ${n}`)))).toEqual(told)
    expect(await retyped(0)).toEqual([['retyped', 'credit_limit', 'number', 'text', true]])
  })

  it('needs no rows where the file names its columns: three are enough to tell that one is gone or new', async () => {
    await next(csv('record_id,name,tax_id', (n) => `DE${100000000 + n}`, 3))
    const shape = await next(csv('record_id,name,Region__c', () => 'North', 3))
    const expected = [
      ['gone', 'tax_id', 'text', null, false],
      ['new', 'Region__c', null, 'text', false],
    ]
    expect(said(shape).sort()).toEqual(expected)
    // Told once, while it stays so; and a column that comes back is no new one.
    expect(said(await next(csv('record_id,name,Region__c', () => 'South', 3))).sort()).toEqual(expected)
    const back = await next(csv('record_id,name,Region__c,tax_id', (n) => `South,DE${100000000 + n}`, 3))
    expect(said(back).sort()).toEqual([['gone', 'tax_id', 'text', null, true], expected[1]])
  })

  it('takes fields for what rows happen to have where nothing names them: a few without one prove nothing', async () => {
    const lines = (field: string) =>
      Array.from({ length: 3 }, (_, n) => JSON.stringify({ record_id: `c${n}`, name: 'N', [field]: 'x' })).join('\n')
    for (const field of ['tax_id', 'note']) {
      await drop.world.clock.turn(DAY)
      drop.put('customers.ndjson', lines(field))
      expect((await drop.run()).error).toBeNull()
    }
    const { stream } = drop.ctx.control.streams().find((s) => s.platform === drop.platform)!
    expect(said(shapeOf(drop.ctx.control, drop.platform, stream)!)).toEqual([])
  })

  it('shows a field that is always empty now, and a code that nobody maps in a list of codes', async () => {
    await next(csv('record_id,name,state,phone', (n) => `${n % 2 ? 'customer' : 'prospect'},+49 30 ${1000 + n}`))
    const shape = await next(csv('record_id,name,state,phone', (n) => `${n % 40 ? 'customer' : 'dormant'},`))
    expect(said(shape).sort()).toEqual([
      ['emptied', 'phone', 'text', null, false],
      ['enumeration', 'state', 'customer, prospect', 'dormant', false],
    ])
  })

  it('does not take a field that comes once in a while for new, nor a small reading for proof', async () => {
    await next(csv('record_id,name,state', () => 'customer'))
    const observer = createShapeObserver('customer')
    const known = shapeOf(
      drop.ctx.control,
      drop.platform,
      drop.ctx.control.streams().find((s) => s.platform === drop.platform)!.stream,
    )
    for (let n = 0; n < 60; n++)
      observer.see({ record_id: 'x', name: 'y', state: 'customer', ...(n % 20 === 0 && { note: 'a' }) }, null)
    expect(observer.merged(known, 1).found).toEqual([])
    const few = createShapeObserver('customer')
    for (let n = 0; n < 10; n++) few.see({ record_id: 'x' }, null)
    expect(few.merged(known, 1).found).toEqual([])
  })

  it('knows which fields a mapping reads, by watching it', () => {
    const row = { id: 'a', value: { Id: 'a', Address: { City: 'Ulm', Zip: '1' }, Unused: 1 }, raw: '{}' }
    const mapper = {
      map: (r: typeof row) => ({ record_id: r.value.Id, values: { city: r.value.Address.City } }),
    } as unknown as Mapper
    expect([...readPaths(mapper, row)!].sort()).toEqual(['Address.City', 'Id'])
    const walks = { map: (r: typeof row) => Object.keys(r.value) } as unknown as Mapper
    expect(readPaths(walks, row)).toBeNull()
  })

  it('reads numbers and days in text as what they are', () => {
    expect(
      [1, '1.50', true, 'false', '2026-11-20', '2026-11-20T10:00:00Z', 'DE1', [], {}, '', null].map(classOf),
    ).toEqual(['number', 'number', 'boolean', 'boolean', 'date', 'date', 'text', 'list', 'object', null, null])
  })
})

describe('how much a stream brings', () => {
  const rule = { hours: 24, share: 0.2, least: 50, weeks: 4 }

  it('is counted by the hour from changes alone: not the first reading, not a complete one', async () => {
    await next(csv('record_id,name,state', () => 'customer'))
    const { stream } = drop.ctx.control.streams().find((s) => s.platform === drop.platform)!
    expect(volumeOf(drop.ctx.control, drop.platform, stream)).toBeNull()
    await next(csv('record_id,name,state', () => 'prospect'))
    const hours = volumeOf(drop.ctx.control, drop.platform, stream)!.hours
    expect(Object.values(hours)).toEqual([240])
  })

  it('is thin on a working day without changes, and not at night, on a weekend or before enough weeks are known', async () => {
    const { control } = drop.ctx
    const clock = drop.world.clock
    const start = clock.now()
    const verdicts: string[] = []
    for (let day = 0; day < 43; day++) {
      const weekday = new Date(clock.now()).getUTCDay() % 6 !== 0
      // On the last days nothing comes although it should.
      countVolume({ control, clock }, drop.platform, 'orders', weekday && day < 40 ? 100 : 0)
      const volume = volumeOf(control, drop.platform, 'orders')
      if (volume) verdicts.push(thin(volume, clock.now() + 20 * HOUR, rule) ? `day ${day}` : '')
      clock.set(clock.now() + DAY)
    }
    expect(new Date(start).getUTCDay()).toBe(5)
    expect(verdicts.filter(Boolean)).toEqual(['day 40', 'day 41', 'day 42'])
  })
})

describe('rows in quarantine that were never stored', () => {
  it('are closed when the row is gone from the newer file', async () => {
    drop.put('customers.csv', 'record_id,name,changed_at\nc1,One,2026-11-01\nc2,Two,not a day\n')
    await drop.run()
    expect((await drop.places()).map((q) => q.record_id)).toEqual(['c2'])
    await drop.world.clock.turn(HOUR)
    drop.put('customers.csv', 'record_id,name,changed_at\nc1,One,2026-11-01\nc2,Two,still not\n')
    await drop.run()
    expect((await drop.places()).every((q) => q.record_id === 'c2')).toBe(true)
    await drop.world.clock.turn(HOUR)
    drop.put('customers.csv', 'record_id,name,changed_at\nc1,One,2026-11-01\n')
    await drop.run()
    expect(await drop.places()).toEqual([])
  })

  it('stay where the file only adds', async () => {
    drop.ctx = drop.context({ mode: 'increment' })
    drop.put('customers-2026-11-01.csv', 'record_id,name,changed_at\nc1,One,2026-11-01\nc2,Two,not a day\n')
    await drop.run()
    await drop.world.clock.turn(HOUR)
    drop.put('customers-2026-11-02.csv', 'record_id,name,changed_at\nc1,One,2026-11-02\n')
    await drop.run()
    expect((await drop.places()).map((q) => q.record_id)).toEqual(['c2'])
  })
})
