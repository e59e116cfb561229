/** The alert stage's job: watches ourselves, releases what was held, escalates, flushes what is due. */
import type { Context } from '../context.ts'
import { noticeClosing } from './closing.ts'
import { escalate } from './escalate.ts'
import { flush } from './flush.ts'
import { heartbeat } from './heartbeat.ts'
import { releaseHeld } from './release.ts'
import { watchOurselves, type Scheduled } from './watch.ts'

/** One turn: everything that time alone brings about. Returns how many messages went into the outbox. */
export async function alertTick(ctx: Context, schedules: readonly Scheduled[] = []): Promise<number> {
  await watchOurselves(ctx, schedules)
  await noticeClosing(ctx)
  await releaseHeld(ctx)
  await escalate(ctx)
  return await flush(ctx)
}

/** @param schedules the jobs that must have run, to be watched */
export function alertJobs(ctx: Context, schedules: readonly Scheduled[]): (Scheduled & { run: () => Promise<void> })[] {
  return [
    { name: 'alert', cron: '*/15 * * * * *', timezone: 'UTC', run: async () => void (await alertTick(ctx, schedules)) },
    ...(ctx.config.alerts.own.heartbeat
      ? [{ name: 'heartbeat', cron: '*/30 * * * * *', timezone: 'UTC', run: async () => void (await heartbeat(ctx)) }]
      : []),
  ]
}
