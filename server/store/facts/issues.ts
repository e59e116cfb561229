/** Issues: findings with one cause, folded; one row an issue number, worked out again whenever its findings move. */
import type { Category, Cause, IssueState, Severity } from '../../../model/verdict.ts'
import type { ControlStore } from '../control/control.ts'
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

export interface IssueFacts {
  number: number
  fingerprint: string
  check: string
  title: string
  category: Category
  kind: string
  field: string | null
  owner_platform: string | null
  /** One of the platforms at fault; all of them are in `platforms`. */
  platform: string | null
  /** Every platform at fault in its findings: those not resolved, or all when all are. Sorted. */
  platforms: string[]
  cause: Cause
  severity: Severity
  state: IssueState
  findings_open: number
  findings_in_flight: number
  findings_undecided: number
  findings_total: number
  customers: number
  /** Currency → sum over the open findings, decimal text. Currencies are never added up. */
  amounts: Record<string, string>
  /** The part of it that is estimated (model/exposure.ts); the rest is confirmed. */
  amounts_estimated: Record<string, string>
  /** The same converted by the dated rates for ranking; null where a rate is missing or nothing is known. */
  amount_reporting: string | null
  first_seen_at: string
  last_seen_at: string
  changed_at: string
  resolved_at: string | null
  due_at: string | null
  regressed: boolean
  owner_team: string
}

/** What the findings of one issue add up to. */
export type IssueFigures = Pick<
  IssueFacts,
  | 'number'
  | 'check'
  | 'platforms'
  | 'severity'
  | 'findings_open'
  | 'findings_in_flight'
  | 'findings_undecided'
  | 'findings_total'
  | 'customers'
  | 'amounts'
  | 'amounts_estimated'
  | 'first_seen_at'
  | 'last_seen_at'
  | 'changed_at'
  | 'resolved_at'
  | 'due_at'
  | 'regressed'
>

const COUNTS = [
  'number',
  'findings_open',
  'findings_in_flight',
  'findings_undecided',
  'findings_total',
  'customers',
] as const

export async function writeIssues(facts: Facts, control: ControlStore, issues: readonly IssueFacts[]): Promise<void> {
  if (!issues.length) return
  const rev = String(control.next('finding'))
  await facts.insert(
    'issues',
    issues.map((issue) => ({ ...issue, regressed: issue.regressed ? 1 : 0, rev })),
  )
}

/** Adds up the findings of these issues as they are stored now. */
export async function issueFigures(facts: Facts, numbers: readonly number[]): Promise<IssueFigures[]> {
  const rows = await facts.query<Raw<IssueFigures>>(
    `with open as (select *, state = 'open' as is_open, indexOf(['low', 'medium', 'high', 'critical'], severity) as rank,
         countIf(state != 'resolved') over (partition by issue) = 0 as over
       from ${tableOf(facts, 'findings')} final where issue in {numbers:Array(UInt64)})
     select issue as number,
       any(\`check\`) as check,
       arraySort(groupUniqArrayIf(assumeNotNull(platform), isNotNull(platform) and (state != 'resolved' or over))) as platforms,
       ['low', 'medium', 'high', 'critical'][greatest(1, if(countIf(state != 'resolved') = 0, max(rank), maxIf(rank, state != 'resolved')))] as severity,
       countIf(is_open) as findings_open,
       countIf(state = 'in_flight') as findings_in_flight,
       countIf(state = 'undecided') as findings_undecided,
       count() as findings_total,
       uniqExactIf(customer_eid, is_open and customer_eid != 0) as customers,
       sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount_at_risk, 0)), is_open and isNotNull(amount_at_risk) and isNotNull(currency)) as amounts,
       sumMapIf(map(ifNull(toString(currency), ''), ifNull(amount_at_risk, 0)), is_open and amount_basis != 'confirmed' and isNotNull(amount_at_risk) and isNotNull(currency)) as amounts_estimated,
       min(first_seen_at) as first_seen_at,
       max(last_seen_at) as last_seen_at,
       max(changed_at) as changed_at,
       if(countIf(state != 'resolved') = 0, max(resolved_at), null) as resolved_at,
       minIf(due_at, state != 'resolved') as due_at,
       maxIf(regressed, state != 'resolved') as regressed
     from open
     group by issue
     order by issue`,
    { numbers },
  )
  return rows.map((row) => counted<IssueFigures>(row))
}

/** Issues as last written, by number. */
export async function issueFacts(facts: Facts, numbers: readonly number[]): Promise<IssueFacts[]> {
  const rows = await facts.query<Raw<IssueFacts>>(
    `select * except (rev) from ${tableOf(facts, 'issues')} final where number in {numbers:Array(UInt64)} order by number`,
    { numbers },
  )
  return rows.map((row) => counted<IssueFacts>(row))
}

/** All issues, in batches: for exports. */
export async function* issuesExport(facts: Facts): AsyncIterable<IssueFacts[]> {
  const sql = `select * except (rev) from ${tableOf(facts, 'issues')} final order by number`
  for await (const rows of facts.stream<Raw<IssueFacts>>(sql)) yield rows.map((row) => counted<IssueFacts>(row))
}

/** As the database spells it: 64-bit counts as text. */
type Raw<T> = Record<keyof T, unknown>

function counted<T>(row: Raw<IssueFigures>): T {
  const out: Record<string, unknown> = { ...row, regressed: row.regressed === 1 }
  for (const name of COUNTS) out[name] = Number(row[name])
  return out as T
}
