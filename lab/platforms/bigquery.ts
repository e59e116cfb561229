/** Simulated BigQuery: queries that may take their time, results in pages, tokens for signed assertions, rights by table. */
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { Hono } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { BadStatement, fixed, openTables, since1970 } from '../warehouse/sqlite.ts'
import type { Tables } from '../warehouse/sqlite.ts'
import type { LabColumn } from '../warehouse/tables.ts'
import { holds, idOf, stateMaps, streamSettings, TABLES } from '../warehouse/tables.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'

let made: string | undefined
/** The account's private key as PEM. Made when it is first needed: it takes a while. */
function privateKey(): string {
  return (made ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string)
}
const EMAIL = 'plumbline@lab-warehouse.iam.example'
const DATASET = 'lab-warehouse.mart'

export interface BigQueryOptions {
  /** Times that a query says it is not finished. */
  looks?: number
  /** Rights on every table; table → rights where they differ. */
  rights?: readonly string[]
  rightsOn?: Record<string, readonly string[]>
  /** Dry runs do not tell the columns. */
  silentDryRuns?: boolean
  /** Bytes that a query would be billed for. */
  bytes?: number
}

export const bigqueryProject = (options: BigQueryOptions = {}): Simulator => ({
  vendor: 'bigquery',
  role: 'warehouse',
  kinds: TABLES.map((t) => t.kind),
  holds,
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const tables = openTables(state, (t) => `${DATASET}.${t.name}`)
    const app = createProject(state, tables, options)
    const wire = await listen(state, (request, env) => app.fetch(request, env), faulty)
    const key = {
      type: 'service_account',
      client_email: EMAIL,
      private_key_id: 'k1',
      private_key: privateKey(),
      token_uri: `${wire.url}/token`,
    }
    const { maps, referenceMaps } = stateMaps('bigquery')
    return {
      url: wire.url,
      platformConfig: {
        connector: 'bigquery',
        role: 'warehouse',
        title: 'BigQuery',
        timezone: 'UTC',
        config: {
          project: 'lab-warehouse',
          location: 'EU',
          url: wire.url,
          service_account: JSON.stringify(key),
          streams: streamSettings(`${DATASET}.`),
        },
        maps,
        allow_private_network: true,
      },
      referenceMaps,
      requests: wire.requests,
      async stop() {
        await wire.stop()
        tables.close()
      },
    }
  },
})
export const bigquery = bigqueryProject()
export default bigquery

function failure(status: number, reason: string, message: string, headers: Record<string, string> = {}): Response {
  return answer({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }, status, headers)
}

function faulty(fault: ApiFault, request: Request): Response | undefined {
  if (fault.kind === 'throttle') return failure(403, 'rateLimitExceeded', 'Exceeded rate limits')
  if (fault.kind === 'error') return failure(fault.status, 'backendError', 'Error encountered during execution.')
  if (fault.kind === 'expired_session' && !request.url.endsWith('/token'))
    return failure(401, 'authError', 'Request had invalid authentication credentials.')
  return undefined
}

interface Query {
  query: string
  dryRun?: boolean
  maxResults?: number
  maximumBytesBilled?: string
  requestId?: string
  queryParameters?: { name: string; parameterType: { type: string }; parameterValue: { value: string } }[]
}

interface Job {
  fields: object[]
  rows: (string | null)[][]
  looks: number
}

function createProject(
  state: PlatformState,
  tables: Tables,
  {
    looks = 0,
    rights = ['bigquery.tables.getData'],
    rightsOn = {},
    silentDryRuns = false,
    bytes = 1_000_000,
  }: BigQueryOptions,
) {
  const app = new Hono<WireEnv>()
  const jobs = new Map<string, Job>()
  const asked = new Map<string, string>()
  let tokens = 0
  app.post('/token', async (c) => {
    const form = await c.req.parseBody()
    const aud = `${new URL(c.req.url).origin}/token`
    if (
      form['grant_type'] !== 'urn:ietf:params:oauth:grant-type:jwt-bearer' ||
      !granted(String(form['assertion']), aud, state.now())
    )
      return answer({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 400)
    return answer({ access_token: `lab-bigquery-token-${++tokens}`, expires_in: 3599, token_type: 'Bearer' })
  })
  app.use('/bigquery/*', async (c, next) =>
    c.req.header('authorization')?.startsWith('Bearer lab-bigquery-token-')
      ? next()
      : failure(401, 'authError', 'Request had invalid authentication credentials.'),
  )
  app.post('/bigquery/v2/projects/lab-warehouse/queries', async (c) => {
    const body = await c.req.json<Query>()
    if (body.maximumBytesBilled !== undefined && bytes > Number(body.maximumBytesBilled))
      return failure(
        400,
        'bytesBilledLimitExceeded',
        `Query exceeded limit for bytes billed: ${body.maximumBytesBilled}.`,
      )
    try {
      const known = asked.get(body.requestId ?? '')
      if (known !== undefined) return page(known, 0, body.maxResults)
      const job = run(body)
      if (body.dryRun)
        return answer({
          jobComplete: true,
          totalBytesProcessed: String(bytes),
          ...(!silentDryRuns && { schema: { fields: job.fields } }),
        })
      const id = `job_${jobs.size + 1}`
      jobs.set(id, job)
      if (body.requestId) asked.set(body.requestId, id)
      return page(id, 0, body.maxResults)
    } catch (error) {
      if (!(error instanceof BadStatement)) throw error
      const unknown = error.message.includes('does not exist')
      return failure(unknown ? 404 : 400, unknown ? 'notFound' : 'invalidQuery', error.message)
    }
  })
  app.get('/bigquery/v2/projects/lab-warehouse/queries/:job', (c) =>
    page(c.req.param('job'), Number(c.req.query('pageToken') ?? '0'), Number(c.req.query('maxResults') ?? '1000')),
  )
  app.post('/bigquery/v2/projects/lab-warehouse/datasets/mart/tables/:table', async (c) => {
    const table = c.req.param('table').replace(/:testIamPermissions$/, '')
    const { permissions } = await c.req.json<{ permissions: string[] }>()
    const have = rightsOn[table] ?? rights
    return answer({ permissions: permissions.filter((p) => have.includes(p)) })
  })
  app.notFound(() => failure(404, 'notFound', 'Not found'))

  function run({ query, queryParameters = [] }: Query): Job {
    const values = Object.fromEntries(
      queryParameters.map(({ name, parameterType, parameterValue: { value } }) => [
        `@${name}`,
        parameterType.type === 'TIMESTAMP' ? fixed(value) : value,
      ]),
    )
    const found = tables.query(query.replaceAll(' AS STRING)', ' AS TEXT)'), values)
    if (found.columns === null)
      return { fields: [{ name: 'n', type: 'INTEGER', mode: 'NULLABLE' }], rows: found.rows, looks }
    const columns = found.table!.columns
    return {
      fields: columns.map(fieldOf),
      rows: found.rows.map((row) => row.map((cell, i) => shown(cell, columns[i]!))),
      looks,
    }
  }

  function page(id: string, from: number, most = 1000): Response {
    const job = jobs.get(id)
    if (!job) return failure(404, 'notFound', `Not found: Job ${id}`)
    const jobReference = { projectId: 'lab-warehouse', jobId: id, location: 'EU' }
    if (job.looks-- > 0) return answer({ jobReference, jobComplete: false })
    const rows = job.rows.slice(from, from + most).map((cells) => ({ f: cells.map((v) => ({ v })) }))
    const next = from + most < job.rows.length ? { pageToken: String(from + most) } : {}
    return answer({
      jobReference,
      jobComplete: true,
      schema: { fields: job.fields },
      totalRows: String(job.rows.length),
      rows,
      ...next,
    })
  }
  return app
}

function fieldOf({ name, type }: LabColumn): object {
  const types = { text: 'STRING', decimal: 'NUMERIC', date: 'DATE', instant: 'TIMESTAMP', boolean: 'BOOLEAN' } as const
  return { name, type: types[type], mode: 'NULLABLE' }
}

function shown(cell: string | null, { type }: LabColumn): string | null {
  if (cell === null || type !== 'instant') return cell
  const { seconds, nanos } = since1970(fixed(cell))
  return String(BigInt(seconds) * 1_000_000n + BigInt(nanos.slice(0, 6)))
}

function granted(assertion: string, aud: string, now: number): boolean {
  const [head, claims, signature] = assertion.split('.')
  if (!head || !claims || !signature) return false
  if (
    !verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${claims}`),
      createPublicKey(privateKey()),
      Buffer.from(signature, 'base64url'),
    )
  )
    return false
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  const fresh = Number(said['exp']) * 1000 > now && Number(said['exp']) - Number(said['iat']) <= 3600
  return (
    said['iss'] === EMAIL &&
    said['aud'] === aud &&
    fresh &&
    said['sub'] === undefined &&
    String(said['scope']).endsWith('read-only')
  )
}
