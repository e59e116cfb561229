/**
 * Projection: the current row of every record that moved, under its entity, with resolved references and group hashes.
 * Runs inside the database: no row passes through JavaScript.
 */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { column } from '../../model/fields.ts'
import { kindOf, references } from '../../model/kinds.ts'
import { numbered } from '../store/numbering.ts'
import { groupHashes } from '../store/facts/current.ts'
import { versionColumns } from '../store/facts/columns.ts'
import { PLAIN_DISTINCT } from './reach.ts'
import { pointSql, withCustomerSql, type ResolveContext } from './resolve.ts'

/**
 * Writes current rows for scratch step `moved` and for every record of step `reach` whose link changed, a `gone` row
 * where a record left an entity, and the entities touched. Returns the number of records written.
 */
export async function project(ctx: Context, kind: string, resolve: ResolveContext): Promise<number> {
  const { facts } = ctx
  const db = facts.database
  // What to write: what moved, and what sits under another entity than its link says (also after a run that was killed).
  await facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select distinct 'write', platform, record_id from ${db}.identify_scratch where step = 'moved'`,
  )
  const old = `select toString(platform) as platform, record_id, eid, customer_eid from ${db}.current_${kind} final
      where eid in (select eid from ${db}.links where kind = '${kind}' and ${inStep(db, 'reach')}
                    union distinct select eid from ${db}.link_history where kind = '${kind}' and ${inStep(db, 'reach')})
        and ${inStep(db, 'reach')}`
  const wrong = `select o.platform as platform, o.record_id as record_id, o.eid as eid, o.customer_eid as customer_eid from (${old}) as o
      inner join (select platform, record_id, eid from ${db}.links final where kind = '${kind}' and ${inStep(db, 'reach')}) as l
        on l.platform = o.platform and l.record_id = o.record_id
      where l.eid != o.eid`
  await facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select distinct 'write', platform, record_id from (${wrong}) where not ${inStep(db, 'write')} ${PLAIN_DISTINCT}`,
  )
  return await numbered(ctx.control, 'rev', 1, (rev) =>
    writeRevision(ctx, kind, resolve, { old, wrong, rev: String(rev) }),
  )
}

async function writeRevision(
  ctx: Context,
  kind: string,
  resolve: ResolveContext,
  { old, wrong, rev }: { old: string; wrong: string; rev: string },
): Promise<number> {
  const { facts } = ctx
  const db = facts.database
  const at = iso(ctx.clock.now())
  // The entity that loses a record is touched as well, and so is the customer it was counted under. Touched comes
  // first: rows that are written but not known to have moved would never be looked at.
  await facts.command(
    `insert into ${db}.touched (rev, kind, eid, customer_eid, at)
     select distinct toUInt64({rev:UInt64}), '${kind}', eid, customer_eid, parseDateTime64BestEffort({at:String}, 3, 'UTC') from (${old}) where ${inStep(db, 'write')} ${PLAIN_DISTINCT}`,
    { rev, at },
  )
  await facts.command(
    `insert into ${db}.current_${kind} (eid, platform, record_id, rev, gone)
     select eid, platform, record_id, toUInt64({rev:UInt64}), 1 from (${wrong})`,
    { rev },
  )
  return await writeCurrent(ctx, kind, resolve, rev, at)
}

function inStep(db: string, step: string): string {
  return `(platform, record_id) in (select platform, record_id from ${db}.identify_scratch where step = '${step}')`
}

async function writeCurrent(
  ctx: Context,
  kind: string,
  resolve: ResolveContext,
  rev: string,
  at: string,
): Promise<number> {
  const { facts } = ctx
  const db = facts.database
  const k = kindOf(kind)
  const pointed = pointSql(kind, 'write', resolve)
  if (pointed) await facts.command(pointed)
  const columns = versionColumns(k).map((c) => c.name)
  const refs = references(k).map((f) => `${column(f)}_eid`)
  const hashes = groupHashes(k)
  const customer =
    kind === 'customer'
      ? ['l.entity_id as customer_entity_id', 'l.eid as customer_eid']
      : ['w.customer_id as customer_entity_id', 'w.customer_hash as customer_eid']
  // A kind that names its customer has the reference's own column; the customer found may come from a document.
  const ownRefs = refs.filter((r) => r !== 'customer_eid')
  await facts.command(
    `insert into ${db}.current_${kind} (${columns.join(', ')}, entity_id, eid, customer_entity_id, customer_eid${ownRefs.map((r) => `, ${r}`).join('')}, ${hashes.map((h) => h.name).join(', ')}, rev, gone)
     select ${columns.map((c) => `w.${c} as ${c}`).join(', ')}, l.entity_id as entity_id, l.eid as eid, ${customer.join(', ')}${ownRefs.map((r) => `, w.${r} as ${r}`).join('')},
       ${hashes.map((h) => `${h.sql('w')} as ${h.name}`).join(', ')}, toUInt64({rev:UInt64}) as rev, toUInt8(0) as gone
     from (${withCustomerSql(kind, 'write', resolve)}) as w
     inner join (select platform, record_id, entity_id, eid from ${db}.links final where kind = '${kind}' and ${inStep(db, 'write')}) as l
       on l.platform = w.platform and l.record_id = w.record_id`,
    { rev },
  )
  await facts.command(
    `insert into ${db}.touched (rev, kind, eid, customer_eid, at)
     select distinct rev, '${kind}', eid, customer_eid, parseDateTime64BestEffort({at:String}, 3, 'UTC') from ${db}.current_${kind}
     where rev = {rev:UInt64} and gone = 0 ${PLAIN_DISTINCT}`,
    { rev, at },
  )
  const [count] = await facts.query<{ n: string }>(
    `select toString(uniqExact(platform, record_id)) as n from ${db}.identify_scratch where step = 'write'`,
  )
  return Number(count?.n ?? 0)
}
