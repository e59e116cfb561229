/** Releasing: what a silence, a snooze or a dead connector held back is decided again once that is over. Nothing held is lost; what is over meanwhile is not told. */
import type { Context } from '../context.ts'
import type { AlertNotice } from '../store/control/alert-rows.ts'
import { inTurn } from '../store/turns.ts'
import { decideFor, knownNow } from './known.ts'
import type { Standing } from './standing.ts'
import type { News, Subject } from './subject.ts'
import { dueOf } from './tell.ts'

const MOST = 5_000

export function releaseHeld(ctx: Context): Promise<number> {
  return inTurn(ctx.control, 'alert', () =>
    Promise.resolve(
      ctx.control.transaction(() => {
        const known = knownNow(ctx)
        const held = ctx.control.alertNotices({ states: ['held'], limit: MOST })
        return held.reduce((n, notice) => n + Number(releaseOne(ctx, known, notice)), 0)
      }),
    ),
  )
}

function releaseOne(ctx: Context, known: ReturnType<typeof knownNow>, notice: AlertNotice): boolean {
  const { control } = ctx
  const event = control.alertEvent(notice.eventId)!
  const change = (c: Parameters<typeof control.changeAlertNotices>[1]) =>
    control.changeAlertNotices([notice.id], c, ['held']) === 1
  const standing = control.alertStanding(notice.subject) as Standing | null
  if (standing?.state === 'closed')
    return change({ state: 'dropped', reason: `${notice.reason}; it was over before that` })
  const about = { ...(event.about as unknown as Subject), ...decisions(ctx, event.about as unknown as Subject) }
  const again = decideFor(ctx, known, event.trigger as News, about, event.id).find(
    (d) => d.recipient === notice.recipient && (d.channel === notice.channel || d.channel === ''),
  )
  if (!again || again.state === 'none')
    return change({ state: 'dropped', reason: again?.reason ?? 'the rules no longer name this recipient' })
  if (again.state === 'held') {
    if (again.reason !== notice.reason || again.notBefore !== notice.dueAt)
      change({ reason: again.reason, dueAt: again.notBefore })
    return false
  }
  return change({
    state: 'queued',
    reason: `${again.reason}; it had been held back`,
    groupKey: again.groupKey,
    dueAt: dueOf(ctx, again, known.now),
  })
}

/** What people have decided since about the issue. */
function decisions({ control }: Context, about: Subject): Partial<Subject> {
  if (about.kind !== 'issue') return {}
  const row = control.issue(Number(about.ref.slice(2)))
  return { snoozedUntil: row?.snoozedUntil ?? null, acceptedUntil: row?.acceptedUntil ?? null }
}
