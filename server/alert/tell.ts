/** Telling: an event and the notices that follow from it, written in the caller's transaction. */
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import type { AlertEvent } from '../store/control/alert-rows.ts'
import type { Decision } from './decide.ts'
import { decideFor, type KnownHere } from './known.ts'
import type { News, Subject } from './subject.ts'

/** Adds the next transition of the subject and decides who is told of it. Call inside a transaction. */
export function tell(ctx: Context, known: KnownHere, news: News, about: Subject): AlertEvent {
  const { control } = ctx
  const event = control.addAlertEvent({ subject: about.ref, trigger: news, at: known.now, about: { ...about } })
  const decisions = decideFor(ctx, known, news, about, event.id)
  control.addAlertNotices(
    decisions.map((d) => ({
      eventId: event.id,
      subject: about.ref,
      route: d.route,
      recipient: d.recipient,
      channel: d.channel,
      state: d.state,
      reason: d.reason,
      groupKey: d.groupKey,
      dueAt: dueOf(ctx, d, known.now),
      step: 0,
    })),
  )
  if (news === 'resolved') ended(ctx, about)
  if (news === 'resolved' || news === 'regressed' || news === 'fix_failed' || news === 'own_closed')
    control.unacknowledge(about.ref)
  return event
}

/** The first news of a group waits for others; later news waits until the group was quiet for long enough. */
export function dueOf({ control, config }: Pick<Context, 'control' | 'config'>, d: Decision, now: number): number {
  if (d.state !== 'queued' || d.notBefore > now) return d.notBefore
  const { first, then } = config.alerts.group
  const group = control.alertGroup(d.groupKey)
  if (group.nextDueAt !== null) return group.nextDueAt
  const again = group.lastSentAt === null ? 0 : group.lastSentAt + durationMs(then)!
  return Math.max(now + durationMs(first)!, again)
}

/** Silences that were to end with an issue end with it. */
function ended({ control, clock }: Context, about: Subject): void {
  for (const s of control.silences(clock.now())) {
    const issues = s.match['issue']
    if (s.endOnResolve && Array.isArray(issues) && issues.includes(about.ref))
      control.endSilence(s.id, clock.now(), 'plumbline')
  }
}
