/** Running documents of a Boomi process again: those of its start shape that failed, as Boomi kept them. */
import type { Action, PlannedCall } from '../action.ts'
import { cannot } from '../mark.ts'
import type { Jobs } from '../job-runs.ts'

interface Rerunning {
  account: string
  jobs: Jobs
}

/** What is run again is asked for by `<execution>` (every document of it that failed) or `<execution>/<document>`. */
export const rerunId = (execution: string, document: string | null): string =>
  document === null ? execution : `${execution}/${document}`

function callOf({ account }: Rerunning, recordId: string | null): PlannedCall {
  const [execution, document] = (recordId ?? '').split('/')
  if (!execution) throw cannot('A run of Boomi is named by its execution, or as execution/document.')
  return {
    method: 'POST',
    path: `/api/rest/v1/${encodeURIComponent(account)}/RerunDocument`,
    body: {
      '@type': 'RerunDocument',
      originalExecutionId: execution,
      ...(document
        ? { SelectedDocuments: { '@type': 'SelectedDocuments', Document: [{ genericConnectorRecordId: document }] } }
        : { AllDocuments: { '@type': 'AllDocuments', documentStatus: 'ERROR' } }),
    },
  }
}

/** One for every kind that the configured processes carry. */
export function rerunActions<Config extends Rerunning>({ jobs }: Config): Action<Config>[] {
  return [...new Set(Object.values(jobs).map((j) => j.kind))].map((kind) => ({
    name: 'redeliver',
    kind,
    stream: '',
    fields: [],
    guard: 'compare',
    // Boomi takes no key of ours: a lost answer is left to a person, who sees the retry beside its original.
    idempotency: 'journal',
    needs: ['privilege Process Execution'],
    undo: null,
    calls: (config, { recordId }) => [callOf(config, recordId)],
    look: () => Promise.resolve({ row: null, mark: null }),
    async perform(ctx, request) {
      const { path: url, body } = callOf(ctx.config, request.recordId)
      const headers = { accept: 'application/json' }
      const reply = await ctx.http.request({
        method: 'POST',
        url,
        json: body,
        headers,
        once: true,
        accept: [400, 404, 410],
      })
      if (reply.status < 400) return { status: 'done', recordId: request.recordId! }
      return { status: 'refused', reason: `Boomi answered ${reply.status}: the documents cannot be run again.` }
    },
  }))
}
