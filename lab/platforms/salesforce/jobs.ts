/** Query jobs of the simulated org, in the dialect of Bulk API 2.0: found when asked for, done at the second look, kept for a week as CSV. */
import type { Hono } from 'hono'
import type { PlatformState } from '../../platform.ts'
import type { WireEnv } from '../../wire.ts'
import { answer, Digits } from '../../wire.ts'
import type { Queries, Row } from './queries.ts'
import { problem, reach, ROOT, VERSION } from './queries.ts'
import type { Query } from './soql.ts'

export interface JobOptions {
  /** The user may not use the Bulk API. */
  forbidden?: boolean
  /** Jobs that the org takes in a day; the vendor's own figure when left out. */
  daily?: number
  /** Jobs end without results. */
  fails?: boolean
  /** Results lack their last row. */
  short?: boolean
  /** Jobs are never done. */
  stuck?: boolean
}

interface Job {
  id: string
  operation: string
  query: Query
  rows: Row[]
  at: number
  looks: number
  aborted: boolean
}

const JOBS_A_DAY = 10_000
const DAY_MS = 86_400_000
/** Results are kept for seven days. */
const KEPT_MS = 7 * DAY_MS

export function addJobs(app: Hono<WireEnv>, state: PlatformState, queries: Queries, options: JobOptions = {}): void {
  const jobs = new Map<string, Job>()
  let issued = 0
  const gone = () => problem(404, 'NOT_FOUND', 'The requested resource does not exist')
  const known = (id: string) => {
    const job = jobs.get(id)
    return job && state.now() - job.at < KEPT_MS ? job : undefined
  }
  const stateOf = (job: Job) =>
    job.aborted ? 'Aborted' : job.looks < 2 || options.stuck ? 'InProgress' : options.fails ? 'Failed' : 'JobComplete'
  const shown = (job: Job, said = stateOf(job)) => ({
    id: job.id,
    operation: job.operation,
    object: job.query.from,
    createdDate: new Date(job.at).toISOString().replace('Z', '+0000'),
    state: said,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(VERSION),
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
    ...(said === 'Failed' && { errorMessage: 'Retried more than fifteen times' }),
    ...(said === 'JobComplete' && { numberRecordsProcessed: job.rows.length }),
  })

  app.post(`${ROOT}/jobs/query`, async (c) => {
    if (options.forbidden)
      return problem(403, 'API_DISABLED_FOR_ORG', 'query operation requires the org permission BulkApiQuery')
    const { operation, query: q } = await c.req.json<{ operation?: string; query?: string }>()
    if (operation !== 'query' && operation !== 'queryAll')
      return problem(400, 'INVALIDJOB', 'InvalidJob : Unknown operation')
    const lately = [...jobs.values()].filter((job) => state.now() - job.at < DAY_MS)
    if (lately.length >= (options.daily ?? JOBS_A_DAY))
      return problem(400, 'EXCEEDEDQUOTA', 'ExceededQuota : Maximum number of query jobs for 24 hours exceeded')
    const found = queries.find(q ?? '', operation === 'queryAll')
    if (found instanceof Response) return found
    if (found.query.select === null || found.query.order.length > 0 || found.query.limit !== null)
      return problem(400, 'API_ERROR', 'Aggregates, ORDER BY and LIMIT are not supported in Bulk Query')
    const id = `750gL${String(++issued).padStart(13, '0')}`
    const job = { id, operation, ...found, at: state.now(), looks: 0, aborted: false }
    jobs.set(id, job)
    return answer(shown(job, 'UploadComplete'))
  })
  app.get(`${ROOT}/jobs/query/:job`, (c) => {
    const job = known(c.req.param('job'))
    if (job) job.looks++
    return job ? answer(shown(job)) : gone()
  })
  app.patch(`${ROOT}/jobs/query/:job`, async (c) => {
    const job = known(c.req.param('job'))
    const { state: wanted } = await c.req.json<{ state?: string }>()
    if (!job) return gone()
    if (wanted !== 'Aborted' || stateOf(job) !== 'InProgress')
      return problem(400, 'INVALIDJOBSTATE', 'InvalidJobState : Only jobs at work can be aborted')
    job.aborted = true
    return answer(shown(job))
  })
  app.delete(`${ROOT}/jobs/query/:job`, (c) => {
    const job = known(c.req.param('job'))
    if (!job) return gone()
    if (stateOf(job) === 'InProgress')
      return problem(400, 'INVALIDJOBSTATE', 'InvalidJobState : Jobs at work cannot be deleted')
    jobs.delete(job.id)
    return new Response(null, { status: 204 })
  })
  app.get(`${ROOT}/jobs/query/:job/results`, (c) => {
    const job = known(c.req.param('job'))
    if (!job) return gone()
    if (stateOf(job) !== 'JobComplete') return problem(400, 'INVALIDJOBSTATE', 'InvalidJobState : The job is not done')
    const locator = c.req.query('locator')
    const from = locator === undefined ? 0 : Number(Buffer.from(locator, 'base64').toString())
    const kept = options.short ? job.rows.slice(0, -1) : job.rows
    const part = kept.slice(from, from + Number(c.req.query('maxRecords') ?? 50_000))
    const end = from + part.length
    return new Response(csvOf(job.query.select!, part), {
      headers: {
        'content-type': 'text/csv; charset=UTF-8',
        'sforce-numberofrecords': String(part.length),
        'sforce-locator': end >= kept.length ? 'null' : Buffer.from(String(end)).toString('base64'),
      },
    })
  })
}

const csvOf = (paths: readonly string[], rows: readonly Row[]) =>
  [paths, ...rows.map((row) => paths.map((path) => cell(reach(row, path))))]
    .map((cells) => `${cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\n`)
    .join('')

/** Nothing is an empty cell; instants end with Z here, where pages write +0000. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Digits) return value.text
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\+0000$/,
    '$1Z',
  )
}
