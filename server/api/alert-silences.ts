/** Silences: what is not told for a while, by whom, why, and what it would have muted. They hold back news; they hide and stop nothing. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { wouldHaveMuted } from '../alert/trial.ts'
import { matchSchema } from '../config/alerts-schema.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { silenceSchema, silenceView } from './alert-views.ts'
import { actorOf } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Longest silence: what is to be quiet for longer is a rule. */
const DAYS_MAX = 30

const silenceBody = z.strictObject({
  match: matchSchema.describe('At least one condition.'),
  ends_at: z.iso.datetime({ offset: true }).describe('When it ends; at most 30 days from now.'),
  reason: z.string().trim().min(3).max(500),
  end_on_resolve: z.boolean().default(false).describe('Ends as soon as an issue that it names is resolved.'),
})
const previewSchema = z.object({
  events: z
    .number()
    .int()
    .describe('News of the last seven days that somebody was told of and that it would have muted.'),
  of: z.number().int(),
  issues: z.array(z.string()),
})

export function silenceRoutes({ ctx }: Pick<Runtime, 'ctx'>) {
  const { control, clock } = ctx
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Silences, newest first',
        tags: ['alerts'],
        responses: json(z.object({ silences: z.array(silenceSchema) }), 'Those that hold and those that ended.'),
      }),
      requires('view'),
      (c) => c.json({ silences: control.silences().map((s) => silenceView(s, clock.now())) }),
    )
    .post(
      '/preview',
      describeRoute({
        summary: 'What a silence would have muted in the last seven days',
        tags: ['alerts'],
        responses: json(previewSchema, 'How much, and of which issues.'),
      }),
      requires('view'),
      validator('json', z.strictObject({ match: matchSchema }), invalid),
      (c) => c.json(wouldHaveMuted(ctx, c.req.valid('json').match)),
    )
    .post(
      '/',
      describeRoute({ summary: 'Silence', tags: ['alerts'], responses: json(silenceSchema, 'The silence.') }),
      requires('operate'),
      validator('json', silenceBody, invalid),
      (c) => {
        const { match, ends_at, reason, end_on_resolve } = c.req.valid('json')
        const now = clock.now()
        const endsAt = Date.parse(ends_at)
        if (Object.values(match).every((v) => v === undefined))
          throw new PlumblineError('schema', 'A silence without a condition would mute everything.', {
            remedy: 'Name at least one: an issue, a check, a platform, a team.',
          })
        if (!(endsAt > now) || endsAt > now + DAYS_MAX * 86_400_000)
          throw new PlumblineError('schema', `A silence ends within the next ${DAYS_MAX} days.`, {
            remedy: 'Choose an earlier end; what is to be quiet for longer belongs into a route.',
          })
        const silence = control.addSilence({
          match,
          createdAt: now,
          endsAt,
          author: actorOf(c),
          reason,
          endOnResolve: end_on_resolve,
        })
        return c.json(silenceView(silence, now))
      },
    )
    .post(
      '/:id/end',
      describeRoute({
        summary: 'End a silence now; what it held back is told if it still holds',
        tags: ['alerts'],
        responses: json(z.object({ ended: z.boolean() }), 'Whether it held until now.'),
      }),
      requires('operate'),
      (c) => c.json({ ended: control.endSilence(Number(c.req.param('id')), clock.now(), actorOf(c)) }),
    )
}
