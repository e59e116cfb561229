/** Replays over HTTP: exceptions are sent again by a plan, with what is left out and why. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { exceptionClass } from '../config/remedy-schema.ts'
import { PlumblineError } from '../errors.ts'
import { draftPlan } from '../remedy/draft.ts'
import { replayWishes } from '../remedy/exceptions/replay.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'
import { dryRunSchema, dryRunView, planSchema, planView } from './plan-views.ts'
import { invalid } from './problem.ts'

const replaySchema = z
  .object({
    plan: planSchema.nullable(),
    dry_run: dryRunSchema,
    matched: z.number().int(),
    superseded: z.number().int().describe('A newer event of the same record waits.'),
    applied: z.number().int().describe('The target has changed since.'),
    too_old: z.number().int().describe('The source no longer has the event.'),
    repaired: z.number().int().describe('Of these, so many are mended by writing what the owner holds.'),
  })
  .meta({ id: 'Replay' })

export function replayRoutes({ ctx, desk }: Runtime) {
  const { control, config } = ctx
  return new Hono<GuardEnv>()
    .get(
      '/targets',
      describeRoute({
        summary: 'Where events can be sent',
        tags: ['replays'],
        responses: {
          200: {
            description: 'Targets.',
            content: {
              'application/json': { schema: resolver(z.array(z.object({ name: z.string(), purpose: z.string() }))) },
            },
          },
        },
      }),
      requires('view'),
      (c) =>
        c.json([
          { name: 'original', purpose: 'original' },
          { name: 'middleware', purpose: 'middleware' },
          ...Object.entries(config.remedy.targets).map(([name, t]) => ({ name, purpose: t.purpose as string })),
        ]),
    )
    .post(
      '/',
      describeRoute({
        summary: 'Draft the replay of exceptions',
        tags: ['replays'],
        responses: {
          200: { description: 'The plan.', content: { 'application/json': { schema: resolver(replaySchema) } } },
        },
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({
          reason: z.string().trim().min(3).max(1000),
          ids: z.array(z.number().int()).max(100_000).optional(),
          fingerprint: z.string().max(32).optional(),
          class: exceptionClass.optional(),
          to: z
            .string()
            .max(63)
            .default('original')
            .describe('`original`, `middleware` (whoever reported it runs it again), or a configured target.'),
          rate: z.number().positive().max(1000).default(5).describe('Calls a second at most.'),
          canary: z
            .number()
            .int()
            .min(1)
            .max(1000)
            .default(10)
            .describe('Sent first; any failure among them stops the rest.'),
        }),
        invalid,
      ),
      async (c) => {
        const { reason, to, rate, canary, ids, fingerprint, class: kind } = c.req.valid('json')
        if (to !== 'original' && to !== 'middleware' && !config.remedy.targets[to])
          throw new PlumblineError('not_found', `There is no target ${to}.`, {
            remedy: `Use original, middleware, or one of remedy.targets: ${Object.keys(config.remedy.targets).join(', ') || 'none is configured'}.`,
          })
        const matched = control.exceptions({
          states: ['open', 'retrying'],
          limit: 100_000,
          ...(ids && { ids }),
          ...(fingerprint && { fingerprint }),
          ...(kind && { class: kind }),
        })
        const { wishes, left_out, ...counts } = await replayWishes(ctx, desk.reach, matched, { to })
        const { plan, dryRun } = await draftPlan(ctx, desk.reach, wishes, {
          title: `Replay ${wishes.filter((w) => w.action === 'redeliver').length} events to ${to}`,
          reason,
          origin: `exceptions${fingerprint ? ` ${fingerprint}` : ''}`,
          requester: c.get('caller').user.id,
          order: 'oldest',
          rate,
          stages: [canary, 50, 500],
        })
        dryRun.left_out.unshift(...left_out)
        return c.json({
          plan: plan && planView(ctx, plan),
          dry_run: dryRunView(dryRun, ctx.config.money.reporting_currency),
          matched: matched.length,
          ...counts,
        })
      },
    )
}
