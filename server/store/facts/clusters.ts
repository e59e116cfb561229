/**
 * Clusters: open findings folded by what they have in common — the edge, the kind, the field, the cause, the pattern of
 * the values, and when they began. All of it is worked out inside the engine, so counts are exact however many there are.
 *
 * Findings that began within a gap of each other are one session. A session of fewer than `least` is no event: what comes
 * one by one is folded into one cluster without an onset. Findings resolved lately hold the place of their cluster, so
 * that it keeps its id while it shrinks.
 */
import { KINDS } from '../../../model/kinds.ts'
import type { AmountBasis } from '../../../model/exposure.ts'
import type { Category, Cause, Severity } from '../../../model/verdict.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { issuesThat, type IssueTerm } from './issue-list.ts'

export interface Cluster {
  id: string
  owner_platform: string | null
  /** The platform at fault. */
  platform: string | null
  kind: string
  field: string | null
  category: Category
  cause: Cause
  /** Code of model/pattern.ts. */
  pattern: string
  checks: string[]
  severity: Severity
  findings: number
  customers: number
  /** What the amounts rest on → currency → decimal text. */
  amounts: Record<AmountBasis, Record<string, string>>
  /** Findings without a known amount. */
  unpriced: number
  /** When the first and the last of them began (ISO). */
  first_onset_at: string
  last_onset_at: string
  /** When the first and the last of them were noticed (ISO). */
  first_seen_at: string
  last_seen_at: string
  /** They began together; else they come one by one. */
  burst: boolean
  issues: number[]
  /** One of them, to look at. */
  sample: { id: string; title: string; expected: string | null; actual: string | null }
}

export interface ClusterAsk {
  /** ISO; resolved findings hold the place of their cluster since. */
  heldSince: string
  gapMs: number
  least: number
  /** Only findings of issues that meet these terms are counted; ids do not depend on them. */
  terms?: readonly IssueTerm[]
  ids?: readonly string[]
}

/** Fields whose values must not be shown outside of the finding itself. */
const PERSONAL = KINDS.flatMap((k) =>
  k.fields.filter((f) => f.sensitivity === 'personal').map((f) => `${k.name}.${f.name}`),
)

/** A value repeated this often is no chance. */
const SAME_MIN = 3

interface Statement {
  sql: string
  params: Record<string, unknown>
}

/** Every finding with its cluster, as a common table expression named `placed`. */
function placed(facts: Facts, ask: ClusterAsk): Statement {
  const at = (map: string, key: string) =>
    `if(isNull(${key}), null, JSONExtract(${map}, assumeNotNull(toString(${key})), 'Nullable(String)'))`
  const within = ask.terms ? issuesThat(facts, ask.terms) : null
  const sql = `seen as (
      select id, issue, \`check\` as of_check, category, kind, field, ifNull(toString(field), toString(\`check\`)) as about, cause, ifNull(toString(owner_platform), '') as owner, ifNull(toString(platform), '') as fault,
        if(pattern = '', 'none', toString(pattern)) as said, severity, state = 'open' as is_open, customer_eid, toString(currency) as in_currency, amount_at_risk as amount, if(amount_basis = '', 'estimated', toString(amount_basis)) as basis, title,
        first_seen_at as noticed, toUnixTimestamp64Milli(ifNull(since, first_seen_at)) as onset, ${at('expected', 'owner_platform')} as wanted, ${at('actual', 'platform')} as held,
        has({personal:Array(String)}, concat(toString(kind), '.', ifNull(toString(field), ''))) as is_personal
      from ${tableOf(facts, 'findings')} final
      where state = 'open' or (state = 'resolved' and verdict in ('drift', 'unmapped') and resolved_at >= {held_since:DateTime64(3, 'UTC')})
    ),
    alike as (
      select *, count() over same_held as n_held, min(wanted) over same_held != max(wanted) over same_held as wants_differ, count() over same_pair as n_pair
      from seen
      window same_held as (partition by owner, fault, kind, about, cause, held), same_pair as (partition by owner, fault, kind, about, cause, held, wanted)
    ),
    patterned as (
      select *, multiIf(said != 'other' or isNull(held), said,
          n_held >= {same:UInt32} and wants_differ, concat('constant:', if(is_personal, '', left(assumeNotNull(held), 24))),
          n_pair >= {same:UInt32}, if(is_personal, 'pair:>', concat('pair:', left(ifNull(wanted, ''), 24), '>', left(assumeNotNull(held), 24))),
          said) as pattern,
        cityHash64(owner, fault, kind, about, category, cause, pattern) as family
      from alike
    ),
    broken as (
      select *, onset - lagInFrame(onset, 1, onset) over (partition by family order by onset, id rows between unbounded preceding and current row) > {gap:Int64} as breaks
      from patterned
    ),
    numbered as (
      select *, sum(breaks) over (partition by family order by onset, id rows between unbounded preceding and current row) as session from broken
    ),
    sized as (
      select *, count() over (partition by family, session) >= {least:UInt32} as burst, min(onset) over (partition by family, session) as began from numbered
    ),
    placed as (
      select *, lower(hex(cityHash64(family, if(burst, began, 0)))) as cluster
      from sized
      ${ask.ids ? 'where cluster in {ids:Array(String)}' : ''}
    )`
  return {
    sql,
    params: {
      held_since: ask.heldSince,
      gap: ask.gapMs,
      least: ask.least,
      same: SAME_MIN,
      personal: PERSONAL,
      ...(ask.ids && { ids: ask.ids }),
      ...within?.params,
    },
  }
}

const counted = (facts: Facts, ask: ClusterAsk) =>
  `is_open${ask.terms ? ` and issue in (${issuesThat(facts, ask.terms).sql})` : ''}`

/** Every cluster with an open finding, largest first. */
export async function clusters(facts: Facts, ask: ClusterAsk): Promise<Cluster[]> {
  const { sql, params } = placed(facts, ask)
  const sums = (basis: AmountBasis) =>
    `sumMapIf(map(ifNull(in_currency, ''), ifNull(amount, 0)), basis = '${basis}' and isNotNull(amount) and isNotNull(in_currency)) as ${basis}`
  const rows = await facts.query<Record<string, never>>(
    `with ${sql}
     select cluster, any(owner) as owner, any(fault) as fault, toString(any(kind)) as of_kind, toString(any(field)) as of_field, toString(any(category)) as of_category, toString(any(cause)) as of_cause,
       any(pattern) as of_pattern, arraySort(groupUniqArray(toString(of_check))) as checks, ['low', 'medium', 'high', 'critical'][max(indexOf(['low', 'medium', 'high', 'critical'], toString(severity)))] as worst,
       toString(count()) as n, toString(uniqExactIf(customer_eid, customer_eid != 0)) as customers, ${sums('confirmed')}, ${sums('estimated')}, toString(countIf(isNull(amount))) as unpriced,
       toString(min(onset)) as first_onset, toString(max(onset)) as last_onset, min(noticed) as first_seen, max(noticed) as last_seen, any(burst) as is_burst, arraySort(groupUniqArray(toString(issue))) as issues,
       argMin(tuple(id, title, if(is_personal, null, wanted), if(is_personal, null, held)), (onset, id)) as one
     from placed where ${counted(facts, ask)}
     group by cluster
     order by count() desc, cluster`,
    params,
  )
  return rows.map(fromRow)
}

function fromRow(row: Record<string, unknown>): Cluster {
  const text = (name: string) => row[name] as string
  const [id, title, expected, actual] = Object.values(row['one'] as Record<string, string | null>)
  return {
    id: text('cluster'),
    owner_platform: text('owner') || null,
    platform: text('fault') || null,
    kind: text('of_kind'),
    field: row['of_field'] as string | null,
    category: text('of_category') as Category,
    cause: text('of_cause') as Cause,
    pattern: text('of_pattern'),
    checks: row['checks'] as string[],
    severity: text('worst') as Severity,
    findings: Number(row['n']),
    customers: Number(row['customers']),
    amounts: {
      confirmed: row['confirmed'] as Record<string, string>,
      estimated: row['estimated'] as Record<string, string>,
    },
    unpriced: Number(row['unpriced']),
    first_onset_at: new Date(Number(row['first_onset'])).toISOString(),
    last_onset_at: new Date(Number(row['last_onset'])).toISOString(),
    first_seen_at: text('first_seen'),
    last_seen_at: text('last_seen'),
    burst: Number(row['is_burst']) === 1,
    issues: (row['issues'] as string[]).map(Number).sort((a, b) => a - b),
    sample: { id: id!, title: title!, expected: expected ?? null, actual: actual ?? null },
  }
}

/** Distinct customers of all these clusters together: they may share some. */
export async function clusterCustomers(facts: Facts, ask: ClusterAsk & { ids: readonly string[] }): Promise<number> {
  const { sql, params } = placed(facts, ask)
  const [row] = await facts.query<{ n: string }>(
    `with ${sql} select toString(uniqExactIf(customer_eid, customer_eid != 0)) as n from placed where ${counted(facts, ask)}`,
    params,
  )
  return Number(row?.n ?? 0)
}

/** Ids of their open findings, one page in the order of ids. */
export async function clusterFindings(
  facts: Facts,
  ask: ClusterAsk & { ids: readonly string[] },
  after: string,
  limit: number,
): Promise<string[]> {
  const { sql, params } = placed(facts, ask)
  const rows = await facts.query<{ id: string }>(
    `with ${sql} select id from placed where ${counted(facts, ask)} and id > {after:String} order by id limit {limit:UInt32}`,
    { ...params, after, limit },
  )
  return rows.map((r) => r.id)
}
