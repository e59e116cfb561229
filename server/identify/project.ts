/**
 * Projection: the current row of every record that moved, under its entity, with resolved references and group hashes.
 * Runs inside the database: no row passes through JavaScript.
 */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { kindOf, references } from '../../model/kinds.ts'
import { numbered } from '../store/numbering.ts'
import { groupHashes } from '../store/facts/current.ts'
import { referenceColumn, versionColumns } from '../store/facts/columns.ts'
import { ident } from '../store/facts/ident.ts'
import { rehomedSql } from './reach.ts'
import { customerSql, inStep, pointedSql, resolveReferences, sources, type ResolveContext } from './resolve.ts'

export interface Projected {
  /** Records that moved, and those that were written: they and what sat under a wrong entity. */
  moved: number
  written: number
  /** The revision, if it moved an entity from one customer to another; otherwise 0. */
  rehomed: bigint
}

/**
 * Writes current rows for scratch step `moved` and for every record of step `reach` whose link changed, a `gone` row
 * where a record left an entity, and the entities touched.
 * @param first no record of the reach had an entity before, so that none can have left one
 */
export async function project(ctx: Context, kind: string, resolve: ResolveContext, first: boolean): Promise<Projected> {
  const { facts } = ctx
  const db = facts.database
  // What moved is to be written already; add what sits under another entity than its link says (also after a run that
  // was killed).
  const left = leftSql(db, kind)
  const [roamed] = first ? [] : await facts.query<{ n: string }>(`select toString(count()) as n from (${left})`)
  const wrong = (roamed?.n ?? '0') === '0' ? null : wrongSql(db, kind, left)
  if (wrong) {
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct arrayJoin(['carried', 'write']), platform, record_id from (${wrong}) where not ${inStep(db, 'write')}`,
    )
    resolve = { ...resolve, fresh: false }
    await resolveReferences(facts, kind, 'carried', resolve)
  }
  return await numbered(ctx.control, 'rev', 1, async (rev) => {
    await writeRevision(ctx, kind, resolve, { wrong, first }, String(rev))
    const [count] = await facts.query<{ moved: string; written: string; rehomed: string }>(
      `select toString(uniqExactIf((platform, record_id), step = 'moved')) as moved, toString(uniqExactIf((platform, record_id), step = 'write')) as written,
         ${first ? `'0'` : `(select toString(count()) from (${rehomedSql(db, [kind], 'rev = {rev:UInt64}')}))`} as rehomed
       from ${db}.identify_scratch`,
      { rev: String(rev) },
    )
    return {
      moved: Number(count!.moved),
      written: Number(count!.written),
      rehomed: count!.rehomed === '0' ? 0n : BigInt(rev),
    }
  })
}

/** Entities of the records of the reach that have been under more than one. */
function leftSql(db: string, kind: string): string {
  return `select arrayJoin(groupUniqArray(eid)) from ${db}.link_history
      where kind = '${kind}' and ${inStep(db, 'reach')}
      group by platform, record_id having uniqExact(eid) > 1`
}

/** Rows of the reach that lie under an entity they no longer belong to. */
function wrongSql(db: string, kind: string, left: string): string {
  return `select o.platform as platform, o.record_id as record_id, o.eid as eid, o.customer_eid as customer_eid from (
        select toString(platform) as platform, record_id, eid, customer_eid from ${db}.current_${kind} final
        prewhere eid in (${left}) where ${inStep(db, 'reach')}) as o
      inner join (select platform, record_id, eid from ${db}.links final where kind = '${kind}' and ${inStep(db, 'reach')}) as l
        on l.platform = o.platform and l.record_id = o.record_id
      where l.eid != o.eid`
}

async function writeRevision(
  ctx: Context,
  kind: string,
  resolve: ResolveContext,
  { wrong, first }: { wrong: string | null; first: boolean },
  rev: string,
): Promise<void> {
  const { facts } = ctx
  const db = facts.database
  const at = iso(ctx.clock.now())
  // The entity that loses a record is touched as well, and so is the customer it was counted under. Touched comes
  // first: rows that are written but not known to have moved would never be looked at.
  const touched = (from: string) =>
    facts.command(
      `insert into ${db}.touched (rev, kind, eid, customer_eid, at)
       select distinct toUInt64({rev:UInt64}), '${kind}', eid, customer_eid, parseDateTime64BestEffort({at:String}, 3, 'UTC') from (${from})`,
      { rev, at },
    )
  const linked = (step: string) =>
    `select platform, record_id, eid from ${db}.links final where kind = '${kind}' and ${inStep(db, step)}`
  // Who says the same about itself has the same entity and customer as before.
  if (!first)
    await touched(
      `select eid, customer_eid from ${db}.current_${kind} final
       prewhere eid in (select eid from (${linked('write')}) where ${inStep(db, 'reach')})
       where ${inStep(db, 'write')} and ${inStep(db, 'reach')}`,
    )
  if (wrong) await touched(wrong)
  const { hash } = customerSql(kind)
  await touched(
    `select l.eid as eid, ${kind === 'customer' ? 'l.eid' : hash} as customer_eid from (${linked('write')}) as l
     left join (${pointedSql(db)}) as r on r.platform = l.platform and r.record_id = l.record_id`,
  )
  await writeCurrent(ctx, kind, resolve, rev)
  // Last, because the rows that go are what their records are read from.
  if (wrong)
    await facts.command(
      `insert into ${db}.current_${kind} (eid, platform, record_id, rev, gone)
       select eid, platform, record_id, toUInt64({rev:UInt64}), 1 from (${wrong})`,
      { rev },
    )
}

async function writeCurrent(ctx: Context, kind: string, resolve: ResolveContext, rev: string): Promise<void> {
  const { facts } = ctx
  const db = facts.database
  const k = kindOf(kind)
  const columns = versionColumns(k).map((c) => c.name)
  const refs = references(k)
  const pointed = new Map(refs.map((f) => [referenceColumn(f), `r.eids['${f.name}']`]))
  const { hash, id } = customerSql(kind)
  // A kind that names its customer has the reference's own column; the customer found may come from a document.
  const own = [...pointed].filter(([name]) => name !== 'customer_eid')
  const hashes = groupHashes(k)
  const into = [...columns, 'entity_id', 'eid', 'customer_entity_id', 'customer_eid']
  const values = [
    ...columns.map((c) => `v.${c}`),
    ...['l.entity_id', 'l.eid'],
    ...(kind === 'customer' ? ['l.entity_id', 'l.eid'] : [id, hash]),
    ...own.map(([, sql]) => sql),
    ...hashes.map((h) => h.sql((name) => pointed.get(name) ?? `v.${ident(name)}`)),
  ]
  // A row has a hundred columns, and every level that they pass through is planned anew: the tables are joined directly.
  for (const { from, prewhere, rest } of sources(kind, 'write', resolve, 'v'))
    await facts.command(
      `insert into ${db}.current_${kind} (${[...into, ...own.map(([name]) => name), ...hashes.map((h) => h.name)].join(', ')}, rev, gone)
       select ${values.join(', ')}, toUInt64({rev:UInt64}), toUInt8(0)
       from ${from}
       inner join (select platform, record_id, entity_id, eid from ${db}.links final where kind = '${kind}' and ${inStep(db, 'write')}) as l
         on l.platform = v.platform and l.record_id = v.record_id
       ${refs.length ? `left join (${pointedSql(db)}) as r on r.platform = v.platform and r.record_id = v.record_id` : ''}
       prewhere ${prewhere}
       ${rest}`,
      { rev },
    )
}
