/** Issues: the list and its facets over many open findings, as the dashboard asks for them. */
import type { Context } from '../server/context.ts'
import { issueFacets, issuePage, SORTS, type IssueTerm } from '../server/store/facts/issue-list.ts'
import { writeFindings, type NewFinding } from '../server/store/facts/findings.ts'
import { issueFigures, writeIssues, type IssueFacts } from '../server/store/facts/issues.ts'

/** Findings of one issue. */
const FOLDED = 5
const BATCH = 20_000
const AT = '2026-11-19T08:00:00.000Z'

function findingAt(n: number): NewFinding {
  const platform = ['crm', 'billing'][n % 2]!
  const field = ['payment_terms', 'tax_id', 'legal_name'][n % 3]!
  return {
    id: `bench-${n}`,
    check: 'bench',
    category: 'mismatch',
    kind: 'customer',
    entity_id: `c${n}`,
    customer_entity_id: `c${n}`,
    subject: [
      { platform, kind: 'customer', record_id: `r${n}` },
      { platform: 'erp', kind: 'customer', record_id: `e${n}` },
    ],
    scope: {},
    field,
    verdict: 'drift',
    cause: 'unknown',
    owner_platform: 'erp',
    platform,
    expected: { erp: 'a' },
    actual: { [platform]: 'b' },
    values: [],
    evidence: [],
    amount_at_risk: n % 4 ? `${n % 9_000}.50` : null,
    amount_basis: 'confirmed',
    currency: n % 4 ? 'EUR' : null,
    severity: (['low', 'medium', 'high', 'critical'] as const)[n % 4]!,
    since: AT,
    due_at: AT,
    title: `${field} differs ${n}`,
    issue: `I-${1 + Math.floor(n / FOLDED)}`,
    state: 'open',
    regressed: false,
    first_seen_at: AT,
    changed_at: AT,
    last_seen_at: AT,
    resolved_at: null,
    run_id: 'bench',
    transition: 1,
  } as NewFinding
}

export async function fillIssues({ facts, control }: Context, total: number): Promise<number> {
  for (let at = 0; at < total; at += BATCH) {
    await writeFindings(
      facts,
      control,
      Array.from({ length: BATCH }, (_, n) => findingAt(at + n)),
    )
    const numbers = Array.from({ length: BATCH / FOLDED }, (_, n) => 1 + at / FOLDED + n)
    const figures = await issueFigures(facts, numbers)
    await writeIssues(
      facts,
      control,
      figures.map((f): IssueFacts => {
        const { title, category, kind, field, owner_platform, platform, cause } = findingAt(f.number * FOLDED)
        const more = { title, category, kind, field, owner_platform, platform, cause, fingerprint: `bench-${f.number}` }
        return { ...f, ...more, state: 'ongoing', amount_reporting: f.amounts['EUR'] ?? null, owner_team: 'bench' }
      }),
    )
  }
  return total
}

const TERMS: IssueTerm[][] = [
  [],
  [{ key: 'severity', values: ['high', 'critical'], not: false }],
  [
    { key: 'platform', values: ['crm'], not: false },
    { key: 'field', values: ['tax_id'], not: true },
  ],
  [{ key: 'text', values: ['tax', '77'], not: false }],
]

/** Milliseconds of each list and each set of facets: every sort, several filters, first and second page. */
export async function askIssues({ facts }: Context): Promise<{ lists: number[]; facets: number[] }> {
  const lists: number[] = []
  const facets: number[] = []
  const timed = async <T>(into: number[], work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await work()
    into.push(performance.now() - started)
    return result
  }
  for (const terms of TERMS) {
    await timed(facets, () => issueFacets(facts, terms))
    for (const sort of SORTS) {
      const page = await timed(lists, () => issuePage(facts, { terms, sort, after: null, limit: 50 }))
      if (page.next) await timed(lists, () => issuePage(facts, { terms, sort, after: page.next, limit: 50 }))
    }
  }
  return { lists, facets }
}
