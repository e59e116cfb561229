/** Running again: the action that asks middleware to do once more what it did, one for every kind that its configured jobs carry. */
import type { Action, PlannedCall } from './action.ts'
import type { Jobs } from './job-runs.ts'

export interface Rerun<Config> {
  /** What the platform calls the right to it. */
  needs: string
  /** The one call, from how a run is named. @throws what `cannot` makes, where the name is none */
  call(config: Config, recordId: string | null): PlannedCall
  headers?: Record<string, string>
  /** Statuses by which the platform says no. */
  refuses: number[]
  /** What then cannot be done, as the end of a sentence. */
  says: string
}

/**
 * Middleware takes no key of ours: an answer that was lost is left to a person, who sees the repeated run beside its original.
 * @param title of the platform, for whoever reads the refusal
 */
export function rerunActions<Config>(title: string, jobs: Jobs, how: Rerun<Config>): Action<Config>[] {
  return [...new Set(Object.values(jobs).map((j) => j.kind))].map((kind) => ({
    name: 'redeliver',
    kind,
    stream: '',
    fields: [],
    guard: 'compare',
    idempotency: 'journal',
    needs: [how.needs],
    undo: null,
    calls: (config, { recordId }) => [how.call(config, recordId)],
    look: () => Promise.resolve({ row: null, mark: null }),
    async perform(ctx, { recordId }) {
      const { path: url, body } = how.call(ctx.config, recordId)
      const reply = await ctx.http.request({
        method: 'POST',
        url,
        json: body,
        ...(how.headers && { headers: how.headers }),
        once: true,
        accept: how.refuses,
      })
      if (reply.status < 400) return { status: 'done', recordId: recordId! }
      return { status: 'refused', reason: `${title} answered ${reply.status}: ${how.says}.` }
    },
  }))
}
