/** The files connector: CSV files and series of snapshots, and what a broken file does not do. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FileDrop } from './world/file-drop.ts'
import { fileDrop } from './world/file-drop.ts'

let drop: FileDrop

beforeAll(async () => void (drop = await fileDrop()))
afterAll(() => drop.world.end())
beforeEach(() => drop.fresh())

describe('a CSV file', () => {
  it('is read with canonical columns, quotes, line breaks in cells, a byte order mark and any separator', async () => {
    drop.put(
      'customers.csv',
      '\ufeffrecord_id;legal_name;bill_to.city;refs.crm;custom.branch;credit_limit;currency;status\r\n1;"Müller ""Bau"" GmbH";Köln;0015;north;1.500,00;EUR;active\r\n2;"two\r\nlines";;;;;;\r\n',
    )
    expect(await drop.run()).toMatchObject({ stream: 'customers', read: 2, stored: 2, error: null, notes: [] })
    const [one, two] = await drop.live()
    expect(one).toMatchObject({
      record_id: '1',
      legal_name: 'Müller "Bau" GmbH',
      bill_to_city: 'Köln',
      refs: { crm: '0015' },
      custom: { branch: 'north' },
      status: 'active',
    })
    expect(two).toMatchObject({ legal_name: 'two\r\nlines', bill_to_city: null })
    const held = drop.ctx.control.stream(drop.platform, 'customers')!.held
    expect(held).toEqual(['state', 'legal_name', 'bill_to.city', 'currency', 'credit_limit'])
  })

  it('stores nothing when it is read again unchanged, and one version for one change', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n2,Bolt\n')
    await drop.run()
    drop.world.clock.set(drop.world.clock.now() + 60_000)
    drop.put('customers.csv', 'record_id,name\n1,Acme\n2,Bolt\n')
    expect(await drop.run()).toMatchObject({ read: 2, stored: 0, unchanged: 2 })
    drop.put('customers.csv', 'record_id,name\n1,Acme\n2,Bolt Ltd\n', drop.world.clock.now() + 1000)
    expect(await drop.run()).toMatchObject({ stored: 1, unchanged: 1 })
    expect(await drop.run()).toMatchObject({ read: 0, stored: 0 })
    expect(await drop.world.versions('customer', drop.platform)).toHaveLength(3)
  })

  it('puts a row with a wrong number of columns and one of invalid UTF-8 into quarantine with its bytes, and keeps the rest', async () => {
    drop.put(
      'customers.csv',
      Buffer.concat([
        Buffer.from('record_id,name,domain\n1,Acme,acme.example\n2,Bolt\n3,'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(',x\n4,Crane,crane.example\n'),
      ]),
    )
    expect(await drop.run()).toMatchObject({ read: 4, stored: 2, quarantined: 2, error: null })
    const open = await drop.places()
    expect(open.map((q) => [q.record_id, q.place, q.reason])).toEqual([
      ['2', 'customers.csv line 3', 'the row has 2 columns where the header has 3'],
      ['3', 'customers.csv line 4', 'the row is not valid UTF-8 text'],
    ])
    expect(Buffer.from(open[1]!.raw_base64, 'base64')).toEqual(
      Buffer.concat([Buffer.from('3,'), Buffer.from([0xff, 0xfe]), Buffer.from(',x')]),
    )
    expect(drop.ctx.control.stream(drop.platform, 'customers')!.quarantined).toBe(2)
    drop.world.clock.set(drop.world.clock.now() + 1000)
    drop.put(
      'customers.csv',
      'record_id,name,domain\n1,Acme,acme.example\n2,Bolt,bolt.example\n3,Dart,\n4,Crane,crane.example\n',
    )
    expect(await drop.run()).toMatchObject({ stored: 2, quarantined: 0 })
    expect(await drop.places()).toEqual([])
    expect(drop.ctx.control.stream(drop.platform, 'customers')!.quarantined).toBe(0)
  })

  it('never takes a record for deleted because its row could not be read', async () => {
    const rows = Array.from({ length: 10 }, (_, i) => `x,${i},Name ${i}`)
    drop.put('customers.csv', `domain,record_id,name\n${rows.join('\n')}\n`)
    await drop.run()
    drop.world.clock.set(drop.world.clock.now() + 1000)
    drop.put('customers.csv', `domain,record_id,name\n${rows.slice(0, 9).join('\n')}\nx,9\n`)
    const result = await drop.run()
    expect(result).toMatchObject({ deleted: 0, quarantined: 1 })
    expect(result.notes[0]).toContain('nothing is taken as deleted')
    expect(await drop.live()).toHaveLength(10)
  })

  it('names the line of a quote that is never closed, keeps the rows before it and deletes nothing', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n2,Bolt\n3,Crane\n')
    await drop.run()
    drop.world.clock.set(drop.world.clock.now() + 1000)
    drop.put('customers.csv', 'record_id,name\n1,Acme Inc\n2,"Bolt\n3,Crane\n')
    const result = await drop.run()
    expect(result).toMatchObject({
      read: 1,
      stored: 1,
      deleted: 0,
      error: { code: 'schema', message: expect.stringContaining('line 3') },
    })
    expect((await drop.live()).map((r) => r['name'])).toEqual(['Acme Inc', 'Bolt', 'Crane'])
    expect(drop.ctx.control.stream(drop.platform, 'customers')!.lastError).toMatchObject({ code: 'schema' })
    drop.put('customers.csv', 'record_id,name\n1,Acme Inc\n3,Crane\n', drop.world.clock.now() + 5000)
    expect(await drop.run()).toMatchObject({ deleted: 1, error: null })
  })

  it('says which columns it saw when record_id is missing, and which column occurs twice', async () => {
    drop.put('customers.csv', 'CustomerNo,name\n1,Acme\n')
    expect((await drop.run()).error).toMatchObject({
      code: 'schema',
      message: expect.stringContaining('CustomerNo, name'),
      remedy: expect.stringContaining('record_id'),
    })
    drop.ctx = drop.context({ columns: { customer: { record_id: 'CustomerNo' } } })
    expect(await drop.run()).toMatchObject({ stored: 1, error: null })
    drop.put('customers.csv', 'record_id,name,Name\n1,Acme,B\n', drop.world.clock.now() + 1000)
    drop.ctx = drop.context()
    expect((await drop.run()).error!.message).toContain('“Name” twice (also as “name”)')
  })

  it('reports columns that nothing reads, with the nearest name, unless the mapping reads them', async () => {
    drop.put('customers.csv', 'record_id,legalname,Region\n1,Acme,EMEA\n')
    const { notes } = await drop.run()
    expect(notes[0]).toContain('“legalname”, which is not read; did you mean legal_name?')
    expect(notes[1]).toContain('“Region”')
    expect(JSON.parse(drop.ctx.control.get(`notes ${drop.platform}/customers`)!)).toEqual(notes)
    drop.ctx = drop.context(
      {},
      { mapping: { customer: { fields: { legal_name: 'legalname' }, custom: { region: 'Region' }, cannot_hold: [] } } },
    )
    // The file is the same: what is new is how it is to be read.
    expect(await drop.run()).toMatchObject({ notes: [], stored: 1 })
    expect(await drop.run()).toMatchObject({ read: 0 })
    expect((await drop.live())[0]).toMatchObject({ legal_name: 'Acme', custom: { region: 'EMEA' } })
  })

  it('keeps the first row of an id that occurs twice and shows the other', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n1,Bolt\n2,Crane\n2,Crane\n')
    expect(await drop.run()).toMatchObject({ stored: 2, quarantined: 1 })
    expect(await drop.places()).toMatchObject([
      { record_id: '1', place: 'customers.csv line 3', reason: expect.stringContaining('more than once') },
    ])
    drop.put('customers.csv', 'record_id,name\n1,Acme\n1,Bolt\n2,Crane\n2,Crane\n', drop.world.clock.now() + 1000)
    expect(await drop.run()).toMatchObject({ stored: 0 })
  })
})

describe('a series of snapshots', () => {
  it('is read from the oldest once, so that there is history, and later only what is newer', async () => {
    drop.put('customer-2026-11-01.csv', 'record_id,name\n1,Acme\n2,Bolt\n', Date.parse('2026-11-01T06:00:00Z'))
    drop.put('customer-2026-11-10.csv', 'record_id,name\n1,Acme Ltd\n2,Bolt\n', Date.parse('2026-11-10T06:00:00Z'))
    drop.put('customer-2026-11-19.csv', 'record_id,name\n1,Acme Inc\n2,Bolt\n', Date.parse('2026-11-19T06:00:00Z'))
    expect(await drop.run()).toMatchObject({ read: 6, stored: 4, completeThrough: Date.parse('2026-11-19T06:00:00Z') })
    expect(
      (await drop.world.versions('customer', drop.platform))
        .filter((r) => r['record_id'] === '1')
        .map((r) => r['name']),
    ).toEqual(['Acme', 'Acme Ltd', 'Acme Inc'])
    drop.put('customer-2026-11-20.csv', 'record_id,name\n1,Acme Inc\n')
    expect(await drop.run()).toMatchObject({ read: 1, stored: 0, deleted: 1 })
    expect(drop.ctx.control.stream(drop.platform, 'customers')!.lastFullAt).toBe(drop.world.clock.now())
  })

  it('stops and asks when too much vanishes, and goes on when a person has said so', async () => {
    const all = Array.from({ length: 20 }, (_, i) => `${i},Name ${i}`).join('\n')
    drop.put('customers.csv', `record_id,name\n${all}\n`)
    await drop.run()
    drop.put('customers.csv', 'record_id,name\n1,Name 1\n2,Name 2\n', drop.world.clock.now() + 1000)
    expect(await drop.run()).toMatchObject({ deleted: 0, stopped: expect.stringContaining('18 of 20') })
    expect(await drop.run('full')).toMatchObject({ deleted: 0, stopped: expect.stringContaining('18 of 20') })
    expect(await drop.live()).toHaveLength(20)
    drop.ctx.control.commitStream(drop.platform, 'customers', { stopped: null })
    expect(await drop.run('full')).toMatchObject({ deleted: 18, stopped: null })
    drop.put('customers.csv', 'record_id,name\n', drop.world.clock.now() + 2000)
    expect(await drop.run()).toMatchObject({ deleted: 0, stopped: expect.stringContaining('listed nothing') })
  })

  it('does not conclude anything from an empty file, a file still being written, or one with too few rows', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n2,Bolt\n3,Crane\n')
    await drop.run()
    const before = drop.ctx.control.stream(drop.platform, 'customers')!.completeThrough
    drop.put('customers.csv', '', drop.world.clock.now() + 1000)
    expect((await drop.run()).notes[0]).toContain('0 bytes')
    drop.put('customers.csv', 'record_id,name\n1,Acme\n', drop.world.clock.now() + 2000)
    drop.put('manifest.json', JSON.stringify({ files: { 'customers.csv': { rows: 3 } } }))
    expect((await drop.run()).notes[0]).toContain('the manifest says 3')
    expect(await drop.live()).toHaveLength(3)
    expect(drop.ctx.control.stream(drop.platform, 'customers')).toMatchObject({
      completeness: { theirs: 3, ours: 1 },
      lastFullAt: drop.world.clock.now(),
    })
    expect(before).toBe(drop.world.clock.now())
  })

  it('takes its instant from the manifest, never later than now', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n')
    drop.put('manifest.json', JSON.stringify({ complete_through: '2026-11-20T06:00:00Z' }))
    expect((await drop.run()).completeThrough).toBe(Date.parse('2026-11-20T06:00:00Z'))
    drop.put('manifest.json', JSON.stringify({ complete_through: '2027-01-01T00:00:00Z' }))
    expect((await drop.run()).completeThrough).toBe(drop.world.clock.now())
    drop.put('manifest.json', '{"complete_through": "yesterday"}')
    expect((await drop.run()).error).toMatchObject({
      code: 'schema',
      message: expect.stringContaining('manifest.json'),
    })
  })
})
