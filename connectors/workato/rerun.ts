/** Running a job of a recipe again: the one thing that Workato is told. The runs of a recipe are asked for by recipe and job. */
import type { Action } from '../action.ts'
import type { Jobs } from '../job-runs.ts'
import { cannot } from '../mark.ts'
import { rerunActions } from '../rerun.ts'

/** What a run is asked for by: `<recipe>/<job>`. */
export const rerunId = (recipe: string, job: string): string => `${recipe}/${job}`

export const workatoReruns = <Config extends { jobs: Jobs }>({ jobs }: Config): Action<Config>[] =>
  rerunActions<Config>('Workato', jobs, {
    needs: 'privilege to repeat jobs',
    call(_config, recordId) {
      const [recipe, job, ...more] = (recordId ?? '').split('/')
      if (!recipe || !job || more.length > 0) throw cannot('A run of Workato is named as recipe/job.')
      return {
        method: 'POST',
        path: `/api/recipes/${encodeURIComponent(recipe)}/repeat_jobs`,
        body: { job_ids: [job] },
      }
    },
    refuses: [400, 404, 422],
    says: 'the job cannot be repeated',
  })
