/** Findings: one row for each difference ever seen, the latest state of its life. */
import { hasKind, kindOf } from '../../../model/kinds.ts'
import { patternOf } from '../../../model/pattern.ts'
import type { Finding } from '../../../model/verdict.ts'
import type { ControlStore } from '../control/control.ts'
import type { Facts } from './facts.ts'
import { ident, tableOf } from './ident.ts'

/** What is kept of a finding beyond its public shape. */
export interface StoredFinding extends Finding {
  /** When the difference began, as far as evidence tells (ISO). */
  since: string | null
  /** Entity and customer as 64-bit hashes in decimal text, '0' for none; the database computes them. */
  eid: string
  customer_eid: string
}

export type NewFinding = Finding & { since?: string | null }

const PLAIN = [
  'id',
  'check',
  'category',
  'kind',
  'entity_id',
  'customer_entity_id',
  'field',
  'verdict',
  'cause',
  'owner_platform',
  'platform',
  'amount_at_risk',
  'currency',
  'severity',
  'since',
  'due_at',
  'title',
  'state',
  'first_seen_at',
  'changed_at',
  'last_seen_at',
  'resolved_at',
  'run_id',
  'transition',
] as const
const JSON_TEXT = ['subject', 'scope', 'expected', 'actual', 'values', 'evidence'] as const
const COLUMNS = [...PLAIN, ...JSON_TEXT, 'amount_basis', 'issue', 'regressed', 'eid', 'customer_eid']
  .map(ident)
  .join(', ')

/** Stores the present state of these findings; a later call for the same id replaces it. Each id at most once a call. */
export async function writeFindings(
  facts: Facts,
  control: ControlStore,
  findings: readonly NewFinding[],
): Promise<void> {
  if (!findings.length) return
  const rev = String(control.next('finding'))
  await facts.insert(
    'findings',
    findings.map((finding) => toRow(finding, rev)),
  )
}

function toRow(finding: NewFinding, rev: string): Record<string, unknown> {
  const row: Record<string, unknown> = { rev, issue: issueNumber(finding.issue), regressed: finding.regressed ? 1 : 0 }
  for (const name of PLAIN) row[name] = name === 'since' ? (finding.since ?? null) : finding[name]
  for (const name of JSON_TEXT) row[name] = JSON.stringify(finding[name])
  row.amount_basis = finding.amount_basis ?? ''
  row.pattern = findingPattern(finding)
  row.platforms = [...new Set(finding.subject.map((s) => s.platform))]
  return row
}

function fromRow(row: Record<string, unknown>): StoredFinding {
  for (const name of JSON_TEXT) row[name] = JSON.parse(row[name] as string)
  row.issue = `I-${row.issue as string}`
  row.regressed = row.regressed === 1
  row.amount_basis ||= null
  return row as unknown as StoredFinding
}

/** How the value at fault differs; `none` where the finding is not about two values of a field. */
export function findingPattern(
  f: Pick<Finding, 'kind' | 'field' | 'owner_platform' | 'platform' | 'expected' | 'actual'>,
): string {
  const { kind, field, owner_platform: owner, platform } = f
  const about = field === null || !hasKind(kind) ? undefined : kindOf(kind).fields.find((x) => x.name === field)
  if (!about || owner === null || platform === null) return 'none'
  return patternOf({
    type: about.type,
    expected: f.expected[owner] ?? null,
    actual: f.actual[platform] ?? null,
    personal: about.sensitivity === 'personal',
  })
}

/** `I-42` → '42'. */
export function issueNumber(issue: string): string {
  return issue.replace(/^I-/, '')
}

export type FindingFilter = {
  ids?: readonly string[]
  check?: string
  issues?: readonly number[]
  /** Entities or customers, as 64-bit hashes in decimal text. */
  entities?: readonly string[]
  customers?: readonly string[]
  states?: readonly string[]
  /** In flight with a window that ended at or before this instant (ISO). */
  dueBy?: string
  /** Ids after this one: for paging, with `limit`. */
  after?: string
}

const CONDITIONS: Record<keyof FindingFilter, string> = {
  ids: 'id in {ids:Array(String)}',
  check: '`check` = {check:String}',
  issues: 'issue in {issues:Array(UInt64)}',
  entities: 'eid in {entities:Array(UInt64)}',
  customers: 'customer_eid in {customers:Array(UInt64)}',
  states: 'state in {states:Array(String)}',
  dueBy: `state = 'in_flight' and due_at <= {dueBy:DateTime64(3, 'UTC')}`,
  after: 'id > {after:String}',
}

/** Columns that never change for one id: a condition on them may run before versions are collapsed. */
const CONSTANT = new Set<keyof FindingFilter>(['ids', 'check', 'after'])

function selection(facts: Facts, filter: FindingFilter): { sql: string; params: Record<string, unknown> } {
  const given = (Object.keys(CONDITIONS) as (keyof FindingFilter)[]).filter((key) => filter[key] !== undefined)
  const part = (keys: (keyof FindingFilter)[], word: string) =>
    keys.length ? ` ${word} ${keys.map((key) => CONDITIONS[key]).join(' and ')}` : ''
  return {
    sql: `select ${COLUMNS} from ${tableOf(facts, 'findings')} final${part(
      given.filter((k) => CONSTANT.has(k)),
      'prewhere',
    )}${part(
      given.filter((k) => !CONSTANT.has(k)),
      'where',
    )}`,
    params: Object.fromEntries(given.map((key) => [key, filter[key]])),
  }
}

/** Findings in the order of their ids. */
export async function findings(facts: Facts, filter: FindingFilter, limit = 100_000): Promise<StoredFinding[]> {
  const { sql, params } = selection(facts, filter)
  return (
    await facts.query<Record<string, unknown>>(`${sql} order by id limit {limit:UInt32}`, { ...params, limit })
  ).map(fromRow)
}

export async function finding(facts: Facts, id: string): Promise<StoredFinding | null> {
  return (await findings(facts, { ids: [id] }, 1))[0] ?? null
}

/** All findings that match, in batches: for exports. */
export async function* findingsExport(facts: Facts, filter: FindingFilter = {}): AsyncIterable<StoredFinding[]> {
  const { sql, params } = selection(facts, filter)
  for await (const rows of facts.stream<Record<string, unknown>>(`${sql} order by id`, params, 2_000))
    yield rows.map(fromRow)
}

/** How many findings of each check are in each state. */
export async function findingCounts(facts: Facts): Promise<{ check: string; state: string; n: number }[]> {
  const rows = await facts.query<{ check: string; state: string; n: string }>(
    `select \`check\`, state, count() as n from ${tableOf(facts, 'findings')} final group by \`check\`, state order by \`check\`, state`,
  )
  return rows.map((row) => ({ ...row, n: Number(row.n) }))
}
