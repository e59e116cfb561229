/** Works over HTTP: the long jobs that run now and those that ended a while ago; each can be stopped. */
import { Hono } from 'hono'
import { describeRoute, resolver } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import type { Runtime } from '../runtime.ts'
import { WORK_KINDS, type Work } from '../works.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'

export const workSchema = z
  .object({
    id: z.string(),
    kind: z.enum(WORK_KINDS),
    subject: z.string().nullable().describe('What it is about; null: everything.'),
    state: z.enum(['running', 'done', 'failed', 'stopped']),
    done: z.number(),
    of: z.number().nullable().describe('How much there is; null: nobody knows.'),
    unit: z.string().describe('What is counted.'),
    now: z.string().nullable().describe('What is worked on just now.'),
    by: z.string(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
    rate: z.number().nullable().describe('Units a second since it began; null: too early to say.'),
    remaining_ms: z.number().nullable().describe('At this rate; null: not known.'),
    error: z.string().nullable(),
  })
  .meta({ id: 'Work' })

/** A rate from fewer milliseconds than this would jump about. */
const SURE_AFTER_MS = 1_500

export function workView(w: Work, now: number, nameOf: (id: string) => string | null): z.output<typeof workSchema> {
  const ms = (w.endedAt ?? now) - w.startedAt
  const rate = w.done > 0 && ms >= SURE_AFTER_MS ? (w.done / ms) * 1000 : null
  const left = rate === null || w.of === null || w.state !== 'running' ? null : Math.max(0, w.of - w.done)
  return {
    ...{ id: w.id, kind: w.kind, subject: w.subject, state: w.state, done: w.done, of: w.of, unit: w.unit, now: w.now },
    ...{ by: nameOf(w.by) ?? w.by, started_at: iso(w.startedAt), error: w.error, rate },
    ended_at: w.endedAt === null ? null : iso(w.endedAt),
    remaining_ms: left === null ? null : Math.round((left / rate!) * 1000),
  }
}

export function workRoutes({ ctx: { control, clock }, works }: Runtime) {
  const view = (w: Work) => workView(w, clock.now(), (id) => control.user(id)?.name ?? null)
  return new Hono<GuardEnv>()
    .get(
      '/',
      describeRoute({
        summary: 'Long jobs: those that run, then those that ended',
        tags: ['jobs'],
        responses: {
          200: { description: 'Jobs.', content: { 'application/json': { schema: resolver(z.array(workSchema)) } } },
        },
      }),
      requires('view'),
      (c) => c.json(works.list().map(view)),
    )
    .delete(
      '/:id',
      describeRoute({
        summary: 'Stop a job; what it has done so far stays',
        tags: ['jobs'],
        responses: {
          200: { description: 'The job.', content: { 'application/json': { schema: resolver(workSchema) } } },
        },
      }),
      requires('operate'),
      (c) => {
        const actor = (c.get('caller') as Caller).user.id
        const work = works.stop(c.req.param('id'), actor)
        control.audit({ at: clock.now(), actor, action: `stopped ${work.kind}`, object: work.subject ?? 'everything' })
        return c.json(view(work))
      },
    )
}
