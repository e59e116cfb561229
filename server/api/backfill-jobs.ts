/** Back-fills as jobs: they go on after the answer, tell how far they are, and can be stopped; a new one goes on where one stopped. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { iso } from '../clock.ts'
import { backfill, backfillCost, type StreamBackfill } from '../collect/backfill.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { backfillAsk } from './backfill.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const jobSchema = z
  .object({
    id: z.string(),
    platform: z.string(),
    state: z.enum(['running', 'done', 'failed', 'stopped']),
    from: z.string(),
    to: z.string(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
    read: z.number().int().describe('Rows read so far.'),
    rows: z.number().nullable().describe('Rows that it will read; null: the platform cannot say.'),
    stream: z.string().nullable().describe('What is read now.'),
    done: z
      .array(
        z.object({
          stream: z.string(),
          read: z.number(),
          stored: z.number(),
          unchanged: z.number(),
          quarantined: z.number(),
          error: z.string().nullable(),
        }),
      )
      .nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'BackfillJob' })

interface Job {
  id: string
  platform: string
  state: 'running' | 'done' | 'failed' | 'stopped'
  from: string
  to: string
  startedAt: number
  endedAt: number | null
  read: Map<string, number>
  rows: number | null
  stream: string | null
  done: StreamBackfill[] | null
  error: string | null
  stop: AbortController
}

/** Jobs that are remembered; the oldest that ended go first. */
const KEPT = 20

export function backfillJobRoutes({ ctx, works }: Runtime) {
  const jobs = new Map<string, Job>()
  let last = 0
  const view = (j: Job): z.output<typeof jobSchema> => ({
    ...{ id: j.id, platform: j.platform, state: j.state, from: j.from, to: j.to, started_at: iso(j.startedAt) },
    ...{ ended_at: j.endedAt === null ? null : iso(j.endedAt), rows: j.rows, stream: j.stream, error: j.error },
    read: [...j.read.values()].reduce((n, m) => n + m, 0),
    done:
      j.done?.map(({ stream, read, stored, unchanged, quarantined, error }) => ({
        ...{ stream, read, stored, unchanged, quarantined, error: error?.message ?? null },
      })) ?? null,
  })
  const found = (id: string): Job => {
    const job = jobs.get(id)
    if (job) return job
    throw new PlumblineError('not_found', `There is no back-fill ${id}.`, {
      remedy: 'They are forgotten at a restart; a new one goes on where it stopped.',
    })
  }
  const described = (summary: string, schema: z.ZodType = jobSchema) =>
    describeRoute({
      summary,
      tags: ['connectors'],
      responses: { 200: { description: 'It.', content: { 'application/json': { schema: resolver(schema) } } } },
    })

  return new Hono<GuardEnv>()
    .get(
      '/',
      described('Back-fills since the start, newest first', z.array(jobSchema)),
      requires('view'),
      validator('query', z.object({ platform: z.string().max(63).optional() }), invalid),
      (c) => {
        const { platform } = c.req.valid('query')
        return c.json(
          [...jobs.values()]
            .filter((j) => platform === undefined || j.platform === platform)
            .reverse()
            .map(view),
        )
      },
    )
    .post(
      '/:platform',
      described('Read a range of time again, as a job'),
      requires('operate'),
      validator('json', backfillAsk.omit({ dry_run: true }), invalid),
      async (c) => {
        const { from, to, streams } = c.req.valid('json')
        const platform = c.req.param('platform')!
        const running = [...jobs.values()].find((j) => j.platform === platform && j.state === 'running')
        if (running)
          throw new PlumblineError('conflict', `${platform} is being read again already.`, {
            remedy: 'Wait for it, or stop it first.',
          })
        const range = { from: Date.parse(from), to: Date.parse(to), ...(streams && { streams }) }
        // Whoever names a range that is none is told before a job begins.
        const costs = await backfillCost(ctx, platform, range)
        const actor = (c.get('caller') as Caller).user.id
        ctx.control.audit({
          ...{ at: ctx.clock.now(), actor, action: `asked for a back-fill from ${from} to ${to}` },
          object: `platform ${platform}`,
        })
        const stop = new AbortController()
        const job: Job = {
          ...{ id: String(++last), platform, state: 'running', from, to, startedAt: ctx.clock.now(), endedAt: null },
          ...{ read: new Map(), stream: null, done: null, error: null, stop },
          rows: costs.some((k) => k.rows === null) ? null : costs.reduce((n, k) => n + k.rows!, 0),
        }
        jobs.set(job.id, job)
        for (const [id, j] of jobs) if (jobs.size > KEPT && j.state !== 'running') jobs.delete(id)
        let signal = AbortSignal.any([ctx.signal, stop.signal])
        const filled = works.run({ kind: 'backfill', subject: platform, unit: 'rows', by: actor }, (step) => {
          signal = AbortSignal.any([signal, step.signal])
          return backfill({ ...ctx, signal }, platform, range, (stream, read) => {
            job.stream = stream
            job.read.set(stream, read)
            step.at(view(job).read, job.rows, stream)
          })
        })
        filled.then(
          (done) => {
            const failed = done.some((d) => d.error !== null)
            const state = signal.aborted ? 'stopped' : failed ? 'failed' : 'done'
            Object.assign(job, { state, done, stream: null, endedAt: ctx.clock.now() })
          },
          (thrown: unknown) =>
            Object.assign(job, {
              ...{ state: signal.aborted ? 'stopped' : 'failed', error: asError(thrown).message },
              ...{ stream: null, endedAt: ctx.clock.now() },
            }),
        )
        return c.json(view(job))
      },
    )
    .get('/:id', described('How a back-fill stands'), requires('view'), (c) => c.json(view(found(c.req.param('id')))))
    .delete('/:id', described('Stop a back-fill; what was read stays'), requires('operate'), (c) => {
      const job = found(c.req.param('id'))
      job.stop.abort(new Error('stopped by a person'))
      ctx.control.audit({
        ...{ at: ctx.clock.now(), actor: (c.get('caller') as Caller).user.id, action: 'stopped a back-fill' },
        object: `platform ${job.platform}`,
      })
      return c.json(view(job))
    })
}
