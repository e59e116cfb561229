/** The job of retention: once a day, what has had its time goes. */
import type { Context } from '../context.ts'
import { retain } from './retain.ts'

export interface RetentionJob {
  name: string
  cron: string
  timezone: string
  run: () => Promise<void>
}

export const RETENTION_JOB = 'retention'

export const retentionJob = (ctx: Context): RetentionJob => ({
  name: RETENTION_JOB,
  cron: ctx.config.retention.schedule,
  timezone: ctx.config.schedules.timezone,
  run: async () => void (await retain(ctx, { actor: 'plumbline' })),
})
