/** Decisions about issues: who works on them, what is put off, what is accepted, what is said. Every one is in the audit trail. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { refuseOff } from '../check/off.ts'
import { verifySubject } from '../collect/verify.ts'
import { tellMentioned } from '../alert/mention.ts'
import type { Runtime } from '../runtime.ts'
import { findings } from '../store/facts/findings.ts'
import { acceptBody, actorOf, assignBody, createDecider, snoozeBody } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import { lookUpIssue } from './issue-lookup.ts'
import { mentioned } from './mentions.ts'
import { invalid } from './problem.ts'
import { issueSchema, issueView } from './views.ts'
import { wakesOf } from '../wake.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

/** Findings of an issue whose records are read again when somebody asks to look again: each costs a call to every platform. */
const REREAD_MAX = 25

export function issueDecisions({ ctx, live, check: runCheck }: Runtime) {
  const { control, clock } = ctx
  const decider = createDecider({ ctx, live })
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
      validator('json', assignBody, invalid),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        decider.write(c, number, decider.assigned(c.req.valid('json')))
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
      validator('json', snoozeBody, invalid),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        const body = c.req.valid('json')
        const decision = decider.snoozed(body)
        if (body.until !== null && body.wake) {
          decision.change.snoozeWakes = JSON.stringify(await wakesOf(ctx, number, body.wake))
          decision.more.wakes = body.wake.on
        }
        decider.write(c, number, decision)
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
      validator('json', acceptBody, invalid),
      async (c) => {
        const { number } = await lookUpIssue(ctx, c.req.param('number')!)
        decider.write(c, number, decider.accepted(c.req.valid('json')))
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
        const { number, issue } = await lookUpIssue(ctx, c.req.param('number')!)
        const { text } = c.req.valid('json')
        const { user } = c.get('caller')
        control.transaction(() => {
          decider.write(c, number, { what: 'commented', change: {}, more: { text } })
          const people = mentioned(text, control.users())
          tellMentioned(ctx, {
            ...{ issue: number, title: issue.title, by: user, text, at: clock.now() },
            to: people.map((p) => p.email),
          })
          for (const person of people)
            control.addMention({
              ...{ userId: person.id, issue: number, at: clock.now(), by: actorOf(c), says: text },
            })
        })
        return c.json(await answer(number))
      },
    )
    .post(
      '/:number/recheck',
      describeRoute({
        summary: 'Read its records again and look again, now',
        tags: ['issues'],
        responses: json(issueSchema, 'The issue after the look.'),
      }),
      requires('operate'),
      async (c) => {
        const { number, issue } = await lookUpIssue(ctx, c.req.param('number'))
        refuseOff(ctx, [issue.check])
        // What the platforms hold now decides, and what its codes mean now.
        const open = await findings(ctx.facts, { issues: [number], states: ['open', 'undecided'] }, REREAD_MAX)
        await verifySubject(
          ctx,
          open.flatMap((f) => f.subject),
        )
        await runCheck({ checks: [issue.check], full: true, verify: true })
        control.addActivity({ issue: number, at: clock.now(), actor: actorOf(c), what: 'rechecked', detail: {} })
        return c.json(await answer(number))
      },
    )
}
