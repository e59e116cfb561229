/** Simulated Boomi: execution records by query filter and queryMore token, documents with their tracked fields, and reruns. */
import { Hono } from 'hono'
import type { Simulator } from '../platform.ts'
import { createLedger } from '../ledger.ts'
import { answer, listen, type WireEnv } from '../wire.ts'
import { jobName, jobsFor, plainFault, runsOf, type Repeat, type Run } from './carried.ts'

const ACCOUNT = 'larkmoor-LAB1'
const USER = 'BOOMI_TOKEN.lab@larkmoor.example'
const TOKEN = 'lab-boomi-token'
const KINDS = ['customer', 'order', 'invoice', 'subscription', 'entitlement']
const RECEIVERS = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'crm', 'erp']
const PAGE = 100

type Filter = { QueryFilter?: { expression?: { operator?: string; property?: string; argument?: string[] } } }

export const boomi: Simulator = {
  vendor: 'boomi',
  role: 'middleware',
  kinds: [],
  holds: () => [],
  id: (_, n) => `execution-lab-${n}`,
  async start(state) {
    const app = new Hono<WireEnv>()
    const base = `/api/rest/v1/${ACCOUNT}`
    const basic = `Basic ${Buffer.from(`${USER}:${TOKEN}`).toString('base64')}`
    app.use('/api/*', async (c, next) => {
      if (c.req.header('authorization') !== basic) return answer({ '@type': 'Error', message: 'Unauthorized' }, 401)
      return next()
    })
    app.get(`${base}/Account/:id`, () => answer({ '@type': 'Account', accountId: ACCOUNT, name: 'Larkmoor Systems' }))
    const ledger = createLedger(state)
    const repeats: Repeat[] = []
    const page = (since: string, from: number, poisoned: boolean) => {
      const all = [...runsOf(state).map(recordOf), ...repeats.map(retryOf)]
        .filter((r) => r.recordedDate >= since)
        .sort((a, b) => (a.recordedDate < b.recordedDate ? -1 : 1))
      const result: Record<string, unknown>[] = all.slice(from, from + PAGE)
      if (poisoned && result[0]) delete result[0]['executionTime']
      const more = from + PAGE < all.length
      return answer({
        '@type': 'QueryResult',
        result,
        numberOfResults: all.length,
        ...(more && { queryToken: `${since}|${from + PAGE}` }),
      })
    }
    app.post(`${base}/ExecutionRecord/query`, async (c) => {
      const { operator, property, argument } = ((await c.req.json()) as Filter).QueryFilter?.expression ?? {}
      if (operator !== 'GREATER_THAN_OR_EQUAL' || property !== 'recordedDate' || !argument?.[0])
        return answer({ message: 'The filter is not valid' }, 400)
      return page(argument[0], 0, c.env.fault?.kind === 'poison')
    })
    app.post(`${base}/ExecutionRecord/queryMore`, async (c) => {
      const [since, from] = (await c.req.text()).split('|')
      if (c.req.header('content-type') !== 'text/plain' || since === undefined || !/^\d+$/.test(from ?? ''))
        return answer({ message: 'The query token is not valid' }, 400)
      return page(since, Number(from), false)
    })
    app.post(`${base}/GenericConnectorRecord/query`, async (c) => {
      const id = ((await c.req.json()) as Filter).QueryFilter?.expression?.argument?.[0]
      const run = runsOf(state).find((r) => recordOf(r).executionId === id)
      const retried = repeats.find((r) => retryOf(r).executionId === id)?.of
      const result = run ? documentsOf(run) : retried ? documentsOf({ ...retried, failed: false }) : []
      return answer({ '@type': 'QueryResult', result, numberOfResults: result.length })
    })
    app.post(`${base}/RerunDocument`, async (c) => {
      const body = (await c.req.json()) as {
        originalExecutionId?: string
        AllDocuments?: { documentStatus?: string }
        SelectedDocuments?: { Document?: { genericConnectorRecordId?: string }[] }
      }
      const run = runsOf(state).find((r) => recordOf(r).executionId === body.originalExecutionId)
      const wanted = body.SelectedDocuments?.Document?.[0]?.genericConnectorRecordId
      const one = (body.AllDocuments === undefined) !== (body.SelectedDocuments === undefined)
      if (!run || !one || (wanted !== undefined && wanted !== `start-${run.id}`))
        return answer({ '@type': 'Error', message: 'The request is not valid' }, 400)
      const repeat = { of: run, n: repeats.length + 1, at: state.now() }
      repeats.push(repeat)
      const call = { method: 'POST', path: new URL(c.req.url).pathname, body, key: null, by: USER }
      ledger.note(call, run.kind, run.recordId)
      return answer({ ...body, requestId: `executionrecord-${repeat.n}` })
    })
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault) => plainFault(fault, false, (message) => ({ '@type': 'Error', message })),
    )
    return {
      url: wire.url,
      platformConfig: {
        connector: 'boomi',
        role: 'middleware',
        config: {
          base_url: wire.url,
          account: ACCOUNT,
          user: USER,
          token: TOKEN,
          jobs: jobsFor(KINDS, RECEIVERS, ['record={record_id}']),
          documents: KINDS.flatMap((kind) => RECEIVERS.map((to) => jobName({ kind, to }))),
        },
        allow_private_network: true,
      },
      referenceMaps: {},
      requests: wire.requests,
      mutations: ledger.mutations,
      stop: wire.stop,
    }
  },
}
export default boomi

const seconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

function recordOf(run: Run) {
  return {
    '@type': 'ExecutionRecord',
    executionId: `execution-${run.id}`,
    originalExecutionId: `execution-${run.id}`,
    topLevelExecutionId: run.correlation,
    account: ACCOUNT,
    executionTime: seconds(run.startedAt),
    status: run.endedAt === null ? 'INPROCESS' : run.failed ? 'ERROR' : 'COMPLETE',
    executionType: 'exec_listener',
    processName: jobName(run),
    processId: `process-${run.kind}-${run.to}`,
    atomName: 'Lab runtime',
    atomId: 'atom-1',
    inboundDocumentCount: 1,
    inboundErrorDocumentCount: run.failed ? 1 : 0,
    outboundDocumentCount: run.failed ? 0 : 1,
    executionDuration: ['Long', run.endedAt === null ? 0 : run.endedAt - run.startedAt] as unknown,
    message: run.error ?? '',
    recordedDate: seconds(run.endedAt ?? run.startedAt),
  }
}

function retryOf({ of, n, at }: Repeat): ReturnType<typeof recordOf> {
  const retried = recordOf({ ...of, startedAt: at, endedAt: at + 1_000, failed: false, error: null })
  return { ...retried, executionId: `execution-${of.id}-retry-${n}`, executionType: 'retry_manual' }
}

/** What the start shape took, which alone can be run again, and what it became. */
function documentsOf(run: Run) {
  const start = { '@type': 'GenericConnectorRecord', id: `start-${run.id}`, executionId: `execution-${run.id}` }
  return [{ ...start, documentIndex: 0, status: 'SUCCESS', startShape: true, retryable: true }, documentOf(run)]
}

function documentOf(run: Run) {
  return {
    '@type': 'GenericConnectorRecord',
    id: `doc-${run.id}`,
    executionId: `execution-${run.id}`,
    documentIndex: 0,
    status: run.failed ? 'ERROR' : 'SUCCESS',
    errorMessage: run.error ?? '',
    startShape: false,
    trackedFields: { trackedField: [{ name: 'record', value: run.recordId }] },
  }
}
