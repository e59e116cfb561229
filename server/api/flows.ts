/** Flows: where quotes, orders, contracts, renewals and accounts stop on their way over the platforms. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { FLOW_STAGES } from '../../model/flow.ts'
import { flowNamed } from '../../model/flows.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { plannedFlows } from '../measure/flows/measure.ts'
import type { Runtime } from '../runtime.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { findings } from '../store/facts/findings.ts'
import { flowCounts, flowInstance, flowInstances, legTimes } from '../store/facts/flows.ts'
import { flowInstanceSchema, flowInstanceView, flowSchema, flowView } from './flow-views.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { findingSchema, findingView } from './views.ts'

const page = z
  .object({
    flow: flowSchema,
    instances: z.array(flowInstanceSchema),
    total: z.number().int(),
    next: z.number().int().nullable(),
  })
  .meta({ id: 'FlowPage' })
const detail = z
  .object({ flow: flowSchema, instance: flowInstanceSchema, findings: z.array(findingSchema) })
  .meta({ id: 'FlowDetail' })
const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Open findings of one instance that are shown with it. */
const FINDINGS_MAX = 50

export function flowRoutes({ ctx }: Runtime) {
  const nameOwners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
  async function views() {
    const [plans, counts, times] = await Promise.all([
      plannedFlows(ctx),
      flowCounts(ctx.facts, iso(ctx.clock.now())),
      legTimes(ctx.facts),
    ])
    return plans.map(({ flow, planned }) =>
      flowView({
        flow,
        watched: new Set(planned.plan?.legs.map(({ leg }) => leg.name) ?? []),
        why: new Map(planned.unwatched.map(({ leg, why }) => [leg.name, why])),
        counts,
        times,
      }),
    )
  }

  /** @throws PlumblineError not_found */
  function declared(name: string) {
    const flow = flowNamed(name)
    if (flow) return flow
    throw new PlumblineError('not_found', `There is no flow ${JSON.stringify(name)}.`, {
      remedy: 'GET /v1/flows lists them.',
    })
  }

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'All flows, and where their instances stop',
        tags: ['flows'],
        responses: json(z.array(flowSchema), 'Flows.'),
      }),
      requires('view'),
      async (c) => c.json(await views()),
    )
    .get(
      '/:flow',
      describeRoute({
        summary: 'One flow with its instances, those that have waited longest first',
        tags: ['flows'],
        responses: json(page, 'The flow.'),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          stage: z.enum(FLOW_STAGES).optional(),
          leg: z.string().max(60).optional().describe('Leg that is waited for.'),
          q: z.string().max(200).optional().describe('Part of an id of the record, entity or customer.'),
          offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        invalid,
      ),
      async (c) => {
        const flow = declared(c.req.param('flow') ?? '')
        const { stage, leg, q, offset, limit } = c.req.valid('query')
        const now = ctx.clock.now()
        const [all, found] = await Promise.all([
          views(),
          flowInstances(ctx.facts, {
            flow: flow.name,
            ...(stage && { stage }),
            ...(leg && { leg }),
            ...(q && { q }),
            nowIso: iso(now),
            offset,
            limit,
          }),
        ])
        const names = await customerNames(
          ctx.facts,
          found.rows.map((r) => r.customer_entity_id),
          nameOwners,
        )
        const more = offset + found.rows.length
        return c.json({
          flow: all.find((f) => f.name === flow.name)!,
          instances: found.rows.map((row) => flowInstanceView(row, flow, names, ctx, now)),
          total: found.total,
          next: more < found.total ? more : null,
        })
      },
    )
    .get(
      '/:flow/:entity',
      describeRoute({
        summary: 'One instance: its legs, where it stopped, and what was found about it',
        tags: ['flows'],
        responses: json(detail, 'The instance.'),
      }),
      requires('view'),
      async (c) => {
        const flow = declared(c.req.param('flow') ?? '')
        const entity = c.req.param('entity') ?? ''
        const row = await flowInstance(ctx.facts, flow.name, entity)
        if (!row)
          throw new PlumblineError('not_found', `${entity} is no instance of ${flow.title}.`, {
            remedy: `GET /v1/flows/${flow.name} lists them.`,
          })
        const [all, names, open] = await Promise.all([
          views(),
          customerNames(ctx.facts, [row.customer_entity_id], nameOwners),
          findings(ctx.facts, { entities: row.hashes, states: ['open', 'undecided', 'in_flight'] }, FINDINGS_MAX),
        ])
        return c.json({
          flow: all.find((f) => f.name === flow.name)!,
          instance: flowInstanceView(row, flow, names, ctx, ctx.clock.now()),
          findings: open.map((f) => findingView(f, ctx)),
        })
      },
    )
}
