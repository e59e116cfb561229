/** The files connector: increments, NDJSON and Parquet, and which files of a folder are ours. */
import { appendFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFiles } from '../connectors/files/names.ts'
import { collect } from '../server/collect/collect.ts'
import { backfill, backfillCost } from '../server/collect/backfill.ts'
import type { FileDrop } from './world/file-drop.ts'
import { fileDrop } from './world/file-drop.ts'

let drop: FileDrop

beforeAll(async () => void (drop = await fileDrop()))
afterAll(() => drop.world.end())
beforeEach(() => drop.fresh())

it('reads a range of increments again without an old state over a newer one, and stores nothing twice', async () => {
  drop.ctx = drop.context({ mode: 'increment' })
  drop.put('customers-2026-11-01.csv', 'record_id,name\n1,Acme\n2,Bolt\n')
  drop.put('customers-2026-11-02.csv', 'record_id,name\n1,Acme Ltd\n')
  await drop.run()
  const range = { from: Date.parse('2026-11-01T00:00:00Z'), to: Date.parse('2026-11-02T00:00:00Z') }
  expect(await backfillCost(drop.ctx, drop.platform, range)).toMatchObject([{ stream: 'customers', calls: 0 }])
  expect(await backfill(drop.ctx, drop.platform, range)).toMatchObject([{ read: 1, stored: 0, error: null }])
  expect(await drop.world.versions('customer', drop.platform)).toHaveLength(3)
  expect((await drop.live()).map((row) => row['name'])).toEqual(['Acme Ltd', 'Bolt'])
})

it('reads increments once each in the order of their dates, drops stale rows, and infers no deletion', async () => {
  drop.ctx = drop.context({ mode: 'increment' })
  drop.put(
    'customers-2026-11-18.ndjson',
    '{"record_id":"1","name":"Acme","changed_at":"2026-11-18T10:00:00Z"}\n{"record_id":"2","name":"Bolt","changed_at":"2026-11-18T10:00:00Z"}\n',
  )
  drop.put(
    'customers-2026-11-19.ndjson',
    '{"record_id":"1","name":"Acme Inc","changed_at":"2026-11-19T10:00:00Z"}\n{"record_id":"1","name":"Acme","changed_at":"2026-11-17T10:00:00Z"}\n',
  )
  expect(await drop.run()).toMatchObject({ read: 4, stored: 3, stale: 1, deleted: 0 })
  drop.put('customers-2026-11-20.ndjson', '{"record_id":"2","deleted":true,"changed_at":"2026-11-20T10:00:00Z"}\n')
  expect(await drop.run()).toMatchObject({ read: 1, stored: 1 })
  expect(await drop.live()).toMatchObject([{ record_id: '1', name: 'Acme Inc' }])
  expect(await drop.run('full')).toMatchObject({ read: 0, deleted: 0, stopped: null })
})

it('reads NDJSON with nested groups and exact numbers, and keeps a bad line apart', async () => {
  drop.put(
    'invoices.ndjson',
    '{"id":9007199254740993,"number":"R-1","total":12345678901234567890.55,"currency":"EUR","refs":{"crm":"a1"}}\n{"id":"2",\n{"id":"3","number":"R-3","total":"1.10","currency":"EUR"}\n{"id":"4","id":"5"}\n',
  )
  expect(await drop.run()).toMatchObject({ read: 4, stored: 2, quarantined: 2 })
  expect(await drop.live('invoice')).toMatchObject([
    { record_id: '9007199254740993', total: '12345678901234567890.55', refs: { crm: 'a1' } },
    { record_id: '3', total: '1.1' },
  ])
})

it('reads Parquet with decimals, 64-bit integers, dates and instants exactly', async () => {
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 'record_id', data: [9007199254740993n, 2n] },
      { name: 'number', data: ['R-1', 'R-2'] },
      { name: 'total', data: [123456789012345678n, -5n] },
      { name: 'currency', data: ['EUR', 'EUR'] },
      { name: 'issued_on', data: [new Date('2026-11-01'), new Date('2026-11-02')] },
      { name: 'posted_at', data: [new Date('2026-11-01T10:00:00.123Z'), new Date('2026-11-02T10:00:00Z')] },
    ],
    schema: [
      { name: 'root', num_children: 6 },
      { name: 'record_id', type: 'INT64', repetition_type: 'REQUIRED' },
      { name: 'number', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'total', type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 2, repetition_type: 'REQUIRED' },
      { name: 'currency', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'issued_on', type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
      { name: 'posted_at', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
    ],
  })
  drop.put('invoice.parquet', new Uint8Array(buffer))
  expect(await drop.run()).toMatchObject({ read: 2, stored: 2, error: null })
  expect(await drop.live('invoice')).toMatchObject([
    {
      record_id: '9007199254740993',
      number: 'R-1',
      total: '1234567890123456.78',
      issued_on: '2026-11-01',
      posted_at: '2026-11-01T10:00:00.123Z',
    },
    { record_id: '2', total: '-0.05', issued_on: '2026-11-02' },
  ])
  drop.put('invoice.parquet', new Uint8Array(buffer).subarray(0, 100), drop.world.clock.now() + 1000)
  expect((await drop.run()).error).toMatchObject({
    code: 'schema',
    message: expect.stringContaining('not a complete Parquet file'),
  })
  expect(await drop.live('invoice')).toHaveLength(2)
})

describe('the folder', () => {
  const names = (files: string[], platformName: string, settings = {}) =>
    findFiles(
      files.map((name) => ({ name, path: name, size: 1, modifiedAt: 1 })),
      settings,
      platformName,
    ).map((f) => `${f.kind}:${f.name}`)

  it('knows files by kind in singular and plural, with dates, prefixes and patterns', () => {
    expect(
      names(
        [
          'customers.csv',
          'Customer-20261101.csv',
          'invoice_2026-11-01T06-00-00Z.ndjson',
          'notes.txt',
          'readme.md',
          'customers.xlsx',
          'cases.parquet',
        ],
        'erp',
      ),
    ).toEqual([
      'customer:Customer-20261101.csv',
      'invoice:invoice_2026-11-01T06-00-00Z.ndjson',
      'case:cases.parquet',
      'customer:customers.csv',
    ])
    const shared = ['salesforce_customers.csv', 'netsuite.customers.csv', 'salesforce-eu_customers.csv', 'invoices.csv']
    expect(names(shared, 'salesforce')).toEqual(['invoice:invoices.csv', 'customer:salesforce_customers.csv'])
    expect(names(shared, 'netsuite', { prefix: 'netsuite' })).toEqual(['customer:netsuite.customers.csv'])
    expect(names(shared, 'salesforce-eu', { prefix: 'salesforce-eu' })).toEqual([
      'customer:salesforce-eu_customers.csv',
    ])
    expect(
      names(['export (invoice) 2026-11-02.csv', 'export (invoice) 2026-11-01.csv', 'x.csv'], 'erp', {
        pattern: 'export ({kind}) {date}.csv',
      }),
    ).toEqual(['invoice:export (invoice) 2026-11-01.csv', 'invoice:export (invoice) 2026-11-02.csv'])
  })

  it('says what it holds instead when there is nothing to read, and that it does not exist', async () => {
    drop.put('kunden.csv', 'x\n')
    await expect(drop.run()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('it holds kunden.csv'),
    })
    await expect(drop.run('changes', drop.context({ folder: join(drop.folder, 'none') }))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('does not exist'),
    })
  })

  it('keeps records and says so when the file of a stream disappears', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n')
    drop.put('invoices.csv', 'record_id,number\n1,R-1\n')
    await drop.run()
    rmSync(join(drop.folder, 'customers.csv'))
    await drop.run()
    expect(drop.ctx.control.stream(drop.platform, 'customers')!.lastError!.message).toContain(
      'no longer has the stream customers',
    )
    expect(await drop.live()).toHaveLength(1)
  })

  it('never reads through a link that leads out of it', async () => {
    drop.put('customers.csv', 'record_id,name\n1,Acme\n')
    writeFileSync(join(drop.world.folder, 'outside.csv'), 'record_id,number\n1,secret\n')
    symlinkSync(join(drop.world.folder, 'outside.csv'), join(drop.folder, 'invoices.csv'))
    const result = await collect(drop.ctx, drop.platform, { mode: 'changes' })
    expect(result.streams.find((s) => s.stream === 'invoices')!.error).toMatchObject({
      code: 'config',
      message: expect.stringContaining('outside'),
    })
    expect(await drop.live('invoice')).toEqual([])
  })
})

it('keeps a record whose field cannot be read and notes the field', async () => {
  drop.put('invoices.csv', 'record_id,number,total,currency,issued_on\n1,R-1,abc,EUR,2026-11-01\n')
  expect(await drop.run()).toMatchObject({ stored: 1, quarantined: 0 })
  expect(await drop.live('invoice')).toMatchObject([{ number: 'R-1', total: null }])
  expect(await drop.places()).toMatchObject([{ record_id: '1', field: 'total', place: 'invoices.csv line 2' }])
})

it('has a file in the folder read while it grows again, without deletions', async () => {
  const big = 'record_id,name\n' + Array.from({ length: 30_000 }, (_, i) => `${i},Name ${i}`).join('\n') + '\n'
  drop.put('customers.csv', big)
  await drop.run()
  drop.put('customers.csv', big.slice(0, big.length / 2), drop.world.clock.now() + 10)
  const running = drop.run()
  await new Promise((r) => setImmediate(r))
  appendFileSync(join(drop.folder, 'customers.csv'), 'x')
  const result = await running
  expect(result.deleted).toBe(0)
  expect(await drop.live()).toHaveLength(30_000)
  expect(readFileSync(join(drop.folder, 'customers.csv')).length).toBeGreaterThan(0)
})

it('reads its own fixtures without a note', async () => {
  drop.ctx = drop.context(
    { folder: join(import.meta.dirname, '../connectors/files/fixtures') },
    { timezone: 'Europe/Berlin' },
  )
  const { streams } = await collect(drop.ctx, drop.platform, { mode: 'changes' })
  expect(streams.map((s) => [s.stream, s.stored, s.quarantined, s.error, s.notes])).toEqual([
    ['invoices', 2, 0, null, []],
    ['customers', 3, 0, null, []],
  ])
  const [first] = await drop.live()
  expect(first).toMatchObject({
    legal_name: 'Nordlicht Werkzeuge GmbH',
    bill_to_country: 'DE',
    payment_terms: 'net_30',
    changed_at: '2026-11-18T08:30:00.000Z',
    bill_to_line1: 'Hafenstraße 4; Tor 2',
  })
  expect((await drop.live('invoice'))[1]).toMatchObject({ total: '12345678901234567.89' })
})
