/** Views: issues and findings as the API shows them, with names for people, deep links and the next step. */
import { z } from 'zod'
import {
  CATEGORIES,
  CAUSES,
  FINDING_STATES,
  ISSUE_STATES,
  SEVERITIES,
  VERDICTS,
  type Finding,
} from '../../model/verdict.ts'
import { AMOUNT_BASES } from '../../model/exposure.ts'
import { sureOf } from '../../model/cause.ts'
import type { Context } from '../context.ts'
import type { IssueRow } from '../store/control/control.ts'
import type { IssueFacts } from '../store/facts/issues.ts'
import { iso } from '../clock.ts'
import { wakeWords } from '../wake.ts'
import { isAccepted, isSnoozed } from './search.ts'

const platform = z.object({
  name: z.string(),
  title: z.string(),
  mark: z.string().describe('Two letters that stand for it.'),
})
const instant = z.string().describe('ISO 8601, UTC.')

export const issueSchema = z
  .object({
    number: z.number().int(),
    id: z.string().describe('I-<number>'),
    title: z.string(),
    check: z.string(),
    category: z.enum(CATEGORIES),
    kind: z.string(),
    field: z.string().nullable(),
    cause: z.enum(CAUSES),
    severity: z.enum(SEVERITIES),
    state: z.enum(ISSUE_STATES),
    owner_platform: platform.nullable().describe('The platform that is right.'),
    platform: platform.nullable().describe('The platform at fault; where there are several, one of them.'),
    platforms: z.array(platform).describe('Every platform at fault.'),
    findings: z.object({
      open: z.number().int(),
      in_flight: z.number().int(),
      undecided: z.number().int(),
      total: z.number().int(),
    }),
    customers: z.number().int(),
    amounts: z.record(z.string(), z.string()).describe('Currency → decimal text. Never added up across currencies.'),
    amounts_estimated: z
      .record(z.string(), z.string())
      .describe('The part of the amounts that is estimated; the rest is confirmed.'),
    amount_reporting: z
      .string()
      .nullable()
      .describe('In the reporting currency by the dated rates; null when unknown.'),
    reporting_currency: z.string(),
    first_seen_at: instant,
    last_seen_at: instant,
    changed_at: instant,
    resolved_at: instant.nullable(),
    due_at: instant.nullable().describe('When the service window ends or ended.'),
    regressed: z.boolean(),
    team: z.string().describe('Owner team of the check, or who was given the issue.'),
    person: z.string().nullable(),
    snoozed_until: instant.nullable(),
    wakes_on: z.string().nullable().describe('What ends the snooze before its time, in words.'),
    accepted_until: instant.nullable(),
    reason: z.string().nullable().describe('Why it is snoozed or accepted.'),
    next_step: z.string(),
  })
  .meta({ id: 'Issue' })
export type IssueView = z.output<typeof issueSchema>

const heldValue = z.object({
  platform,
  record_id: z.string().nullable(),
  link: z.string().nullable().describe('Address of the record in the platform.'),
  state: z.enum(['value', 'empty', 'absent', 'cannot_hold', 'unmapped', 'invalid', 'missing', 'deleted']),
  value: z.string().nullable(),
  raw: z.string().nullable().describe('As the platform wrote it, where that differs.'),
  changed_at: instant.nullable(),
  changed_by: z.string().nullable(),
  observed_at: instant.nullable(),
  complete_through: instant.nullable(),
  stands: z.enum(['owner', 'follower', 'advisory', 'gated', 'foreign', 'absent']),
  at_fault: z.boolean(),
})

export const findingSchema = z
  .object({
    id: z.string(),
    issue: z.string(),
    check: z.string(),
    title: z.string(),
    category: z.enum(CATEGORIES),
    kind: z.string(),
    entity_id: z.string(),
    customer_entity_id: z.string(),
    subject: z.array(
      z.object({ platform: z.string(), kind: z.string(), record_id: z.string(), link: z.string().nullable() }),
    ),
    scope: z.record(z.string(), z.string()),
    field: z.string().nullable(),
    verdict: z.enum(VERDICTS),
    cause: z.enum(CAUSES),
    state: z.enum(FINDING_STATES),
    severity: z.enum(SEVERITIES),
    regressed: z.boolean(),
    owner_platform: platform.nullable(),
    platform: platform.nullable(),
    values: z.array(heldValue),
    evidence: z.array(
      z.object({
        says: z.string(),
        strength: z.enum(['strong', 'supporting', 'weak']),
        disproved_by: z.string().optional(),
        for: z.literal('cause').optional().describe('It speaks for the cause; else for the difference itself.'),
      }),
    ),
    sure: z
      .enum(['certain', 'likely', 'possible'])
      .nullable()
      .describe('How sure the cause is: shown directly, follows from what was seen, or the best guess.'),
    amount_at_risk: z.string().nullable(),
    amount_basis: z
      .enum(AMOUNT_BASES)
      .nullable()
      .describe('What the amount rests on: both sides known, or a rate times a time.'),
    currency: z.string().nullable(),
    first_seen_at: instant,
    changed_at: instant,
    last_seen_at: instant,
    due_at: instant.nullable(),
    resolved_at: instant.nullable(),
  })
  .meta({ id: 'Finding' })
export type FindingView = z.output<typeof findingSchema>

/** Two letters for a platform: initials of its title, else its first two letters. */
export function markOf(title: string): string {
  const words = title.split(/[\s_-]+/).filter(Boolean)
  const capitals = /^([A-Z])[a-z]+([A-Z])/.exec(title)
  const letters =
    words.length > 1 ? words[0]![0]! + words[1]![0]! : capitals ? capitals[1]! + capitals[2]! : title.slice(0, 2)
  return letters.toUpperCase()
}

export function platformView(name: string | null, ctx: Context): z.output<typeof platform> | null {
  if (name === null) return null
  const title = ctx.landscape.platforms.find((p) => p.name === name)?.title ?? name
  const configured = ctx.config.platforms[name]
  const mark = configured && ctx.connectors.get(configured.connector)?.mark
  return { name, title, mark: mark ?? markOf(title) }
}

/** One sentence of what to do: every row says its next step. */
function nextStep(issue: IssueFacts, row: IssueRow | null, now: number, titleOf: (name: string) => string): string {
  if (issue.state === 'resolved') return 'Nothing: resolved on evidence'
  if (row && isAccepted(row, now)) return 'Review when the acceptance ends'
  if (row && isSnoozed(row, now))
    return row.snoozeWakes === null ? 'Wait for the snooze to end' : `Wait until ${wakeWords(row)}`
  if (issue.state === 'in_flight') return 'Wait: still within its window'
  if (issue.state === 'undecided') return 'Restore the connector that cannot be read'
  if (issue.cause === 'unmapped_code') return 'Add the code to the reference map'
  if (issue.cause === 'identity_in_doubt') return 'Decide which records are one customer'
  if (issue.category === 'duplicate') return 'Merge the duplicates'
  if (issue.category === 'missing') return 'Create the missing record'
  if (issue.category === 'orphan') return 'Link or remove the orphan'
  if (issue.category === 'quality') return 'Correct the record at its source'
  if (!row?.assigneePerson && !row?.assigneeTeam && !issue.owner_team) return 'Assign'
  return issue.platform && issue.owner_platform
    ? `Bring ${titleOf(issue.platform)} in line with ${titleOf(issue.owner_platform)}`
    : 'Follow the runbook'
}

export function issueView(issue: IssueFacts, row: IssueRow | null, ctx: Context, now: number): IssueView {
  const snoozed = row && isSnoozed(row, now)
  const accepted = row && isAccepted(row, now)
  return {
    number: issue.number,
    id: `I-${issue.number}`,
    title: issue.title,
    check: issue.check,
    category: issue.category,
    kind: issue.kind,
    field: issue.field,
    cause: issue.cause,
    severity: issue.severity,
    state: issue.state,
    owner_platform: platformView(issue.owner_platform, ctx),
    platform: platformView(issue.platform, ctx),
    platforms: issue.platforms.map((name) => platformView(name, ctx)!),
    findings: {
      open: issue.findings_open,
      in_flight: issue.findings_in_flight,
      undecided: issue.findings_undecided,
      total: issue.findings_total,
    },
    customers: issue.customers,
    amounts: issue.amounts,
    amounts_estimated: issue.amounts_estimated,
    amount_reporting: issue.amount_reporting,
    reporting_currency: ctx.landscape.reportingCurrency,
    first_seen_at: issue.first_seen_at,
    last_seen_at: issue.last_seen_at,
    changed_at: issue.changed_at,
    resolved_at: issue.resolved_at,
    due_at: issue.due_at,
    regressed: issue.regressed,
    team: row?.assigneeTeam ?? issue.owner_team,
    person: row?.assigneePerson ?? null,
    snoozed_until: snoozed ? iso(row.snoozedUntil!) : null,
    wakes_on: snoozed ? wakeWords(row) : null,
    accepted_until: accepted ? iso(row.acceptedUntil!) : null,
    reason: accepted ? row.acceptReason : snoozed ? row.snoozeReason : null,
    next_step: nextStep(issue, row, now, (name) => platformView(name, ctx)!.title),
  }
}

/** Address of a record in its platform's own screens; only ordinary web addresses are ever shown as links. */
export function linkOf(name: string, kind: string, id: string | null, ctx: Context): string | null {
  const configured = ctx.config.platforms[name]
  const connector = configured && ctx.connectors.get(configured.connector)
  if (!configured || !connector?.link || id === null) return null
  const link = connector.link(configured.config as never, kind, id)
  return link && /^https?:\/\//.test(link) ? link : null
}

export function findingView(f: Finding, ctx: Context): FindingView {
  return {
    id: f.id,
    issue: f.issue,
    check: f.check,
    title: f.title,
    category: f.category,
    kind: f.kind,
    entity_id: f.entity_id,
    customer_entity_id: f.customer_entity_id,
    subject: f.subject.map((s) => ({ ...s, link: linkOf(s.platform, s.kind, s.record_id, ctx) })),
    scope: f.scope,
    field: f.field,
    verdict: f.verdict,
    cause: f.cause,
    state: f.state,
    severity: f.severity,
    regressed: f.regressed,
    owner_platform: platformView(f.owner_platform, ctx),
    platform: platformView(f.platform, ctx),
    values: f.values.map((v) => ({
      ...v,
      platform: platformView(v.platform, ctx)!,
      link: linkOf(v.platform, f.kind, v.record_id, ctx),
      at_fault: v.platform === f.platform,
    })),
    evidence: f.evidence,
    sure: sureOf(f.evidence),
    amount_at_risk: f.amount_at_risk,
    amount_basis: f.amount_basis,
    currency: f.currency,
    first_seen_at: f.first_seen_at,
    changed_at: f.changed_at,
    last_seen_at: f.last_seen_at,
    due_at: f.due_at,
    resolved_at: f.resolved_at,
  }
}
