/**
 * Noticing: compares issues as the facts have them with what was last noticed of them, and tells the difference.
 *
 * Facts and control have no common transaction, so nothing is carried over in steps that could be lost between them:
 * the facts are read, and in one transaction of the control store the standing, the event and its notices move
 * together, the high water last. Whoever is killed before it reads the same facts again; whoever is killed after it
 * finds no difference.
 */
import { iso } from '../clock.ts'
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { crashpoint } from '../crashpoint.ts'
import { recoverableUntil } from '../recoverability.ts'
import { insideIssues, movedIssues, openIssues, type IssueInside } from '../store/facts/alert-issues.ts'
import { issueFacts, type IssueFacts } from '../store/facts/issues.ts'
import type { Activity } from '../store/control/control.ts'
import { inTurn } from '../store/turns.ts'
import { knownNow } from './known.ts'
import { compareStanding, type Limits, type Standing } from './standing.ts'
import { issueRef, type Subject } from './subject.ts'
import { tell } from './tell.ts'

const HIGH_WATER = 'alert.issues'

/** Issues in one transaction. */
const BATCH = 500

/** How many events were written. `full` looks at every open issue, whether it moved or not. */
export function noticeIssues(ctx: Context, { full = false }: { full?: boolean } = {}): Promise<number> {
  return inTurn(ctx.control, 'alert', async () => {
    const now = ctx.clock.now()
    const after = ctx.control.get(HIGH_WATER) ?? '0'
    const { numbers, through } = await movedIssues(
      ctx.facts,
      after,
      iso(now + durationMs(ctx.config.alerts.breach.before)!),
    )
    const all = full ? [...new Set([...numbers, ...(await openIssues(ctx.facts))])].sort((a, b) => a - b) : numbers
    let told = 0
    for (let at = 0; at < all.length; at += BATCH) {
      const part = all.slice(at, at + BATCH)
      const [issues, inside] = await Promise.all([issueFacts(ctx.facts, part), insideIssues(ctx.facts, part)])
      const byNumber = new Map(inside.map((i) => [i.number, i]))
      crashpoint('alert-read')
      told += ctx.control.transaction(() => {
        const known = knownNow(ctx, now)
        const n = issues.reduce((sum, issue) => sum + noticeOne(ctx, known, issue, byNumber.get(issue.number), now), 0)
        crashpoint('alert-noticing')
        return n
      })
      crashpoint('alert-noticed')
    }
    if (through !== after) ctx.control.set(HIGH_WATER, through)
    crashpoint('alert-through')
    return told
  })
}

function noticeOne(
  ctx: Context,
  known: ReturnType<typeof knownNow>,
  issue: IssueFacts,
  inside: IssueInside | undefined,
  now: number,
): number {
  const ref = issueRef(issue.number)
  const before = ctx.control.alertStanding(ref) as Standing | null
  const until = recoverable(ctx, issue, inside)
  const { standing, news } = compareStanding(before, issue, limitsOf(ctx, issue, before, until), now)
  if (JSON.stringify(standing) !== JSON.stringify(before)) ctx.control.setAlertStanding(ref, { ...standing })
  if (news === null) return 0
  tell(ctx, known, news, subjectOf(ctx, issue, inside, until))
  return 1
}

function limitsOf(
  { config, control }: Context,
  issue: IssueFacts,
  before: Standing | null,
  until: number | null,
): Limits {
  const { escalation, breach, fix_holds, recoverable: soon } = config.alerts
  const worked = before?.resolvedAt != null && control.activity(issue.number, 50).some(isDecision)
  return {
    money: escalation.money,
    findings: escalation.findings,
    before: durationMs(breach.before)!,
    warnFor: breach.severity,
    fixHolds: durationMs(fix_holds)!,
    recoverableUntil: until,
    recoverable: durationMs(soon)!,
    worked,
  }
}

/** Not what was found, but what a person did about it. */
export const isDecision = ({ what }: Activity): boolean =>
  !['opened', 'resolved', 'regressed', 'fix_did_not_hold'].includes(what)

const recoverable = (ctx: Context, { cause, owner_platform }: IssueFacts, inside: IssueInside | undefined) =>
  recoverableUntil(ctx, { cause, owner_platform, since: inside?.since ?? null })

/** The issue as it is told of. */
export function subjectOf(
  ctx: Context,
  issue: IssueFacts,
  inside: IssueInside | undefined,
  until: number | null = recoverable(ctx, issue, inside),
): Subject {
  const row = ctx.control.issue(issue.number)
  const platforms = [issue.owner_platform, ...issue.platforms].filter((p) => p !== null)
  return {
    kind: 'issue',
    ref: issueRef(issue.number),
    title: issue.title,
    check: issue.check,
    category: issue.category,
    cause: issue.cause,
    recordKind: issue.kind,
    field: issue.field,
    from: issue.owner_platform,
    to: issue.platforms.filter((p) => p !== issue.owner_platform),
    severity: issue.severity,
    findings: issue.findings_open,
    customers: issue.customers,
    amounts: issue.amounts,
    estimated: issue.amounts_estimated,
    money: issue.amount_reporting,
    legalEntities: inside?.legalEntities ?? [],
    team: row?.assigneeTeam ?? issue.owner_team,
    assignee: row?.assigneePerson ?? null,
    environments: [...new Set(platforms.flatMap((p) => ctx.config.platforms[p]?.environment ?? []))],
    since: inside?.since ?? issue.first_seen_at,
    dueAt: issue.due_at,
    resolvedAt: issue.resolved_at,
    snoozedUntil: row?.snoozedUntil ?? null,
    acceptedUntil: row?.acceptedUntil ?? null,
    more: { recoverableUntil: until },
  }
}
