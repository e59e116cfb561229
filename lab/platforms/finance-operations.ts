/** Simulated Finance & Operations: Entra token, data entities over companies, keys of several parts, versions, throttling in the vendor's shape. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import { BadFilter, odataFilter } from '../odata-filter.ts'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { COMPANY, idOf, KEY, PLANS } from './finance-operations/entities.ts'
import { OPERATIONS_CLIENT, platformConfig, referenceMaps } from './finance-operations/entry.ts'
import { operationsHooks } from './finance-operations/hooks.ts'
import type { Row } from './finance-operations/rows.ts'
import { changeOf, describedProperties, etagOf, Invalid, rowOf } from './finance-operations/rows.ts'

export interface OperationsOptions {
  /** Entity sets that the application's user may not read, and that are not public. */
  forbidden?: readonly string[]
  absent?: readonly string[]
  /** Properties that this version does not have. */
  lacking?: readonly string[]
  /** The environment does not describe itself. */
  silent?: boolean
  /** Most rows of one page, whatever is asked. */
  cap?: number
}

export const operationsEnvironment = (options: OperationsOptions = {}): Simulator => ({
  vendor: 'finance-operations',
  role: 'erp',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.properties ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createEnvironment(state, ledger, options)
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
      hooks: (to, trouble) => operationsHooks(state, Object.keys(PLANS), to, trouble),
      stop: wire.stop,
    }
  },
})
export default operationsEnvironment()

const failure = (status: number, message: string, headers: Record<string, string> = {}) =>
  answer({ error: { code: '', message, innererror: { type: 'lab' } } }, status, headers)
const unknown = () => failure(401, 'Unauthorized')
const notFound = () => failure(404, 'No HTTP resource was found that matches the request.')

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle')
    return failure(429, 'Number of requests exceeded the limit for this priority.', {
      ...(fault.retryAfterSeconds !== undefined && { 'retry-after': String(fault.retryAfterSeconds) }),
    })
  if (fault.kind === 'error') return failure(fault.status, 'An error has occurred.')
  if (fault.kind !== 'expired_session' || request.url.endsWith('/token')) return undefined
  endSessions()
  return unknown()
}

type Call = Context<WireEnv>

function createEnvironment(state: PlatformState, ledger: Ledger, options: OperationsOptions) {
  const { forbidden = [], absent = [], lacking = [], silent = false, cap = 10_000 } = options
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0

  app.post('/:tenant/oauth2/v2.0/token', async (c) => {
    const form = await c.req.parseBody()
    if (form['client_id'] !== OPERATIONS_CLIENT.id || form['client_secret'] !== OPERATIONS_CLIENT.secret)
      return answer({ error: 'invalid_client' }, 401)
    if (form['scope'] !== `${new URL(c.req.url).origin}/.default`) return answer({ error: 'invalid_scope' }, 400)
    const token = `lab-operations-${++issued}`
    sessions.add(token)
    return answer({ token_type: 'Bearer', expires_in: 3599, access_token: token })
  })

  app.all('*', async (c) => {
    if (!sessions.has((c.req.header('authorization') ?? '').replace(/^Bearer /, ''))) return unknown()
    const path = decodeURIComponent(c.req.path)
    if (path === '/metadata/PublicEntities') return described(c)
    const [, set, key] = /^\/data\/(\w+)(?:\((.*)\))?$/.exec(path) ?? []
    const kinds = Object.keys(PLANS).filter((kind) => PLANS[kind]!.set === set)
    if (set === undefined || kinds.length === 0 || absent.includes(set)) return notFound()
    if (forbidden.includes(set)) return failure(403, `Access denied to entity ${set}.`)
    if (c.req.method === 'GET') return key === undefined ? listed(c, set, kinds) : notFound()
    return written(c, kinds, key ?? null)
  })

  function described(c: Call): Response {
    const set = /'(\w+)'/.exec(c.req.query('$filter') ?? '')?.[1] ?? ''
    if (silent) return notFound()
    const names = describedProperties(set).filter((name) => !lacking.includes(name))
    const Properties = names.map((Name) => ({ Name, DataType: 'String' }))
    return answer({ value: [{ Name: set.replace(/s(V\d)?$/, '$1'), EntitySetName: set, Properties }] })
  }

  /** Without `cross-company` only what lies in the company of the user is there: another than the one that is read. */
  function within(c: Call, company: unknown): boolean {
    return c.req.query('cross-company') === 'true' || company === 'dat'
  }

  function listed(c: Call, set: string, kinds: string[]): Response {
    const live = kinds.flatMap((kind) => state.records(kind)).filter((r) => r.deletedAt === undefined)
    const rows = live.map(rowOf).filter((row) => within(c, row['dataAreaId']))
    for (const row of rows) for (const name of lacking) delete row[name]
    let kept: Row[]
    try {
      const filter = c.req.query('$filter')
      const keeps = filter === undefined ? () => true : odataFilter(filter)
      kept = rows.filter((row) =>
        keeps((name) => (name === 'TotalInvoiceAmount' ? Number(textIn(row[name])) : row[name])),
      )
    } catch (error) {
      if (error instanceof BadFilter) return failure(400, error.message)
      throw error
    }
    const lack = c.req
      .query('$select')
      ?.split(',')
      .find((name) => lacking.includes(name))
    if (lack !== undefined) return failure(400, `Could not find a property named '${lack}'.`)
    const order = (c.req.query('$orderby') ?? 'dataAreaId').split(',')
    const before = (a: Row, b: Row) => {
      for (const name of order) if (a[name] !== b[name]) return (a[name] as string) < (b[name] as string) ? -1 : 1
      return 0
    }
    kept.sort(before)
    const asked = Number(c.req.query('$top') ?? cap)
    const page = kept.slice(0, Math.min(asked, cap))
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
    if (bad) bad['dataAreaId'] = ''
    const cut = page.length < Math.min(asked, kept.length)
    return answer({
      '@odata.context': `lab#${set}`,
      ...(c.req.query('$count') === 'true' && { '@odata.count': kept.length }),
      value: page.map((row) => selected(row, c.req.query('$select'))),
      ...(cut && { '@odata.nextLink': `${c.req.url}&$skip=${page.length}` }),
    })
  }

  async function written(c: Call, kinds: string[], key: string | null): Promise<Response> {
    const body = await c.req.json<Row>()
    const named = Object.fromEntries(
      [...(key ?? '').matchAll(/(\w+)=(?:'([^']*)'|([^,]*))/g)].map((m) => [m[1]!, m[2] ?? m[3]!]),
    )
    const id = key === null ? null : idIn(kinds, named)
    const kind = kinds.find((k) => id !== null && state.record(k, id)) ?? kinds[0]!
    if (id !== null) overtaken(state, c.env.fault, kind, id)
    const record = id === null ? null : state.record(kind, id)
    if (id !== null && (!record || record.deletedAt !== undefined || !within(c, named['dataAreaId']))) return notFound()
    if (record && c.req.header('if-match') !== etagOf(record))
      return failure(412, 'The record was changed by another user since it was read.')
    if (id === null && body['dataAreaId'] !== COMPANY) return failure(400, 'The company does not exist.')
    try {
      const change = changeOf(state, kind, body)
      const path = `${decodeURIComponent(c.req.path)}${new URL(c.req.url).search}`
      const call = { method: c.req.method, path, body, key: (body[KEY] as string | undefined) ?? null, by: 'plumbline' }
      const made = ledger.change(call, kind, id, change)
      return id === null ? answer(rowOf(made), 201) : new Response(null, { status: 204 })
    } catch (error) {
      if (error instanceof Invalid) return failure(400, error.message)
      throw error
    }
  }
  return { app, endSessions: () => sessions.clear() }
}

function selected(row: Row, select: string | undefined): Row {
  const asked = select?.split(',')
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !asked || name.startsWith('@') || asked.includes(name)),
  )
}

const textIn = (value: unknown) => (typeof value === 'object' && value !== null && 'text' in value ? value.text : value)

function idIn(kinds: readonly string[], named: Record<string, string>): string {
  return [named['dataAreaId'], ...PLANS[kinds[0]!]!.keys.map((name) => named[name])].join('/')
}
