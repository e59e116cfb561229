/** Report figures: what is open now in a scope, and what came and went in a span. Currencies are never added up. */
import type { AmountBasis } from '../../../model/exposure.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { inScope, type ReportScope } from './report-scope.ts'

type Amounts = Record<AmountBasis, Record<string, string>>

export interface ReportFigures {
  open: number
  inFlight: number
  undecided: number
  critical: number
  high: number
  customers: number
  /** Open findings whose amount nobody knows. */
  unpriced: number
  amounts: Amounts
}

const sumOf = (basis: AmountBasis) =>
  `sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount_at_risk, 0)), state = 'open' and ${basis === 'confirmed' ? `amount_basis = 'confirmed'` : `amount_basis != 'confirmed'`} and isNotNull(amount_at_risk) and isNotNull(currency)) as ${basis}`

export async function reportFigures(facts: Facts, scope: ReportScope): Promise<ReportFigures> {
  const { sql, params } = inScope(facts, scope)
  const [row] = await facts.query<Record<string, string> & Amounts>(
    `select toString(countIf(state = 'open')) as open, toString(countIf(state = 'in_flight')) as in_flight, toString(countIf(state = 'undecided')) as undecided,
       toString(countIf(state = 'open' and severity = 'critical')) as critical, toString(countIf(state = 'open' and severity = 'high')) as high,
       toString(uniqExactIf(customer_eid, state = 'open' and customer_eid != 0)) as customers,
       toString(countIf(state = 'open' and isNull(amount_at_risk))) as unpriced, ${sumOf('confirmed')}, ${sumOf('estimated')}
     from ${tableOf(facts, 'findings')} final where ${sql}`,
    params,
  )
  const n = (key: string) => Number(row?.[key] ?? 0)
  return {
    open: n('open'),
    inFlight: n('in_flight'),
    undecided: n('undecided'),
    critical: n('critical'),
    high: n('high'),
    customers: n('customers'),
    unpriced: n('unpriced'),
    amounts: { confirmed: row?.confirmed ?? {}, estimated: row?.estimated ?? {} },
  }
}

export interface ReportPair {
  owner: string
  follower: string
  findings: number
}

/** Open findings by owner and platform at fault, most first. */
export async function reportPairs(facts: Facts, scope: ReportScope): Promise<ReportPair[]> {
  const { sql, params } = inScope(facts, scope)
  const rows = await facts.query<{ owner: string; follower: string; n: string }>(
    `select ifNull(toString(owner_platform), '') as owner, ifNull(toString(platform), '') as follower, toString(count()) as n
     from ${tableOf(facts, 'findings')} final
     where state = 'open' and ${sql}
     group by owner, follower order by count() desc, owner, follower`,
    params,
  )
  return rows.map(({ n, ...r }) => ({ ...r, findings: Number(n) }))
}

/** What moved in the findings of one issue; amounts by currency as they were at the move. */
export interface ReportMove {
  issue: number
  opened: number
  regressed: number
  resolved: number
  recovered: Record<string, string>
}

/** Moves between two instants (ISO, `to` exclusive) by issue. */
export async function reportMoves(
  facts: Facts,
  scope: ReportScope,
  span: { from: string; to: string },
): Promise<ReportMove[]> {
  const { sql, params } = inScope(facts, scope)
  const rows = await facts.query<
    Record<'issue' | 'opened' | 'regressed' | 'resolved', string> & Pick<ReportMove, 'recovered'>
  >(
    `select toString(f.issue) as issue, toString(countIf(e.opens)) as opened, toString(countIf(e.comes_back)) as regressed, toString(countIf(e.heals)) as resolved,
       sumMapIf(map(ifNull(e.currency, ''), ifNull(e.amount, toDecimal128(0, 9))), e.heals and isNotNull(e.amount) and isNotNull(e.currency)) as recovered
     from (select id, to_state = 'open' and ifNull(from_state, '') != 'open' as opens, to_state = 'open' and ifNull(from_state, '') = 'resolved' as comes_back,
         to_state = 'resolved' and ifNull(from_state, '') = 'open' as heals,
         JSONExtract(detail, 'amount_at_risk', 'Nullable(Decimal(38, 9))') as amount, JSONExtract(detail, 'currency', 'Nullable(String)') as currency
       from ${tableOf(facts, 'finding_events')} final where at >= {from:DateTime64(3, 'UTC')} and at < {to:DateTime64(3, 'UTC')}) as e
     inner join (select id, issue from ${tableOf(facts, 'findings')} final where ${sql}) as f on f.id = e.id
     group by f.issue
     having countIf(e.opens) + countIf(e.heals) > 0
     order by f.issue`,
    { ...params, ...span },
  )
  return rows.map((r) => ({
    issue: Number(r.issue),
    opened: Number(r.opened),
    regressed: Number(r.regressed),
    resolved: Number(r.resolved),
    recovered: r.recovered,
  }))
}

/** Changes seen under way in a span: arrived within their window, and not. */
export async function reportWindows(
  facts: Facts,
  scope: ReportScope,
  span: { from: string; to: string },
): Promise<{ kept: number; missed: number }> {
  const { sql, params } = inScope(facts, scope)
  const [row] = await facts.query<{ kept: string; missed: string }>(
    `select toString(countIf(opened = 0 and healed > 0)) as kept, toString(countIf(opened > 0)) as missed from (
       select id, countIf(to_state = 'in_flight') as flown, countIf(to_state = 'open') as opened, countIf(to_state = 'resolved') as healed
       from ${tableOf(facts, 'finding_events')} final
       where at >= {from:DateTime64(3, 'UTC')} and at < {to:DateTime64(3, 'UTC')} and id in (select id from ${tableOf(facts, 'findings')} final where ${sql})
       group by id having flown > 0)`,
    { ...params, ...span },
  )
  return { kept: Number(row?.kept ?? 0), missed: Number(row?.missed ?? 0) }
}

/** Undecided findings by the platform that could not be read far enough. */
export async function reportUndecided(
  facts: Facts,
  scope: ReportScope,
): Promise<{ platform: string; findings: number }[]> {
  const { sql, params } = inScope(facts, scope)
  const rows = await facts.query<{ platform: string; n: string }>(
    `select ifNull(toString(findings.platform), '') as platform, toString(count()) as n from ${tableOf(facts, 'findings')} as findings final
     where state = 'undecided' and ${sql} group by platform order by count() desc, platform`,
    params,
  )
  return rows.map((r) => ({ platform: r.platform, findings: Number(r.n) }))
}
