/** Decisions about issues: who works on them, what is put off, what is accepted, what is said. Every one is in the audit trail. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { IssueRow } from '../store/control/control.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { lookUpIssue } from './issue-lookup.ts'
import { invalid } from './problem.ts'
import { issueSchema, issueView } from './views.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Nobody snoozes or accepts for ever. */
const SNOOZE_DAYS_MAX = 90
const ACCEPT_DAYS_MAX = 365
const DAY = 86_400_000

const reason = z.string().trim().min(3).max(1000)

export function issueDecisions({ ctx, live, check: runCheck }: Runtime) {
  const { control, clock } = ctx

  function decide(
    c: { get(name: 'caller'): Caller },
    number: number,
    what: 'assigned' | 'snoozed' | 'accepted' | 'reopened' | 'commented',
    change: Parameters<typeof control.workIssue>[1],
    more: Record<string, unknown> = {},
  ): IssueRow {
    const row = control.workIssue(number, change, {
      at: clock.now(),
      actor: c.get('caller').user.email || 'command line',
      what,
      detail: more,
    })
    live.publish({ type: 'issue', at: iso(clock.now()), number })
    return row
  }
  const until = (text: string, daysMax: number): number => {
    const at = Date.parse(text)
    if (Number.isNaN(at) || at <= clock.now() || at > clock.now() + daysMax * DAY) {
      throw new PlumblineError('schema', `"${text}" is not an instant within the next ${daysMax} days.`, {
        remedy: 'Every snooze and every acceptance ends; choose an earlier day.',
      })
    }
    return at
  }
  const answer = async (number: number) => {
    const { issue, row } = await lookUpIssue(ctx, String(number))
    return issueView(issue, row, ctx, clock.now())
  }

  return new Hono<GuardEnv>()
    .post(
      '/:number/assign',
      describeRoute({
        summary: 'Give an issue to a team or person',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue.'),
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({ team: z.string().max(100).nullable().optional(), person: z.email().nullable().optional() }),
        invalid,
      ),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        const { team, person } = c.req.valid('json')
        decide(c, number, 'assigned', {
          ...(team !== undefined && { assigneeTeam: team }),
          ...(person !== undefined && { assigneePerson: person }),
        })
        return c.json(await answer(number))
      },
    )
    .post(
      '/:number/snooze',
      describeRoute({
        summary: 'Put an issue out of sight until a time',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue.'),
      }),
      requires('operate'),
      validator(
        'json',
        z.strictObject({ until: z.string().nullable().describe('Instant; null wakes it.'), reason: reason.optional() }),
        invalid,
      ),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        const body = c.req.valid('json')
        if (body.until === null) decide(c, number, 'reopened', { snoozedUntil: null, snoozeReason: null })
        else
          decide(c, number, 'snoozed', {
            snoozedUntil: until(body.until, SNOOZE_DAYS_MAX),
            snoozeReason: body.reason ?? null,
          })
        return c.json(await answer(number))
      },
    )
    .post(
      '/:number/accept',
      describeRoute({
        summary: 'Accept a difference as correct, with a reason and an end',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ until: z.string().nullable(), reason: reason.optional() }), invalid),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        const body = c.req.valid('json')
        if (body.until === null) decide(c, number, 'reopened', { acceptedUntil: null, acceptReason: null })
        else {
          if (!body.reason)
            throw new PlumblineError('schema', 'An acceptance needs a reason.', {
              remedy: 'Say in a sentence why this difference is right.',
            })
          decide(c, number, 'accepted', {
            acceptedUntil: until(body.until, ACCEPT_DAYS_MAX),
            acceptReason: body.reason,
          })
        }
        return c.json(await answer(number))
      },
    )
    .post(
      '/:number/comment',
      describeRoute({
        summary: 'Say something about an issue',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue.'),
      }),
      requires('operate'),
      validator('json', z.strictObject({ text: z.string().trim().min(1).max(4000) }), invalid),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        decide(c, number, 'commented', {}, { text: c.req.valid('json').text })
        return c.json(await answer(number))
      },
    )
    .post(
      '/:number/recheck',
      describeRoute({
        summary: 'Look again now',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue after the look.'),
      }),
      requires('operate'),
      async (c) => {
        const { number, issue } = await lookUpIssue(ctx, c.req.param('number'))
        await runCheck({ checks: [issue.check], full: true, verify: true })
        control.addActivity({
          issue: number,
          at: clock.now(),
          actor: c.get('caller').user.email || 'command line',
          what: 'rechecked',
          detail: {},
        })
        return c.json(await answer(number))
      },
    )
}
