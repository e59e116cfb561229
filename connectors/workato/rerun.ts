/** Running a job of a recipe again: the one thing that Workato is told. The runs of a recipe are asked for by recipe and job. */
import type { Action } from '../action.ts'
import { cannot } from '../mark.ts'
import type { Jobs } from '../job-runs.ts'

/** What a run is asked for by: `<recipe>/<job>`. */
export const rerunId = (recipe: string, job: string): string => `${recipe}/${job}`

/** One for every kind that the configured jobs carry. */
export function rerunActions<Config extends { jobs: Jobs }>({ jobs }: Config): Action<Config>[] {
  return [...new Set(Object.values(jobs).map((j) => j.kind))].map((kind) => ({
    name: 'redeliver',
    kind,
    stream: '',
    fields: [],
    guard: 'compare',
    // Workato takes no key of ours: a lost answer is left to a person, who sees the repeated job beside its master.
    idempotency: 'journal',
    needs: ['privilege to repeat jobs'],
    undo: null,
    calls(_config, { recordId }) {
      const [recipe, job, ...more] = (recordId ?? '').split('/')
      if (!recipe || !job || more.length > 0) throw cannot('A run of Workato is named as recipe/job.')
      return [
        { method: 'POST', path: `/api/recipes/${encodeURIComponent(recipe)}/repeat_jobs`, body: { job_ids: [job] } },
      ]
    },
    look: () => Promise.resolve({ row: null, mark: null }),
    async perform(ctx, request) {
      const [call] = this.calls(ctx.config, request)
      const { path: url, body } = call!
      const reply = await ctx.http.request({ method: 'POST', url, json: body, once: true, accept: [400, 404, 422] })
      if (reply.status >= 400)
        return { status: 'refused', reason: `Workato answered ${reply.status}: the job cannot be repeated.` }
      return { status: 'done', recordId: request.recordId! }
    },
  }))
}
