/** Edges: how long a change takes from its owner to each follower, and whether the promise is kept. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { durationMs } from '../config/duration.ts'
import { PlumblineError } from '../errors.ts'
import { edgeDetail } from '../measure/sla/detail.ts'
import type { Runtime } from '../runtime.ts'
import { countsSchema, countsView, edgeSchema, edgeView, quantiles } from './edge-view.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { runSchema, runView } from './runs.ts'

const seconds = z.number().nullable()
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
const list = z
  .object({
    as_of: z.string(),
    period_days: z.number().describe('Rolling period of the objectives.'),
    low_volume: z.number().int().describe('With fewer changes, counts are told instead of percentages.'),
    measured: runSchema.nullable().describe('The last time that was measured.'),
    edges: z.array(edgeSchema),
  })
  .meta({ id: 'Edges' })
const detail = z
  .object({
    as_of: z.string(),
    range: z.enum(['24h', '7d', '30d']),
    low_volume: z.number().int(),
    edge: edgeSchema,
    steps: z.array(countsSchema.extend({ at: z.string(), p50: seconds, p95: seconds, p99: seconds })),
    histogram: z.array(
      z.object({ up_to: seconds.describe('Seconds; null: everything above.'), changes: z.number().int() }),
    ),
    budget: z.array(z.object({ at: z.string(), left: z.number().nullable() })),
    excluded: z.array(z.object({ begin: z.string(), end: z.string(), reason: z.string() })),
    fields: z.array(z.object({ field: z.string(), changes: z.number(), missed: z.number(), p95: seconds })),
    customers: z
      .array(
        z.object({
          customer_entity_id: z.string(),
          name: z.string().nullable(),
          changes: z.number(),
          missed: z.number(),
          slowest: z.number().describe('Seconds; of a change that still waits, so far.'),
        }),
      )
      .describe('Slowest first.'),
    waiting: z.array(
      z.object({
        entity_id: z.string(),
        record_id: z.string(),
        follower_record_id: z.string(),
        fields: z.array(z.string()),
        changed_at: z.string(),
        due_at: z.string(),
        verdict: z.enum(['wrong', 'undecided', 'in_flight']),
      }),
    ),
    findings: z
      .array(
        z.object({
          id: z.string(),
          issue: z.string(),
          title: z.string(),
          field: z.string().nullable(),
          entity_id: z.string(),
          state: z.string(),
          verdict: z.string(),
          first_seen_at: z.string(),
          due_at: z.string().nullable(),
          resolved_at: z.string().nullable(),
        }),
      )
      .describe('Open ones, then those that came late and healed.'),
  })
  .meta({ id: 'EdgeDetail' })

export function edgeRoutes({ ctx, edges }: Runtime) {
  const few = () => ctx.config.objectives.low_volume
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'All edges that changes travel on, with lag, compliance, budget and burn',
        tags: ['edges'],
        responses: json(list, 'Edges.'),
      }),
      requires('view'),
      async (c) => {
        const [run] = ctx.control.runs({ stage: 'measure', subject: 'lag', limit: 1 })
        return c.json({
          as_of: iso(ctx.clock.now()),
          period_days: durationMs(ctx.config.objectives.period)! / 86_400_000,
          low_volume: few(),
          measured: run ? runView(run) : null,
          edges: (await edges.standings()).map((e) => edgeView(e, ctx)),
        })
      },
    )
    .get(
      '/:owner/:follower/:kind/:part',
      describeRoute({
        summary: 'One edge: latency over time, spread, budget, burn, slowest customers, what waits, late findings',
        tags: ['edges'],
        responses: json(detail, 'The edge.'),
      }),
      requires('view'),
      validator('query', z.object({ range: z.enum(['24h', '7d', '30d']).default('7d') }), invalid),
      async (c) => {
        const { owner, follower, kind, part } = c.req.param()
        const { range } = c.req.valid('query')
        const now = ctx.clock.now()
        const edge = (await edges.standings()).find(
          (e) => e.owner === owner && e.follower === follower && e.kind === kind && e.part === part,
        )
        if (!edge)
          throw new PlumblineError(
            'not_found',
            `No change of ${kind} ${part} has travelled from ${owner} to ${follower}.`,
            {
              remedy: 'GET /v1/edges lists the edges that changes travel on.',
            },
          )
        const found = await edgeDetail(ctx, edge, range, now)
        return c.json({
          as_of: iso(now),
          range,
          low_volume: few(),
          edge: edgeView(edge, ctx),
          ...found,
          steps: found.steps.map((s) => {
            const { p50, p95, p99 } = quantiles(s, 1)
            return { at: s.at!, ...countsView(s), p50, p95, p99 }
          }),
          histogram: found.histogram.map((h) => ({ up_to: h.upTo, changes: h.changes })),
        })
      },
    )
}
