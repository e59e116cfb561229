/** Back-fill over HTTP: what a range would cost, and reading it. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { backfill, backfillCost } from '../collect/backfill.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

export const backfillAsk = z.strictObject({
  from: z.iso.datetime({ offset: true }).describe('First instant, on the platform’s clock.'),
  to: z.iso.datetime({ offset: true }).describe('First instant that is left out.'),
  streams: z.array(z.string()).optional().describe('Names of streams; left out: all that can read a range.'),
  dry_run: z.boolean().default(true).describe('Only says what it would cost.'),
})

const answered = z
  .object({
    dry_run: z.boolean(),
    calls: z.number().nullable().describe('Calls over all streams; null where a platform cannot say.'),
    streams: z.array(
      z.object({
        stream: z.string(),
        kind: z.string(),
        calls: z.number().nullable(),
        rows: z.number().nullable(),
        exact: z.boolean().describe('False: an estimate.'),
        by: z.enum(['change', 'creation']).describe('What the range goes by on this platform.'),
        resumes: z.boolean().describe('It goes on where an earlier run over this range was broken off.'),
      }),
    ),
    done: z
      .array(
        z.object({
          stream: z.string(),
          read: z.number(),
          stored: z.number(),
          unchanged: z.number(),
          quarantined: z.number(),
          error: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() }).nullable(),
        }),
      )
      .nullable()
      .describe('Null for a dry run.'),
  })
  .meta({ id: 'Backfill' })
export type Backfill = z.output<typeof answered>

/** The cost first, and only then, if it is asked for, the reading. */
export async function runBackfill(
  { ctx }: Pick<Runtime, 'ctx'>,
  platform: string,
  { from, to, streams, dry_run }: z.output<typeof backfillAsk>,
): Promise<Backfill> {
  const range = { from: Date.parse(from), to: Date.parse(to), ...(streams && { streams }) }
  const costs = await backfillCost(ctx, platform, range)
  const calls = costs.some((c) => c.calls === null) ? null : costs.reduce((n, c) => n + c.calls!, 0)
  const done = dry_run ? null : await backfill(ctx, platform, range)
  return {
    dry_run,
    calls,
    streams: costs,
    done:
      done?.map(({ stream, read, stored, unchanged, quarantined, error }) => ({
        stream,
        read,
        stored,
        unchanged,
        quarantined,
        error,
      })) ?? null,
  }
}

export function backfillRoutes(runtime: Runtime) {
  const { ctx } = runtime
  return new Hono<GuardEnv>().post(
    '/:platform/backfill',
    describeRoute({
      summary: 'Read a range of time again, its cost first',
      tags: ['connectors'],
      responses: {
        200: {
          description: 'Cost, and what was read.',
          content: { 'application/json': { schema: resolver(answered) } },
        },
      },
    }),
    requires('operate'),
    validator('json', backfillAsk, invalid),
    async (c) => {
      const platform = c.req.param('platform')!
      const ask = c.req.valid('json')
      if (!ask.dry_run)
        ctx.control.audit({
          at: ctx.clock.now(),
          actor: (c.get('caller') as Caller).user.id,
          action: `asked for a back-fill from ${ask.from} to ${ask.to}`,
          object: `platform ${platform}`,
        })
      return c.json(await runBackfill(runtime, platform, ask))
    },
  )
}
