/** Simulated Dataverse: tokens, table definitions, change tracking, rows with versions, and alternate keys. */
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { DYNAMICS_CLIENT, platformConfig, referenceMaps } from './dynamics-sales/entry.ts'
import { CURRENCIES, idOf, KEY, PLANS, REFERENCES, SETS, TABLES } from './dynamics-sales/environment.ts'
import { dynamicsHooks } from './dynamics-sales/hooks.ts'
import { createLists, problem } from './dynamics-sales/lists.ts'
import { columnsOf, etag, only, rowOf } from './dynamics-sales/rows.ts'
import { changeOf, Refused } from './dynamics-sales/writes.ts'

const ROOT = '/api/data/v9.2'
const unauthorised = () => answer({ error: { code: '0x80072560', message: 'The token has expired.' } }, 401)
const nowhere = () => problem(404, '0x80040217', 'The record does not exist.')

interface Options {
  /** Tables without change tracking. */
  untracked?: readonly string[]
  /** Tables that the application user may not read. */
  hidden?: readonly string[]
}

export const dynamicsEnvironment = (options: Options = {}): Simulator => ({
  vendor: 'dynamics-sales',
  role: 'crm',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.columns ?? {}),
  id: idOf,
  async start(state) {
    const ledger = createLedger(state)
    const { app, endSessions } = createEnvironment(state, ledger, options)
    const { url, requests, stop } = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    const { mutations } = ledger
    const hooks: RunningSimulator['hooks'] = (to, trouble) => dynamicsHooks(state, to, trouble)
    return {
      url,
      platformConfig: platformConfig(url),
      referenceMaps: referenceMaps(),
      requests,
      mutations,
      hooks,
      stop,
    }
  },
})
export const dynamicsSales = dynamicsEnvironment()
export default dynamicsSales

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  switch (fault.kind) {
    case 'throttle':
      return problem(
        429,
        '0x80072322',
        'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
        {
          'retry-after': String(fault.retryAfterSeconds ?? 2),
        },
      )
    case 'error':
      return problem(fault.status, '0x80040216', 'An unexpected error occurred.')
    case 'expired_session':
      if (new URL(request.url).pathname.endsWith('/token')) return undefined
      endSessions()
      return unauthorised()
    default:
      return undefined
  }
}

function createEnvironment(state: PlatformState, ledger: Ledger, { untracked = [], hidden = [] }: Options) {
  const app = new Hono<WireEnv>()
  const sessions = new Map<string, number>()
  const lists = createLists(state)
  let issued = 0

  app.post('/:tenant/oauth2/v2.0/token', async (c) => {
    const form = await c.req.formData()
    const scope = `${new URL(c.req.url).origin}/.default`
    if (form.get('client_id') !== DYNAMICS_CLIENT.id || form.get('client_secret') !== DYNAMICS_CLIENT.secret)
      return answer({ error: 'invalid_client' }, 401)
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== scope)
      return answer({ error: 'invalid_scope' }, 400)
    const token = `lab-entra-${++issued}`
    sessions.set(token, state.now() + 3_600_000)
    return answer({ token_type: 'Bearer', expires_in: 3600, access_token: token })
  })
  app.use(`${ROOT}/*`, async (c, next) => {
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    if (!token || !((sessions.get(token) ?? 0) > state.now())) return unauthorised()
    await next()
    c.res.headers.set('x-ms-ratelimit-burst-remaining-xrm-requests', '5990')
    return undefined
  })
  app.get(`${ROOT}/WhoAmI`, () =>
    answer({ UserId: idOf('contact', 1), BusinessUnitId: idOf('contact', 2), OrganizationId: idOf('contact', 3) }),
  )
  app.get(`${ROOT}/transactioncurrencies`, () => answer({ value: CURRENCIES }))
  app.get(`${ROOT}/:address`, (c) => {
    const { name, inner } = parsed(c.req.param('address'))
    if (name === 'EntityDefinitions') return definition(/'(\w+)'/.exec(inner ?? '')?.[1] ?? '', untracked)
    const kind = SETS[name]
    if (!kind) return nowhere()
    if (hidden.includes(name))
      return problem(403, '0x80040220', `Principal user is missing prvRead${PLANS[kind]!.logical} privilege on OTC=1.`)
    if (inner === null) {
      const base = `${new URL(c.req.url).origin}${ROOT}/${name}`
      return lists.read(kind, base, c.req.query(), c.req.header('prefer') ?? '', c.env.fault)
    }
    const record = rowAt(state, kind, inner)
    if (!record || record === 'unknown key') return nowhere()
    return answer(only(rowOf(kind, record), (c.req.query('$select') ?? columnsOf(kind).join(',')).split(',')))
  })
  app.patch(`${ROOT}/:address`, (c) => patched(c, state, ledger))
  app.notFound(nowhere)
  return { app, endSessions: () => sessions.clear() }
}

/** `accounts(…)` as the set and what stands in its brackets. */
function parsed(address: string): { name: string; inner: string | null } {
  const found = /^(\w+)(?:\((.*)\))?$/.exec(address)
  return { name: found?.[1] ?? '', inner: found?.[2] ?? null }
}

function definition(logical: string, untracked: readonly string[]): Response {
  const kind = TABLES[logical]
  if (!kind) return nowhere()
  const names = columnsOf(kind).map((column) => /^_(.+)_value$/.exec(column)?.[1] ?? column)
  const attributes = names.map((name) => ({ LogicalName: name, IsValidForRead: true }))
  return answer({ ChangeTrackingEnabled: !untracked.includes(logical), Attributes: attributes })
}

function keyIn(inner: string): { column: string; value: string } | null {
  const found = /^(\w+)='(.*)'$/.exec(inner)
  return found ? { column: found[1]!, value: found[2]!.replaceAll("''", "'") } : null
}

function rowAt(state: PlatformState, kind: string, inner: string): SimRecord | 'unknown key' | undefined {
  const key = keyIn(inner)
  const live = (r: SimRecord | undefined) => (r && r.deletedAt === undefined ? r : undefined)
  if (!key) return live(state.record(kind, inner))
  const platform = Object.keys(REFERENCES).find((name) => REFERENCES[name] === key.column)
  if (platform === undefined && key.column !== KEY) return 'unknown key'
  const of = (r: SimRecord) => (platform === undefined ? r.fields['~key'] : r.refs[platform])
  return state.records(kind).find((r) => live(r) && of(r) === key.value)
}

/** Without a condition a PATCH makes the row that it does not find. */
async function patched(c: Context<WireEnv>, state: PlatformState, ledger: Ledger): Promise<Response> {
  const { name, inner } = parsed(c.req.param('address')!)
  const kind = SETS[name]
  if (!kind || inner === null) return nowhere()
  if (!keyIn(inner)) overtaken(state, c.env.fault, kind, inner)
  const record = rowAt(state, kind, inner)
  if (record === 'unknown key')
    return problem(400, '0x80060891', 'A record with the specified key values does not exist.')
  const [match, noneMatch] = [c.req.header('if-match'), c.req.header('if-none-match')]
  if (match !== undefined && !record) return nowhere()
  if ((match !== undefined && match !== '*' && match !== etag(record!)) || (noneMatch === '*' && record))
    return problem(
      412,
      '0x80060882',
      "The version of the existing record doesn't match the RowVersion property provided.",
    )
  try {
    const body = (await c.req.json()) as Record<string, unknown>
    const key = keyIn(inner)
    const whole = key && !record ? { [key.column]: key.value, ...body } : body
    const call = { method: 'PATCH', path: c.req.path, body, key: key?.value ?? null, by: idOf('contact', 1) }
    const { id } = ledger.change(call, kind, record?.id ?? null, changeOf(state, kind, whole))
    const address = `${new URL(c.req.url).origin}${ROOT}/${name}(${id})`
    return new Response(null, { status: 204, headers: { 'odata-entityid': address } })
  } catch (error) {
    if (error instanceof SyntaxError) return problem(400, '0x80048d19', 'Error identified in Payload.')
    if (!(error instanceof Refused)) throw error
    return problem(400, error.code, error.message)
  }
}
