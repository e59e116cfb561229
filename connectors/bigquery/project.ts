/** BigQuery as a warehouse: its dialect, and queries that are waited for and handed over page by page. */
import { randomUUID } from 'node:crypto'
import type { ConnectorContext } from '../contract.ts'
import { ConnectorError } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { MAX_PAGES } from '../paging.ts'
import type { Answer, Parameter, Priority, Statement, Warehouse } from '../warehouse.ts'
import type { Cell, FieldSchema } from './cells.ts'
import { columnOf, written } from './cells.ts'
import type { BigQueryConfig } from './config.ts'

type Ctx = ConnectorContext<BigQueryConfig>

/** How long BigQuery waits for a query before it says that it is not finished. */
const WAIT_MS = 30_000

export const project: Warehouse<BigQueryConfig> = {
  dialect: {
    textType: 'STRING',
    quote: (name) => `\`${name}\``,
    // Names of projects hold hyphens: the whole name is quoted as one.
    table: (name) => `\`${name.replaceAll('`', '')}\``,
    parameter: (n) => `@p${n}`,
    text: (expression) => `CAST(${expression} AS STRING)`,
  },
  // A query is billed by what it reads, not by what it returns: one for all rows.
  pagesAStatement: null,
  run: answers,
}

interface Body {
  jobComplete?: boolean
  jobReference?: { jobId?: string; location?: string }
  schema?: { fields?: FieldSchema[] }
  rows?: { f: Cell[] }[]
  pageToken?: string
}

async function* answers(ctx: Ctx, statement: Statement, priority: Priority): AsyncGenerator<Answer> {
  const ends = ctx.clock.now() + (ctx.config.statement_timeout + 60) * 1000
  const path = `/bigquery/v2/projects/${encodeURIComponent(ctx.config.project)}/queries`
  const common = { priority, timeoutMs: WAIT_MS + 60_000 }
  let reply = await ctx.http.request({ method: 'POST', url: path, json: request(ctx.config, statement), ...common })
  const at = platformClock(reply, ctx.clock.now())
  let fields: FieldSchema[] | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const body = reply.json() as Body
    fields ??= body.schema?.fields
    if (body.jobComplete !== false) {
      // Not every kind of statement tells its columns in a dry run; as it asks for no row, it may as well be run.
      if (!fields && statement.pageSize === 0) return yield* answers(ctx, { ...statement, pageSize: 1 }, priority)
      if (!fields) throw new ConnectorError('schema', 'BigQuery answers without the columns of the result.')
      const read = fields
      const rows = (body.rows ?? []).map(({ f }) => f.map(({ v }, i) => written(v, read[i]!)))
      yield { columns: read.map(columnOf), rows, at }
      if (!body.pageToken) return
    } else if (ctx.clock.now() > ends)
      throw new ConnectorError('upstream', 'BigQuery does not finish a query in time.', { retryable: false })
    const { jobId, location } = body.jobReference ?? {}
    if (!jobId) throw new ConnectorError('schema', 'BigQuery answers without the name of the job.')
    const query = {
      location: location ?? ctx.config.location,
      maxResults: statement.pageSize,
      timeoutMs: WAIT_MS,
      'formatOptions.useInt64Timestamp': true,
      pageToken: body.pageToken,
    }
    reply = await ctx.http.request({ url: `${path}/${encodeURIComponent(jobId)}`, query, ...common })
  }
  throw new ConnectorError('schema', `A query has more than ${MAX_PAGES} pages.`)
}

/** Only the columns are wanted: a dry run knows them and is not billed. */
function request(config: BigQueryConfig, { sql, parameters, pageSize }: Statement): object {
  const { project: projectId, location, dataset, max_gigabytes, statement_timeout } = config
  return {
    query: sql,
    useLegacySql: false,
    requestId: randomUUID(),
    formatOptions: { useInt64Timestamp: true },
    jobTimeoutMs: String(statement_timeout * 1000),
    timeoutMs: WAIT_MS,
    ...(pageSize === 0 ? { dryRun: true } : { maxResults: pageSize }),
    ...(location !== undefined && { location }),
    ...(dataset !== undefined && { defaultDataset: { projectId, datasetId: dataset } }),
    ...(max_gigabytes !== undefined && { maximumBytesBilled: String(Math.floor(max_gigabytes * 1024 ** 3)) }),
    ...(parameters.length > 0 && { parameterMode: 'NAMED', queryParameters: parameters.map(bound) }),
    labels: { reader: 'plumbline' },
  }
}

function bound({ value, column }: Parameter, i: number): object {
  return { name: `p${i + 1}`, parameterType: { type: column.type }, parameterValue: { value } }
}
