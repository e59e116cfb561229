/** Alerts: the rules in words, who would be told and why not, who was told, and acknowledging. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { hypothetical, subjectNow, trial } from '../alert/trial.ts'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import {
  decisionView,
  noticeView,
  overviewOf,
  overviewSchema,
  toldSchema,
  trialBody,
  trialSchema,
} from './alert-views.ts'
import { actorOf } from './decisions.ts'
import { requires, type GuardEnv } from './guard.ts'
import { issueNumberOf, lookUpIssue } from './issue-lookup.ts'
import { invalid } from './problem.ts'

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

const ackBody = z.strictObject({
  issues: z.array(z.string()).min(1).max(500).describe('I-<number> each: single members of a group too.'),
  note: z.string().max(1000).default(''),
})

/** News of one subject that are shown. */
const TOLD_MOST = 100

export function alertRoutes({ ctx, live }: Pick<Runtime, 'ctx' | 'live'>) {
  const { control, clock } = ctx
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Routes, recipients, channels, and what we do not see ourselves',
        tags: ['alerts'],
        responses: json(overviewSchema, 'The rules in words and how the channels fare.'),
      }),
      requires('view'),
      (c) => c.json(overviewOf(ctx)),
    )
    .post(
      '/trial',
      describeRoute({
        summary: 'Who would be told of an issue, real or hypothetical, and why not',
        tags: ['alerts'],
        responses: json(trialSchema, 'Every decision with its reason, and every route with what speaks against it.'),
      }),
      requires('view'),
      validator('json', trialBody, invalid),
      async (c) => {
        const asked = c.req.valid('json')
        const news = asked.news ?? 'new'
        if ('issue' in asked) {
          const { issue } = await lookUpIssue(ctx, asked.issue)
          const { decisions, routes } = trial(ctx, news, await subjectNow(ctx, issue))
          return c.json({ decisions: decisions.map((d) => decisionView(d, ctx)), routes })
        }
        const { kind, legal_entities, ...rest } = asked.about
        const given = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== undefined))
        const about = hypothetical({ ...given, recordKind: kind ?? null, legalEntities: legal_entities ?? [] })
        const { decisions, routes } = trial(
          ctx,
          news,
          about,
          asked.at === undefined ? clock.now() : Date.parse(asked.at),
        )
        return c.json({ decisions: decisions.map((d) => decisionView(d, ctx)), routes })
      },
    )
    .get(
      '/told/:issue',
      describeRoute({
        summary: 'Who was told of an issue, who was not, and why',
        tags: ['alerts'],
        responses: json(toldSchema, 'News of the issue, newest first, with every notice and its reason.'),
      }),
      requires('view'),
      (c) => {
        const subject = `I-${issueNumberOf(c.req.param('issue'))}`
        const ack = control.acknowledgements().find((a) => a.subject === subject)
        return c.json({
          events: control.alertEvents({ subject, limit: TOLD_MOST }).map((e) => ({
            news: e.trigger,
            at: iso(e.at),
            notices: control.alertNotices({ eventId: e.id, limit: 100 }).map(noticeView),
          })),
          acknowledged: ack ? { by: ack.actor, at: iso(ack.at), note: ack.note } : null,
          tickets: control
            .tickets(`issue/${subject}`)
            .map(({ channel, ticket, url, state, readAt }) => ({ channel, ticket, url, state, read_at: iso(readAt) })),
        })
      },
    )
    .post(
      '/acknowledge',
      describeRoute({
        summary: 'Acknowledge issues: nobody further is told because of the time that passes',
        tags: ['alerts'],
        responses: json(z.object({ acknowledged: z.array(z.string()) }), 'What is acknowledged now.'),
      }),
      requires('operate'),
      validator('json', ackBody, invalid),
      async (c) => {
        const { issues, note } = c.req.valid('json')
        const found = await Promise.all(issues.map((i) => lookUpIssue(ctx, i)))
        const actor = actorOf(c)
        control.transaction(() => {
          for (const { number } of found) control.acknowledge({ subject: `I-${number}`, actor, at: clock.now(), note })
        })
        for (const { number } of found) live.publish({ type: 'issue', at: iso(clock.now()), number })
        return c.json({ acknowledged: found.map(({ number }) => `I-${number}`) })
      },
    )
}
