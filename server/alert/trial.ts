/** Trials: who would be told of something, and who would not, and why. The same decision that is made in earnest, with nothing written. */
import type { Match } from '../config/alerts-schema.ts'
import type { Context } from '../context.ts'
import { insideIssues } from '../store/facts/alert-issues.ts'
import type { IssueFacts } from '../store/facts/issues.ts'
import { refusal, type Decision } from './decide.ts'
import { decideFor, knownNow } from './known.ts'
import { mismatch } from './match.ts'
import { subjectOf } from './notice.ts'
import { subjectWith, type News, type Subject } from './subject.ts'

export interface Trial {
  about: Subject
  decisions: Decision[]
  /** Every route in order, with what speaks against it; `asked` is false after one that ended the search. */
  routes: { name: string; takes: boolean; why: string; asked: boolean }[]
}

export function trial(ctx: Context, news: News, about: Subject, at = ctx.clock.now()): Trial {
  const known = knownNow(ctx, at)
  let over = false
  const routes = ctx.config.alerts.routes.map((route) => {
    const why = refusal(route, news, about, known)
    const asked = !over
    if (why === null && !route.continue) over = true
    return { name: route.name, takes: why === null, why: why ?? 'every condition holds', asked }
  })
  return { about, decisions: decideFor(ctx, known, news, about), routes }
}

export async function subjectNow(ctx: Context, issue: IssueFacts): Promise<Subject> {
  const [inside] = await insideIssues(ctx.facts, [issue.number])
  return subjectOf(ctx, issue, inside)
}

/** Something that has not happened: what is left out is unknown, and a condition on it does not hold. */
export function hypothetical(given: Partial<Subject>): Subject {
  return subjectWith({
    kind: 'issue',
    ref: 'I-0',
    title: 'A hypothetical issue',
    severity: 'medium',
    findings: 1,
    customers: 1,
    ...given,
  })
}

const WEEK_MS = 7 * 86_400_000

/** What a silence would have muted in the last seven days: news that somebody was told of. */
export function wouldHaveMuted(ctx: Context, match: Match): { events: number; issues: string[]; of: number } {
  const { control, clock } = ctx
  const known = knownNow(ctx)
  const events = control.alertEvents({ since: clock.now() - WEEK_MS, limit: 10_000 })
  const told = events.filter((e) => {
    const about = e.about as unknown as Subject
    if (about.kind === 'own' || e.trigger === 'resolved') return false
    return control.alertNotices({ eventId: e.id, limit: 20 }).some((n) => n.state === 'sent' || n.state === 'queued')
  })
  const muted = told.filter((e) => mismatch(match, e.about as unknown as Subject, known) === null)
  return { events: muted.length, issues: [...new Set(muted.map((e) => e.subject))], of: told.length }
}
