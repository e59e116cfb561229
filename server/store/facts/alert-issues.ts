/** What alerts ask of issues: which have moved, which will soon, and what lies in them. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'

/** Issues written after this revision, those whose first window ends by `dueBy`, and the newest revision. */
export async function movedIssues(
  facts: Facts,
  after: string,
  dueBy: string,
): Promise<{ numbers: number[]; through: string }> {
  const table = tableOf(facts, 'issues')
  const [moved, due] = await Promise.all([
    facts.query<{ number: string; newest: string }>(
      `select number, toString(max(rev)) as newest from ${table} where rev > {after:UInt64} group by number order by number`,
      { after },
    ),
    facts.query<{ number: string }>(
      `select number from ${table} final where state = 'in_flight' and due_at <= {dueBy:DateTime64(3, 'UTC')}`,
      { dueBy },
    ),
  ])
  const through = moved.reduce((most, { newest }) => (BigInt(newest) > most ? BigInt(newest) : most), BigInt(after))
  const numbers = new Set([...moved, ...due].map((r) => Number(r.number)))
  return { numbers: [...numbers].sort((a, b) => a - b), through: String(through) }
}

/** Issues that are open: what a full look compares with what was noticed. */
export async function openIssues(facts: Facts): Promise<number[]> {
  const rows = await facts.query<{ number: string }>(
    `select number from ${tableOf(facts, 'issues')} final where findings_open > 0 order by number`,
  )
  return rows.map((r) => Number(r.number))
}

export interface IssueInside {
  number: number
  legalEntities: string[]
  /** When the oldest of its open differences began (ISO); null where no evidence tells. */
  since: string | null
}

export async function insideIssues(facts: Facts, numbers: readonly number[]): Promise<IssueInside[]> {
  const rows = await facts.query<{ number: string; entities: string[]; began: string | null }>(
    `select issue as number,
       arraySort(arrayFilter(e -> e != '', groupUniqArray(50)(JSONExtractString(scope, 'legal_entity')))) as entities,
       minIf(coalesce(since, first_seen_at), state = 'open') as began
     from ${tableOf(facts, 'findings')} final
     where issue in {numbers:Array(UInt64)} and (state != 'resolved')
     group by issue`,
    { numbers },
  )
  return rows.map((r) => ({
    number: Number(r.number),
    legalEntities: r.entities,
    since: r.began === null || r.began.startsWith('1970') ? null : r.began,
  }))
}

/** Ids of the findings of an issue that matter most: by amount, then by age. */
export async function weightiestFindings(
  facts: Facts,
  issue: number,
  states: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await facts.query<{ id: string }>(
    `select id from ${tableOf(facts, 'findings')} final
     where issue = {issue:UInt64} and state in {states:Array(String)}
     order by ifNull(amount_at_risk, 0) desc, first_seen_at, id limit {limit:UInt32}`,
    { issue, states, limit },
  )
  return rows.map((r) => r.id)
}
