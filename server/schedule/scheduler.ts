/**
 * The scheduler: runs jobs at their slots. A job never overlaps itself; slots missed while the process was down or
 * busy are made good by one run and counted; every slot is claimed in the control store, so it runs once.
 */
import cron, { type ScheduledTask } from 'node-cron'
import type { Clock } from '../clock.ts'
import { asError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ControlStore } from '../store/control/control.ts'
import { nextSlot, slotsBetween } from './slots.ts'

export interface Job {
  /** Unique name (`collect stripe-live`). */
  name: string
  /** Cron expression, or `manual`: never by itself. */
  cron: string
  timezone: string
  run: (slotAt: number) => Promise<void>
}

export interface SchedulerOptions {
  control: ControlStore
  clock: Clock
  log: Log
  /** Told about every failed job; the job's own run record has the details. */
  onFailure?: (job: Job, error: Error) => void
}

export interface Scheduler {
  /** Looks once: starts every job whose slot has come. Resolves when what it started has ended. */
  tick(): Promise<void>
  start(): void
  /** Stops ticking and waits for running jobs. */
  stop(): Promise<void>
  next(job: string): number | null
}

export function createScheduler(jobs: readonly Job[], { control, clock, log, onFailure }: SchedulerOptions): Scheduler {
  const running = new Map<string, Promise<void>>()
  const startedAt = clock.now()
  /** Jobs that have run since this process began. */
  const started = new Set<string>()
  let task: ScheduledTask | null = null

  /** Slots are looked for from the last one that was claimed; a new schedule starts now. */
  const lastSlot = (job: Job) => control.lastSlot(job.name)?.slotAt ?? startedAt

  async function runSlot(job: Job, slotAt: number): Promise<void> {
    try {
      await job.run(slotAt)
      control.finishSlot(job.name, slotAt, clock.now(), 'ok')
    } catch (thrown) {
      const error = asError(thrown)
      control.finishSlot(job.name, slotAt, clock.now(), 'failed')
      log.error('job failed', { job: job.name, code: error.code, error: error.message, remedy: error.remedy })
      onFailure?.(job, error)
    }
  }

  function due(job: Job): Promise<void> | null {
    if (job.cron === 'manual' || running.has(job.name)) return null
    const slots = slotsBetween(job.cron, job.timezone, lastSlot(job), clock.now())
    const slotAt = slots.at(-1)
    if (slotAt === undefined) return null
    if (!control.claimSlot(job.name, slotAt, clock.now())) return null
    const missed = slots.length - 1
    if (missed > 0) {
      control.addMissed(job.name, missed)
      // A job that is slower than its schedule misses slots all the time; one that the process slept through is news.
      const tell = started.has(job.name) ? log.debug : log.warn
      tell('slots missed, one run makes them good', { job: job.name, missed })
    }
    started.add(job.name)
    const run = runSlot(job, slotAt).finally(() => running.delete(job.name))
    running.set(job.name, run)
    return run
  }

  return {
    async tick() {
      await Promise.all(jobs.flatMap((job) => due(job) ?? []))
    },
    start() {
      // The library ticks; which slots are due is decided by slots.ts and the control store.
      task = cron.schedule('* * * * * *', () => void Promise.all(jobs.flatMap((job) => due(job) ?? [])), {
        name: 'tick',
        noOverlap: false,
        // A second that this process slept through costs nothing: the next tick finds the same slots.
        suppressMissedWarning: true,
      })
    },
    async stop() {
      await task?.destroy()
      await Promise.all(running.values())
    },
    next(name) {
      const job = jobs.find((j) => j.name === name)
      return !job || job.cron === 'manual'
        ? null
        : nextSlot(job.cron, job.timezone, Math.max(lastSlot(job), clock.now()))
    },
  }
}
