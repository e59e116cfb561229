/** Simulated Zuora tenant: tokens, Object Query with its cursors, ZOQL counts, and errors that come with status 200. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import { createLedger } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { zuoraHooks } from './zuora/hooks.ts'
import type { Plan, Rendered } from './zuora/objects.ts'
import { changedSeconds, idOf, PLANS, refName, REFERRED, rowsOf } from './zuora/objects.ts'
import { platformConfig, referenceMaps, ZUORA_CLIENT } from './zuora/settings.ts'
import { addWrites, refusal } from './zuora/writes.ts'

export interface ZuoraOptions {
  /** Objects that the API user may not read. */
  hidden?: readonly string[]
  perMinute?: number
}

export function zuoraTenant(options: ZuoraOptions = {}): Simulator {
  return {
    vendor: 'zuora',
    role: 'billing',
    kinds: Object.keys(PLANS),
    holds: (kind) => {
      const plan = PLANS[kind]
      return plan ? [...Object.keys(plan.native), ...plan.custom, ...plan.further] : []
    },
    id: idOf,
    async start(state): Promise<RunningSimulator> {
      const ledger = createLedger(state)
      const tenant = createTenant(state, options)
      addWrites(tenant.app, state, ledger)
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
        hooks: (url, trouble) => zuoraHooks(state, url, trouble),
        stop: wire.stop,
      }
    },
  }
}
export const zuora: Simulator = zuoraTenant()
export default zuora

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  const url = new URL(request.url)
  if (fault.kind === 'throttle') {
    // In its two dialects: with the status that says so, and with 200 and a code.
    if (fault.retryAfterSeconds === undefined) return refusal(59210070, 'Request exceeded limit')
    const headers = { 'retry-after': String(fault.retryAfterSeconds) }
    return answer({ reasons: [{ code: 'REQUEST_EXCEEDED_RATE', message: 'Too many requests' }] }, 429, headers)
  }
  if (fault.kind === 'error')
    return fault.status === 502
      ? new Response('Bad Gateway', { status: 502 })
      : refusal(59210060, 'An internal error occurred', fault.status)
  if (fault.kind === 'expired_session' && url.pathname !== '/oauth/token') {
    endSessions()
    return refusal(90000011, 'Authentication error', 401)
  }
  return fault.kind === 'expired_cursor' && url.searchParams.has('cursor') ? lostCursor() : undefined
}

const lostCursor = () => refusal(50000020, 'The cursor is invalid or has expired', 400)

type Call = Context<WireEnv>

function createTenant(state: PlatformState, { hidden = [], perMinute = 50_000 }: ZuoraOptions) {
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0
  let minute = { start: 0, calls: 0 }

  app.post('/oauth/token', async (c) => {
    const form = await c.req.parseBody()
    if (form['client_id'] !== ZUORA_CLIENT.id || form['client_secret'] !== ZUORA_CLIENT.secret)
      return answer({ error: 'invalid_client', error_description: 'The client is not known' }, 401)
    const token = `lab-zuora-token-${++issued}`
    sessions.add(token)
    return answer({
      access_token: token,
      token_type: 'bearer',
      expires_in: 3598,
      scope: 'user.lab',
      jti: `lab${issued}`,
    })
  })

  app.use('*', async (c, next) => {
    if (c.req.path === '/oauth/token') return next()
    if (!sessions.has((c.req.header('authorization') ?? '').replace(/^Bearer /, '')))
      return refusal(90000011, 'Authentication error', 401)
    const start = Math.floor(state.now() / 60_000)
    if (minute.start !== start) minute = { start, calls: 0 }
    if (++minute.calls > perMinute) return refusal(59210070, 'Request exceeded limit')
    await next()
    c.res.headers.set('ratelimit-limit', `${perMinute}, ${perMinute};w=60`)
    c.res.headers.set('ratelimit-remaining', String(perMinute - minute.calls))
    c.res.headers.set('ratelimit-reset', String(60 - (Math.floor(state.now() / 1000) % 60)))
    return undefined
  })

  for (const [kind, plan] of Object.entries(PLANS)) {
    const forbidden = () => (hidden.includes(plan.path) ? refusal(50000010, 'Permission denied', 200) : null)
    app.get(`/object-query/${plan.path}`, (c) => forbidden() ?? listed(c, kind))
    app.get(`/object-query/${plan.path}/:key`, (c) => forbidden() ?? single(c, kind))
  }

  app.post('/v1/action/query', async (c) => {
    const { queryString } = await c.req.json<{ queryString: string }>()
    const found = /^select Id from (\w+)(?: where (\w+) = '((?:[^'\\]|\\.)*)')?$/.exec(queryString)
    const entry = Object.entries(PLANS).find(([, plan]) => plan.zoql === found?.[1])
    if (!found || !entry)
      return answer({ faultCode: 'MALFORMED_QUERY', faultMessage: 'You have an error in your ZOQL syntax' }, 400)
    const [kind, plan] = entry
    const rows = zoqlRows(kind, plan, found[2], found[3]?.replace(/\\(.)/g, '$1'))
    return answer({
      size: rows.length,
      done: rows.length <= 2_000,
      records: rows.slice(0, 2_000).map((Id) => ({ Id })),
    })
  })
  app.notFound(() => refusal(50000040, 'No such resource', 404))

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)

  function zoqlRows(kind: string, plan: Plan, column: string | undefined, value: string | undefined): string[] {
    if (hidden.includes(plan.path)) return []
    if (column === undefined) return live(kind).map((r) => r.id)
    const platform = REFERRED.find((name) => refName(kind, name) === column)
    return live(kind).flatMap((r) => (platform !== undefined && r.refs[platform] === value ? [r.id] : []))
  }

  function listed(c: Call, kind: string): Response {
    const url = new URL(c.req.url)
    const size = Number(url.searchParams.get('pageSize') ?? '10')
    if (!(size >= 1 && size <= 99)) return refusal(50000020, 'pageSize must be between 1 and 99', 400)
    if (url.searchParams.getAll('sort[]').some((s) => s !== 'updateddate.ASC'))
      return refusal(50000020, 'Cannot sort', 400)
    const bounds = url.searchParams.getAll('filter[]').map((f) => /^updateddate\.(GE|LT):(.+)$/.exec(f))
    if (bounds.some((b) => !b || Number.isNaN(Date.parse(b[2]!)))) return refusal(50000020, 'Cannot filter', 400)
    const within = (seconds: number) =>
      bounds.every((b) => (b![1] === 'GE' ? seconds * 1000 >= Date.parse(b![2]!) : seconds * 1000 < Date.parse(b![2]!)))
    const cursor = placeOf(url.searchParams.get('cursor'))
    if (cursor === undefined) return lostCursor()
    const rows = live(kind)
      .flatMap((record: SimRecord) =>
        rowsOf(record).map((row) => ({ at: changedSeconds(record), id: String(row['id']), row })),
      )
      .filter(({ at, id }) => within(at) && (cursor === null || at > cursor[0] || (at === cursor[0] && id > cursor[1])))
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    const page = rows.slice(0, size)
    const end = page.at(-1)
    const more = rows.length > size && end !== undefined
    return answer({
      nextPage: more ? Buffer.from(JSON.stringify([end.at, end.id])).toString('base64url') : null,
      data: poisoned(
        c,
        page.map(({ row }) => cut(c, row, size)),
      ),
    })
  }

  function single(c: Call, kind: string): Response {
    const key = c.req.param('key') ?? ''
    const rows = live(kind).flatMap(rowsOf)
    const row = rows.find((r) => r['id'] === key) ?? rows.findLast((r) => r['name'] === key && kind === 'subscription')
    return row
      ? answer(cut(c, row, Number(c.req.query('pageSize') ?? '10')))
      : refusal(50000040, `Cannot find entity by key: '${key}'.`)
  }

  return { app, endSessions: () => sessions.clear() }
}

/** Members that come only when they are expanded, and lists inside a row that end at the page size. */
function cut(c: Call, row: Rendered, size: number): Rendered {
  const expanded = new URL(c.req.url).searchParams.getAll('expand[]')
  const out = { ...row }
  for (const member of ['billTo', 'soldTo', 'product']) if (!expanded.includes(member.toLowerCase())) delete out[member]
  if (!expanded.includes('rateplans.rateplancharges')) delete out['ratePlans']
  else out['ratePlans'] = (out['ratePlans'] as unknown[] | undefined)?.slice(0, size)
  return out
}

/** Null: from the beginning; undefined: no cursor of ours. */
function placeOf(cursor: string | null): [number, string] | null | undefined {
  if (cursor === null) return null
  try {
    const [at, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [unknown, unknown]
    return typeof at === 'number' && typeof id === 'string' ? [at, id] : undefined
  } catch {
    return undefined
  }
}

function poisoned(c: Call, rows: Rendered[]): Rendered[] {
  const fault = c.env.fault
  const bad = fault?.kind === 'poison' ? rows[fault.recordIndex % rows.length] : undefined
  if (bad) bad['createdDate'] = 'yesterday'
  return rows
}
