/** Keeping the exceptions: takes what is new, closes what is right again, tries again what waiting can mend, warns before evidence is gone. */
import type { Context } from '../../context.ts'
import { iso } from '../../clock.ts'
import type { ExceptionClass } from '../../config/remedy-schema.ts'
import type { Reach } from '../reach.ts'
import { closeExceptions } from './close.ts'
import { recoverable } from './recoverable.ts'
import { nextAttempt } from './retry.ts'
import { takeExceptions } from './take.ts'

type Keeping = Pick<Context, 'config' | 'control' | 'facts' | 'clock' | 'log'>

export interface Kept {
  taken: number
  closed: number
  retried: number
  warned: number
}

const AT_ONCE = 500

export async function keepExceptions(ctx: Keeping, reach: Reach): Promise<Kept> {
  const taken = await takeExceptions(ctx, reach)
  const retried = await retryDue(ctx, reach)
  const closed = await closeExceptions(ctx)
  return { taken, closed, retried, warned: warn(ctx, reach) }
}

/**
 * What is due is tried again by reading: the record at its source and at its target, which is all that may be done
 * without a plan. Sending again is a write, and writes are planned.
 */
async function retryDue(ctx: Keeping, reach: Reach): Promise<number> {
  const { control, clock, config } = ctx
  const now = clock.now()
  const due = control
    .exceptions({ states: ['retrying'], limit: 100_000 })
    .filter((e) => e.nextAt !== null && e.nextAt <= now)
  const taken = due.slice(0, AT_ONCE)
  const subjects = taken.flatMap((e) =>
    e.kind && e.recordId
      ? [e.platform, e.target].flatMap((p) =>
          p && config.platforms[p] ? [{ platform: p, kind: e.kind!, record_id: e.recordId! }] : [],
        )
      : [],
  )
  await reach.readAgain(subjects)
  for (const e of taken) {
    const attempts = e.attempts + 1
    const nextAt = nextAttempt(e.class as ExceptionClass, attempts, now, config.remedy.retries, Math.random)
    control.workException(e.id, { attempts, nextAt, state: nextAt === null ? 'open' : 'retrying' })
  }
  return taken.length
}

/** Once for each, before the source forgets the event. */
function warn({ control, clock, config, log }: Keeping, reach: Reach): number {
  const now = clock.now()
  let warned = 0
  for (const e of control.exceptions({ states: ['open', 'retrying'], limit: 100_000 })) {
    if (e.warnedAt !== null || e.replayUntil === null || e.platform === null || !config.platforms[e.platform]) continue
    if (!recoverable(e.eventAt, reach.replayDays(e.platform), now).closing) continue
    control.workException(e.id, { warnedAt: now }, { actor: 'plumbline', at: now, action: 'exception.closing' })
    log.warn('an event can soon no longer be sent again', {
      exception: e.id,
      platform: e.platform,
      until: iso(e.replayUntil),
    })
    warned++
  }
  return warned
}
