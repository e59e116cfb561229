/** The runtime: the product at work. Its jobs, when they run, and what it tells the open dashboards. */
import { noticeBurns } from './alert/burn.ts'
import { alertJobs } from './alert/jobs.ts'
import type { CheckRunResult } from './check/run.ts'
import { runShadows } from './check/shadow.ts'
import { iso } from './clock.ts'
import { readHinted, type Hinted } from './collect/hinted.ts'
import { openPlatform } from './collect/platform.ts'
import type { Context } from './context.ts'
import { createCourier, type Courier } from './deliver/courier.ts'
import { deliveryJobs } from './deliver/jobs.ts'
import { createDesk, type Desk } from './desk.ts'
import { PlumblineError } from './errors.ts'
import type { BudgetState } from './http/budget.ts'
import type { Call } from './http/calls.ts'
import type { Intake } from './intake/intake.ts'
import { createLive, type Live } from './live.ts'
import { createBoard, type Board } from './measure/sla/board.ts'
import { createReports, type Reports } from './report/reports.ts'
import { retentionJob } from './retain/job.ts'
import { unsubscribeLink } from './deliver/unsubscribe.ts'
import { collectAll, look, type CollectOutcome, type LookOptions } from './round.ts'
import { createScheduler, type Job, type Scheduler } from './schedule/scheduler.ts'
import { instruments, observeEdges } from './telemetry.ts'
import { wakeSnoozed } from './wake.ts'
import { createWorks, type Works } from './works.ts'
import type { SetUpDoor } from './set-up/door.ts'

export interface Runtime {
  ctx: Context
  live: Live
  scheduler: Scheduler
  /** `by`: user id of who asked; left out: the schedule. */
  collect(options: { platforms?: readonly string[]; mode?: 'changes' | 'full'; by?: string }): Promise<CollectOutcome[]>
  check(options: LookOptions & { by?: string }): Promise<CheckRunResult[]>
  /** Long jobs, how far each is, and the way to stop one. */
  works: Works
  /** The way to a first configuration; null where the process may not write one. */
  setUp: SetUpDoor | null
  /** How the edges stand: lag, compliance, budget and burn. */
  edges: Board
  /** Brings what waits in the outbox. */
  courier: Courier
  /** Drift reports: made, sent and kept. */
  reports: Reports
  /** Plans, exceptions, what runs by itself. */
  desk: Desk
  /** Asks a platform who we are there. */
  ping(platform: string): Promise<{ account: string; missingScopes?: string[]; clockSkewMs?: number }>
  /** What is known of a platform's call budget; null where the platform is not asked over HTTP. */
  budgetOf(platform: string): BudgetState | null
  /** The last calls, newest first, without secrets. */
  callsOf(platform: string): Call[]
  /** What is sent to us; null in a process that does not listen. */
  intake: Intake | null
  /** Reads again what deliveries said has changed. */
  readHinted(): Promise<Hinted>
}

export function createRuntime(ctx: Context, intake: Intake | null = null, setUp: SetUpDoor | null = null): Runtime {
  const live = createLive()
  const works = createWorks(ctx.clock, ({ id, state }) =>
    live.publish({ type: 'work', at: iso(ctx.clock.now()), id, state }),
  )
  const stoppable = (signal: AbortSignal): Context => ({ ...ctx, signal: AbortSignal.any([ctx.signal, signal]) })
  const meters = instruments()
  const edges = createBoard(ctx)
  observeEdges(edges.latest)

  async function collect(options: {
    platforms?: readonly string[]
    mode?: 'changes' | 'full'
    by?: string
  }): Promise<CollectOutcome[]> {
    const { by = 'schedule', ...wanted } = options
    const unknown = options.platforms?.find((p) => !ctx.config.platforms[p])
    if (unknown)
      throw new PlumblineError('not_found', `There is no platform "${unknown}".`, {
        remedy: `Configured: ${Object.keys(ctx.config.platforms).join(', ')}.`,
      })
    const started = ctx.clock.now()
    const spec = { kind: 'collect', subject: options.platforms?.join(', ') ?? null, unit: 'rows', by } as const
    const outcomes = await works.run(spec, async (step) => {
      const read = new Map<string, { rows: number; of: number | null }>()
      const done = await collectAll(stoppable(step.signal), {
        ...wanted,
        progress(platform, rows, of, stream) {
          read.set(platform, { rows, of })
          const all = [...read.values()]
          const complete = all.length === (wanted.platforms ?? Object.keys(ctx.config.platforms)).length
          step.at(
            all.reduce((n, r) => n + r.rows, 0),
            complete && all.every((r) => r.of !== null) ? all.reduce((n, r) => n + r.of!, 0) : null,
            `${platform}/${stream}`,
          )
        },
      })
      const wrong = done.flatMap((o) => o.error ?? o.result?.streams.find((s) => s.error)?.error ?? [])[0]
      if (wrong) step.failed(wrong.message)
      return done
    })
    for (const { platform, result, error } of outcomes) {
      const failed = error !== null || (result?.streams.some((s) => s.error) ?? false)
      meters.runs.add(1, { stage: 'collect', outcome: failed ? 'failed' : 'ok' })
      for (const s of result?.streams ?? []) meters.rows.add(s.read, { platform, stream: s.stream })
      live.publish({
        type: 'collected',
        at: iso(ctx.clock.now()),
        platform,
        stored: result?.streams.reduce((n, s) => n + s.stored, 0) ?? 0,
        failed,
      })
      if (error)
        ctx.log.error('platform could not be read', {
          platform,
          code: error.code,
          error: error.message,
          remedy: error.remedy,
        })
    }
    meters.runSeconds.record((ctx.clock.now() - started) / 1000, { stage: 'collect' })
    return outcomes
  }

  async function check({ by = 'schedule', ...options }: LookOptions & { by?: string }): Promise<CheckRunResult[]> {
    const started = ctx.clock.now()
    const spec = { kind: 'check', subject: options.checks?.join(', ') ?? null, unit: 'checks', by } as const
    const results = await works.run(spec, (step) =>
      look(stoppable(step.signal), { ...options, progress: (done, of, id) => step.at(done, of, id) }),
    )
    for (const number of await wakeSnoozed(ctx)) live.publish({ type: 'issue', at: iso(ctx.clock.now()), number })
    for (const r of results) {
      meters.runs.add(1, { stage: 'check', outcome: r.error ? 'failed' : 'ok' })
      if (r.error)
        ctx.log.error('check failed', {
          check: r.check,
          code: r.error.code,
          error: r.error.message,
          remedy: r.error.remedy,
        })
    }
    const sum = (pick: (r: CheckRunResult) => number) => results.reduce((n, r) => n + pick(r), 0)
    live.publish({
      type: 'checked',
      at: iso(ctx.clock.now()),
      opened: sum((r) => r.newlyOpen),
      resolved: sum((r) => r.resolved),
      open: sum((r) => r.open),
    })
    meters.runSeconds.record((ctx.clock.now() - started) / 1000, { stage: 'check' })
    // For the metrics page, which never waits for the store.
    const standings = await edges.standings()
    if (!options.checks) await noticeBurns(ctx, standings)
    if (!options.checks) await runShadows(ctx)
    await desk.looked(results)
    return results
  }

  const courier = createCourier(ctx)
  const reports = createReports(ctx, {
    unsubscribe: (list, address) => unsubscribeLink(ctx.control, ctx.config.server.public_url, list, address),
  })
  const rounds = {
    look: (checks: string[]) => check({ checks, soon: true }),
    collect: (platforms: string[]) => collect({ platforms }),
  }
  const desk = createDesk(ctx, live, rounds, courier.drain, works)
  const runtime = {
    works,
    setUp,
    ctx,
    live,
    collect,
    check,
    edges,
    courier,
    reports,
    desk,
    ping(name: string) {
      const open = openPlatform(ctx, name)
      return open.connector.ping(open.context('verify'))
    },
    budgetOf: (name: string) => (usesHttp(ctx, name) ? openPlatform(ctx, name).http.budget() : null),
    callsOf: (name: string) => openPlatform(ctx, name).http.calls(),
    intake,
    readHinted: () => readHinted(ctx),
  }
  const jobs = jobsOf(ctx, runtime)
  const scheduler = createScheduler(
    [
      ...jobs,
      ...reports.jobs,
      ...alertJobs(ctx, [...jobs, ...reports.jobs]),
      ...deliveryJobs(ctx, courier),
      retentionJob(ctx),
    ],
    {
      control: ctx.control,
      clock: ctx.clock,
      log: ctx.log,
    },
  )
  return { ...runtime, scheduler }
}

/** A platform without an address of its own (files) has no calls to count. */
function usesHttp(ctx: Context, name: string): boolean {
  const platform = ctx.config.platforms[name]
  return platform !== undefined && ctx.connectors.get(platform.connector)?.base !== undefined
}

/** One job per platform and purpose, so that a slow platform delays nobody else. */
function jobsOf(ctx: Context, { collect, check, desk }: Pick<Runtime, 'collect' | 'check' | 'desk'>): Job[] {
  const { schedules, platforms } = ctx.config
  const timezone = schedules.timezone
  const failing = (outcomes: CollectOutcome[]) => {
    const error = outcomes.find((o) => o.error)?.error
    if (error) throw error
  }
  return [
    ...Object.entries(platforms).flatMap(([name, p]): Job[] => [
      {
        name: `collect ${name}`,
        cron: p.collect ?? schedules.collect,
        timezone,
        run: async () => failing(await collect({ platforms: [name] })),
      },
      {
        name: `sweep ${name}`,
        cron: p.sweep ?? schedules.sweep,
        timezone,
        run: async () => failing(await collect({ platforms: [name], mode: 'full' })),
      },
    ]),
    { name: 'check', cron: schedules.check, timezone, run: async () => void (await check({ verify: true })) },
    { name: 'desk', cron: '* * * * *', timezone, run: () => desk.tick() },
    ...Object.entries(ctx.config.remedy.probes).map(([name, p]): Job => ({
      name: `probe ${name}`,
      cron: p.schedule,
      timezone,
      run: async () => void (await desk.probe(name, `automation probe ${name}`)),
    })),
    { name: 'full check', cron: schedules.full, timezone, run: async () => void (await check({ full: true })) },
  ]
}
