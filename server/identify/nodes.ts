/**
 * Nodes: who every record says it is, kept in a narrow row. A record that says the same as before cannot change who is
 * one thing: what it belongs to was worked out when it said so first. So only those that say something else, or that
 * people decided about, are looked into, and their neighbours are read from here.
 */
import { createHash } from 'node:crypto'
import type { Facts } from '../store/facts/facts.ts'
import { nodeSql, type ClaimContext } from './claims.ts'
import { inStep } from './resolve.ts'

/** Columns of a node beside the record's name. */
export const NODE = ['refs', 'merged_into', 'keys', 'country', 'customer', 'worth', 'parent'] as const

const columns = NODE.join(', ')

/** What nodes are read by: keys, roles and public mail domains as configured now. Decimal text of 64 bits. */
export function readingOf(claims: ClaimContext): string {
  const hash = createHash('sha256').update(nodeSql(claims, '')).digest()
  return hash.readBigUInt64LE(0).toString()
}

function kept(db: string, kind: string, step: string, reading: string): string {
  return `select platform, record_id, ${columns} from ${db}.identity_nodes final
      where kind = '${kind}' and reading = ${reading} and ${inStep(db, step)}`
}

/**
 * Adds to steps `stirred` and `reach` the records of step `moved` that say something else than before, or that step
 * `asked` names.
 * @returns how many there are
 */
export async function markStirred(facts: Facts, kind: string, reading: string): Promise<number> {
  const db = facts.database
  const said = (row: string) => `toString(tuple(${NODE.map((c) => `${row}${c}`).join(', ')}))`
  await facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select arrayJoin(['stirred', 'reach']), n.platform, n.record_id from ${db}.identify_nodes as n
     left join (select platform, record_id, ${said('')} as said from (${kept(db, kind, 'moved', reading)})) as k
       on k.platform = n.platform and k.record_id = n.record_id
     where k.said is null or k.said != ${said('n.')} or ${inStep(db, 'asked', 'n')}`,
  )
  const [count] = await facts.query<{ n: string }>(
    `select toString(count()) as n from ${db}.identify_scratch where step = 'stirred'`,
  )
  return Number(count!.n)
}

/**
 * Reads the kept nodes of step `grown`, without those that moved and are there already.
 * @returns true if some are not kept: they are step `unknown`
 */
export async function recallGrown(facts: Facts, kind: string, reading: string): Promise<boolean> {
  const db = facts.database
  await facts.command(
    `insert into ${db}.identify_nodes (platform, record_id, ${columns})
     ${kept(db, kind, 'grown', reading)} and not ${inStep(db, 'moved')}`,
  )
  await facts.command(
    `insert into ${db}.identify_scratch (step, platform, record_id)
     select distinct 'unknown', platform, record_id from ${db}.identify_scratch
     where step = 'grown' and (platform, record_id) not in (select platform, record_id from ${db}.identify_nodes)`,
  )
  const rows = await facts.query(`select 1 as one from ${db}.identify_scratch where step = 'unknown' limit 1`)
  return rows.length > 0
}

/** Nodes that the step has worked out. */
export const learned = (db: string) =>
  `select * from ${db}.identify_nodes where ${inStep(db, 'stirred')} or ${inStep(db, 'unknown')}`

/**
 * Keeps nodes. Last of a step, when links and current rows are written: a run that was killed before finds its records
 * stirred again.
 * @param nodes rows of `nodeSql`
 */
export async function keepNodes(
  facts: Facts,
  kind: string,
  nodes: string,
  { reading, rev }: { reading: string; rev: number },
): Promise<void> {
  await facts.command(
    `insert into ${facts.database}.identity_nodes (kind, platform, record_id, ${columns}, reading, rev)
     select '${kind}', platform, record_id, ${columns}, ${reading}, {rev:UInt64} from (${nodes})`,
    { rev: String(rev) },
  )
}
