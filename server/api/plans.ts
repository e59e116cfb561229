/** Plans over HTTP: draft, look, approve, apply, pause, undo. Operators ask, approvers approve, and never one's own. */
import { Hono } from 'hono'
import { describeRoute, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import { askOf } from '../measure/clusters/clusters.ts'
import { approvePlan, freshlyProven } from '../remedy/approve.ts'
import { draftPlan } from '../remedy/draft.ts'
import { PLAN_STATES, planAfter, type PlanMove, type PlanState } from '../remedy/plan-state.ts'
import { undoPlan } from '../remedy/undo.ts'
import type { LeftOut, Wish } from '../remedy/wish.ts'
import { wishesOf } from '../remedy/wishes.ts'
import type { Runtime } from '../runtime.ts'
import type { PlanRow } from '../store/control/remedy-rows.ts'
import { clusterFindings } from '../store/facts/clusters.ts'
import { findings, type StoredFinding } from '../store/facts/findings.ts'
import { askedWishes, asks, byHand, handWishes } from './plan-asks.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { issueNumberOf } from './issue-lookup.ts'
import { planTerms } from './lists/remediations.ts'
import { findPlan, personOf } from './plan-lookup.ts'
import { askedFindings, askedTickets, issueAsks, issueShareSchema, sharesOf, type Wanted } from './plan-issues.ts'
import { draftSchema, dryRunView, itemSchema, itemView, ofPlan, planSchema, planView, reason } from './plan-views.ts'
import { invalid } from './problem.ts'

const draftedSchema = draftSchema
  .extend({
    by_issue: z.array(issueShareSchema).describe('What it does for each issue, where several were asked for.'),
  })
  .meta({ id: 'DraftedPlans' })

/** What a plan may be made of. */
const SOURCES = [
  'issue',
  'issues',
  'query',
  'tickets',
  'cluster',
  'findings',
  'records',
  'link',
  'unlink',
  'code',
  'ticket',
] as const
const draftBody = z
  .strictObject({
    title: z.string().trim().min(3).max(200).optional(),
    reason,
    ...issueAsks,
    cluster: z.string().max(100).optional().describe('Id of a cause.'),
    findings: z.array(z.string().max(100)).max(10_000).optional(),
    records: z.array(byHand).max(10_000).optional().describe('By hand.'),
    ...asks,
    order: z.enum(['money', 'oldest']).default('money'),
    rate: z.number().positive().max(1000).nullable().default(null).describe('Calls a second to each platform at most.'),
  })
  .refine(
    (b) => SOURCES.filter((name) => b[name] !== undefined).length === 1,
    `Name exactly one of ${SOURCES.join(', ')}.`,
  )

const PAGE = 100
/** Findings that one plan takes up. */
const FINDINGS_MAX = 100_000

export function planRoutes({ ctx, live, desk }: Runtime) {
  const { control, clock, facts } = ctx
  const find = (text: string) => findPlan(ctx, text)
  const told = (plan: PlanRow) => {
    live.publish({ type: 'plan', at: iso(clock.now()), number: plan.number })
    return planView(ctx, plan)
  }
  const actor = (c: { get(name: 'caller'): Caller }) => c.get('caller').user.id

  /** What the body means: findings to mend, or wishes by hand. */
  async function wished(
    body: z.output<typeof draftBody>,
    caller: Caller,
  ): Promise<{ wishes: Wish[]; left_out: LeftOut[]; origin: string; wanted?: Wanted }> {
    const asked = await askedWishes(ctx, body)
    if (asked) return { ...asked, left_out: [] }
    const tickets = await askedTickets(ctx, body, caller)
    if (tickets) return tickets
    if (body.records) return { wishes: await handWishes(ctx, body.records), left_out: [], origin: 'by hand' }
    const { found, ...of } = (await askedFindings(ctx, body, caller)) ?? (await namedFindings(body))
    return { ...(await wishesOf(ctx, desk.reach, found)), ...of }
  }

  async function namedFindings(body: z.output<typeof draftBody>): Promise<{ found: StoredFinding[]; origin: string }> {
    if (body.cluster !== undefined) {
      const ids = await clusterFindings(facts, { ...askOf(ctx), ids: [body.cluster] }, '', FINDINGS_MAX)
      return { found: await findings(facts, { ids }, FINDINGS_MAX), origin: `cause ${body.cluster}` }
    }
    const found = await findings(facts, { ids: body.findings!, states: ['open', 'undecided'] }, FINDINGS_MAX)
    return { found, origin: `${found.length} findings` }
  }

  /** Pause, cancel, reject: a person's move, with its reason. */
  function move(plan: PlanRow, how: PlanMove, by: string, why: string): PlanRow {
    const to = planAfter(plan.state as PlanState, how)
    const words = { actor: by, at: clock.now(), action: `plan.${how}`, reason: why }
    if (to === null || !control.movePlan(plan.id, [plan.state], to, words))
      throw new PlumblineError('conflict', `P-${plan.number} is ${plan.state}.`, { remedy: 'Look at it again.' })
    return control.plan(plan.id)!
  }

  const described = (summary: string, schema: z.ZodType = planSchema) =>
    describeRoute({ summary, tags: ['plans'], responses: ofPlan(schema) })

  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Plans, newest first',
        tags: ['plans'],
        responses: ofPlan(z.array(planSchema)),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          state: z
            .string()
            .optional()
            .describe(`Of ${PLAN_STATES.join(', ')}; several by commas.`),
          q: z.string().max(500).optional().describe('The search grammar.'),
          issue: z.string().optional(),
          before: z.coerce.number().int().optional().describe('Numbers below this one.'),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        invalid,
      ),
      (c) => {
        const { q, state, issue, before, limit } = c.req.valid('query')
        if (issue !== undefined) return c.json(control.plansOfIssue(issueNumberOf(issue)).map((p) => planView(ctx, p)))
        const wanted = {
          limit,
          ...(state !== undefined && { states: state.split(',') }),
          ...(q !== undefined && { terms: planTerms(q, { user: c.get('caller').user, now: clock.now() }) }),
          ...(before !== undefined && { before }),
        }
        return c.json(control.plans(wanted).map((p) => planView(ctx, p)))
      },
    )
    .post(
      '/',
      described('Draft a plan: looks at every record now, changes nothing', draftedSchema),
      requires('operate'),
      validator('json', draftBody, invalid),
      async (c) => {
        const body = c.req.valid('json')
        const { wishes, left_out, origin, wanted = new Map() } = await wished(body, c.get('caller'))
        const { order, rate, title } = body
        const how = { title: title ?? `Fix ${origin}`, reason: body.reason, origin, requester: actor(c), order, rate }
        const { plan, dryRun } = await draftPlan(ctx, desk.reach, wishes, how)
        dryRun.left_out.unshift(...left_out)
        return c.json({
          ...{ plan: plan && told(plan), dry_run: dryRunView(dryRun, ctx.config.money.reporting_currency) },
          by_issue: await sharesOf(ctx, wanted, plan, dryRun.left_out),
        })
      },
    )
    .get('/:id', described('One plan'), requires('view'), (c) => c.json(planView(ctx, find(c.req.param('id')))))
    .get(
      '/:id/items',
      describeRoute({
        summary: 'Its records with before, after and what came of them',
        tags: ['plans'],
        responses: ofPlan(z.object({ items: z.array(itemSchema), next: z.number().int().nullable() })),
      }),
      requires('view'),
      validator(
        'query',
        z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(500).default(PAGE),
          state: z.string().optional(),
        }),
        invalid,
      ),
      (c) => {
        const { after, limit, state } = c.req.valid('query')
        const rows = control.planItems(find(c.req.param('id')!).id, after, limit + 1, state?.split(','))
        const personal = c.get('caller').role !== 'viewer'
        const shown = rows.slice(0, limit)
        return c.json({
          items: shown.map((r) => itemView(r, personal)),
          next: rows.length > limit ? shown.at(-1)!.seq : null,
        })
      },
    )
    .post(
      '/:id/approve',
      described('Approve exactly this plan'),
      requires('approve'),
      validator(
        'json',
        z.strictObject({
          hash: z.string().length(64),
          reason,
          irreversible: z.number().int().optional().describe('Typed count of items without a way back.'),
        }),
        invalid,
      ),
      (c) => {
        const { irreversible, ...said } = c.req.valid('json')
        const plan = find(c.req.param('id')!)
        const wanted = planView(ctx, plan).irreversible
        if (wanted > 0 && irreversible !== wanted)
          throw new PlumblineError('conflict', `${wanted} of its records cannot be taken back.`, {
            remedy: 'Send their number as irreversible to show that you know.',
          })
        return c.json(told(approvePlan(ctx, plan, personOf(c), said)))
      },
    )
    .post(
      '/:id/reject',
      described('Reject it'),
      requires('approve'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => c.json(told(move(find(c.req.param('id')!), 'reject', actor(c), c.req.valid('json').reason))),
    )
    .post(
      '/:id/apply',
      described('Apply it, or continue where it stopped'),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => {
        const plan = find(c.req.param('id')!)
        const person = personOf(c)
        freshlyProven(ctx, person)
        control.audit({
          at: clock.now(),
          actor: person.user.id,
          action: 'plan.asked to apply',
          object: `P-${plan.number}`,
          detail: { reason: c.req.valid('json').reason, hash: plan.hash },
        })
        return c.json(told(desk.apply(plan, person)))
      },
    )
    .post(
      '/:id/pause',
      described('Pause it after the records under way'),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => c.json(told(move(find(c.req.param('id')!), 'pause', actor(c), c.req.valid('json').reason))),
    )
    .post(
      '/:id/cancel',
      described('Cancel it; what was written stays'),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      (c) => c.json(told(move(find(c.req.param('id')!), 'cancel', actor(c), c.req.valid('json').reason))),
    )
    .post(
      '/:id/undo',
      described('Draft the plan that takes back what it wrote', draftedSchema),
      requires('operate'),
      validator('json', z.strictObject({ reason }), invalid),
      async (c) => {
        const said = { requester: actor(c), reason: c.req.valid('json').reason }
        const { plan, dryRun } = await undoPlan(ctx, desk.reach, find(c.req.param('id')!), said)
        return c.json({
          ...{ plan: plan && told(plan), dry_run: dryRunView(dryRun, ctx.config.money.reporting_currency) },
          by_issue: [],
        })
      },
    )
}
