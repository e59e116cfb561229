/**
 * What was last noticed of an issue, and what is news compared with that. Pure: the same two looks give the same news,
 * and a look that finds nothing different gives none. Being still there is never news.
 */
import { compare } from '../../model/decimal.ts'
import { SEVERITIES } from '../../model/verdict.ts'
import type { Trigger } from '../config/alerts-schema.ts'
import type { IssueFacts } from '../store/facts/issues.ts'

export interface Standing {
  /** `open` until it is resolved, whatever becomes unknown meanwhile. */
  state: 'open' | 'closed'
  /** Worst that was told since it opened. */
  severity: number
  money: number
  findings: number
  /** Window whose end was warned of (ISO). */
  warned: string | null
  /** Its end of recoverability was told. */
  recoverable: boolean
  resolvedAt: number | null
}

export interface Limits {
  money: readonly string[]
  findings: readonly number[]
  /** Milliseconds before the end of a window. */
  before: number
  warnFor: readonly string[]
  fixHolds: number
  /** Until when what it lacks can be replayed, epoch ms; null: no limit is known. */
  recoverableUntil: number | null
  recoverable: number
  /** Somebody worked on it before it was resolved. */
  worked: boolean
}

/** Issues that are older than this when alerts first see them were known before. */
const KNOWN_MS = 86_400_000

type Look = Pick<
  IssueFacts,
  | 'state'
  | 'severity'
  | 'findings_open'
  | 'findings_in_flight'
  | 'amount_reporting'
  | 'due_at'
  | 'first_seen_at'
  | 'resolved_at'
>

export function compareStanding(
  before: Standing | null,
  issue: Look,
  limits: Limits,
  now: number,
): { standing: Standing; news: Trigger | null } {
  const is = measured(issue, limits)
  const closed: Standing = { ...CLOSED, resolvedAt: before?.resolvedAt ?? null, warned: before?.warned ?? null }
  if (issue.findings_open > 0) {
    const opened: Standing = { ...closed, ...is, state: 'open' }
    if (before?.state === 'open') return worse(before, is, limits, now)
    if (before === null && now - Date.parse(issue.first_seen_at) > KNOWN_MS) return { standing: opened, news: null }
    return { standing: opened, news: opening(before, limits, now) }
  }
  if (issue.state === 'resolved')
    return before?.state === 'open'
      ? { standing: { ...CLOSED, resolvedAt: now }, news: 'resolved' }
      : { standing: { ...closed, warned: null }, news: null }
  // Undecided is neither open nor over: what was told stands.
  const standing = before ?? closed
  const warns =
    issue.state === 'in_flight' &&
    issue.due_at !== null &&
    standing.state === 'closed' &&
    limits.warnFor.includes(issue.severity) &&
    standing.warned !== issue.due_at &&
    Date.parse(issue.due_at) > now &&
    Date.parse(issue.due_at) - now <= limits.before
  return warns ? { standing: { ...standing, warned: issue.due_at }, news: 'about_to_breach' } : { standing, news: null }
}

const CLOSED: Standing = {
  state: 'closed',
  severity: 0,
  money: 0,
  findings: 0,
  warned: null,
  recoverable: false,
  resolvedAt: null,
}

function opening(before: Standing | null, limits: Limits, now: number): Trigger {
  if (before?.resolvedAt != null)
    return limits.worked && now - before.resolvedAt <= limits.fixHolds ? 'fix_failed' : 'regressed'
  return before?.warned != null ? 'breached' : 'new'
}

type Measured = Pick<Standing, 'severity' | 'money' | 'findings'>

function measured(issue: Look, limits: Limits): Measured {
  const amount = issue.amount_reporting
  return {
    severity: SEVERITIES.indexOf(issue.severity),
    money: amount === null ? 0 : limits.money.filter((step) => compare(amount, step) >= 0).length,
    findings: limits.findings.filter((step) => issue.findings_open >= step).length,
  }
}

/** Worse than the worst that was told; what gets better and worse again is not told twice. */
function worse(
  before: Standing,
  is: Measured,
  limits: Limits,
  now: number,
): { standing: Standing; news: Trigger | null } {
  const standing: Standing = {
    ...before,
    severity: Math.max(before.severity, is.severity),
    money: Math.max(before.money, is.money),
    findings: Math.max(before.findings, is.findings),
  }
  const escalated =
    standing.severity > before.severity || standing.money > before.money || standing.findings > before.findings
  if (escalated) return { standing, news: 'escalating' }
  const ends = limits.recoverableUntil
  if (!before.recoverable && ends !== null && ends > now && ends - now <= limits.recoverable)
    return { standing: { ...standing, recoverable: true }, news: 'recoverability_ending' }
  return { standing, news: null }
}
