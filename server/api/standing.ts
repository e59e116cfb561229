/** What runs by itself: standing remediations with what they did, and probes with where they came to. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { ITEM_FAILED, type ItemState } from '../remedy/item-state.ts'
import { probeState, usualLag } from '../remedy/probes.ts'
import { restartStanding, standingState, usedOf } from '../remedy/standing.ts'
import type { Runtime } from '../runtime.ts'
import { requires, type GuardEnv } from './guard.ts'
import { planSchema, planView } from './plan-views.ts'
import { invalid } from './problem.ts'

const automationSchema = z
  .object({
    name: z.string(),
    mode: z.enum(['shadow', 'on']),
    why_safe: z.string(),
    checks: z.array(z.string()),
    per_hour: z.number().int(),
    money_per_hour: z.string(),
    used: z
      .object({ items: z.number().int(), money: z.string().nullable() })
      .describe('Of the limits of the hour that ends now; money in the reporting currency, null: not known.'),
    stopped: z.string().nullable().describe('Why it has stopped; a person starts it again.'),
    failures: z.number().int().describe('Plans in a row that failed.'),
    breaker: z.number().int(),
    did: z.array(
      z.object({
        at: z.string(),
        plan: z.number().int().nullable(),
        items: z.number().int(),
        money: z.string().nullable(),
        left_out: z.number().int(),
        says: z.string(),
        state: z.string().nullable().describe('How its plan stands; null: shadow mode wrote nothing.'),
        verified: z.number().int().describe('Records that hold what was wanted.'),
        failed: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'StandingRemediation' })
const probeSchema = z
  .object({
    name: z.string(),
    from: z.string(),
    to: z.array(z.string()),
    kind: z.string(),
    within: z.string(),
    outcome: z.enum(['never run', 'under way', 'arrived', 'late']),
    plan: z.number().int().nullable(),
    began_at: z.string().nullable(),
    due_at: z.string().nullable(),
    arrived: z.record(z.string(), z.string().nullable()),
    schedule: z.string(),
    cleaned: z.number().int().nullable().describe('Plan that cleans up; 0: there was nothing to take back.'),
    usual_ms: z.record(z.string(), z.number().nullable()).describe('Platform → median lag; null: too few runs to say.'),
    runs: z.array(
      z.object({
        began_at: z.string(),
        outcome: z.enum(['arrived', 'late']),
        lag_ms: z.record(z.string(), z.number().nullable()),
      }),
    ),
  })
  .meta({ id: 'Probe' })

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

const VERIFIED: ReadonlySet<ItemState> = new Set(['verified'])

export function standingRoutes({ ctx, desk }: Runtime) {
  const { automations, probes } = ctx.config.remedy
  const cameTo = (number: number | null) => {
    const plan = number === null ? null : ctx.control.plan(number)
    const counts = plan ? ctx.control.itemCounts(plan.id) : []
    const sum = (states: ReadonlySet<ItemState>) =>
      counts.reduce((n, c) => n + (states.has(c.state as ItemState) ? c.n : 0), 0)
    return { state: plan?.state ?? null, verified: sum(VERIFIED), failed: sum(ITEM_FAILED) }
  }
  const automation = (name: string) => {
    const rule = automations[name]
    if (!rule)
      throw new PlumblineError('not_found', `There is no standing remediation ${name}.`, {
        remedy: 'Configure it under remedy.automations.',
      })
    const { stopped, failures, did } = standingState(ctx, name)
    const { mode, why_safe, checks, per_hour, money_per_hour, breaker } = rule
    const shown = did.slice(-50).reverse()
    return {
      ...{ name, mode, why_safe, checks, per_hour, money_per_hour, breaker, stopped, failures },
      used: usedOf(did, ctx.clock.now()),
      did: shown.map((d) => ({ ...d, at: iso(d.at), ...cameTo(d.plan) })),
    }
  }
  const probe = (name: string): z.output<typeof probeSchema> => {
    const { from, to, kind, within, schedule } = probes[name]!
    const s = probeState(ctx, name)
    return {
      ...{ name, from, to, kind, within, outcome: s?.outcome ?? 'never run', plan: s?.plan ?? null },
      ...{ began_at: s?.began_at ?? null, due_at: s?.due_at ?? null, arrived: s?.arrived ?? {} },
      ...{ schedule, cleaned: s?.cleaned ?? null, runs: s?.runs ?? [] },
      usual_ms: Object.fromEntries(to.map((p) => [p, usualLag(s?.runs ?? [], p)])),
    }
  }
  return new Hono<GuardEnv>()
    .get(
      '/automations',
      describeRoute({
        summary: 'Standing remediations and what they did',
        tags: ['standing'],
        responses: json(z.array(automationSchema), 'All.'),
      }),
      requires('view'),
      (c) => c.json(Object.keys(automations).map(automation)),
    )
    .post(
      '/automations/:name/start',
      describeRoute({
        summary: 'Start one again that has stopped',
        tags: ['standing'],
        responses: json(automationSchema, 'It.'),
      }),
      requires('approve'),
      validator('json', z.strictObject({ reason: z.string().trim().min(3).max(1000) }), invalid),
      (c) => {
        const name = c.req.param('name')!
        automation(name)
        restartStanding(ctx, name, `${c.get('caller').user.id}: ${c.req.valid('json').reason}`)
        return c.json(automation(name))
      },
    )
    .get(
      '/probes',
      describeRoute({
        summary: 'Probes and where they came to',
        tags: ['standing'],
        responses: json(z.array(probeSchema), 'All.'),
      }),
      requires('view'),
      (c) => c.json(Object.keys(probes).map(probe)),
    )
    .post(
      '/probes/:name',
      describeRoute({
        summary: 'Start a probe; it runs at once where the policy names it, else its plan waits',
        tags: ['standing'],
        responses: json(z.object({ probe: probeSchema, plan: planSchema.nullable() }), 'The plan.'),
      }),
      requires('operate'),
      async (c) => {
        const name = c.req.param('name')
        const plan = await desk.probe(name, c.get('caller').user.id)
        return c.json({ probe: probe(name), plan: plan && planView(ctx, plan) })
      },
    )
}
