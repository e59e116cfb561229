/** Simulated S/4HANA: OAuth token, OData V2 services (and V4 sales orders) with their descriptions, CSRF sessions, versions, errors in SAP’s shape. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import { BadFilter, odataFilter } from '../odata-filter.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { platformConfig, referenceMaps, SAP_CLIENT } from './sap-s4hana/entry.ts'
import { sapHooks } from './sap-s4hana/hooks.ts'
import type { Entity } from './sap-s4hana/rows.ts'
import { areasOf, changeOf, describedProperties, entityOf, etagOf, Invalid } from './sap-s4hana/rows.ts'
import { AREAS, customerOf, idOf, PLANS, V4_ORDERS } from './sap-s4hana/sets.ts'

export interface SapOptions {
  /** Services that the communication user may not read, and that no arrangement has. */
  forbidden?: readonly string[]
  absent?: readonly string[]
  /** Properties that this release does not have. */
  lacking?: readonly string[]
  /** Most rows of one page, whatever is asked. */
  cap?: number
  orders?: 'v2' | 'v4'
}

export const sapSystem = (options: SapOptions = {}): Simulator => ({
  vendor: 'sap-s4hana',
  role: 'erp',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.properties ?? {}),
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createSystem(state, ledger, options)
    const wire = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    return {
      url: wire.url,
      platformConfig: platformConfig(wire.url, options.orders),
      referenceMaps: referenceMaps(),
      requests: wire.requests,
      mutations: ledger.mutations,
      hooks: (to, trouble) => sapHooks(state, Object.keys(PLANS), to, trouble),
      stop: wire.stop,
    }
  },
})
export default sapSystem()

const failure = (status: number, code: string, value: string, headers: Record<string, string> = {}) =>
  answer({ error: { code, message: { lang: 'en', value } } }, status, headers)
const unknown = () => failure(401, 'ICF/401', 'Anmeldung fehlgeschlagen')
const notFound = () => failure(404, '/IWBEP/CM_MGW_RT/020', 'Resource not found')

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle')
    return failure(429, 'ICF/429', 'Too many requests', {
      ...(fault.retryAfterSeconds !== undefined && { 'retry-after': String(fault.retryAfterSeconds) }),
    })
  if (fault.kind === 'error') return failure(fault.status, '/IWBEP/CX_MGW_BUSI_EXCEPTION', 'Internal error')
  if (fault.kind !== 'expired_session' || request.url.endsWith('/token')) return undefined
  endSessions()
  return unknown()
}

type Call = Context<WireEnv>

interface Place {
  kind: string
  version: 2 | 4
  /** The part of the entity that the set is ('' for itself). */
  part: string
  /** Record id; null for the set. */
  id: string | null
}

const PARTS: Record<string, string> = {
  A_Customer: 'to_Customer',
  A_BusinessPartnerAddress: 'to_BusinessPartnerAddress',
  A_CustomerSalesArea: AREAS,
}

function createSystem(state: PlatformState, ledger: Ledger, options: SapOptions) {
  const { forbidden = [], absent = [], lacking = [], cap = 5_000 } = options
  const app = new Hono<WireEnv>()
  const tokens = new Set<string>()
  const sessions = new Map<string, string>()
  let issued = 0

  app.post('/sap/bc/sec/oauth2/token', (c) => {
    const expected = `Basic ${Buffer.from(`${SAP_CLIENT.id}:${SAP_CLIENT.secret}`).toString('base64')}`
    if (c.req.header('authorization') !== expected) return answer({ error: 'invalid_client' }, 401)
    const token = `lab-sap-${++issued}`
    tokens.add(token)
    return answer({ token_type: 'Bearer', expires_in: 3599, access_token: token })
  })

  app.all('*', async (c) => {
    if (!tokens.has((c.req.header('authorization') ?? '').replace(/^Bearer /, ''))) return unknown()
    const path = decodeURIComponent(c.req.path)
    const service = [V4_ORDERS, ...Object.values(PLANS).map((plan) => plan.service)].find((s) =>
      path.startsWith(`${s}/`),
    )
    const name = service?.split('/').at(-1) ?? ''
    if (service === undefined || absent.includes(name)) return notFound()
    if (forbidden.includes(name)) return failure(403, '/IWFND/CM_CONSUMER/101', `No authorization for service ${name}`)
    const rest = path.slice(service.length + 1)
    if (rest === '') return opened(c)
    if (rest === '$metadata') return described(service)
    const place = placeOf(service, rest)
    if (place === null) return notFound()
    return c.req.method === 'GET' ? read(c, place) : written(c, place, path)
  })

  /** The service itself: where a session and its token are given out. */
  function opened(c: Call): Response {
    if (c.req.header('x-csrf-token')?.toLowerCase() !== 'fetch') return answer({ d: { EntitySets: [] } })
    const [session, token] = [`s${++issued}`, `csrf-${issued}==`]
    sessions.set(session, token)
    const reply = answer({ d: { EntitySets: [] } }, 200, { 'x-csrf-token': token })
    reply.headers.append('set-cookie', 'sap-usercontext=sap-client=100; path=/')
    reply.headers.append(
      'set-cookie',
      `SAP_SESSIONID=${session}; expires=Wed, 25-Nov-2026 10:00:00 GMT; path=/; secure`,
    )
    return reply
  }

  function described(service: string): Response {
    const kinds = Object.keys(PLANS).filter((kind) =>
      service === V4_ORDERS ? kind === 'order' : PLANS[kind]!.service === service,
    )
    const types = new Map<string, Set<string>>()
    for (const kind of kinds) {
      const set = service === V4_ORDERS ? 'SalesOrder' : PLANS[kind]!.set
      const names = types.get(set) ?? new Set<string>()
      for (const name of describedProperties(kind)) if (!lacking.includes(name)) names.add(name)
      types.set(set, names)
      for (const path of Object.values(PLANS[kind]!.properties)) {
        const [part, inner] = path.split('/') as [string, string | undefined]
        const of = part === AREAS ? AREAS : `Of_${part}`
        if (inner !== undefined) types.set(of, (types.get(of) ?? new Set(['HouseNumber'])).add(inner))
      }
    }
    const property = (name: string) =>
      name.startsWith('to_') ? `<NavigationProperty Name="${name}"/>` : `<Property Name="${name}" Type="Edm.String"/>`
    const type = ([set, names]: [string, Set<string>]) =>
      `<EntityType Name="${set}Type" sap:content-version="1">${[...names].map(property).join('')}</EntityType>`
    const sets = [...types.keys()].map((set) => `<EntitySet Name="${set}" EntityType="lab.${set}Type"/>`)
    const xml = `<?xml version="1.0"?><edmx:Edmx><Schema>${[...types].map(type).join('')}<EntityContainer>${sets.join('')}</EntityContainer></Schema></edmx:Edmx>`
    return new Response(xml, { headers: { 'content-type': 'application/xml' } })
  }

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)

  function read(c: Call, { kind, version, part, id }: Place): Response {
    if (id !== null) return one(kind, id, version)
    const plan = PLANS[kind]!
    const kinds = Object.keys(PLANS).filter((other) => PLANS[other]!.set === plan.set)
    const records = kinds.flatMap(live)
    const rows = part === AREAS ? records.flatMap(areasOf) : records.map((record) => entityOf(record, version))
    let kept: Entity[]
    try {
      const filter = c.req.query('$filter')
      const keeps = filter === undefined ? () => true : odataFilter(filter)
      kept = rows.filter((row) => keeps((name) => (lacking.includes(name) ? undefined : row[name])))
    } catch (error) {
      if (error instanceof BadFilter) return failure(400, '/IWBEP/CM_MGW_RT/021', error.message)
      throw error
    }
    const order = (c.req.query('$orderby') ?? plan.keys[0]!).split(',')
    const place = (row: Entity) => order.map((name) => String(row[name])).join('\u0000')
    kept.sort((a, b) => (place(a) < place(b) ? -1 : 1))
    const asked = Number(c.req.query('$top') ?? cap)
    const page = kept.slice(0, Math.min(asked, cap))
    const fault = c.env.fault
    const bad = fault?.kind === 'poison' ? page[fault.recordIndex % page.length] : undefined
    if (bad) bad[plan.stamp] = 'yesterday'
    const lack = (c.req.query('$select') ?? '').split(',').find((name) => lacking.includes(name))
    if (lack !== undefined) return failure(400, '/IWBEP/CM_MGW_RT/021', `Property ${lack} not found`)
    const shown = page.map((row) => selected(row, c.req.query('$select'), c.req.query('$expand')))
    const cut = page.length < Math.min(asked, kept.length)
    const next = cut ? `${c.req.url}&$skiptoken=${page.length}` : undefined
    if (version === 4)
      return answer({
        ...(c.req.query('$count') === 'true' && { '@odata.count': kept.length }),
        value: shown,
        ...(next && { '@odata.nextLink': next }),
      })
    const counted = c.req.query('$inlinecount') === 'allpages' ? { __count: String(kept.length) } : {}
    return answer({ d: { ...counted, results: shown, ...(next && { __next: next }) } })
  }

  function one(kind: string, id: string, version: 2 | 4): Response {
    const record = state.record(kind, id)
    if (!record || record.deletedAt !== undefined) return notFound()
    const entity = entityOf(record, version)
    return answer(version === 4 ? entity : { d: entity })
  }

  async function written(c: Call, { kind, version, part, id }: Place, path: string): Promise<Response> {
    const session = /SAP_SESSIONID=(\w+)/.exec(c.req.header('cookie') ?? '')?.[1]
    const token = c.req.header('x-csrf-token')
    if (token === undefined || sessions.get(session ?? '') !== token)
      return new Response('CSRF token validation failed', { status: 403, headers: { 'x-csrf-token': 'Required' } })
    const body = await c.req.json<Entity>()
    if (id !== null) overtaken(state, c.env.fault, kind, id)
    const record = id === null ? null : state.record(kind, id)
    if (id !== null && (!record || record.deletedAt !== undefined)) return notFound()
    const refused = record && part === '' && PLANS[kind]!.versioned && versionRefused(c, record)
    if (refused) return refused
    try {
      const given = version === 2 && 'd' in body ? (body['d'] as Entity) : body
      const change = changeOf(state, kind, part, given)
      const call = { method: c.req.method, path, body, key: change.fields['~key'] ?? null, by: 'PLUMBLINE' }
      const made = ledger.change(call, kind, id, change)
      return id === null ? answer({ d: entityOf(made, 2) }, 201) : new Response(null, { status: 204 })
    } catch (error) {
      if (error instanceof Invalid) return failure(400, 'R11/110', error.message)
      throw error
    }
  }
  return { app, endSessions: () => tokens.clear() }
}

function versionRefused(c: Call, record: SimRecord): Response | null {
  const match = c.req.header('if-match')
  if (match === undefined) return failure(428, '/IWFND/CM_MGW/592', 'The header If-Match is missing')
  return match === etagOf(record)
    ? null
    : failure(412, '/IWFND/CM_MGW/591', 'Precondition failed: the entity was changed')
}

function selected(row: Entity, select: string | undefined, expand: string | undefined): Entity {
  const asked = select?.split(',') ?? Object.keys(row)
  const opened = expand?.split(',') ?? []
  const out: Entity = {}
  for (const [name, value] of Object.entries(row))
    if (name.startsWith('__') || name.startsWith('@')) out[name] = value
    else if (name.startsWith('to_')) out[name] = opened.includes(name) ? value : { __deferred: { uri: name } }
    else if (asked.includes(name)) out[name] = value
  return out
}

function placeOf(service: string, rest: string): Place | null {
  if (service === V4_ORDERS) {
    const [set, id] = rest.split('/')
    return set === 'SalesOrder' ? { kind: 'order', version: 4, part: '', id: id ?? null } : null
  }
  const [, set, inside] = /^(\w+)(?:\((.*)\))?$/.exec(rest) ?? []
  const part = PARTS[set ?? ''] ?? ''
  const kind =
    part === '' ? Object.keys(PLANS).find((k) => PLANS[k]!.set === set && PLANS[k]!.service === service) : 'customer'
  if (kind === undefined) return null
  const key = inside === undefined ? null : (/'([^']*)'/.exec(inside)?.[1] ?? '')
  const id = key !== null && kind === 'customer' && set !== 'A_Customer' ? customerOf(key) : key
  return { kind, version: 2, part, id }
}
