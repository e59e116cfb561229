/** Simulated Gainsight: queries with conditions in whole seconds, failures that come with any status, the log of deletions, writes. */
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { GAINSIGHT_CLIENT, GAINSIGHT_KEY, platformConfig, referenceMaps } from './gainsight/entry.ts'
import { gainsightHooks } from './gainsight/hooks.ts'
import type { Row } from './gainsight/objects.ts'
import { changeOf, idOf, kindOfObject, PLANS, rowOf } from './gainsight/objects.ts'

export interface GainsightOptions {
  /** Objects that the tenant does not have, and fields of the others that it does not. */
  absent?: readonly string[]
  lacking?: readonly string[]
  /** Hours by which the tenant reads times in conditions otherwise than in UTC. */
  hoursOff?: number
}

const TOKEN_PATH = '/v1/users/m2m/oauth/token'
const ROWS_MAX = 5_000

export const gainsightTenant = (options: GainsightOptions = {}): Simulator => ({
  vendor: 'gainsight',
  role: 'success',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.fields ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const tenant = createTenant(state, ledger, options)
    const wire = await listen(
      state,
      (request, env) => tenant.app.fetch(request, env),
      (fault, request) => faulty(fault, request, tenant.endSessions),
    )
    return {
      url: wire.url,
      platformConfig: platformConfig(wire.url),
      referenceMaps: referenceMaps(),
      requests: wire.requests,
      mutations: ledger.mutations,
      hooks: (to, trouble) => gainsightHooks(state, to, trouble),
      stop: wire.stop,
    }
  },
})
export const gainsight = gainsightTenant()
export default gainsight

const failure = (errorCode: string, errorDesc: string, status = 200) =>
  answer({ result: false, errorCode, errorDesc, requestId: 'lab', data: null, message: null }, status)
const success = (data: unknown) =>
  answer({ result: true, errorCode: null, errorDesc: null, requestId: 'lab', data, message: null })
const unauthorised = () => failure('GS_APIG_2401', 'Invalid access key', 401)
const nothing = () => failure('GSOBJ_1011', 'No entity matches the given criteria', 400)
const unknownObject = () => failure('OBJECT_NOT_FOUND', 'Requested object not found', 400)

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle') {
    const headers: Record<string, string> =
      fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }
    return answer({ result: false, errorCode: 'GS_APIG_2429', errorDesc: 'Too many requests' }, 429, headers)
  }
  if (fault.kind === 'error') return failure('GS_APIG_2500', 'Internal error', fault.status)
  if (fault.kind !== 'expired_session' || new URL(request.url).pathname === TOKEN_PATH) return undefined
  endSessions()
  return unauthorised()
}

interface Asked {
  select: string[]
  where?: { conditions: { name: string; alias: string; value: unknown[]; operator: string }[]; expression: string }
  orderBy?: Record<string, 'asc' | 'desc'>
  limit?: number
  offset?: number
}

function createTenant(state: PlatformState, ledger: Ledger, options: GainsightOptions) {
  const { absent = [], lacking = [], hoursOff = 0 } = options
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0
  app.post(TOKEN_PATH, async (c) => {
    const basic = `Basic ${Buffer.from(`${GAINSIGHT_CLIENT.id}:${GAINSIGHT_CLIENT.secret}`).toString('base64')}`
    const form = await c.req.parseBody()
    if (c.req.header('authorization') !== basic || form['grant_type'] !== 'client_credentials')
      return answer({ error: 'invalid_client' }, 401)
    const token = `lab-gainsight-token-${++issued}`
    sessions.add(token)
    return answer({ access_token: token, token_type: 'Bearer', expires_in: 3600 })
  })
  app.use('*', async (c, next) => {
    const token = (c.req.header('authorization') ?? '').replace(/^Bearer /, '')
    return c.req.header('accesskey') === GAINSIGHT_KEY || sessions.has(token) ? next() : unauthorised()
  })

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const seen = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => !lacking.includes(name)))
  const opened = (object: string) => (absent.includes(object) ? undefined : kindOfObject(object))

  app.post('/v1/meta/services/objects/describe', async (c) => {
    const { objectNames } = await c.req.json<{ objectNames: string[] }>()
    const kind = opened(objectNames[0] ?? '')
    if (kind === undefined) return unknownObject()
    const some = {
      id: '',
      kind,
      fields: {},
      state: null,
      refs: {},
      createdAt: 0,
      changedAt: 0,
      visibleAt: 0,
      changedBy: '',
    }
    const names = Object.keys(seen(rowOf(some))).filter((name) => !name.includes('.'))
    return success([{ objectName: objectNames[0], fields: names.map((fieldName) => ({ fieldName })) }])
  })

  app.post('/v1/data/objects/query/:object', async (c) => {
    const object = c.req.param('object')
    const asked = await c.req.json<Asked>()
    if (object === 'record_delete_log') return found(c, deletions(), asked, 'RecordId')
    const kind = opened(object)
    return kind === undefined
      ? unknownObject()
      : found(
          c,
          live(kind).map((r) => seen(rowOf(r))),
          asked,
          'Gsid',
        )
  })

  const deletions = (): Row[] =>
    Object.keys(PLANS).flatMap((kind) =>
      state
        .records(kind)
        .flatMap((r): Row[] =>
          r.deletedAt === undefined
            ? []
            : [{ ObjectName: PLANS[kind]!.object.toLowerCase(), RecordId: r.id, DeletedOn: r.deletedAt }],
        ),
    )

  function found(c: Context<WireEnv>, rows: Row[], asked: Asked, id: string): Response {
    const { select, where, orderBy = {}, limit = 100, offset = 0 } = asked
    const known = rows[0]
    const unknown = known && select.find((name) => !(name in known))
    if (unknown !== undefined) return failure('GSOBJ_1005', `Invalid field ${unknown}`, 400)
    const conditions = where?.conditions ?? []
    if (where && where.expression !== conditions.map((one) => one.alias).join(' AND '))
      return failure('GSOBJ_1023', 'Invalid expression', 400)
    const kept = rows.filter((row) => conditions.every((one) => meets(row[one.name], one.operator, one.value[0])))
    const order = [...Object.keys(orderBy), id]
    kept.sort((a, b) => {
      for (const name of order) if (a[name] !== b[name]) return (a[name] as string) < (b[name] as string) ? -1 : 1
      return 0
    })
    const page = kept.slice(offset, offset + Math.min(ROWS_MAX, limit))
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
    if (bad) bad['CreatedDate'] = 'yesterday'
    if (page.length === 0) return nothing()
    return success(page.map((row) => Object.fromEntries(select.map((name) => [name, row[name]]))))
  }

  /** Conditions on times know whole seconds: they are texts without a zone. */
  function meets(value: unknown, operator: string, against: unknown): boolean {
    const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(against))
    const limit = time
      ? Date.parse(`${String(against).replace(' ', 'T')}Z`) + hoursOff * 3_600_000
      : (against as number)
    const held = value as number
    if (operator === 'EQ') return held === limit
    if (value === null || value === undefined) return false
    return operator === 'GT' ? held > limit : operator === 'GTE' ? held >= limit : held < limit
  }

  async function written(c: Context<WireEnv>, making: boolean): Promise<Response> {
    const kind = opened(c.req.param('object') ?? '')
    if (kind === undefined) return unknownObject()
    const body = await c.req.json<{ records: Row[] }>()
    const [given = {}] = body.records
    const id = making ? null : String(given['Gsid'])
    if (id !== null) {
      if (c.req.query('keys') !== 'Gsid') return failure('GSOBJ_1003', 'keys is required', 400)
      overtaken(state, c.env.fault, kind, id)
      const record = state.record(kind, id)
      if (!record || record.deletedAt !== undefined) return nothing()
    }
    const change = changeOf(kind, given)
    if (typeof change === 'string') return failure('GSOBJ_1006', change, 400)
    if (making && kind === 'customer' && !change.fields['name']) return failure('GSOBJ_1009', 'Name is required', 400)
    const url = new URL(c.req.url)
    const key = typeof given['PlumblineKey__gc'] === 'string' ? given['PlumblineKey__gc'] : null
    const call = { method: c.req.method, path: `${url.pathname}${url.search}`, body, key, by: 'plumbline' }
    const after = ledger.change(call, kind, id, change)
    return success({ count: 1, errors: null, records: [{ Gsid: after.id }] })
  }
  app.post('/v1/data/objects/:object', (c) => written(c, true))
  app.put('/v1/data/objects/:object', (c) => written(c, false))
  app.notFound(() => failure('GS_APIG_2404', 'No such resource', 404))
  return { app, endSessions: () => sessions.clear() }
}
