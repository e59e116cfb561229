/** The laboratory on disk: CSV folders, file drops and bulk text. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse as parseCsv } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { BULK_PLATFORMS, bulkText, bulkTruth, writeBulk } from '../lab/bulk.ts'
import type { BulkPlatform } from '../lab/bulk.ts'
import { writeCsv } from '../lab/csv.ts'
import { createLandscape } from '../lab/landscape.ts'
import type { Landscape } from '../lab/landscape.ts'
import type { Truth } from '../lab/truth.ts'
import { configSchema } from '../server/config/schema.ts'

type Rows = Record<string, string>[]
const DAY = 86_400_000

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'plumbline-lab-test-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))
const rows = async (...path: string[]) =>
  parseCsv(await readFile(join(folder, ...path), 'utf8'), { columns: true }) as Rows

describe('a landscape as CSV', () => {
  let landscape: Landscape
  beforeAll(async () => {
    landscape = await createLandscape({ seed: 'csv', customers: 60, days: 40, faults: 3, via: 'files' })
    await writeCsv(landscape, join(folder, 'csv'))
  })

  test('has one file per platform and kind with canonical columns, and every record in it', async () => {
    expect((await readdir(join(folder, 'csv', 'salesforce'))).sort()).toContain('customers.csv')
    const customers = await rows('csv', 'netsuite', 'customers.csv')
    expect(customers.length).toBe(landscape.states.get('netsuite')!.records('customer').length)
    expect(Object.keys(customers[0]!)).toEqual(
      expect.arrayContaining([
        'record_id',
        'status',
        'changed_at',
        'deleted',
        'refs.salesforce',
        'legal_name',
        'bill_to.country',
        'payment_terms',
      ]),
    )
    expect(Object.keys(customers[0]!)).not.toContain('health_score')
    expect((await rows('csv', 'zendesk', 'support-cases.csv')).length).toBeGreaterThan(0)
  })

  test('carries a configuration that the product accepts, and the truth', async () => {
    const config = parseYaml(await readFile(join(folder, 'csv', 'plumbline.yaml'), 'utf8')) as unknown
    const parsed = configSchema.parse(config)
    expect(parsed.platforms.salesforce).toMatchObject({
      connector: 'files',
      role: 'crm',
      config: { folder: join(folder, 'csv', 'salesforce') },
    })
    const truth = JSON.parse(await readFile(join(folder, 'csv', 'truth.json'), 'utf8')) as Truth & { asOf: number }
    expect(truth.asOf).toBe(landscape.end)
    expect(truth.faults).toEqual(JSON.parse(JSON.stringify(landscape.truth.faults)))
    expect(truth.faults.every((f) => Array.isArray(f.alsoExpected))).toBe(true)
  })

  test('says of a stream that stands still how far it is complete, and of one that leaves rows out how many there are', async () => {
    const { faults } = landscape.truth
    const stale = faults.findLast((f) => f.drift === 'stale_stream')!
    const thin = faults.findLast((f) => f.drift === 'incomplete_stream')!
    type Manifest = { files: Record<string, { complete_through: string; rows: number }> }
    const manifest = async (platform: string) =>
      JSON.parse(await readFile(join(folder, 'csv', platform, 'manifest.json'), 'utf8')) as Manifest
    const name = (kind: string) => (kind === 'case' ? 'support-cases.csv' : `${kind}s.csv`)
    expect((await manifest(stale.platform!)).files[name(stale.kind)]!.complete_through).toBe(
      new Date(stale.injectedAt).toISOString(),
    )
    const { rows: count } = (await manifest(thin.platform!)).files[name(thin.kind)]!
    expect((await rows('csv', thin.platform!, name(thin.kind))).length).toBeLessThan(count)
  })

  test('can be written again for a later instant, in place', async () => {
    const before = await rows('csv', 'netsuite', 'invoices.csv')
    landscape.advance(landscape.end + 5 * DAY)
    await writeCsv(landscape, join(folder, 'csv'))
    expect((await rows('csv', 'netsuite', 'invoices.csv')).length).toBeGreaterThan(before.length)
    expect((await readdir(join(folder, 'csv', 'netsuite'))).some((name) => name.endsWith('.part'))).toBe(false)
  })
})

describe('bulk', () => {
  const options = { seed: 'bulk-test', customers: 20_000, oneIn: 100, missingOneIn: 500 }

  test('knows exactly what differs, field by field', async () => {
    const truth = await writeBulk(join(folder, 'bulk'), options)
    const [crm, erp, billing] = (await Promise.all(BULK_PLATFORMS.map((p) => rows('bulk', p, 'customers.csv')))) as [
      Rows,
      Rows,
      Rows,
    ]
    expect(truth.rows).toEqual({ salesforce: crm.length, netsuite: erp.length, stripe: billing.length })
    expect(truth.missing.stripe).toBe(erp.length - billing.length)
    expect(truth.missing.stripe).toBeGreaterThan(10)
    const owner = new Map(erp.map((row) => [row['refs.salesforce'], row]))
    const differ = (mine: Rows, field: string, ref: string) =>
      mine.filter((row) => row[field] !== owner.get(row[ref])![field]).length
    for (const field of ['payment_terms', 'bill_to.city', 'credit_limit'] as const)
      expect(differ(crm, field, 'record_id')).toBe(truth.mismatches[field].salesforce)
    for (const field of ['payment_terms', 'bill_to.city'] as const)
      expect(differ(billing, field, 'refs.salesforce')).toBe(truth.mismatches[field].stripe)
    expect(differ(crm, 'phone', 'record_id')).toBe(truth.mismatches.phone.netsuite)
  })

  test('is the same for the same seed, in CSV and NDJSON, whole or in slices', () => {
    const text = (platform: BulkPlatform, over: object = {}) =>
      [...bulkText(platform, { ...options, customers: 3000, ...over }, bulkTruth())].join('')
    expect(text('stripe')).toBe(text('stripe'))
    expect(text('stripe')).not.toBe(text('stripe', { seed: 'other' }))
    const whole = text('netsuite').split('\n').slice(1).join('\n')
    const halves = [text('netsuite', { customers: 1500 }), text('netsuite', { customers: 1500, from: 1500 })]
      .map((t) => t.split('\n').slice(1).join('\n'))
      .join('')
    expect(halves).toBe(whole)
    const csv = parseCsv(text('netsuite'), { columns: true }) as Rows
    const json = text('netsuite', { format: 'ndjson' })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(json).toEqual(csv)
  })

  test('is healthy where nothing was asked for', () => {
    const truth = bulkTruth()
    for (const platform of BULK_PLATFORMS)
      for (const _ of bulkText(platform, { customers: 2000, oneIn: 0, missingOneIn: 0 }, truth));
    expect(truth.missing.stripe).toBe(0)
    expect(Object.values(truth.mismatches).flatMap((m) => Object.values(m))).toEqual([])
  })
})
