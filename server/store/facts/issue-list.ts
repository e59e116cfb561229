/** The issue list: filtered, sorted and paged by key inside the database, with facet counts that respect the other filters. */
import type { Facts } from './facts.ts'
import { tableOf } from './ident.ts'
import { issueFacts, type IssueFacts } from './issues.ts'

/** One condition of a search. `values` are alternatives; `not` turns the whole term round. */
export interface IssueTerm {
  key: keyof typeof TERMS
  values: string[]
  not: boolean
}

export const SORTS = ['attention', 'risk', 'severity', 'due', 'age', 'changed', 'findings'] as const
export type IssueSort = (typeof SORTS)[number]

export const FACETS = [
  'severity',
  'state',
  'platform',
  'owner',
  'field',
  'kind',
  'check',
  'category',
  'cause',
  'team',
] as const
export type Facet = (typeof FACETS)[number]

/** Severity as a number that sorts. */
const RANK = `indexOf(['low', 'medium', 'high', 'critical'], toString(severity))`
const RISK = 'ifNull(amount_reporting, -1)'

/** What a term compares. Text terms are lists of alternatives; amounts are an operator and its bounds. */
const TERMS = {
  severity: 'toString(severity)',
  state: 'toString(state)',
  platform: 'platforms',
  owner: `ifNull(toString(owner_platform), '')`,
  pair: `arrayMap(p -> concat(ifNull(toString(owner_platform), ''), '>', toString(p)), platforms)`,
  field: `ifNull(toString(field), '')`,
  kind: 'toString(kind)',
  check: 'toString(`check`)',
  category: 'toString(category)',
  cause: 'toString(cause)',
  team: 'toString(owner_team)',
  number: 'toString(number)',
  text: '',
  money: 'amount_reporting',
  findings: 'toDecimal128(findings_open, 9)',
  age: 'toUnixTimestamp64Milli(first_seen_at)',
} as const

/** Terms of which an issue may have several values: one that fits is enough. */
const LISTS: ReadonlySet<IssueTerm['key']> = new Set<IssueTerm['key']>(['platform', 'pair'])

/** Sort expressions, all descending: the first is what needs a person first. */
const ORDER: Record<IssueSort, string> = {
  // Regressed and escalating first, then money, then severity.
  attention: `toFloat64(indexOf(['in_flight', 'resolved', 'undecided', 'ongoing', 'new', 'escalating', 'regressed'], toString(state)) >= 6) * 1e15 + greatest(toFloat64(${RISK}), 0) + ${RANK} / 10`,
  risk: `toFloat64(${RISK})`,
  severity: `toFloat64(${RANK})`,
  due: `-toFloat64(ifNull(toUnixTimestamp64Milli(due_at), 9e15))`,
  age: '-toFloat64(toUnixTimestamp64Milli(first_seen_at))',
  changed: 'toFloat64(toUnixTimestamp64Milli(changed_at))',
  findings: 'toFloat64(findings_open)',
}

/** Conditions of the terms; `prefix` keeps the parameters of several searches in one query apart. */
function conditions(terms: readonly IssueTerm[], prefix: string, params: Record<string, unknown>): string[] {
  return terms.map((term, n) => {
    const name = `${prefix}${n}`
    if (term.key === 'money' || term.key === 'findings') {
      const [op, low, high] = term.values
      Object.assign(params, { [name]: low, ...(high !== undefined && { [`${name}to`]: high }) })
      const than = (of: string) => `{${of}:Decimal(38, 9)}`
      const meets =
        op === '..' ? `between ${than(name)} and ${than(`${name}to`)}` : `${op === '>' ? '>' : '<'} ${than(name)}`
      return `${term.not ? 'not ' : ''}ifNull(${TERMS[term.key]} ${meets}, false)`
    }
    if (term.key === 'age') {
      // First seen after the first instant and before the second; '' is no bound.
      const [from = '', to = ''] = term.values
      Object.assign(params, { [name]: from || '0', [`${name}to`]: to || String(Number.MAX_SAFE_INTEGER) })
      return `${TERMS.age} ${term.not ? 'not ' : ''}between {${name}:Int64} and {${name}to:Int64}`
    }
    params[name] = term.values
    if (term.key === 'text')
      return `${term.not ? 'not ' : ''}arrayAll(word -> positionCaseInsensitiveUTF8(concat(title, ' ', toString(\`check\`), ' I-', toString(number)), word) > 0, {${name}:Array(String)})`
    if (LISTS.has(term.key)) return `${term.not ? 'not ' : ''}hasAny(${TERMS[term.key]}, {${name}:Array(String)})`
    return `${TERMS[term.key]} ${term.not ? 'not in' : 'in'} {${name}:Array(String)}`
  })
}

function where(terms: readonly IssueTerm[]): { sql: string; params: Record<string, unknown> } {
  const params: Record<string, unknown> = {}
  const parts = conditions(terms, 'term', params)
  return { sql: parts.length ? `where ${parts.join(' and ')}` : '', params }
}

/** How many issues meet each of several searches: one pass, for the numbers beside saved views. */
export async function issueCounts(facts: Facts, searches: readonly (readonly IssueTerm[])[]): Promise<number[]> {
  if (searches.length === 0) return []
  const params: Record<string, unknown> = {}
  const counts = searches.map((terms, n) => {
    const parts = conditions(terms, `s${n}term`, params)
    return `toString(countIf(${parts.length ? parts.join(' and ') : '1'}))`
  })
  const [row] = await facts.query<{ counts: string[] }>(
    `select [${counts.join(', ')}] as counts from ${tableOf(facts, 'issues')} final`,
    params,
  )
  return searches.map((_, n) => Number(row?.counts[n] ?? 0))
}

/** SELECT of the numbers of the issues that meet the terms, for queries about what lies in them. */
export function issuesThat(
  facts: Facts,
  terms: readonly IssueTerm[],
): { sql: string; params: Record<string, unknown> } {
  const { sql, params } = where(terms)
  return { sql: `select number from ${tableOf(facts, 'issues')} final ${sql}`, params }
}

export interface IssuePage {
  issues: IssueFacts[]
  /** Sort value and number of the last issue, or null at the end. */
  next: { value: number; number: number } | null
  total: number
}

/** One page, in the order of `sort`; `after` is the `next` of the page before. */
export async function issuePage(
  facts: Facts,
  {
    terms,
    sort,
    after,
    limit,
  }: { terms: readonly IssueTerm[]; sort: IssueSort; after: { value: number; number: number } | null; limit: number },
): Promise<IssuePage> {
  const { sql, params } = where(terms)
  const from = `${tableOf(facts, 'issues')} final ${sql}`
  const later = after ? `${sql ? 'and' : 'where'} (${ORDER[sort]}, number) < ({value:Float64}, {number:UInt64})` : ''
  const [rows, [count]] = await Promise.all([
    facts.query<{ number: string; value: number }>(
      `select number, ${ORDER[sort]} as value from ${from} ${later} order by value desc, number desc limit {limit:UInt32}`,
      { ...params, limit: limit + 1, ...(after && { value: after.value, number: after.number }) },
    ),
    facts.query<{ n: string }>(`select toString(count()) as n from ${from}`, params),
  ])
  const shown = rows.slice(0, limit)
  const found = new Map(
    (
      await issueFacts(
        facts,
        shown.map((r) => Number(r.number)),
      )
    ).map((i) => [i.number, i]),
  )
  const last = rows.length > limit ? shown.at(-1)! : null
  return {
    issues: shown.flatMap((r) => found.get(Number(r.number)) ?? []),
    next: last && { value: last.value, number: Number(last.number) },
    total: Number(count?.n ?? 0),
  }
}

/** Counts per value of every facet; a facet does not filter itself, so that its other values stay reachable. */
export async function issueFacets(
  facts: Facts,
  terms: readonly IssueTerm[],
): Promise<Record<Facet, { value: string; n: number }[]>> {
  const counts = await Promise.all(
    FACETS.map(async (facet) => {
      const { sql, params } = where(terms.filter((t) => t.key !== facet))
      const rows = await facts.query<{ value: string; n: string }>(
        `select ${LISTS.has(facet) ? `toString(arrayJoin(${TERMS[facet]}))` : TERMS[facet]} as value, toString(count()) as n from ${tableOf(facts, 'issues')} final ${sql} group by value order by count() desc, value limit 50`,
        params,
      )
      return [facet, rows.filter((r) => r.value !== '').map((r) => ({ value: r.value, n: Number(r.n) }))] as const
    }),
  )
  return Object.fromEntries(counts) as Record<Facet, { value: string; n: number }[]>
}
