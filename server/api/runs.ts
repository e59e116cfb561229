/** Runs: what every stage did, when, and how it ended. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import type { RunRecord } from '../store/control/control.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

export const runSchema = z
  .object({
    id: z.string(),
    stage: z.enum(['collect', 'identify', 'check', 'measure']),
    subject: z.string(),
    started_at: z.string(),
    finished_at: z.string().nullable(),
    outcome: z.enum(['running', 'ok', 'failed', 'interrupted']),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() }).nullable(),
    stats: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  })
  .meta({ id: 'Run' })

export function runView(run: RunRecord): z.output<typeof runSchema> {
  return {
    id: run.id,
    stage: run.stage,
    subject: run.subject,
    started_at: iso(run.startedAt),
    finished_at: run.finishedAt === null ? null : iso(run.finishedAt),
    outcome: run.outcome,
    error: run.error,
    stats: run.stats,
  }
}

export function runRoutes({ ctx }: Runtime) {
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Runs, newest first',
      tags: ['runs'],
      responses: {
        200: { description: 'Runs.', content: { 'application/json': { schema: resolver(z.array(runSchema)) } } },
      },
    }),
    requires('view'),
    validator(
      'query',
      z.object({
        stage: z.enum(['collect', 'identify', 'check', 'measure']).optional(),
        subject: z.string().max(200).optional(),
        before: z.iso.datetime().optional(),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      invalid,
    ),
    (c) => {
      const { stage, subject, before, limit } = c.req.valid('query')
      return c.json(
        ctx.control
          .runs({
            ...(stage && { stage }),
            ...(subject && { subject }),
            ...(before && { before: Date.parse(before) }),
            limit,
          })
          .map(runView),
      )
    },
  )
}
