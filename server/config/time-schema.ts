/** `platforms.*.maintenance` and `objectives`: when a follower is down on purpose, and how well each promise must be kept. */
import { z } from 'zod'
import { DAYS, duration } from './words.ts'

const instant = z.iso.datetime({ offset: true, error: 'write an instant like 2026-12-05T22:00:00+01:00' })
const reason = z.string().min(1)

export const maintenanceSchema = z.union([
  z.strictObject({
    from: instant.describe('Begin of a time that comes once, with offset.'),
    to: instant.describe('Its end, with offset.'),
    reason: reason.optional().describe('Why, for people.'),
  }),
  z.strictObject({
    days: z.array(z.enum(DAYS)).min(1).describe('Days of the week on which it comes again.'),
    hours: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write hours like 02:00-04:00')
      .describe('From and until on these days; a night is two entries.'),
    timezone: z.string().optional().describe('IANA zone of the hours; default: the platform’s.'),
    reason: reason.optional().describe('Why, for people.'),
  }),
])
export type MaintenanceConfig = z.output<typeof maintenanceSchema>

const share = z.number().min(0.5).lt(1)
const target = (of: string, value: number) => share.default(value).describe(`Of changes on ${of} edges; 0.5 to 0.9999.`)
const end = (what: string) => z.string().optional().describe(`${what}: platform or role; left out: any.`)

export const objectivesSchema = z.strictObject({
  period: duration.default('30d').describe('Rolling time over which compliance and error budget are counted.'),
  targets: z
    .strictObject({
      critical: target('critical', 0.999),
      high: target('high', 0.995),
      medium: target('medium', 0.99),
      low: target('low', 0.95),
    })
    .prefault({})
    .describe('Share of changes that must arrive within their window, by the criticality of the edge.'),
  edges: z
    .array(
      z.strictObject({
        from: end('Owner'),
        to: end('Follower'),
        fields: z.array(z.string()).min(1).describe('`kind`, `kind.field` or `kind.group.*` patterns; `*` for all.'),
        target: share.describe('Share of changes that must arrive within their window; 0.5 to 0.9999.'),
      }),
    )
    .default([])
    .describe('Exceptions from the targets; of several that fit, the last one speaks.'),
  exclude: z
    .array(
      z.strictObject({
        begin: instant.describe('Begin, with offset.'),
        end: instant.describe('End, with offset.'),
        reason: reason.describe('Why nobody is held to the promise; shown wherever the time is.'),
        from: end('Owner'),
        to: end('Follower'),
        fields: z.array(z.string()).min(1).optional().describe('Field patterns; left out: all.'),
      }),
    )
    .default([])
    .describe('Times that spend no budget: a change counts for nothing if its window met one of them.'),
  lost: z
    .enum(['late', 'always'])
    .default('late')
    .describe(
      'When a change that was overtaken before it arrived spends budget: `late`, if its window had ended; `always`.',
    ),
  low_volume: z
    .number()
    .int()
    .min(1)
    .default(20)
    .describe('With fewer changes than this, counts are shown instead of percentages, and no burn rate alarms.'),
  burn: z
    .strictObject({
      fast: z.number().positive().default(14.4).describe('Over 1 h and 5 min: a thirty-day budget is gone in 2 days.'),
      slow: z.number().positive().default(6).describe('Over 6 h and 30 min: it is gone in 5 days.'),
      long: z.number().positive().default(1).describe('Over 3 days: it will not last the period.'),
    })
    .prefault({})
    .describe('Burn rates from which an edge alarms; 1 spends the budget in exactly the period.'),
})
export type ObjectivesConfig = z.output<typeof objectivesSchema>
