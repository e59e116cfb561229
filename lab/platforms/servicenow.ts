/** Simulated ServiceNow: token endpoint and Table API, with its silent ways (ignored columns, rows dropped by access rules). */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { parseEncoded } from './servicenow/encoded.ts'
import { platformConfig, referenceMaps, SERVICENOW_CLIENT, SERVICENOW_USER } from './servicenow/entry.ts'
import type { Row } from './servicenow/rows.ts'
import { Aborted, changeOf, rowOf, stamp } from './servicenow/rows.ts'
import { idOf, kindOfTable, PLANS } from './servicenow/tables.ts'

export { SERVICENOW_CLIENT, SERVICENOW_USER }

export interface ServiceNowOptions {
  /** Requests an hour by a rate rule; left out: the instance has none. */
  perHour?: number
  /** Rows that access rules drop from the page, although they are counted for it. */
  hidden?(kind: string, id: string): boolean
  /** Tables that the user may not read, and tables whose plugin is not installed. */
  forbidden?: readonly string[]
  absent?: readonly string[]
  /** Tables that the user may not write. */
  readOnly?: readonly string[]
}

export const serviceNowInstance = (options: ServiceNowOptions = {}): Simulator => ({
  vendor: 'servicenow',
  role: 'support',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.columns ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createInstance(state, ledger, options)
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    return {
      url: wire.url,
      platformConfig: platformConfig(wire.url),
      referenceMaps: referenceMaps(),
      requests: wire.requests,
      mutations: ledger.mutations,
      stop: wire.stop,
    }
  },
})
export const servicenow = serviceNowInstance()
export default servicenow

const failure = (status: number, message: string, detail = '', headers: Record<string, string> = {}) =>
  answer({ error: { message, detail }, status: 'failure' }, status, headers)
const unknown = () => failure(401, 'User Not Authenticated', 'Required to provide Auth information')
const forbidden = () =>
  failure(
    403,
    'Insufficient rights to query records',
    'Field(s) present in the query do not have permission to be read',
  )
const noRecord = () => failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval")

function throttled(seconds: number): Response {
  return failure(429, 'Rate limit exceeded', 'The request count exceeds the limit of a rule', {
    'retry-after': String(seconds),
  })
}

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle') return throttled(fault.retryAfterSeconds ?? 1)
  if (fault.kind === 'error')
    return fault.status === 502
      ? new Response('<html><title>Bad Gateway</title></html>', {
          status: 502,
          headers: { 'content-type': 'text/html' },
        })
      : failure(fault.status, 'Transaction failed')
  if (fault.kind !== 'expired_session' || new URL(request.url).pathname === '/oauth_token.do') return undefined
  endSessions()
  return unknown()
}

type Call = Context<WireEnv>

function createInstance(state: PlatformState, ledger: Ledger, options: ServiceNowOptions) {
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0
  let hour = { start: 0, count: 0 }

  app.post('/oauth_token.do', async (c) => {
    const form = await c.req.parseBody()
    if (form['grant_type'] !== 'client_credentials') return answer({ error: 'unsupported_grant_type' }, 400)
    if (form['client_id'] !== SERVICENOW_CLIENT.id || form['client_secret'] !== SERVICENOW_CLIENT.secret)
      return answer({ error: 'invalid_client', error_description: 'access_denied' }, 401)
    const token = `lab-servicenow-${++issued}`
    sessions.add(token)
    return answer({ access_token: token, scope: 'useraccount', token_type: 'Bearer', expires_in: 1799 })
  })

  app.use('/api/now/*', async (c, next) => {
    const header = c.req.header('authorization') ?? ''
    const basic = `Basic ${Buffer.from(`${SERVICENOW_USER.name}:${SERVICENOW_USER.password}`).toString('base64')}`
    if (header !== basic && !sessions.has(header.replace(/^Bearer /, ''))) return unknown()
    const { perHour } = options
    const start = Math.floor(state.now() / 3_600_000)
    if (hour.start !== start) hour = { start, count: 0 }
    const resets = (start + 1) * 3_600
    if (perHour !== undefined && ++hour.count > perHour) return throttled(resets - Math.floor(state.now() / 1000))
    await next()
    if (perHour === undefined) return undefined
    c.res.headers.set('x-ratelimit-limit', String(perHour))
    c.res.headers.set('x-ratelimit-reset', String(resets))
    c.res.headers.set('x-ratelimit-rule', 'integrations')
    return undefined
  })

  /** Kind of a table of the path, or why there is none. */
  function opened(c: Call): string | Response {
    const table = c.req.param('table')!
    const kind = kindOfTable(table)
    if (kind === undefined || options.absent?.includes(table)) return failure(400, `Invalid table ${table}`)
    return options.forbidden?.includes(table) ? forbidden() : kind
  }
  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)

  app.get('/api/now/table/sys_audit_delete', (c) => listed(c, deletions(state), () => true))
  app.get('/api/now/table/:table', (c) => {
    const kind = opened(c)
    return kind instanceof Response
      ? kind
      : listed(c, live(kind).map(rowOf), (row) => !options.hidden?.(kind, row['sys_id']!))
  })
  app.get('/api/now/table/:table/:id', (c) => {
    const kind = opened(c)
    if (kind instanceof Response) return kind
    const record = state.record(kind, c.req.param('id'))
    return !record || record.deletedAt !== undefined ? noRecord() : answer({ result: shown(c, rowOf(record)) })
  })

  async function written(c: Call, id: string | null): Promise<Response> {
    const kind = opened(c)
    if (kind instanceof Response) return kind
    const { table } = PLANS[kind]!
    if (options.readOnly?.includes(table))
      return failure(403, 'Operation Failed', 'ACL Exception Update Failed due to security constraints')
    const body = await c.req.json<Row>()
    if (id !== null) overtaken(state, c.env.fault, kind, id)
    const record = id === null ? null : state.record(kind, id)
    if (id !== null && (!record || record.deletedAt !== undefined)) return noRecord()
    try {
      const change = changeOf(state, kind, body)
      const call = {
        method: c.req.method,
        path: c.req.path,
        body,
        key: body['correlation_id'] ?? null,
        by: 'plumbline.integration',
      }
      const after = ledger.change(call, kind, id, change)
      return answer({ result: shown(c, rowOf(after)) }, id === null ? 201 : 200)
    } catch (error) {
      if (error instanceof Aborted) return failure(403, 'Operation Failed', `Data Policy Exception: ${error.message}`)
      throw error
    }
  }
  app.post('/api/now/table/:table', (c) => written(c, null))
  app.patch('/api/now/table/:table/:id', (c) => written(c, c.req.param('id')))
  app.notFound(() => failure(400, 'Requested URI does not represent any resource'))
  return { app, endSessions: () => sessions.clear() }
}

/** The audit of deletions; the instance keeps a row of its own for each. */
function deletions(state: PlatformState): Row[] {
  return Object.entries(PLANS).flatMap(([kind, { table }]) =>
    state
      .records(kind)
      .flatMap(({ id, deletedAt }) =>
        deletedAt === undefined
          ? []
          : [{ sys_id: `${id.slice(0, 31)}d`, tablename: table, documentkey: id, sys_created_on: stamp(deletedAt) }],
      ),
  )
}

function listed(c: Call, rows: Row[], visible: (row: Row) => boolean): Response {
  const columns = new Set(rows.flatMap((row) => Object.keys(row)))
  const query = parseEncoded(c.req.query('sysparm_query') ?? '', (column) => columns.has(column))
  const found = rows.filter((row) => query.keeps(row)).sort((a, b) => query.order(a, b))
  const limit = Number(c.req.query('sysparm_limit') ?? '10000')
  const offset = Number(c.req.query('sysparm_offset') ?? '0')
  const page = found
    .slice(offset, offset + limit)
    .filter(visible)
    .map((row) => shown(c, row))
  const fault = c.env.fault
  const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
  if (bad) bad['sys_created_on'] = 'yesterday'
  const url = new URL(c.req.url)
  const link = (rel: string, at: number) => {
    url.searchParams.set('sysparm_offset', String(at))
    return `<${url.href}>;rel="${rel}"`
  }
  const links = [link('first', 0), ...(offset + limit < found.length ? [link('next', offset + limit)] : [])]
  return answer({ result: page }, 200, { 'x-total-count': String(found.length), link: links.join(',') })
}

/** The columns asked for that the table has; references as the call wants them. */
function shown(c: Call, row: Row): Row {
  const wanted = c.req.query('sysparm_fields')?.split(',')
  return Object.fromEntries(Object.entries(row).filter(([column]) => !wanted || wanted.includes(column)))
}
