/** The laboratory's truth: customers of four platforms in the spellings that hand entry gives them, without the references that join them. */
import { createLandscape } from '../lab/landscape.ts'
import { canonicalise, type CanonicaliseContext } from '../model/canonicalise.ts'
import { kindOf } from '../model/kinds.ts'
import { specOf } from '../server/identify/linker/kinds.ts'
import type { LinkSpec } from '../server/identify/linker/spec.ts'
import type { Facts } from '../server/store/facts/facts.ts'
import { entities } from '../test/world/lab-entities.ts'

/** Columns of the current table that the product's own specification reads. */
const READ = [
  'name',
  'legal_name',
  'domain',
  'email',
  'phone',
  'tax_id',
  'registration_number',
  'bill_to_line1',
  'bill_to_city',
  'bill_to_postal_code',
].map((c) => `${c}_key`)

/** Fills `bench_source` and gives the product's own specification over it, with the truth of every record. */
export async function labSet(facts: Facts, customers: number): Promise<{ truth: Map<string, string>; spec: LinkSpec }> {
  const landscape = await createLandscape({ customers, faults: 0, via: 'files' })
  const things = entities(landscape.states, 'customer')
  await landscape.stop()
  const truth = new Map<string, string>()
  const kind = kindOf('customer')
  const contexts = new Map<string, CanonicaliseContext>()
  const rows = things.flatMap((records, thing) =>
    records.map((r) => {
      truth.set(`${r.platform}:${r.id}`, String(thing))
      const ctx = contexts.get(r.platform) ?? { platform: r.platform, timezone: 'UTC', held: [], map: () => null }
      contexts.set(r.platform, ctx)
      const { keys, values } = canonicalise(kind, { record_id: r.id, fields: r.fields }, ctx)
      const columns = Object.fromEntries(
        Object.entries(keys).map(([field, key]) => [`${field.replace('.', '_')}_key`, key]),
      )
      return {
        platform: r.platform,
        record_id: r.id,
        columns: { ...columns, bill_to_country: values['bill_to.country'] ?? '' },
      }
    }),
  )
  await facts.command(`drop table if exists ${facts.database}.bench_source`)
  await facts.command(
    `create table ${facts.database}.bench_source (platform String, record_id String, columns Map(String, String)) engine = MergeTree order by tuple()`,
  )
  await facts.insert('bench_source', rows)
  const columns = [...READ, 'bill_to_country'].map((c) => `columns['${c}'] as ${c}`)
  const source = `select platform, record_id, 0 as entity, ${columns.join(', ')} from ${facts.database}.bench_source`
  return { truth, spec: { ...specOf(facts.database, 'customer', null), source } }
}
