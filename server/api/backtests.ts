/** Back-tests: jobs that run a new or changed check over the past, with progress, and can be stopped. */
import { Hono } from 'hono'
import { describeRoute, resolver, validator } from 'hono-openapi'
import { z } from 'zod'
import { durationMs } from '../config/duration.ts'
import { formatProblems } from '../config/problem.ts'
import { backtest, type Backtest } from '../check/past/backtest.ts'
import { replayable } from '../check/past/observe.ts'
import type { Check } from '../check/contract.ts'
import { backtestedKey, writtenHere } from '../check/publish.ts'
import { readCheck } from '../check/read.ts'
import { iso } from '../clock.ts'
import { asError, PlumblineError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { customerNames } from '../store/facts/customer-names.ts'
import { backtestSchema } from './backtest-schema.ts'
import { requires, type Caller, type GuardEnv } from './guard.ts'
import { invalid } from './problem.ts'

const wish = z
  .object({
    check: z.string().min(3).max(120).describe('Id of the check; for a new one the id that it shall have.'),
    window: z.string().default('90d').describe('How far back: `90d`, `24h`.'),
    to: z.iso.datetime({ offset: true }).optional().describe('End of the span; default: now.'),
    yaml: z.string().max(200_000).optional().describe('The new or changed check; without it the live one is replayed.'),
  })
  .meta({ id: 'BacktestWish' })

const json = (schema: z.ZodType, description: string, status = 200) => ({
  [status]: { description, content: { 'application/json': { schema: resolver(schema) } } },
})

interface Job {
  id: string
  check: string
  state: 'running' | 'done' | 'failed' | 'stopped'
  startedAt: number
  done: number
  of: number
  at: number | null
  result: Backtest | null
  error: { code: string; message: string; remedy?: string } | null
  stop: AbortController
}

/** Jobs that are remembered; the oldest that ended go first. */
const KEPT = 20
/** A year: longer than any stream's progress is kept for. */
const WINDOW_MAX_MS = 366 * 86_400_000

export function backtestRoutes({ ctx, works }: Runtime) {
  const jobs = new Map<string, Job>()
  const owners = ctx.landscape.owners('customer', 'name', { state: null, scope: {} })
  let last = 0

  async function view(job: Job): Promise<z.output<typeof backtestSchema>> {
    const { result } = job
    const ids = result ? [...result.findings, ...result.added, ...result.removed].map((f) => f.customer_entity_id) : []
    const names = await customerNames(ctx.facts, ids, owners)
    const named = (list: Backtest['findings']) =>
      list.map((f) => ({ ...f, customer: names.get(f.customer_entity_id) ?? null }))
    return {
      id: job.id,
      check: job.check,
      state: job.state,
      started_at: iso(job.startedAt),
      done: job.done,
      of: job.of,
      at: job.at === null ? null : iso(job.at),
      error: job.error,
      result: result && {
        ...result,
        findings: named(result.findings),
        added: named(result.added),
        removed: named(result.removed),
      },
    }
  }

  function start(check: Check, live: Check | null, from: number, to: number, by: string): Job {
    const stop = new AbortController()
    const job: Job = {
      id: String(++last),
      check: check.id,
      state: 'running',
      startedAt: ctx.clock.now(),
      done: 0,
      of: 0,
      at: null,
      result: null,
      error: null,
      stop,
    }
    jobs.set(job.id, job)
    for (const [id, j] of jobs) if (jobs.size > KEPT && j.state !== 'running') jobs.delete(id)
    let signal = AbortSignal.any([ctx.signal, stop.signal])
    const replayed = works.run({ kind: 'backtest', subject: check.id, unit: 'steps', by }, (step) => {
      signal = AbortSignal.any([signal, step.signal])
      const progress = (done: number, of: number, at: number) => {
        Object.assign(job, { done, of, at })
        step.at(done, of, iso(at))
      }
      return backtest({ ...ctx, signal }, { check, live, from, to, progress })
    })
    replayed.then(
      (result) => {
        ctx.control.set(backtestedKey(check.version), iso(ctx.clock.now()))
        Object.assign(job, { state: 'done', result })
      },
      (thrown: unknown) => {
        const { code, message, remedy } = asError(thrown)
        Object.assign(job, {
          state: signal.aborted ? 'stopped' : 'failed',
          error: signal.aborted ? null : { code, message, ...(remedy !== undefined && { remedy }) },
        })
      },
    )
    return job
  }

  /** @throws PlumblineError not_found */
  function found(id: string): Job {
    const job = jobs.get(id)
    if (job) return job
    throw new PlumblineError('not_found', `There is no back-test ${JSON.stringify(id)}.`, {
      remedy: 'POST /v1/checks/backtest begins one; they are forgotten at a restart.',
    })
  }

  return new Hono<GuardEnv>()
    .post(
      '/',
      describeRoute({
        summary: 'Replay a check over the past, beside the live version; nothing is written',
        tags: ['checks'],
        responses: json(backtestSchema, 'The job.', 202),
      }),
      requires('operate'),
      validator('json', wish, invalid),
      async (c) => {
        const { check: id, window, to: until, yaml } = c.req.valid('json')
        const to = until === undefined ? ctx.clock.now() : Math.min(Date.parse(until), ctx.clock.now())
        const ms = durationMs(window)
        if (ms === null || ms < 1 || ms > WINDOW_MAX_MS)
          throw new PlumblineError('schema', `window: "${window}" is no span that can be replayed.`, {
            remedy: 'Write it like 90d or 24h, 366d at most.',
          })
        const live = ctx.checks.find((k) => k.id === id) ?? null
        const check = yaml === undefined ? live : written(id, yaml)
        if (!check)
          throw new PlumblineError('not_found', `There is no check "${id}".`, { remedy: 'GET /v1/checks lists them.' })
        replayable(check)
        const by = (c.get('caller') as Caller).user.id
        ctx.control.audit({
          at: ctx.clock.now(),
          actor: by,
          action: 'back-tested',
          object: id,
          detail: { window, version: check.version },
        })
        return c.json(await view(start(check, yaml === undefined ? null : live, to - ms, to, by)), 202)
      },
    )
    .get(
      '/:job',
      describeRoute({
        summary: 'How a back-test stands, and its result',
        tags: ['checks'],
        responses: json(backtestSchema, 'The job.'),
      }),
      requires('view'),
      async (c) => c.json(await view(found(c.req.param('job') ?? ''))),
    )
    .delete(
      '/:job',
      describeRoute({ summary: 'Stop a back-test', tags: ['checks'], responses: json(backtestSchema, 'The job.') }),
      requires('operate'),
      async (c) => {
        const job = found(c.req.param('job') ?? '')
        job.stop.abort(new Error('stopped by a person'))
        if (job.state === 'running') job.state = 'stopped'
        return c.json(await view(job))
      },
    )
}

/** @throws PlumblineError config with every problem of the text */
function written(id: string, yaml: string): Check {
  const { check, problems } = readCheck(`${id}.yaml`, id, yaml, undefined)
  if (check) return writtenHere(check)
  throw new PlumblineError('config', `The check cannot be read.\n${formatProblems(problems)}`, {
    remedy: 'Correct what is named above.',
    ...(problems[0] && { file: problems[0].file, line: problems[0].line }),
  })
}
