/** Works: the long jobs of this process, how far each is, and the way to stop one. Forgotten at a restart; what they wrote is not. */
import { PlumblineError, asError } from './errors.ts'

export const WORK_KINDS = ['collect', 'check', 'backfill', 'backtest', 'apply', 'export'] as const
export type WorkKind = (typeof WORK_KINDS)[number]

export interface WorkSpec {
  kind: WorkKind
  /** What it is about: platforms, a check, a plan, a document; null: everything. */
  subject: string | null
  /** What is counted: rows, checks, days, records. */
  unit: string
  /** User id, or the schedule that began it. */
  by: string
}

/** What a job says about itself while it runs. */
export interface Step {
  /** Aborted when a person stops the job. */
  signal: AbortSignal
  /** User id of who stopped it; null while nobody did. */
  stoppedBy(): string | null
  /** How much is done, and of how much; `of` null: nobody knows. */
  at(done: number, of: number | null, now?: string | null): void
  /** It goes on to its end, and that end is no good one. */
  failed(because: string): void
}

export interface Work extends WorkSpec {
  id: string
  state: 'running' | 'done' | 'failed' | 'stopped'
  done: number
  of: number | null
  /** What is worked on just now. */
  now: string | null
  startedAt: number
  endedAt: number | null
  error: string | null
}

/** A job as it is kept: what nobody outside sees beside what everybody does. */
interface Job extends Work {
  stopping: AbortController
  stoppedBy: string | null
  told: number
}

export interface Works {
  /** Runs `work` and rethrows what it throws; a job that was stopped ends as stopped, whatever it threw. */
  run<T>(spec: WorkSpec, work: (step: Step) => Promise<T>): Promise<T>
  /** Those that run first, then those that ended, newest first. */
  list(): Work[]
  /**
   * @param by user id of who stops it; what the job then writes to the audit trail stands under their name
   * @throws PlumblineError not_found, or conflict where it has ended
   */
  stop(id: string, by: string): Work
}

const stopped = () =>
  new PlumblineError('conflict', 'A person stopped this job.', {
    remedy: 'What it has done stays; begin it again to go on.',
  })

/** Jobs that ended and are still told of. */
const KEPT = 30
/** Open pages are told at most this often how far a job is. */
const TELL_MS = 500

/**
 * @param clock tells when; the wall clock of the process
 * @param tell called when a job begins, ends, or has gone on for a while
 */
export function createWorks(clock: { now(): number }, tell: (work: Work) => void): Works {
  const jobs = new Map<string, Job>()
  let last = 0
  const shown = ({ stopping: _, stoppedBy: __, told: ___, ...work }: Job): Work => work

  return {
    async run(spec, work) {
      const stopping = new AbortController()
      const job = {
        ...spec,
        ...{ id: String(++last), state: 'running' as Work['state'], done: 0, of: null as number | null },
        ...{ now: null as string | null, startedAt: clock.now(), endedAt: null as number | null },
        ...{ error: null as string | null, stopping, stoppedBy: null as string | null, told: performance.now() },
      }
      jobs.set(job.id, job)
      for (const [id, j] of jobs) if (jobs.size > KEPT && j.state !== 'running') jobs.delete(id)
      const end = (state: Work['state'], error: string | null) => {
        Object.assign(job, { state, error, now: null, endedAt: clock.now() })
        tell(shown(job))
      }
      tell(shown(job))
      try {
        let wrong: string | null = null
        const result = await work({
          failed: (because) => void (wrong ??= because),
          signal: stopping.signal,
          stoppedBy: () => job.stoppedBy,
          at(done, of, now = null) {
            Object.assign(job, { done, of, now })
            if (performance.now() - job.told < TELL_MS) return
            job.told = performance.now()
            tell(shown(job))
          },
        })
        end(stopping.signal.aborted ? 'stopped' : wrong === null ? 'done' : 'failed', wrong)
        return result
      } catch (thrown) {
        if (stopping.signal.aborted) end('stopped', null)
        else end('failed', asError(thrown).message)
        throw thrown
      }
    },
    list: () =>
      [...jobs.values()]
        .reverse()
        .sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running'))
        .map(shown),
    stop(id, by) {
      const job = jobs.get(id)
      if (!job)
        throw new PlumblineError('not_found', `There is no job ${id}.`, {
          remedy: 'GET /v1/works lists those that run; they are forgotten at a restart.',
        })
      if (job.state !== 'running')
        throw new PlumblineError('conflict', 'This job has ended.', { remedy: 'There is nothing left to stop.' })
      job.stoppedBy = by
      job.stopping.abort(stopped())
      return shown(job)
    },
  }
}
