/** Renewals: what is due, how ready it is, and from which parts that is composed. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { READINESS, READINESS_PARTS, READINESS_WEIGHTS } from '../../model/renewal-readiness.ts'
import { upcomingRenewals } from '../measure/renewals.ts'
import type { Runtime } from '../runtime.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { requires, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'
import { platformView } from './views.ts'

const platform = z.object({ name: z.string(), title: z.string(), mark: z.string() })
const renewal = z
  .object({
    entity_id: z.string(),
    kind: z.enum(['renewal', 'subscription']).describe('subscription: it ends, and nobody has opened a renewal.'),
    customer_entity_id: z.string(),
    customer: z.string().nullable(),
    record: z.object({ platform, record_id: z.string() }),
    state: z.enum(['upcoming', 'in_progress']).nullable(),
    due_on: z.string(),
    days_left: z.number().int(),
    said: z.string().nullable().describe('Readiness as the platform has it.'),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    readiness: z.enum(READINESS),
    score: z.number().nullable().describe('0 to 100 over the known parts; null: unknown.'),
    known: z.number().describe('Weight of the known parts, of 100.'),
    parts: z.array(
      z.object({
        part: z.enum(READINESS_PARTS),
        weight: z.number(),
        score: z.number().nullable().describe('null: unknown, which is never fine.'),
        says: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'Renewal' })
const page = z
  .object({
    within_days: z.number().int(),
    weights: z.record(z.string(), z.number()),
    counts: z.record(z.enum(READINESS), z.number()),
    renewals: z.array(renewal),
    total: z.number().int(),
    next: z.number().int().nullable(),
  })
  .meta({ id: 'RenewalPage' })

export function renewalRoutes({ ctx }: Runtime) {
  const nameOwners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
  return new Hono<GuardEnv>().get(
    '/',
    describeRoute({
      summary: 'Upcoming renewals with their readiness, the next first',
      tags: ['flows'],
      responses: { 200: { description: 'Renewals.', content: { 'application/json': { schema: resolver(page) } } } },
    }),
    requires('view'),
    validator(
      'query',
      z.object({
        within_days: z.coerce.number().int().min(1).max(730).default(120),
        readiness: z.enum(READINESS).optional(),
        offset: z.coerce.number().int().min(0).max(5000).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      invalid,
    ),
    async (c) => {
      const { within_days, readiness, offset, limit } = c.req.valid('query')
      const all = await upcomingRenewals(ctx, within_days)
      const counts = Object.fromEntries(
        READINESS.map((r) => [r, all.filter((x) => x.readiness_now.readiness === r).length]),
      ) as Record<(typeof READINESS)[number], number>
      const wanted = all.filter((x) => readiness === undefined || x.readiness_now.readiness === readiness)
      const shown = wanted.slice(offset, offset + limit)
      const names = await customerNames(
        ctx.facts,
        shown.map((r) => r.customer_entity_id),
        nameOwners,
      )
      return c.json({
        within_days,
        weights: READINESS_WEIGHTS as Record<string, number>,
        counts,
        renewals: shown.map((r) => ({
          entity_id: r.entity_id,
          kind: r.kind,
          customer_entity_id: r.customer_entity_id,
          customer: names.get(r.customer_entity_id) ?? null,
          record: { platform: platformView(r.platform, ctx)!, record_id: r.record_id },
          state: r.state,
          due_on: r.due_on,
          days_left: r.days_left,
          said: r.readiness,
          amount: r.amount,
          currency: r.currency,
          readiness: r.readiness_now.readiness,
          score: r.readiness_now.score,
          known: r.readiness_now.known,
          parts: r.readiness_now.parts,
        })),
        total: wanted.length,
        next: offset + shown.length < wanted.length ? offset + shown.length : null,
      })
    },
  )
}
