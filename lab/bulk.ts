/**
 * Bulk: millions of customers over three platforms for benchmarks, as text, made row by row from the seed.
 *
 * Row i of every platform depends on the seed and i alone, so any slice can be made anywhere, and the number of
 * mismatches per field is counted while writing and exactly known. Nothing is kept in memory.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hash32, mix32 } from './random.ts'
import { mod11of10 } from './tax-ids.ts'

export const BULK_PLATFORMS = ['salesforce', 'netsuite', 'stripe'] as const
export type BulkPlatform = (typeof BULK_PLATFORMS)[number]

/** Fields in which the follower may differ, with the platform at fault. */
export const BULK_FIELDS = ['payment_terms', 'bill_to.city', 'phone', 'credit_limit'] as const
export type BulkField = (typeof BULK_FIELDS)[number]

export interface BulkOptions {
  seed?: string
  /** Entities; each has a record on every platform, unless it is missing. */
  customers: number
  /** One in so many entities differs in one field at one follower; default 1000. 0: none. */
  oneIn?: number
  /** One in so many entities is missing at Stripe; default 5000. 0: none. */
  missingOneIn?: number
  format?: 'csv' | 'ndjson'
  /** First entity, for slices. */
  from?: number
  /** Stamp of every record (ISO). */
  changedAt?: string
}

export interface BulkTruth {
  customers: number
  rows: Record<BulkPlatform, number>
  /** Field → platform at fault → entities that differ. */
  mismatches: Record<BulkField, Partial<Record<BulkPlatform, number>>>
  missing: Record<'stripe', number>
}

const COLUMNS = [
  'record_id',
  'state',
  'changed_at',
  'refs.salesforce',
  'name',
  'legal_name',
  'domain',
  'email',
  'phone',
  'tax_id',
  'bill_to.line1',
  'bill_to.city',
  'bill_to.postal_code',
  'bill_to.country',
  'currency',
  'payment_terms',
  'credit_limit',
  'credit_hold',
] as const
const TERMS = ['net_14', 'net_30', 'net_45', 'net_60']
const CITIES = ['Berlin', 'Hamburg', 'Bremen', 'Kassel', 'Jena', 'Ulm', 'Trier', 'Bonn']
const STREETS = ['Lindenweg', 'Werkgasse', 'Speicherhof', 'Am Anger']
const STEMS = ['Varn', 'Quill', 'Tarro', 'Ost', 'Bel', 'Keld', 'Lum', 'Dro']

export function bulkTruth(): BulkTruth {
  return {
    customers: 0,
    rows: { salesforce: 0, netsuite: 0, stripe: 0 },
    mismatches: { payment_terms: {}, 'bill_to.city': {}, phone: {}, credit_limit: {} },
    missing: { stripe: 0 },
  }
}

/** Which field of an entity differs, and where; null: it agrees everywhere. */
function wrongOf(h: number, oneIn: number): { field: BulkField; platform: BulkPlatform } | null {
  if (oneIn === 0 || h % oneIn !== 0) return null
  const pick = Math.floor(h / oneIn)
  const field = BULK_FIELDS[pick % BULK_FIELDS.length]!
  // The ERP owns all but the phone number, which is the CRM's; Stripe holds no credit limit.
  if (field === 'phone') return { field, platform: 'netsuite' }
  return { field, platform: field === 'credit_limit' || (pick >>> 3) % 2 === 0 ? 'salesforce' : 'stripe' }
}

export function recordId(platform: BulkPlatform, i: number): string {
  if (platform === 'salesforce') return `001LB${i.toString(36).toUpperCase().padStart(10, '0')}AAA`
  return platform === 'netsuite' ? String(10_000_000 + i) : `cus_LB${i.toString(36).padStart(8, '0')}`
}

/** Values of one entity on one platform, in the order of the columns; null: it is missing there. */
export function bulkRow(
  seedHash: number,
  i: number,
  platform: BulkPlatform,
  oneIn: number,
  missingOneIn: number,
  changedAt: string,
): readonly (string | null)[] | null {
  const h = mix32(seedHash ^ Math.imul(i + 1, 0x9e3779b1))
  if (platform === 'stripe' && missingOneIn > 0 && mix32(h ^ 0x51ed270b) % missingOneIn === 0) return null
  const wrong = wrongOf(h, oneIn)
  const bad = wrong?.platform === platform ? wrong.field : null
  const body = String(10_000_000 + (i % 90_000_000))
  const name = `${STEMS[h & 7]!}wick ${i}`
  const domain = `bulk-${i}.example`
  const terms = (h >>> 3) & 3
  const city = (h >>> 5) & 7
  const phone = `+4930${String(2_000_000 + (h % 7_000_000))}`
  const limit = (((h >>> 8) % 40) + 1) * 1000
  return [
    recordId(platform, i),
    'customer',
    changedAt,
    platform === 'salesforce' ? '' : recordId('salesforce', i),
    name,
    `${name} GmbH`,
    domain,
    `billing@${domain}`,
    bad === 'phone' ? `${phone.slice(0, -1)}${(Number(phone.at(-1)) + 5) % 10}` : phone,
    `DE${body}${mod11of10(body)}`,
    `${STREETS[(h >>> 12) & 3]!} ${(h >>> 14) % 200}`,
    CITIES[bad === 'bill_to.city' ? (city + 3) & 7 : city]!,
    String(10_000 + ((h >>> 4) % 80_000)),
    'DE',
    'EUR',
    TERMS[bad === 'payment_terms' ? (terms + 1) & 3 : terms]!,
    `${bad === 'credit_limit' ? limit + 250 : limit}.00`,
    'false',
  ]
}

/** Which columns a platform has: what it lacks it cannot hold. */
function columnsOf(platform: BulkPlatform): number[] {
  const lacks =
    platform === 'stripe' ? ['domain', 'credit_limit'] : platform === 'salesforce' ? ['refs.salesforce'] : []
  return COLUMNS.flatMap((name, i) => (lacks.includes(name) ? [] : [i]))
}

/** Text of one platform in chunks of about a quarter of a megabyte; adds what it writes to `truth`. */
export function* bulkText(
  platform: BulkPlatform,
  options: BulkOptions,
  truth: BulkTruth,
): Generator<string, void, void> {
  const {
    customers,
    oneIn = 1000,
    missingOneIn = 5000,
    format = 'csv',
    from = 0,
    changedAt = '2026-06-01T08:00:00.000Z',
  } = options
  const seedHash = hash32(options.seed ?? 'bulk')
  const columns = columnsOf(platform)
  const names = columns.map((c) => JSON.stringify(COLUMNS[c]!))
  let chunk = format === 'csv' ? `${columns.map((c) => COLUMNS[c]!).join(',')}\n` : ''
  if (platform === 'salesforce') truth.customers += customers
  for (let i = from; i < from + customers; i++) {
    const row = bulkRow(seedHash, i, platform, oneIn, missingOneIn, changedAt)
    if (row === null) {
      truth.missing.stripe++
      continue
    }
    truth.rows[platform]++
    const wrong = wrongOf(mix32(seedHash ^ Math.imul(i + 1, 0x9e3779b1)), oneIn)
    if (wrong?.platform === platform)
      truth.mismatches[wrong.field][platform] = (truth.mismatches[wrong.field][platform] ?? 0) + 1
    chunk += format === 'csv' ? line(columns, row) : object(columns, names, row)
    if (chunk.length > 262_144) {
      yield chunk
      chunk = ''
    }
  }
  if (chunk) yield chunk
}

function line(columns: readonly number[], row: readonly (string | null)[]): string {
  let text = row[columns[0]!] ?? ''
  for (let c = 1; c < columns.length; c++) text += `,${row[columns[c]!] ?? ''}`
  return `${text}\n`
}

function object(columns: readonly number[], names: readonly string[], row: readonly (string | null)[]): string {
  let text = '{'
  for (let c = 0; c < columns.length; c++) {
    const value = row[columns[c]!]
    text += `${c > 0 ? ',' : ''}${names[c]!}:${value === null || value === undefined ? 'null' : `"${value}"`}`
  }
  return `${text}}\n`
}

/** Writes `<folder>/<platform>/customers.csv` (or .ndjson) of all three platforms and returns what is wrong in them. */
export async function writeBulk(folder: string, options: BulkOptions): Promise<BulkTruth> {
  const truth = bulkTruth()
  for (const platform of BULK_PLATFORMS) {
    await mkdir(join(folder, platform), { recursive: true })
    const file = createWriteStream(join(folder, platform, `customers.${options.format ?? 'csv'}`))
    for (const chunk of bulkText(platform, options, truth)) if (!file.write(chunk)) await once(file, 'drain')
    file.end()
    await once(file, 'finish')
  }
  return truth
}
