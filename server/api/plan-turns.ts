/** Plans over HTTP, the turns beside yes and no: given back for a change, changed, and armed for a window. */
import { Hono } from 'hono'
import { describeRoute, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { freshlyProven } from '../remedy/approve.ts'
import { leavePlan } from '../remedy/leave.ts'
import { returnPlan, revisePlan } from '../remedy/revise.ts'
import { armPlan, disarmPlan, openingsFor } from '../remedy/window.ts'
import type { Runtime } from '../runtime.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { requires, type GuardEnv } from './guard.ts'
import { findPlan, personOf } from './plan-lookup.ts'
import { draftSchema, dryRunView, ofPlan, openingSchema, planSchema, planView, reason } from './plan-views.ts'
import { invalid } from './problem.ts'

const instant = z.iso.datetime({ offset: true, error: 'write an instant like 2026-12-05T22:00:00+01:00' })
const windowBody = z.union(
  [
    z.strictObject({
      reason,
      window: z.string().max(63).describe('Of remedy.windows; its next opening, or the one under way.'),
    }),
    z.strictObject({
      reason,
      from: instant.describe('When it may begin.'),
      until: instant.describe('When it pauses if it is not over.'),
    }),
  ],
  'Name a window, or from and until.',
)
const reviseBody = z.strictObject({
  reason,
  title: z.string().trim().min(3).max(200).optional(),
  without: z.array(z.number().int()).max(100_000).optional().describe('Numbers of records to leave out.'),
  values: z
    .array(
      z.strictObject({
        seq: z.number().int().describe('Number of the record.'),
        fields: z
          .record(z.string(), z.string().max(10_000).nullable())
          .describe('Canonical field → value; null empties it.'),
      }),
    )
    .max(10_000)
    .optional()
    .describe('Other values than the owner’s.'),
  order: z.enum(['money', 'oldest']).optional(),
  rate: z
    .number()
    .positive()
    .max(1000)
    .nullable()
    .optional()
    .describe('Calls a second to each platform; null: as it may.'),
})

export function planTurnRoutes({ ctx, live, desk }: Runtime) {
  const { clock, config } = ctx
  const told = (plan: PlanRow) => {
    live.publish({ type: 'plan', at: iso(clock.now()), number: plan.number })
    return planView(ctx, plan)
  }
  return new Hono<GuardEnv>()
    .post(
      '/:id/return',
      describeRoute({ summary: 'Ask its requester for a change', tags: ['plans'], responses: ofPlan(planSchema) }),
      requires('approve'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const plan = findPlan(ctx, c.req.param('id')!)
        return c.json(told(returnPlan(ctx, plan, personOf(c), c.req.valid('json').reason)))
      },
    )
    .post(
      '/:id/revise',
      describeRoute({
        summary: 'Draft the changed plan that takes its place',
        tags: ['plans'],
        responses: ofPlan(draftSchema),
      }),
      requires('operate'),
      validator('json', reviseBody, invalid),
      async (c) => {
        const before = findPlan(ctx, c.req.param('id')!)
        const { plan, dryRun } = await revisePlan(ctx, desk.reach, before, c.get('caller').user.id, c.req.valid('json'))
        told(findPlan(ctx, before.id))
        return c.json({ plan: plan && told(plan), dry_run: dryRunView(dryRun, config.money.reporting_currency) })
      },
    )
    .get(
      '/:id/windows',
      describeRoute({
        summary: 'Windows that suit what it writes to, with when each opens next',
        tags: ['plans'],
        responses: ofPlan(z.array(openingSchema)),
      }),
      requires('view'),
      (c) =>
        c.json(
          openingsFor(ctx, findPlan(ctx, c.req.param('id'))).map((w) => ({
            ...{ name: w.name, opens_at: iso(w.opensAt), closes_at: iso(w.closesAt) },
            why: config.remedy.windows[w.name]!.why ?? null,
          })),
        ),
    )
    .post(
      '/:id/arm',
      describeRoute({ summary: 'Let it apply itself in a window', tags: ['plans'], responses: ofPlan(planSchema) }),
      requires('operate'),
      validator('json', windowBody, invalid),
      (c) => {
        const { reason: why, ...hours } = c.req.valid('json')
        const person = personOf(c)
        freshlyProven(ctx, person)
        const wish =
          'window' in hours
            ? { name: hours.window }
            : { opensAt: Date.parse(hours.from), closesAt: Date.parse(hours.until) }
        return c.json(told(armPlan(ctx, findPlan(ctx, c.req.param('id')!), person, wish, why)))
      },
    )
    .post(
      '/:id/leave',
      describeRoute({
        summary: 'Leave what is pending of it to a person',
        tags: ['plans'],
        responses: ofPlan(planSchema),
      }),
      requires('operate'),
      validator('json', z.strictObject({ reason, person: z.email().describe('Mail address of an account.') }), invalid),
      (c) => {
        const { person: email, reason: why } = c.req.valid('json')
        const plan = findPlan(ctx, c.req.param('id')!)
        leavePlan(ctx, plan, { email, by: c.get('caller').user.id, reason: why })
        return c.json(told(plan))
      },
    )
    .post(
      '/:id/disarm',
      describeRoute({ summary: 'Take it out of its window', tags: ['plans'], responses: ofPlan(planSchema) }),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const plan = findPlan(ctx, c.req.param('id')!)
        return c.json(told(disarmPlan(ctx, plan, c.get('caller').user.id, c.req.valid('json').reason)))
      },
    )
}
