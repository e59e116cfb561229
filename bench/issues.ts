/** Issues: the list and its facets over many open findings, asked of the API as the dashboard asks for them. */
import type { Context } from '../server/context.ts'
import { digest, newSecret } from '../server/api/passwords.ts'
import { createApp } from '../server/app.ts'
import { createRuntime } from '../server/runtime.ts'
import { SORTS } from '../server/store/facts/issue-list.ts'
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

/** Fills up from `from` to `total` open findings. */
export async function fillIssues({ facts, control }: Context, from: number, total: number): Promise<number> {
  for (let at = from; at < total; at += BATCH) {
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

const SEARCHES = [
  'is:unresolved',
  'is:open sev:high,critical',
  'is:open platform:crm -field:tax_id',
  'is:open money:>5000 tax 77',
]
/** Every order and search is asked so often; the first answer counts as well. */
const ROUNDS = 3

/** Milliseconds of each list and each set of facets, through the API: every order, several searches, first and second page. */
export async function askIssues(ctx: Context): Promise<{ lists: number[]; facets: number[] }> {
  const token = newSecret()
  const runtime = createRuntime(ctx)
  const app = createApp({
    ...{ runtime, telemetry: null, origin: 'http://127.0.0.1', version: '0' },
    ...{ localToken: digest(token), dashboardFolder: null },
  })
  const asked = async <T>(into: number[], path: string, query: Record<string, string>): Promise<T> => {
    const started = performance.now()
    const reply = await app.request(`/v1/issues${path}?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const answer = (await reply.json()) as T
    into.push(performance.now() - started)
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${JSON.stringify(answer)}`)
    return answer
  }
  const lists: number[] = []
  const facets: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const q of SEARCHES) {
      await asked(facets, '/facets', { q })
      for (const sort of SORTS) {
        const { next, total } = await asked<{ next: string | null; total: number }>(lists, '', { q, sort })
        if (total === 0) throw new Error(`Nothing meets ${q}: there is nothing to measure.`)
        if (next) await asked(lists, '', { q, sort, cursor: next })
      }
    }
  runtime.courier.close()
  return { lists, facets }
}
