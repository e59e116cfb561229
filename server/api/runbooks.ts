/** Runbooks over HTTP: the steps beside an issue, ticked off by people, and how often each kind of fix held. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import type { Locale } from '../../model/message.ts'
import { runbookSteps } from '../../model/runbook.ts'
import { guidanceIn } from '../check/runbooks.ts'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { recoverableUntil } from '../recoverability.ts'
import { insideIssues } from '../store/facts/alert-issues.ts'
import { findings } from '../store/facts/findings.ts'
import type { IssueFacts } from '../store/facts/issues.ts'
import { actorOf } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import { lookUpIssue } from './issue-lookup.ts'
import { localeFor } from './language.ts'
import { invalid } from './problem.ts'

const rateSchema = z.object({
  check: z.string(),
  action: z.string(),
  held: z.number().int(),
  failed: z.number().int(),
  waiting: z.number().int(),
  first_fix_rate: z.number().nullable().describe('Share that held, 0..1; null: none has been seen to the end.'),
})
const runbookSchema = z
  .object({
    issue: z.number().int(),
    check: z.string(),
    steps: z.array(
      z.object({
        number: z.number().int(),
        says: z.string(),
        done_by: z.string().nullable(),
        done_at: z.string().nullable(),
        note: z.string().nullable(),
        was: z.string().nullable().describe('What the step said when it was ticked, where that has changed.'),
      }),
    ),
    recoverable: z
      .object({ until: z.string(), way: z.enum(['replay', 'repair']) })
      .nullable()
      .describe(
        'Until when the owner can still send the event of the oldest open difference again; null: not known, or of no use.',
      ),
    rates: z.array(rateSchema).describe('How often what was done for this check held.'),
  })
  .meta({ id: 'Runbook' })

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})
/** By hand: the outcome is learned for the step like for an action. */
const stepAction = (step: number) => `runbook step ${step}`

export function runbookRoutes({ ctx }: Runtime) {
  const { control, clock, facts } = ctx
  const rates = () =>
    control.fixRates().map((r) => ({
      ...r,
      first_fix_rate: r.held + r.failed === 0 ? null : r.held / (r.held + r.failed),
    }))
  async function view(text: string, locale: Locale): Promise<z.output<typeof runbookSchema>> {
    const { number, issue } = await lookUpIssue(ctx, text)
    const check = ctx.checks.find((k) => k.id === issue.check)
    // A tick belongs to the number of its step and keeps what the check itself said: it is the same in every language.
    const told = runbookSteps(check ? guidanceIn(locale, check).fix : '')
    const done = new Map(control.runbookSteps(number).map((s) => [s.step, s]))
    return {
      issue: number,
      check: issue.check,
      steps: runbookSteps(check?.fix ?? '').map((step, i) => {
        const d = done.get(step.number)
        return {
          number: step.number,
          says: told[i]?.says ?? step.says,
          done_by: d?.doneBy ?? null,
          done_at: d ? iso(d.doneAt) : null,
          note: d?.note ?? null,
          was: d && d.says !== step.says ? d.says : null,
        }
      }),
      recoverable: await recoverable(issue),
      rates: rates().filter((r) => r.check === issue.check),
    }
  }

  async function recoverable({ number, cause, owner_platform }: IssueFacts) {
    const [inside] = await insideIssues(facts, [number])
    const until = recoverableUntil(ctx, { cause, owner_platform, since: inside?.since ?? null })
    if (until === null) return null
    return { until: iso(until), way: until > clock.now() ? ('replay' as const) : ('repair' as const) }
  }

  return new Hono<GuardEnv>()
    .get(
      '/rates',
      describeRoute({
        summary: 'How often fixes held, by check and action',
        tags: ['runbooks'],
        responses: json(z.array(rateSchema), 'Rates.'),
      }),
      requires('view'),
      (c) => c.json(rates()),
    )
    .get(
      '/:issue',
      describeRoute({
        summary: 'The runbook beside an issue',
        tags: ['runbooks'],
        responses: json(runbookSchema, 'Steps.'),
      }),
      requires('view'),
      async (c) => c.json(await view(c.req.param('issue'), localeFor(c))),
    )
    .post(
      '/:issue/steps/:step',
      describeRoute({
        summary: 'Tick a step, or take the tick off',
        tags: ['runbooks'],
        responses: json(runbookSchema, 'Steps.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ done: z.boolean(), note: z.string().trim().max(1000).optional() }), invalid),
      async (c) => {
        const { done, note } = c.req.valid('json')
        const { number, issue } = await lookUpIssue(ctx, c.req.param('issue')!)
        const steps = runbookSteps(ctx.checks.find((k) => k.id === issue.check)?.fix ?? '')
        const step = steps.find((s) => String(s.number) === c.req.param('step'))
        if (!step)
          throw new PlumblineError('not_found', `The runbook of I-${number} has no step ${c.req.param('step')}.`, {
            remedy: `It has ${steps.length} steps.`,
          })
        const at = clock.now()
        const actor = actorOf(c)
        if (!done) control.untickStep(number, step.number, { actor, at })
        else {
          const open = await findings(facts, { issues: [number], states: ['open', 'undecided'] }, 1_000)
          control.transaction(() => {
            control.tickStep(
              { issue: number, step: step.number, says: step.says, doneBy: actor, doneAt: at, note: note ?? null },
              actor,
            )
            for (const f of open) {
              const base = { plan: null, seq: null, issue: number, finding: f.id, check: f.check }
              control.addFixOutcome({ ...base, action: stepAction(step.number), appliedAt: at })
            }
          })
        }
        return c.json(await view(String(number), localeFor(c)))
      },
    )
}
