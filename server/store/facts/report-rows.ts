/** Report rows: the findings that a report lists and attaches, dearest first, and the issues that are new or came back. */
import { parse } from '../../../model/decimal.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import type { IssueFacts } from './issues.ts'
import { issueFacts } from './issues.ts'
import { inScope, type ReportScope } from './report-scope.ts'

/** One finding as a report knows it. Amounts are decimal text, instants ISO. */
export interface ReportRow {
  id: string
  issue: number
  check: string
  category: string
  kind: string
  field: string | null
  title: string
  owner_platform: string | null
  platform: string | null
  /** Platform → value. */
  expected: Record<string, string | null>
  actual: Record<string, string | null>
  cause: string
  severity: string
  state: string
  regressed: boolean
  amount_at_risk: string | null
  currency: string | null
  amount_basis: string | null
  customer_entity_id: string
  /** What people call the customer, where the report may say so. */
  customer: string | null
  team: string
  first_seen_at: string
  resolved_at: string | null
}

type Raw = Omit<ReportRow, 'issue' | 'customer' | 'expected' | 'actual' | 'regressed' | 'amount_basis'> & {
  issue: string
  expected: string
  actual: string
  regressed: number
  amount_basis: string
}

const NAMES = [
  'id',
  'check',
  'category',
  'kind',
  'field',
  'title',
  'owner_platform',
  'platform',
  'expected',
  'actual',
  'cause',
  'severity',
  'state',
  'regressed',
  'amount_at_risk',
  'currency',
  'amount_basis',
  'customer_entity_id',
  'first_seen_at',
  'resolved_at',
]

/** A Decimal loses its last zeros on the way here only if they are cut: 1.5, not 1.500000000. */
const read = (row: Raw): ReportRow => ({
  ...row,
  issue: Number(row.issue),
  customer: null,
  expected: JSON.parse(row.expected) as ReportRow['expected'],
  actual: JSON.parse(row.actual) as ReportRow['actual'],
  regressed: row.regressed === 1,
  amount_basis: row.amount_basis || null,
  amount_at_risk: row.amount_at_risk === null ? null : (plain(row.amount_at_risk) ?? row.amount_at_risk),
})
const plain = (text: string) => (parse(text) ? text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : null)

/**
 * Findings in scope: those not resolved, and those resolved in the span. Dearest first by the given rates (currency →
 * what one unit is worth); what has no rate or no amount comes after, oldest first.
 */
export async function reportRows(
  facts: Facts,
  scope: ReportScope,
  span: { from: string; to: string },
  rates: Record<string, string>,
  limit: number,
  only: 'all' | 'open' = 'all',
): Promise<ReportRow[]> {
  const { sql, params } = inScope(facts, scope)
  const live =
    only === 'open'
      ? `state = 'open' and isNotNull(amount_at_risk)`
      : `(state != 'resolved' or (resolved_at >= {from:DateTime64(3, 'UTC')} and resolved_at < {to:DateTime64(3, 'UTC')}))`
  const rows = await facts.query<Raw>(
    `select ${NAMES.map((n) => `f.\`${n}\` as \`${n}\``).join(', ')}, toString(f.issue) as issue, ifNull(toString(i.owner_team), '') as team
     from (select * from ${tableOf(facts, 'findings')} final where ${live} and ${sql}) as f
     left join (select number, owner_team from ${tableOf(facts, 'issues')} final) as i on i.number = f.issue
     order by f.state = 'open' desc, ifNull(toFloat64(f.amount_at_risk) * transform(ifNull(toString(f.currency), ''), {currencies:Array(String)}, {worth:Array(Float64)}, -1), -1) desc, f.first_seen_at, f.id
     limit {limit:UInt32}`,
    {
      ...params,
      // A parameter that the statement does not use is an error on a server.
      ...(only === 'all' && span),
      currencies: ['', ...Object.keys(rates)],
      worth: [-1, ...Object.values(rates).map(Number)],
      limit,
    },
  )
  return rows.map(read)
}

/** Issues with open findings in scope that began in the span, came back, or grow: most urgent first. */
export async function reportIssues(
  facts: Facts,
  scope: ReportScope,
  span: { from: string; to: string },
  limit: number,
): Promise<{ issues: IssueFacts[]; total: number }> {
  const { sql, params } = inScope(facts, scope)
  const rows = await facts.query<{ number: string; total: string }>(
    `select toString(number) as number, toString(count() over ()) as total from ${tableOf(facts, 'issues')} as i final
     where findings_open > 0 and number in (select issue from ${tableOf(facts, 'findings')} final where state = 'open' and ${sql})
       and ((first_seen_at >= {from:DateTime64(3, 'UTC')} and first_seen_at < {to:DateTime64(3, 'UTC')}) or i.state in ('regressed', 'escalating'))
     order by i.state = 'regressed' desc, i.state = 'escalating' desc, indexOf(['low', 'medium', 'high', 'critical'], toString(i.severity)) desc, ifNull(amount_reporting, -1) desc, number
     limit {limit:UInt32}`,
    { ...params, ...span, limit },
  )
  const found = new Map(
    (
      await issueFacts(
        facts,
        rows.map((r) => Number(r.number)),
      )
    ).map((i) => [i.number, i]),
  )
  return { issues: rows.flatMap((r) => found.get(Number(r.number)) ?? []), total: Number(rows[0]?.total ?? 0) }
}

/** Currencies of open amounts: those that a rate is wanted for. */
export async function reportCurrencies(facts: Facts): Promise<string[]> {
  const rows = await facts.query<{ currency: string }>(
    `select distinct assumeNotNull(toString(findings.currency)) as currency from ${tableOf(facts, 'findings')} as findings final where isNotNull(findings.currency) order by currency`,
  )
  return rows.map((r) => r.currency)
}
