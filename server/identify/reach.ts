/** Reach: which records a change of identity can touch, found inside the database by claims and links. */
import { column } from '../../model/fields.ts'
import { KINDS, kindOf, references } from '../../model/kinds.ts'
import type { Facts } from '../store/facts/facts.ts'

/** What one batch takes and how far it comes. */
export interface Step {
  through: bigint
  linksThrough: bigint
  moved: number
}

/** A claim that this many records share is a placeholder (`00000000`), not an identity. */
const CLAIM_RECORDS_MAX = 200

/** Rounds of closing the set. Chains of claims longer than this are cut and closed by the next change. */
const ROUNDS_MAX = 8

/**
 * Ends every `select distinct` over a sorted table: distinct along the sort order looks at each small granule by
 * itself, and over these tables that takes a hundred times as long as a plain hash.
 */
export const PLAIN_DISTINCT = 'settings optimize_distinct_in_order = 0'

/** Stores the claims of what moved, under deterministic keys. */
export async function rememberClaims(facts: Facts, kind: string, claims: string): Promise<void> {
  await facts.command(
    `insert into ${facts.database}.claims (kind, claim, platform, record_id)
     select '${kind}', arrayJoin(c.claims), c.platform, c.record_id from (${claims}) as c`,
  )
}

/** Closes scratch step `moved` into step `reach`: everything that shares a claim or an entity with it. */
export async function neighbours(facts: Facts, kind: string): Promise<void> {
  const db = facts.database
  const inStep = (step: string) =>
    `(platform, record_id) in (select platform, record_id from ${db}.identify_scratch where step = '${step}')`
  await facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select distinct arrayJoin(['reach', 'reach-0']), platform, record_id from ${db}.identify_scratch where step = 'moved'`,
  )
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // Only what the last round brought can bring more.
    const [front, next] = [`reach-${round}`, `reach-${round + 1}`]
    // Claims are sorted by claim; the records' own claims are found through the second copy sorted by record.
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct '${next}', platform, record_id from (
         select claim, platform, record_id from ${db}.claims where kind = '${kind}' and claim in (
           select claim from ${db}.claims_by_record where kind = '${kind}' and ${inStep(front)})
         limit ${CLAIM_RECORDS_MAX} by claim)
       where not ${inStep('reach')} ${PLAIN_DISTINCT}`,
    )
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct '${next}', platform, record_id from ${db}.links final
       where kind = '${kind}' and eid in (select eid from ${db}.links final where kind = '${kind}' and ${inStep(front)})
         and not ${inStep('reach')} ${PLAIN_DISTINCT}`,
    )
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct 'reach', platform, record_id from ${db}.identify_scratch where step = '${next}'`,
    )
    const [count] = await facts.query<{ n: string }>(
      `select toString(count()) as n from ${db}.identify_scratch where step = '${next}'`,
    )
    if (count?.n === '0') return
  }
}

/** How far the store has come: newest version and newest link of every kind. */
export interface Frontier {
  versions: Map<string, bigint>
  links: Map<string, bigint>
}

export async function readFrontier(facts: Facts): Promise<Frontier> {
  const db = facts.database
  const versions = KINDS.map(
    (k) => `select '${k.name}' as kind, toString(max(seq)) as newest from ${db}.versions_${k.name}`,
  )
  const rows = await facts.query<{ kind: string; newest: string }>(versions.join(' union all '))
  const links = await facts.query<{ kind: string; newest: string }>(
    `select toString(kind) as kind, toString(max(rev)) as newest from ${db}.links group by kind`,
  )
  const byKind = (list: typeof rows) => new Map(list.map((r) => [r.kind, BigInt(r.newest)]))
  return { versions: byKind(rows), links: byKind(links) }
}

/** Adds to step `moved` the records that refer to something whose link changed in (from, through]. */
export async function markDependents(facts: Facts, kind: string, from: bigint, through: bigint): Promise<void> {
  const db = facts.database
  for (const field of references(kindOf(kind))) {
    const kinds = field.to!.map((k) => `'${k}'`).join(', ')
    const changed = `select record_id from ${db}.links where kind in (${kinds}) and rev > {from:UInt64} and rev <= {through:UInt64}`
    const id = `ifNull(${column(field)}, '')`
    await facts.command(
      `insert into ${db}.identify_scratch (step, platform, record_id)
       select distinct 'moved', platform, record_id from ${db}.current_${kind} final
       where ${id} != '' and (${id} in (${changed}) or extract(${id}, '^[a-z][a-z0-9-]*:(.*)$') in (${changed})) ${PLAIN_DISTINCT}`,
      { from: from.toString(), through: through.toString() },
    )
  }
}
