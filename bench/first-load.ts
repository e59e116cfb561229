/** From scratch: raw records read, stored and identified, as a first load does it. */
import { bulkRow, BULK_PLATFORMS, recordId } from '../lab/bulk.ts'
import { hash32 } from '../lab/random.ts'
import { canonicalise, type CanonicaliseContext } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import type { CanonicalRecord } from '../model/record.ts'
import type { Context } from '../server/context.ts'
import { identify } from '../server/identify/identify.ts'
import { appendVersions } from '../server/store/facts/versions.ts'
import { PLATFORMS } from './world.ts'

/** Columns of lab/bulk.ts after record_id, state, changed_at and refs. */
const NAMES = [
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
]
/** Records that one append carries, as collecting does. */
const PAGE = 10_000
const STAMP = '2026-06-01T08:00:00.000Z'

export interface Stored {
  records: number
  canonicaliseSeconds: number
  appendSeconds: number
}

/** Entities [from, to) on all three platforms, read and stored. */
export async function storeBulk(ctx: Context, from: number, to: number): Promise<Stored> {
  const seed = hash32('bulk')
  const done: Stored = { records: 0, canonicaliseSeconds: 0, appendSeconds: 0 }
  for (const [n, platform] of PLATFORMS.entries()) {
    const context: CanonicaliseContext = { platform, timezone: 'UTC', held: ['state', ...NAMES], map: () => null }
    for (let at = from; at < to; at += PAGE) {
      const started = performance.now()
      const page: CanonicalRecord[] = []
      for (let i = at; i < Math.min(to, at + PAGE); i++) {
        const row = bulkRow(seed, i, BULK_PLATFORMS[n]!, 1000, 5000, STAMP)
        if (!row) continue
        const fields: Record<string, unknown> = { state: row[1] }
        NAMES.forEach((name, f) => (fields[name] = row[f + 4]))
        const refs = platform === 'crm' ? {} : { crm: recordId('salesforce', i) }
        page.push(canonicalise(kindOf('customer'), { record_id: row[0]!, changed_at: STAMP, refs, fields }, context))
      }
      const read = performance.now()
      await appendVersions(ctx.facts, ctx.control, 'customer', 'customers', page, ctx.clock.now())
      done.records += page.length
      done.canonicaliseSeconds += (read - started) / 1000
      done.appendSeconds += (performance.now() - read) / 1000
    }
  }
  return done
}

/** @throws if records of one customer ended under two entities, or two customers under one. */
export async function identifyAll(ctx: Context, customers: number): Promise<{ seconds: number; entities: number }> {
  const started = performance.now()
  await identify(ctx)
  const seconds = (performance.now() - started) / 1000
  const [row] = await ctx.facts.query<{ n: string }>(
    `select uniqExact(entity_id) as n from ${ctx.facts.database}.links final`,
  )
  const entities = Number(row!.n)
  if (entities !== customers) throw new Error(`${customers} customers were loaded, but there are ${entities} entities.`)
  return { seconds, entities }
}
