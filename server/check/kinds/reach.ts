/** Reach: what one run looks at, as conditions in SQL. Ids stay inside the engine; none travel through this process. */
import type { Facts } from '../../store/facts/facts.ts'
import { keptTable } from '../../store/facts/kept.ts'
import type { Compiled, CompileContext, Reach } from '../contract.ts'
import { eventReachParams, eventReachSql, NO_EVENTS, type EventReach } from './reach-events.ts'

/**
 * The condition that a row is in reach, for a column of 64-bit hashes: of entities, or of customers for kinds that
 * judge customer by customer. `1` for a full pass, so that it can stand in any `prewhere`.
 */
export function within(reach: Reach, columnName: string, what: 'entities' | 'customers' = 'entities'): string {
  if (!reach.full) return `${columnName} in (${reach[what]})`
  if (reach.slice) return `${columnName} between {slice_from:UInt64} and {slice_to:UInt64}`
  return '1'
}

/** Parameters that `within` needs; spread them into those of the SELECT. */
export function reachParams(reach: Reach): Record<string, unknown> {
  if (!reach.full) return reach.params
  return reach.slice ? { slice_from: reach.slice.from, slice_to: reach.slice.to } : {}
}

/** The slice in equal parts, or nothing where it cannot be cut: only a full pass goes in slices. */
export function cut(reach: Reach, parts: number): Reach[] {
  if (!reach.full) return []
  const from = BigInt(reach.slice?.from ?? '0')
  const to = BigInt(reach.slice?.to ?? '18446744073709551615')
  const size = to - from + 1n
  if (size < BigInt(parts)) return []
  return Array.from({ length: parts }, (_, i) => ({
    full: true,
    slice: {
      from: (from + (size * BigInt(i)) / BigInt(parts)).toString(),
      to: (from + (size * BigInt(i + 1)) / BigInt(parts) - 1n).toString(),
    },
  }))
}

/** These entities and customers and no others. */
export function these(entities: readonly string[], customers: readonly string[], since: number): Reach {
  const hashes = (name: string) => `select arrayJoin(arrayMap(x -> cityHash64(x), {${name}:Array(String)}))`
  return {
    full: false,
    entities: hashes('these_entities'),
    customers: hashes('these_customers'),
    params: { these_entities: entities, these_customers: customers },
    since,
  }
}

export interface ReachParts {
  database: string
  check: string
  /** Canonical kinds whose movement counts. */
  kinds: readonly string[]
  /** Revisions in (from, through] moved since the last run. */
  from: string
  through: string
  asOf: number
  /** Instant of the last run. */
  since: number
  /** Platforms of which more is complete than at the last run: what waited for them is looked at again. */
  advanced: readonly string[]
  /** Platforms whose unreadable rows changed, or of which less is complete than before: every unresolved finding about them is looked at again. */
  unsettled: readonly string[]
  /** Findings that began before this instant (epoch ms) end by themselves; null: none does. */
  keptFrom?: number | null
  /** What recorded events may have changed the cause of. */
  events?: EventReach
}

/**
 * What moved since the last run, and what a finding waits for: in flight and due now, undecided and its platform read
 * further, about a platform whose unreadable rows changed, named by a new event, too old to be kept.
 */
export function incremental(parts: ReachParts): Reach {
  const { database: db, events = NO_EVENTS } = parts
  const moved = (hash: string) =>
    `select ${hash} from ${db}.touched where rev > {rev_from:UInt64} and rev <= {rev_through:UInt64} and kind in {reach_kinds:Array(String)}`
  // The subjects' platforms and the one at fault, which may have no record to be a subject.
  const about = `arrayConcat(platforms, [ifNull(platform, ''), ifNull(owner_platform, '')])`
  const ended =
    parts.keptFrom === undefined || parts.keptFrom === null
      ? ''
      : `\n        or (state in ('open', 'undecided') and since <= fromUnixTimestamp64Milli({reach_kept_from:Int64}, 'UTC'))`
  const waiting = (hash: string) =>
    `select ${hash} from ${db}.findings final prewhere \`check\` = {reach_check:String} where ${hash} != 0 and (
        (state = 'in_flight' and (due_at is null or due_at <= fromUnixTimestamp64Milli({reach_as_of:Int64}, 'UTC')))
        or (state = 'undecided' and hasAny(${about}, {reach_advanced:Array(String)}))
        or (state in ('open', 'in_flight', 'undecided') and hasAny(${about}, {reach_unsettled:Array(String)}))${ended}${eventReachSql(events, db, parts.kinds, about, hash)})`
  return {
    full: false,
    entities: `${moved('eid')} union distinct ${waiting('eid')}`,
    customers: `${moved('customer_eid')} union distinct ${waiting('customer_eid')}`,
    params: {
      rev_from: parts.from,
      rev_through: parts.through,
      reach_kinds: parts.kinds,
      reach_check: parts.check,
      reach_as_of: parts.asOf,
      reach_advanced: parts.advanced,
      reach_unsettled: parts.unsettled,
      ...(ended !== '' && { reach_kept_from: parts.keptFrom }),
      ...eventReachParams(events),
    },
    since: parts.since,
  }
}

/**
 * The reach worked out once and kept in memory: it is asked for in many places, each of which would work it out again.
 * `empty`: nothing is in reach. Who keeps it calls `drop`.
 */
export async function keptReach(
  facts: Facts,
  reach: Reach,
): Promise<{ reach: Reach; empty: boolean; drop(): Promise<void> }> {
  if (reach.full) return { reach, empty: false, drop: async () => {} }
  const [entities, customers] = [keptTable(facts), keptTable(facts)]
  const drop = async () => {
    for (const table of [entities, customers]) await facts.command(`drop table if exists ${table} sync`)
  }
  try {
    for (const [table, hashes] of [
      [entities, reach.entities],
      [customers, reach.customers],
    ])
      await facts.command(
        `create table ${table} engine = Memory as select * from (${hashes}) as reached (hash)`,
        reach.params,
      )
    const any = await facts.query(
      `select 1 as one from (select hash from ${entities} union all select hash from ${customers}) limit 1`,
    )
    return {
      reach: {
        ...reach,
        entities: `select hash from ${entities}`,
        customers: `select hash from ${customers}`,
        params: {},
      },
      empty: any.length === 0,
      drop,
    }
  } catch (thrown) {
    await drop()
    throw thrown
  }
}

/** The limits of the stage: as a clause, because settings stay on an embedded connection. */
export function limits(seconds: number, bytes: number, readonly = false): string {
  return `settings max_execution_time = ${seconds}, max_memory_usage = ${bytes}, max_bytes_before_external_group_by = ${Math.floor(bytes / 2)}, max_bytes_before_external_sort = ${Math.floor(bytes / 2)}${readonly ? ', readonly = 1' : ''}`
}

/** A compiled SELECT as one statement, with the limits of the stage. */
export function limited({ sql, params, readonly }: Compiled, seconds: number, bytes: number): Compiled {
  return { sql: `${sql}\n${limits(seconds, bytes, readonly)}`, params }
}

/** Kinds of which there are records, as far as that is known: the others have no candidates. */
export function present(kinds: readonly string[], { held }: Pick<CompileContext, 'held'>): string[] {
  return kinds.filter((kind) => held.get(kind)?.size !== 0)
}
