/** Running documents of a Boomi process again: those of its start shape that failed, as Boomi kept them. */
import type { Action, PlannedCall } from '../action.ts'
import { cannot } from '../mark.ts'
import type { Jobs } from '../job-runs.ts'
import { rerunActions } from '../rerun.ts'

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

export const boomiReruns = <Config extends Rerunning>({ jobs }: Config): Action<Config>[] =>
  rerunActions<Config>('Boomi', jobs, {
    needs: 'privilege Process Execution',
    call: callOf,
    headers: { accept: 'application/json' },
    refuses: [400, 404, 410],
    says: 'the documents cannot be run again',
  })
