/** Escalating: who is told when nobody has acknowledged. Each member of a group is acknowledged by itself. */
import { durationMs } from '../config/duration.ts'
import type { Context } from '../context.ts'
import { inTurn } from '../store/turns.ts'
import { toRecipient } from './decide.ts'
import { knownNow } from './known.ts'
import type { Standing } from './standing.ts'
import type { Subject } from './subject.ts'
import { dueOf } from './tell.ts'

const MOST = 2_000

export function escalate(ctx: Context): Promise<number> {
  const steps = ctx.config.alerts.routes.filter((r) => r.escalate.length > 0)
  if (steps.length === 0) return Promise.resolve(0)
  return inTurn(ctx.control, 'alert', () => Promise.resolve(ctx.control.transaction(() => all(ctx))))
}

function all(ctx: Context): number {
  const { control, config } = ctx
  const known = { ...knownNow(ctx), told: [] }
  const acknowledged = new Set(control.acknowledgements().map((a) => a.subject))
  const routes = new Map(config.alerts.routes.map((r) => [r.name, r]))
  let added = 0
  for (const notice of control.alertNotices({ states: ['sent'], limit: MOST })) {
    const route = routes.get(notice.route)
    if (!route?.escalate.length || notice.step > 0 || notice.sentAt === null || acknowledged.has(notice.subject))
      continue
    const standing = control.alertStanding(notice.subject) as Standing | null
    if (standing?.state !== 'open') continue
    const about = control.alertEvent(notice.eventId)!.about as unknown as Subject
    for (const [i, step] of route.escalate.entries()) {
      if (known.now < notice.sentAt + durationMs(step.after)!) break
      const because = `nobody acknowledged it within ${step.after}`
      const names = step.tell.map((n) =>
        n === 'owner' ? (about.team ?? '!owner') : n === 'assignee' ? (about.assignee ?? '!assignee') : n,
      )
      added += control.addAlertNotices(
        names.map((name) => {
          const d = toRecipient(name, route.name, because, about, known)
          return {
            eventId: notice.eventId,
            subject: notice.subject,
            route: route.name,
            recipient: d.recipient,
            // Whoever was told of this event already is not told twice.
            channel: d.channel,
            state: d.state,
            reason: d.reason,
            groupKey: d.state === 'queued' && d.notBefore <= known.now ? `${d.groupKey}|step ${i + 1}` : d.groupKey,
            dueAt: d.state === 'queued' && d.notBefore <= known.now ? known.now : dueOf(ctx, d, known.now),
            step: i + 1,
          }
        }),
      )
    }
  }
  return added
}
