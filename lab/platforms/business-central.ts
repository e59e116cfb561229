/** Simulated Business Central: Entra token, OData lists with next links, counts, ETags, errors in the vendor's shape. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { COMPANY, idOf, KEY, kindOfEntity, PLANS } from './business-central/entities.ts'
import { CENTRAL_CLIENT, platformConfig, referenceMaps } from './business-central/entry.ts'
import { centralHooks } from './business-central/hooks.ts'
import type { Entity } from './business-central/rows.ts'
import { changeOf, entityOf, etagOf, Invalid } from './business-central/rows.ts'

export interface CentralOptions {
  forbidden?: readonly string[]
  absent?: readonly string[]
}

export const centralCompany = (options: CentralOptions = {}): Simulator => ({
  vendor: 'business-central',
  role: 'erp',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.properties ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createCompany(state, ledger, options)
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
      hooks: (to, trouble) => centralHooks(state, to, trouble),
      stop: wire.stop,
    }
  },
})
export const businessCentral = centralCompany()
export default businessCentral

const failure = (status: number, code: string, message: string, headers: Record<string, string> = {}) =>
  answer({ error: { code, message: `${message}  CorrelationId:  lab.` } }, status, headers)
const unknown = () =>
  failure(401, 'Authentication_InvalidCredentials', 'The server has rejected the client credentials.')
const notFound = () => failure(404, 'BadRequest_ResourceNotFound', 'The resource is not found.')

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  const url = new URL(request.url)
  if (fault.kind === 'throttle')
    return failure(429, 'Application_TooManyRequests', 'Too many requests reached.', {
      ...(fault.retryAfterSeconds !== undefined && { 'retry-after': String(fault.retryAfterSeconds) }),
    })
  if (fault.kind === 'error') return failure(fault.status, 'Internal_ServerError', 'An error occurred.')
  if (fault.kind === 'expired_cursor' && url.searchParams.has('aid'))
    return failure(400, 'BadRequest', 'The skip token is not valid.')
  if (fault.kind !== 'expired_session' || url.pathname.endsWith('/token')) return undefined
  endSessions()
  return unknown()
}

type Call = Context<WireEnv>

function createCompany(state: PlatformState, ledger: Ledger, { forbidden = [], absent = [] }: CentralOptions) {
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0

  app.post('/:tenant/oauth2/v2.0/token', async (c) => {
    const form = await c.req.parseBody()
    if (form['client_id'] !== CENTRAL_CLIENT.id || form['client_secret'] !== CENTRAL_CLIENT.secret)
      return answer({ error: 'invalid_client' }, 401)
    if (!String(form['scope']).endsWith('/.default')) return answer({ error: 'invalid_scope' }, 400)
    const token = `lab-central-${++issued}`
    sessions.add(token)
    return answer({ token_type: 'Bearer', expires_in: 3599, access_token: token })
  })

  const root = `/v2.0/Production/api/larkmoor/finance/v1.0/companies(${COMPANY})/`
  app.all('*', async (c) => {
    if (!sessions.has((c.req.header('authorization') ?? '').replace(/^Bearer /, ''))) return unknown()
    const path = decodeURIComponent(c.req.path)
    if (!path.startsWith(root)) return notFound()
    const found = /^(\w+)(?:\(([0-9a-f-]{36})\))?(\/\$count)?$/.exec(path.slice(root.length))
    const entity = found?.[1] ?? ''
    const kind = kindOfEntity(entity)
    if (kind === undefined || absent.includes(entity)) return notFound()
    if (forbidden.includes(entity))
      return failure(
        403,
        'Internal_PermissionError',
        `Sorry, the current permissions prevented the action on ${entity}.`,
      )
    const id = found?.[2]
    if (c.req.method === 'GET') return id === undefined ? listed(c, kind, found?.[3] !== undefined) : one(kind, id)
    return written(c, kind, id ?? null)
  })
  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)

  function one(kind: string, id: string): Response {
    const record = state.record(kind, id)
    return !record || record.deletedAt !== undefined ? notFound() : answer(entityOf(record))
  }

  function listed(c: Call, kind: string, counted: boolean): Response {
    const filter = c.req.query('$filter')
    const keeps = filter === undefined ? () => true : filterOf(filter)
    if (keeps === null) return failure(400, 'BadRequest', 'An OR operator on distinct fields is not supported.')
    const byStamp = c.req.query('$orderby') === 'lastModifiedDateTime'
    const order = (a: SimRecord, b: SimRecord) => (byStamp ? a.changedAt - b.changedAt : 0) || (a.id < b.id ? -1 : 1)
    const rows = live(kind)
      .sort(order)
      .map((record) => ({ record, entity: entityOf(record) }))
      .filter(({ entity }) => keeps(entity))
    if (counted) return new Response(`\uFEFF${rows.length}`, { headers: { 'content-type': 'text/plain' } })
    const size = Number(/maxpagesize=(\d+)/.exec(c.req.header('prefer') ?? '')?.[1] ?? '20000')
    const [stamp, id] = (c.req.query('aid') ?? '').split('|')
    // A next link goes on behind a row, whatever moved since.
    const rest =
      id === undefined
        ? rows
        : rows.filter(
            ({ record: r }) => ((byStamp ? r.changedAt - Number(stamp) : 0) || (r.id > id ? 1 : -1)) > 0 && r.id !== id,
          )
    const page = rest.slice(0, Math.min(size, Number(c.req.query('$top') ?? size)))
    const value = page.map(({ entity }) => entity)
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? value[fault.recordIndex % value.length] : undefined
    if (bad) bad['lastModifiedDateTime'] = 'yesterday'
    const url = new URL(c.req.url)
    const last = page.at(-1)?.record
    if (last) url.searchParams.set('aid', `${last.changedAt}|${last.id}`)
    const more = c.req.query('$top') === undefined && rest.length > page.length
    return answer({ '@odata.context': 'lab', value, ...(more && { '@odata.nextLink': url.href }) })
  }

  async function written(c: Call, kind: string, id: string | null): Promise<Response> {
    const body = await c.req.json<Entity>()
    if (id !== null) overtaken(state, c.env.fault, kind, id)
    const record = id === null ? null : state.record(kind, id)
    if (id !== null && (!record || record.deletedAt !== undefined)) return notFound()
    if (record) {
      const match = c.req.header('if-match')
      if (match === undefined) return failure(400, 'BadRequest', 'The If-Match header is required.')
      if (match !== etagOf(record))
        return failure(409, 'Request_EntityChanged', 'Another user has already changed the record.')
    }
    try {
      const call = {
        method: c.req.method,
        path: decodeURIComponent(c.req.path),
        body,
        key: (body[KEY] as string | undefined) ?? null,
        by: 'plumbline',
      }
      return answer(entityOf(ledger.change(call, kind, id, changeOf(state, kind, body))), id === null ? 201 : 200)
    } catch (error) {
      if (error instanceof Invalid) return failure(400, 'BadRequest', error.message)
      throw error
    }
  }
  return { app, endSessions: () => sessions.clear() }
}

/** Conditions joined by `and`; null for an `or`, which the vendor refuses over different properties. */
function filterOf(text: string): ((row: Entity) => boolean) | null {
  if (/ or /.test(text)) return null
  const tests = text.split(' and ').map((part) => {
    const [, property, operator, quoted, bare] = /^(\w+) (eq|ge|gt|lt|le) (?:'(.*)'|(\S+))$/.exec(part) ?? []
    const wanted = quoted?.replaceAll("''", "'") ?? bare ?? ''
    return (row: Entity) => {
      const held = String(row[property ?? ''] ?? '')
      switch (operator) {
        case 'eq':
          return held === wanted
        case 'ge':
          return held >= wanted
        case 'gt':
          return held > wanted
        case 'lt':
          return held < wanted
        default:
          return operator === 'le' && held <= wanted
      }
    }
  })
  return (row) => tests.every((test) => test(row))
}
