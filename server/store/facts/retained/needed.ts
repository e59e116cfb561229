/**
 * Needed: what must stay of the facts whatever its age. A condition that can be asked again and again: what it names
 * does not depend on what was removed meanwhile, so that a removal that was cut off is simply run again.
 */
import { KINDS } from '../../../../model/kinds.ts'
import { currentTable } from '../columns.ts'
import type { Facts } from '../facts.ts'
import { tableOf } from '../ident.ts'

/** What is known outside of the facts. */
export interface Needed {
  /** Entities of customers under legal hold. */
  customers: readonly string[]
  /** Issues under legal hold, and those that unfinished work hangs on. */
  issues: readonly number[]
  /** Entities of exceptions that are not closed and of plans that are not over. */
  entities: readonly string[]
  /** Correlation ids and ids of events of such exceptions. */
  correlations: readonly string[]
  events: readonly string[]
}

export interface Over {
  rows: number
  /** Epoch ms. */
  oldest: number | null
  newest: number | null
  /** On disk, by the average of the table; null: unknown. */
  bytes: number | null
  /** Old enough, and kept because something needs it. */
  needed: number
}

export const NOTHING: Over = { rows: 0, oldest: null, newest: null, bytes: 0, needed: 0 }

export const neededParams = (n: Needed, cutoff: number): Record<string, unknown> => ({
  cutoff: new Date(cutoff).toISOString(),
  kept_customers: n.customers,
  kept_issues: n.issues,
  kept_entities: n.entities,
  kept_correlations: n.correlations,
  kept_events: n.events,
})

export const BEFORE = `< {cutoff:DateTime64(3, 'UTC')}`

/** Customers under hold, as 64-bit hashes: also whoever has one of their records by now, should they have been joined with others. */
export const heldCustomers = (facts: Facts) => `
  select cityHash64(arrayJoin({kept_customers:Array(String)}))
  union all select eid from ${tableOf(facts, 'links')} final where kind = 'customer' and (platform, record_id) in (
    select platform, record_id from ${tableOf(facts, 'link_history')} where kind = 'customer' and entity_id in {kept_customers:Array(String)})`

/** Findings that are not resolved, and those of issues that must stay. */
const standing = (facts: Facts) =>
  `${tableOf(facts, 'findings')} final where (state != 'resolved' or issue in {kept_issues:Array(UInt64)})`

/** A flow that has not moved since the cutoff sleeps; one that has is under way and is still timed. */
const flows = (facts: Facts) =>
  `${tableOf(facts, 'flow_instances')} final where isNull(completed_at) and not (since ${BEFORE})`

const neededEntities = (facts: Facts) => `
  select cityHash64(arrayJoin({kept_entities:Array(String)}))
  union all select eid from ${standing(facts)} and eid != 0
  union all select eid from ${flows(facts)}
  union all select cityHash64(arrayJoin(legs.entity_id)) from ${flows(facts)}`

const neededCustomers = (facts: Facts) => `${heldCustomers(facts)}
  union all select customer_eid from ${standing(facts)} and customer_eid != 0`

/** Records of a kind that are needed: (platform, record_id). */
export const neededRecords = (facts: Facts, kind: string) =>
  `select platform, record_id from ${tableOf(facts, currentTable(kind))} final
   where eid in (${neededEntities(facts)}) or customer_eid in (${neededCustomers(facts)})`

/** The same over all kinds: (kind, record_id). */
export const neededOfAll = (facts: Facts, kinds: readonly string[]) =>
  kinds.length === 0
    ? `select '' as kind, '' as record_id where 0`
    : kinds.map((k) => `select '${k}' as kind, record_id from (${neededRecords(facts, k)})`).join('\nunion all\n')

/** Kinds of which records are stored. */
export async function storedKinds(facts: Facts): Promise<string[]> {
  const rows = await facts.query<{ name: string }>(
    `select name from system.tables where database = {database:String} and startsWith(name, 'versions_') and total_rows > 0`,
    { database: facts.database },
  )
  const stored = new Set(rows.map((r) => r.name))
  return KINDS.map((k) => k.name).filter((k) => stored.has(`versions_${k}`))
}

/** Bytes that a row of a table takes on disk, on average; null: it has none. */
export async function bytesOfRow(facts: Facts, table: string): Promise<number | null> {
  const [row] = await facts.query<{ bytes: number | null }>(
    `select sum(bytes_on_disk) / sum(rows) as bytes from system.parts where active and database = {database:String} and table = {table:String} having sum(rows) > 0`,
    { database: facts.database, table },
  )
  return row?.bytes ?? null
}

/** Sums up rows (at, is_needed) of a table. */
export async function sumUp(facts: Facts, table: string, rows: string, params: Record<string, unknown>): Promise<Over> {
  const [row] = await facts.query<{ n: string; oldest: string; newest: string; needed: string }>(
    `select countIf(is_needed = 0) as n, toString(toUnixTimestamp64Milli(minIf(at, is_needed = 0))) as oldest,
       toString(toUnixTimestamp64Milli(maxIf(at, is_needed = 0))) as newest, countIf(is_needed = 1) as needed
     from (${rows})`,
    params,
  )
  const n = Number(row?.n ?? 0)
  const each = n === 0 ? 0 : await bytesOfRow(facts, table)
  return {
    rows: n,
    oldest: n === 0 ? null : Number(row!.oldest),
    newest: n === 0 ? null : Number(row!.newest),
    bytes: each === null ? null : Math.round(each * n),
    needed: Number(row?.needed ?? 0),
  }
}

export const added = (all: readonly Over[]): Over =>
  all.reduce(
    (a, b) => ({
      rows: a.rows + b.rows,
      oldest: a.oldest === null ? b.oldest : b.oldest === null ? a.oldest : Math.min(a.oldest, b.oldest),
      newest: a.newest === null ? b.newest : b.newest === null ? a.newest : Math.max(a.newest, b.newest),
      bytes: a.bytes === null || b.bytes === null ? null : a.bytes + b.bytes,
      needed: a.needed + b.needed,
    }),
    NOTHING,
  )

/** Deletes rows and waits until no part has them any more. */
export const remove = (facts: Facts, table: string, where: string, params: Record<string, unknown>): Promise<void> =>
  facts.command(`alter table ${tableOf(facts, table)} delete where ${where} settings mutations_sync = 2`, params)

/** What goes along with the holds: entities of the records of held customers, and numbers of their issues. */
export async function heldAlong(facts: Facts, n: Needed): Promise<{ entities: string[]; issues: number[] }> {
  if (n.customers.length === 0 && n.issues.length === 0) return { entities: [], issues: [] }
  const params = neededParams(n, 0)
  const kinds = await storedKinds(facts)
  const customers = `${heldCustomers(facts)}
    union all select customer_eid from ${tableOf(facts, 'findings')} final where issue in {kept_issues:Array(UInt64)} and customer_eid != 0`
  const entities = await Promise.all(
    kinds.map((k) =>
      facts.query<{ entity_id: string }>(
        `select distinct entity_id from ${tableOf(facts, currentTable(k))} final where customer_eid in (${customers})`,
        params,
      ),
    ),
  )
  return {
    entities: [...new Set([...n.customers, ...entities.flat().map((e) => e.entity_id)])],
    issues: [...new Set([...n.issues, ...(await issuesOfCustomers(facts, n.customers))])],
  }
}

/** Numbers of issues with a finding of one of these customers, under the entity that they have by now. */
export async function issuesOfCustomers(facts: Facts, customers: readonly string[]): Promise<number[]> {
  if (customers.length === 0) return []
  const rows = await facts.query<{ issue: string }>(
    `select distinct issue from ${tableOf(facts, 'findings')} final where customer_eid in (${heldCustomers(facts)})`,
    { kept_customers: customers },
  )
  return rows.map((r) => Number(r.issue))
}

/** Every entity that a record of this customer ever belonged to: under which of its names it may be held. */
export async function namesOfCustomer(facts: Facts, entity: string): Promise<Set<string>> {
  const rows = await facts.query<{ entity_id: string }>(
    `select distinct entity_id from ${tableOf(facts, 'link_history')} where kind = 'customer' and (platform, record_id) in (
       select platform, record_id from ${tableOf(facts, 'links')} final where kind = 'customer' and entity_id = {entity:String})`,
    { entity },
  )
  return new Set([entity, ...rows.map((r) => r.entity_id)])
}

/** Numbers of issues with a finding that is not resolved. */
export async function unresolvedIssues(facts: Facts): Promise<number[]> {
  const rows = await facts.query<{ issue: string }>(
    `select distinct issue from ${tableOf(facts, 'findings')} final where state != 'resolved'`,
  )
  return rows.map((r) => Number(r.issue))
}
