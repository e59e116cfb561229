/** Decisions about a cause: one action that applies to every issue its findings belong to. Each issue keeps its own activity; the audit trail names the cause too. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { durationMs } from '../config/duration.ts'
import type { Runtime } from '../runtime.ts'
import { issueFacts } from '../store/facts/issues.ts'
import { gap, lookUpClusters } from './clusters.ts'
import { acceptBody, actorOf, assignBody, createDecider, snoozeBody, type Decision } from './decisions.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const decided = z
  .object({
    issues: z.array(z.number().int()).describe('Every issue that it was applied to.'),
    findings: z.number().int().describe('Open findings of the cause.'),
    beyond: z
      .number()
      .int()
      .describe('Open findings of these issues that are not of the cause: it applies to them too.'),
  })
  .meta({ id: 'CauseDecided' })
const responses = {
  200: { description: 'What it was applied to.', content: { 'application/json': { schema: resolver(decided) } } },
  404: { description: 'There is no such cause any more.' },
}
const query = z.object({ gap })

export function clusterDecisions({ ctx, live, check: runCheck }: Runtime) {
  const decider = createDecider({ ctx, live })

  async function reach(id: string, gapText: string) {
    const named = await lookUpClusters(ctx, id, durationMs(gapText)!)
    const issues = [...new Set(named.flatMap((k) => k.issues))].sort((a, b) => a - b)
    const facts = await issueFacts(ctx.facts, issues)
    const findings = named.reduce((n, k) => n + k.findings, 0)
    const open = facts.reduce((n, i) => n + i.findings_open, 0)
    return { issues, checks: [...new Set(facts.map((i) => i.check))], findings, beyond: Math.max(0, open - findings) }
  }
  const audited = (
    c: { get(name: 'caller'): Caller },
    action: string,
    id: string,
    issues: number[],
    findings: number,
  ) =>
    ctx.control.audit({
      at: ctx.clock.now(),
      actor: actorOf(c),
      action: `cause.${action}`,
      object: id,
      detail: { issues: issues.map((n) => `I-${n}`), findings },
    })

  /** All or nothing: an issue that cannot take it keeps the others from being changed. */
  async function apply(c: { get(name: 'caller'): Caller }, id: string, gapText: string, decision: Decision) {
    const { issues, findings, beyond } = await reach(id, gapText)
    ctx.control.transaction(() => {
      for (const number of issues) decider.write(c, number, { ...decision, more: { ...decision.more, cause: id } })
      audited(c, decision.what, id, issues, findings)
    })
    return { issues, findings, beyond }
  }

  return new Hono<GuardEnv>()
    .post(
      '/:id/assign',
      describeRoute({ summary: 'Give every issue of a cause to a team or person', tags: ['causes'], responses }),
      requires('operate'),
      validator('query', query, invalid),
      validator('json', assignBody, invalid),
      async (c) =>
        c.json(await apply(c, c.req.param('id')!, c.req.valid('query').gap, decider.assigned(c.req.valid('json')))),
    )
    .post(
      '/:id/snooze',
      describeRoute({ summary: 'Put every issue of a cause out of sight until a time', tags: ['causes'], responses }),
      requires('operate'),
      validator('query', query, invalid),
      validator('json', snoozeBody, invalid),
      async (c) =>
        c.json(await apply(c, c.req.param('id')!, c.req.valid('query').gap, decider.snoozed(c.req.valid('json')))),
    )
    .post(
      '/:id/accept',
      describeRoute({
        summary: 'Accept every issue of a cause, with a reason and an end',
        tags: ['causes'],
        responses,
      }),
      requires('operate'),
      validator('query', query, invalid),
      validator('json', acceptBody, invalid),
      async (c) =>
        c.json(await apply(c, c.req.param('id')!, c.req.valid('query').gap, decider.accepted(c.req.valid('json')))),
    )
    .post(
      '/:id/recheck',
      describeRoute({ summary: 'Look again now at every check of a cause', tags: ['causes'], responses }),
      requires('operate'),
      validator('query', query, invalid),
      async (c) => {
        const id = c.req.param('id')!
        const { issues, checks, findings, beyond } = await reach(id, c.req.valid('query').gap)
        await runCheck({ checks, full: true, verify: true })
        for (const issue of issues)
          ctx.control.addActivity({
            issue,
            at: ctx.clock.now(),
            actor: actorOf(c),
            what: 'rechecked',
            detail: { cause: id },
          })
        audited(c, 'rechecked', id, issues, findings)
        return c.json({ issues, findings, beyond })
      },
    )
}
