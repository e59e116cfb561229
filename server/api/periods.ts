/** Periods: what keeps each accounting period of each legal entity from being closed. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { BLOCKS, type Period } from '../../model/period-close.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { periodsToClose } from '../report/close.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const amounts = z.record(z.string(), z.string()).describe('Currency → decimal text; currencies are never added.')
const blockerSchema = z
  .object({ block: z.enum(BLOCKS), says: z.string(), count: z.number().int(), amounts, check: z.string().nullable() })
  .meta({ id: 'PeriodBlocker' })
const periodSchema = z
  .object({
    period: z.string().describe('Month, as 2026-11.'),
    legal_entity: z.string().describe('Empty where nobody says which of our companies it is.'),
    state: z
      .enum(['ready', 'blocked', 'waiting', 'running'])
      .describe(
        'waiting: nothing is wrong, and not everything was read or has arrived. running: the period is not over.',
      ),
    ends_at: z.string(),
    documents: z.number().int(),
    blockers: z.array(blockerSchema),
  })
  .meta({ id: 'Period' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

export function periodRoutes({ ctx }: Runtime) {
  const found = (from: string) => periodsToClose(ctx, from)
  const view = (p: Period): z.output<typeof periodSchema> => ({
    period: p.period,
    legal_entity: p.legal_entity,
    state: p.state,
    ends_at: iso(p.endsAt),
    documents: p.documents,
    blockers: p.blockers,
  })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Periods and what blocks closing them',
        tags: ['periods'],
        responses: json(z.array(periodSchema), 'Newest first.'),
      }),
      requires('view'),
      validator('query', z.object({ months: z.coerce.number().int().min(1).max(60).default(6) }), invalid),
      async (c) => {
        const now = new Date(ctx.clock.now())
        const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - c.req.valid('query').months + 1, 1))
          .toISOString()
          .slice(0, 7)
        return c.json((await found(from)).map(view))
      },
    )
    .get(
      '/:period',
      describeRoute({
        summary: 'One period, by legal entity',
        tags: ['periods'],
        responses: json(z.array(periodSchema), 'The legal entities of the period.'),
      }),
      requires('view'),
      async (c) => {
        const period = c.req.param('period')
        if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period))
          throw new PlumblineError('schema', `"${period}" is no month.`, { remedy: 'Write it as 2026-11.' })
        const all = (await found(period)).filter((p) => p.period === period)
        if (all.length === 0)
          throw new PlumblineError('not_found', `Nothing is known of ${period}.`, {
            remedy: 'GET /v1/periods lists the periods that have documents.',
          })
        return c.json(all.map(view))
      },
    )
}
