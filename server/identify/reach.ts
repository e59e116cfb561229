/** Reach: which records a change of identity can touch, found inside the database by claims and links. */
import { column } from '../../model/fields.ts'
import { KINDS, kindOf, references } from '../../model/kinds.ts'
import { referenceColumn } from '../store/facts/columns.ts'
import type { Facts } from '../store/facts/facts.ts'
import { throughDocuments } from '../store/facts/reference-sql.ts'
import { inStep } from './resolve.ts'

/** What one batch takes and how far it comes. */
export interface Step {
  /** Versions after this one, through that one. */
  after: bigint
  through: bigint
  linksThrough: bigint
  rehomedThrough: bigint
  /** Last change of a decision that the step carries out. */
  decidedThrough: number
  /** Anything moved at all. */
  moved: boolean
}

/** A claim that this many records share is a placeholder (`00000000`), not an identity. */
const CLAIM_RECORDS_MAX = 200

/** Rounds of closing the set. Chains of claims longer than this are cut and closed by the next change. */
const ROUNDS_MAX = 8

/** Stores the claims of what is stirred, under deterministic keys; those it made before are there already. */
export async function rememberClaims(facts: Facts, kind: string, claims: string): Promise<void> {
  const db = facts.database
  await facts.command(
    `insert into ${db}.claims (kind, claim, platform, record_id)
     select '${kind}', arrayJoin(c.claims) as said, c.platform, c.record_id from (${claims}) as c
     where (said, c.platform, c.record_id) not in (
       select claim, toString(platform), record_id from ${db}.claims_by_record where kind = '${kind}' and ${inStep(db, 'stirred')})`,
  )
}

/**
 * Closes scratch step `stirred` into step `reach`: everything that shares a claim or an entity with it.
 * What it grew by is step `grown`.
 * @param alone nothing of this kind was identified before, so that there are no neighbours outside
 * @returns number of records it grew by
 */
export async function neighbours(facts: Facts, kind: string, alone: boolean): Promise<number> {
  const db = facts.database
  if (alone) return 0
  const within = (step: string) => inStep(db, step)
  let grown = 0
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // Only what the last round brought can bring more.
    const [front, next] = [round === 0 ? 'stirred' : `reach-${round}`, `reach-${round + 1}`]
    // Claims are sorted by claim; the records' own claims are found through the second copy sorted by record.
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct arrayJoin(['${next}', 'reach', 'grown']), platform, record_id from (
         select toString(platform) as platform, record_id from (
           select claim, platform, record_id from ${db}.claims where kind = '${kind}' and claim in (
             select claim from ${db}.claims_by_record where kind = '${kind}' and ${within(front)})
           limit ${CLAIM_RECORDS_MAX} by claim)
         union all
         select toString(platform) as platform, record_id from ${db}.current_${kind}
         prewhere eid in (select eid from ${db}.links final where kind = '${kind}' and ${within(front)}))
       where not ${within('reach')}`,
    )
    const [count] = await facts.query<{ n: string }>(
      `select toString(count()) as n from ${db}.identify_scratch where step = '${next}'`,
    )
    if (count?.n === '0') break
    grown += Number(count?.n ?? 0)
  }
  return grown
}

/** What moved is in these steps from the start. */
export const MOVED = `'moved', 'write'`

export async function anyMoved(facts: Facts): Promise<boolean> {
  const rows = await facts.query(`select 1 as one from ${facts.database}.identify_scratch where step = 'moved' limit 1`)
  return rows.length > 0
}

/** Everything that moved has a new version. */
export async function allFresh(facts: Facts): Promise<boolean> {
  const rows = await facts.query(
    `select 1 as one from ${facts.database}.identify_scratch where step = 'moved' and not ${inStep(facts.database, 'fresh')} limit 1`,
  )
  return rows.length === 0
}

/** How far the store has come: newest version and newest link of every kind, and who keeps records of it. */
export interface Frontier {
  versions: Map<string, bigint>
  links: Map<string, bigint>
  /** Kind → platforms that have at least one record of it. */
  keepers: Map<string, string[]>
}

export async function readFrontier(facts: Facts): Promise<Frontier> {
  const db = facts.database
  // Most companies keep few of the kinds, and each takes longer to plan than to read.
  const filled = await facts.query<{ name: string }>(
    `select name from system.tables where database = {database:String} and startsWith(name, 'versions_') and total_rows != 0`,
    { database: db },
  )
  const kinds = KINDS.filter((k) => filled.some((t) => t.name === `versions_${k.name}`))
  if (kinds.length === 0) return { versions: new Map(), links: new Map(), keepers: new Map() }
  const versions = kinds.map(
    (k) =>
      `select '${k.name}' as kind, toString(platform) as platform, max(seq) as newest from ${db}.versions_${k.name} group by platform`,
  )
  const rows = await facts.query<{ kind: string; newest: string; platforms: string[] }>(
    `select kind, toString(max(newest)) as newest, arraySort(groupArray(platform)) as platforms
     from (${versions.join(' union all ')}) group by kind`,
  )
  const links = await facts.query<{ kind: string; newest: string }>(
    `select toString(kind) as kind, toString(max(rev)) as newest from ${db}.links group by kind`,
  )
  return {
    versions: new Map(rows.map((r) => [r.kind, BigInt(r.newest)])),
    links: new Map(links.map((r) => [r.kind, BigInt(r.newest)])),
    keepers: new Map(rows.map((r) => [r.kind, r.platforms])),
  }
}

/**
 * Adds to step `moved` the records that refer to something whose link changed in (from, through].
 * @param keepers platforms that keep records of a kind: there a reference means the platform's own record
 */
export async function markDependents(
  facts: Facts,
  kind: string,
  from: bigint,
  through: bigint,
  keepers: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const db = facts.database
  for (const field of references(kindOf(kind))) {
    const kinds = field.to!.map((k) => `'${k}'`).join(', ')
    const changed = `from ${db}.links where kind in (${kinds}) and rev > {from:UInt64} and rev <= {through:UInt64}`
    const params = { from: from.toString(), through: through.toString() }
    const [any] = await facts.query<{ n: string }>(`select toString(count()) as n ${changed}`, params)
    if (any?.n === '0') continue
    const id = `ifNull(${column(field)}, '')`
    const own = [...new Set(field.to!.flatMap((k) => keepers.get(k) ?? []))].map((p) => `'${p}'`).join(', ') || `''`
    // A reference that is resolved to the platform's own record can only change with the entity that it points to. The
    // column of the customer does not tell: it may hold the one that was found through a document.
    const entity = referenceColumn(field)
    const open = field.name === 'customer' ? '1' : `${entity} = 0 or ${entity} in left or platform not in (${own})`
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       with
         ids as (select record_id ${changed}),
         left as (select cityHash64(JSONExtractString(evidence, 'before')) ${changed})
       select distinct arrayJoin([${MOVED}]), platform, record_id from ${db}.current_${kind}
       prewhere ${open}
       where ${id} != '' and (${id} in ids or extract(${id}, '^[a-z][a-z0-9-]*:(.*)$') in ids)`,
      params,
    )
  }
}

/** Entities of some kinds that went from one customer to another, or found theirs: each was touched under both. */
export function rehomedSql(db: string, kinds: readonly string[], revs: string): string {
  return `select eid from ${db}.touched where kind in (${kinds.map((k) => `'${k}'`).join(', ')}) and ${revs}
      group by kind, eid having uniqExact(customer_eid) > 1`
}

/** Adds to step `moved` the records whose document went to another customer in (from, through]. */
export async function markRehomed(facts: Facts, kind: string, from: bigint, through: bigint): Promise<void> {
  const db = facts.database
  for (const field of throughDocuments(kind))
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct arrayJoin([${MOVED}]), platform, record_id from ${db}.current_${kind}
       prewhere ${referenceColumn(field)} in (${rehomedSql(db, field.to!, 'rev > {from:UInt64} and rev <= {through:UInt64}')})`,
      { from: from.toString(), through: through.toString() },
    )
}
