/** Placed records: versions whose entity the test names itself, projected without identification, for tests that need thousands. */
import { column } from '../../model/fields.ts'
import { kindOf, references } from '../../model/kinds.ts'
import type { CanonicalRecord } from '../../model/record.ts'
import type { Context } from '../../server/context.ts'
import { versionColumns } from '../../server/store/facts/columns.ts'
import { groupHashes } from '../../server/store/facts/current.ts'
import { appendVersions } from '../../server/store/facts/versions.ts'

/** A record, the entity it belongs to, and the customer of that entity. */
export interface Placed {
  record: CanonicalRecord
  entity: string
  customer?: string
}

/** Stores the versions and writes their current rows and what they touch, as identification would. */
export async function place(
  ctx: Pick<Context, 'facts' | 'control' | 'clock'>,
  kind: string,
  records: readonly Placed[],
): Promise<void> {
  if (records.length === 0) return
  const { facts, control, clock } = ctx
  const k = kindOf(kind)
  const { from, to } = await appendVersions(
    facts,
    control,
    kind,
    kind,
    records.map((r) => r.record),
    clock.now(),
  )
  const db = facts.database
  const columns = versionColumns(k).map((c) => c.name)
  const refs = references(k).filter((f) => f.name !== 'customer')
  const entityOf = `transform(record_id, {ids:Array(String)}, {entities:Array(String)}, record_id)`
  const customerOf =
    kind === 'customer' ? 'entity_id' : `transform(record_id, {ids:Array(String)}, {customers:Array(String)}, '')`
  // A reference in these tests names the entity itself.
  const resolved = refs.map(
    (f) => `if(ifNull(${column(f)}, '') = '', 0, cityHash64(assumeNotNull(${column(f)}))) as ${column(f)}_eid`,
  )
  const rev = control.next('rev')
  const hashes = groupHashes(k)
  await facts.command(
    `insert into ${db}.current_${kind} (${[...columns, 'entity_id', 'eid', 'customer_entity_id', 'customer_eid', ...refs.map((f) => `${column(f)}_eid`), ...hashes.map((h) => h.name), 'rev', 'gone'].join(', ')})
     select ${[...columns, 'entity_id', 'eid', 'customer_entity_id', 'customer_eid', ...refs.map((f) => `${column(f)}_eid`), ...hashes.map((h) => `${h.sql()} as ${h.name}`)].join(', ')}, toUInt64({rev:UInt64}), toUInt8(0)
     from (select ${columns.join(', ')}, ${[`${entityOf} as entity_id`, 'cityHash64(entity_id) as eid', `${customerOf} as customer_entity_id`, `if(customer_entity_id = '', 0, cityHash64(customer_entity_id)) as customer_eid`, ...resolved].join(', ')}
       from ${db}.versions_${kind} where seq between {from:UInt64} and {to:UInt64})`,
    {
      rev,
      from,
      to,
      ids: records.map((r) => r.record.record_id),
      entities: records.map((r) => r.entity),
      ...(kind !== 'customer' && { customers: records.map((r) => r.customer ?? '') }),
    },
  )
  const links = records.map((r) => ({
    kind,
    platform: r.record.platform,
    record_id: r.record.record_id,
    entity_id: r.entity,
    rule: 'alone',
    evidence: '{}',
    rev,
    observed_at: new Date(clock.now()).toISOString(),
  }))
  for (const table of ['link_history', 'links']) await facts.insert(table, links)
  await facts.command(
    `insert into ${db}.touched (rev, kind, eid, customer_eid, at)
     select distinct rev, '${kind}', eid, customer_eid, {at:DateTime64(3, 'UTC')} from ${db}.current_${kind} where rev = {rev:UInt64}`,
    { rev, at: new Date(clock.now()).toISOString() },
  )
}
