/** Touched: which entities moved, in the order of their revision; what an incremental check looks at. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface Touched {
  /** 64-bit hashes in decimal text. */
  entities: string[]
  customers: string[]
}

/** Highest revision that is surely complete: all lower ones are visible. Events count too. '0' before the first. */
export async function lastRev(facts: Facts): Promise<string> {
  const [row] = await facts.query<{ rev: string }>(
    `select max(rev) as rev from (select max(rev) as rev from ${tableOf(facts, 'touched')} union all select max(rev) as rev from ${tableOf(facts, 'events')})`,
  )
  return row?.rev ?? '0'
}

/** Entities of these kinds, and their customers, that moved after one revision and up to another. */
export async function touchedBetween(
  facts: Facts,
  kinds: readonly string[],
  after: string,
  through: string,
): Promise<Touched> {
  const [row] = await facts.query<Touched>(
    `select groupUniqArray(eid) as entities, groupUniqArrayIf(customer_eid, customer_eid != 0) as customers
     from ${tableOf(facts, 'touched')}
     where rev > {after:UInt64} and rev <= {through:UInt64} and kind in {kinds:Array(String)}`,
    { kinds, after, through },
  )
  return row ?? { entities: [], customers: [] }
}

/** Kinds of which something moved after one revision and up to another. */
export async function touchedKinds(facts: Facts, after: string, through: string): Promise<Set<string>> {
  const rows = await facts.query<{ kind: string }>(
    `select distinct toString(kind) as kind from ${tableOf(facts, 'touched')} where rev > {after:UInt64} and rev <= {through:UInt64}`,
    { after, through },
  )
  return new Set(rows.map((r) => r.kind))
}

/** How many there are, to choose between an incremental and a full pass without fetching them. */
export async function touchedCount(
  facts: Facts,
  kinds: readonly string[],
  after: string,
  through: string,
): Promise<number> {
  const [row] = await facts.query<{ n: string }>(
    `select uniqExact(eid) as n from ${tableOf(facts, 'touched')}
     where rev > {after:UInt64} and rev <= {through:UInt64} and kind in {kinds:Array(String)}`,
    { kinds, after, through },
  )
  return Number(row?.n ?? 0)
}

/** Forgets what every check has looked at. */
export async function forgetTouched(facts: Facts, through: string): Promise<void> {
  await facts.command(`alter table ${tableOf(facts, 'touched')} delete where rev <= {through:UInt64}`, { through })
}
