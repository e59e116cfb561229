/** Issues: findings with one cause, folded. An issue is worked out again from its stored findings whenever one of them moves. */
import { createHash } from 'node:crypto'
import { add, format, type Decimal } from '../../model/decimal.ts'
import type { Landscape } from '../../model/landscape.ts'
import type { Category, Cause, Finding, IssueState } from '../../model/verdict.ts'
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import { issueFacts, issueFigures, writeIssues, type IssueFacts, type IssueFigures } from '../store/facts/issues.ts'
import { issueSamples, type IssueSample } from '../store/facts/reached-findings.ts'
import type { Check } from './contract.ts'
import { WRITE_BATCH } from './limits.ts'

/** An issue is new for a day. */
const NEW_MS = 24 * 3_600_000

/** It escalates when one day brings at least this many findings, and this many times its daily norm of the week. */
const ESCALATES_AT = 5
const ESCALATES_TIMES = 3

/**
 * One issue for each check, field, cause and owner: followers that are wrong for the same reason are findings of one
 * issue. Where nobody is owner, the platform at fault takes its place.
 */
export function fingerprint(
  f: Pick<Finding, 'check' | 'owner_platform' | 'platform' | 'field' | 'cause' | 'category'>,
): string {
  const parts = [f.check, f.category, f.owner_platform ?? `at ${f.platform}`, f.field, f.cause].map((p) => p ?? '')
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24)
}

/** Gives every finding without one its issue; numbers are for ever, and given in the order of the findings. */
export function assignIssues(ctx: Pick<Context, 'control'>, findings: readonly Finding[], now: number): void {
  const wanted = new Map<string, string>()
  const open = findings.filter((f) => f.issue === '')
  for (const f of open) wanted.set(fingerprint(f), f.check)
  if (wanted.size === 0) return
  const numbers = ctx.control.issueNumbers(
    [...wanted].map(([fp, check]) => ({ fingerprint: fp, check })),
    now,
  )
  for (const f of open) f.issue = `I-${numbers.get(fingerprint(f))}`
}

/** Writes those of the issues whose row is no longer what their findings add up to. */
export async function foldIssues(
  ctx: Pick<Context, 'facts' | 'control' | 'landscape'>,
  check: Check,
  numbers: readonly number[],
  asOf: number,
): Promise<number> {
  let written = 0
  const all = [...new Set(numbers)].sort((a, b) => a - b)
  for (let at = 0; at < all.length; at += WRITE_BATCH) {
    const part = all.slice(at, at + WRITE_BATCH)
    const [figures, samples, rows] = await Promise.all([
      issueFigures(ctx.facts, part),
      issueSamples(ctx.facts, part, iso(asOf)),
      issueFacts(ctx.facts, part),
    ])
    const byNumber = new Map(samples.map((s) => [s.number, s]))
    const known = new Map(rows.map((r) => [r.number, r]))
    const folded = figures.map((f) => fold(ctx.landscape, check, f, byNumber.get(f.number)!, asOf))
    // Its last finding moved to another issue: nothing is left of it but its number.
    for (const row of rows) if (!byNumber.has(row.number)) folded.push(emptied(row, asOf))
    const changed = folded.filter((issue) => differs(issue, known.get(issue.number)))
    await writeIssues(ctx.facts, ctx.control, changed)
    written += changed.length
  }
  return written
}

function fold(landscape: Landscape, check: Check, f: IssueFigures, sample: IssueSample, asOf: number): IssueFacts {
  const { lastDay, daysBefore, ...common } = sample
  return {
    ...f,
    ...common,
    category: sample.category as Category,
    cause: sample.cause as Cause,
    fingerprint: fingerprint({
      ...sample,
      check: f.check,
      category: sample.category as Category,
      cause: sample.cause as Cause,
    }),
    state: stateOf(f, { lastDay, daysBefore }, asOf),
    amount_reporting: reporting(landscape, f.amounts, asOf),
    owner_team: check.owner,
  }
}

function stateOf(f: IssueFigures, growth: { lastDay: number; daysBefore: number }, asOf: number): IssueState {
  if (f.findings_open > 0) {
    if (f.regressed) return 'regressed'
    const age = asOf - Date.parse(f.first_seen_at)
    if (age < NEW_MS) return 'new'
    const norm = growth.daysBefore / 6
    return growth.lastDay >= ESCALATES_AT && growth.lastDay > ESCALATES_TIMES * norm ? 'escalating' : 'ongoing'
  }
  if (f.findings_undecided > 0) return 'undecided'
  return f.findings_in_flight > 0 ? 'in_flight' : 'resolved'
}

/** The sum in the reporting currency; null where a rate is missing or nothing is known. */
function reporting(landscape: Landscape, amounts: Record<string, string>, asOf: number): string | null {
  let total: Decimal | null = null
  for (const [currency, amount] of Object.entries(amounts)) {
    const converted = landscape.convert(amount, currency, iso(asOf))
    if (converted === null) return null
    total = total === null ? add(converted, '0') : add(total, converted)
  }
  return total === null ? null : format(total)
}

function emptied(row: IssueFacts, asOf: number): IssueFacts {
  if (row.state === 'resolved' && row.findings_total === 0) return row
  return {
    ...row,
    state: 'resolved',
    findings_open: 0,
    findings_in_flight: 0,
    findings_undecided: 0,
    findings_total: 0,
    customers: 0,
    amounts: {},
    amounts_estimated: {},
    amount_reporting: null,
    changed_at: iso(asOf),
    resolved_at: iso(asOf),
    due_at: null,
    regressed: false,
  }
}

function differs(issue: IssueFacts, known: IssueFacts | undefined): boolean {
  if (!known) return true
  const plain = (i: IssueFacts) =>
    JSON.stringify(
      Object.entries(i)
        .map(([k, v]) => [k, v !== null && typeof v === 'object' ? Object.entries(v).sort() : v])
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    )
  return plain(issue) !== plain(known)
}
