/** Jobs: what the command line and the dashboard ask the running product to do now. */
import { Hono } from 'hono'
import { describeRoute, validator } from 'hono-openapi'
import { z } from 'zod'
import { refuseOff } from '../check/off.ts'
import { checksThen, hasPast } from '../check/past/then.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { backfillAsk, runBackfill } from './backfill.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const job = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('collect'),
    platforms: z.array(z.string()).default([]),
    mode: z.enum(['changes', 'full']).default('changes'),
  }),
  backfillAsk.extend({ do: z.literal('backfill'), platform: z.string() }),
  z.strictObject({
    do: z.literal('check'),
    checks: z.array(z.string()).default([]),
    full: z.boolean().default(false),
    asOf: z.number().int().optional(),
  }),
])

export function jobRoutes(runtime: Runtime) {
  const { ctx } = runtime
  return new Hono<GuardEnv>().post(
    '/',
    describeRoute({
      summary: 'Collect or check now',
      tags: ['jobs'],
      responses: { 200: { description: 'The job’s result.' } },
    }),
    requires('operate'),
    validator('json', job, invalid),
    async (c) => {
      const wanted = c.req.valid('json')
      ctx.control.audit({
        at: ctx.clock.now(),
        actor: (c.get('caller') as Caller).user.id,
        action: `asked for ${wanted.do}`,
        object: 'job',
        detail: { ...wanted },
      })
      if (wanted.do === 'collect') {
        const outcomes = await runtime.collect({
          ...(wanted.platforms.length && { platforms: wanted.platforms }),
          mode: wanted.mode,
          by: (c.get('caller') as Caller).user.id,
        })
        return c.json({ result: outcomes })
      }
      if (wanted.do === 'backfill') return c.json({ result: await runBackfill(runtime, wanted.platform, wanted) })
      const unknown = wanted.checks.find((id) => !ctx.checks.some((k) => k.id === id))
      if (unknown)
        throw new PlumblineError('not_found', `There is no check "${unknown}".`, {
          remedy: 'GET /v1/checks lists them.',
        })
      const { checks, full, asOf } = wanted
      if (asOf === undefined) refuseOff(ctx, checks)
      if (asOf !== undefined && (await hasPast(ctx, asOf))) {
        const chosen = ctx.checks.filter((k) => checks.length === 0 || checks.includes(k.id))
        return c.json({ result: await checksThen(ctx, chosen, asOf) })
      }
      return c.json({
        result: await runtime.check({
          ...(checks.length && { checks }),
          full,
          by: (c.get('caller') as Caller).user.id,
          ...(asOf !== undefined && { asOf }),
        }),
      })
    },
  )
}
