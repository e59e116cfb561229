/** Findings: one difference, with its life. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { findingEvents } from '../store/facts/finding-events.ts'
import { finding } from '../store/facts/findings.ts'
import { eventsOfSubjects } from '../store/facts/subject-events.ts'
import { eventSchema } from './events.ts'
import { requires, type GuardEnv } from './guard.ts'
import { findingSchema, findingView } from './views.ts'

const life = z
  .object({
    finding: findingSchema,
    life: z.array(
      z.object({
        at: z.string(),
        from: z.string().nullable(),
        to: z.string(),
        verdict: z.string(),
        cause: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .extend({ events: z.array(eventSchema).describe('Recorded events of its subjects, newest first; 200 at most.') })
  .meta({ id: 'FindingLife' })

export function findingRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/:id',
    describeRoute({
      summary: 'One finding and its life',
      tags: ['findings'],
      responses: { 200: { description: 'The finding.', content: { 'application/json': { schema: resolver(life) } } } },
    }),
    requires('view'),
    async (c) => {
      const found = await finding(ctx.facts, c.req.param('id'))
      if (!found)
        throw new PlumblineError('not_found', `There is no finding ${c.req.param('id')}.`, {
          remedy: 'Open it from its issue.',
        })
      const [events, recorded] = await Promise.all([
        findingEvents(ctx.facts, [found.id]),
        eventsOfSubjects(ctx.facts, found.subject),
      ])
      const byId = new Map([...recorded.values()].flat().map((e) => [`${e.reported_by} ${e.id}`, e]))
      return c.json({
        finding: findingView(found, ctx),
        life: events.map((e) => ({
          at: e.at,
          from: e.from_state,
          to: e.to_state,
          verdict: e.verdict,
          cause: e.cause,
          reason: e.reason,
        })),
        events: [...byId.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 200),
      })
    },
  )
}
