/** Simulated Zendesk Support: tokens, incremental exports, cursor paging, rate headers and errors in the vendor's dialect. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { Ledger } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { zendeskHooks } from './zendesk/hooks.ts'
import type { Rendered } from './zendesk/objects.ts'
import { idOf, OBJECT_KEY, objectOf, PLANS, stamp, updatedSeconds } from './zendesk/objects.ts'
import { addWrites } from './zendesk/writes.ts'
import { byId, decode, encode, EXCLUDED_S, EXPORT_PAGE } from './zendesk/places.ts'
import { platformConfig, referenceMaps, ZENDESK_CLIENT, ZENDESK_TOKEN } from './zendesk/settings.ts'

export { ZENDESK_CLIENT, ZENDESK_TOKEN }

export interface ZendeskOptions {
  /** Requests a minute for the account and for each export. */
  perMinute?: number
  exportsPerMinute?: number
  /** Role of the user whom the credentials stand for. */
  role?: 'admin' | 'agent'
}

/** A simulated account; the laboratory's own is never short of calls. */
export function zendeskAccount(options: ZendeskOptions = {}): Simulator {
  return {
    vendor: 'zendesk',
    role: 'support',
    kinds: Object.keys(PLANS),
    holds: (kind) => [...(PLANS[kind]?.native ?? []), ...(PLANS[kind]?.custom ?? [])],
    id: idOf,
    async start(state): Promise<RunningSimulator> {
      const ledger = createLedger(state)
      const account = createAccount(state, ledger, options)
      const wire = await listen(
        state,
        (request, env) => account.app.fetch(request, env),
        (fault, request) => faulty(fault, request, account.endSessions),
      )
      return {
        url: wire.url,
        platformConfig: platformConfig(wire.url),
        referenceMaps: referenceMaps(),
        requests: wire.requests,
        mutations: ledger.mutations,
        hooks: (url, trouble) => zendeskHooks(state, url, trouble),
        stop: wire.stop,
      }
    },
  }
}
export const zendesk: Simulator = zendeskAccount()
export default zendesk

const problem = (status: number, error: string, description: string, headers: Record<string, string> = {}) =>
  answer({ error, description }, status, { 'x-zendesk-request-id': `lab-${status}`, ...headers })
const notFound = () => problem(404, 'RecordNotFound', 'Not found')
const throttled = (seconds: number | undefined) =>
  problem(
    429,
    'APIRateLimitExceeded',
    'Number of allowed API requests per minute exceeded',
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  )
const lostCursor = () => problem(422, 'InvalidCursor', 'The cursor is not valid or has expired')

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  const url = new URL(request.url)
  if (fault.kind === 'throttle') return throttled(fault.retryAfterSeconds)
  if (fault.kind === 'error')
    return fault.status === 502
      ? new Response('Bad Gateway', { status: 502 })
      : problem(fault.status, 'InternalError', 'An unexpected error occurred')
  if (fault.kind === 'expired_session' && url.pathname !== '/oauth/tokens') {
    endSessions()
    return answer(
      {
        error: 'invalid_token',
        error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
      },
      401,
    )
  }
  if (fault.kind === 'expired_cursor' && (url.searchParams.has('cursor') || url.searchParams.has('page[after]')))
    return lostCursor()
  return undefined
}

type Call = Context<WireEnv>

function createAccount(
  state: PlatformState,
  ledger: Ledger,
  { perMinute = 100_000, exportsPerMinute = 10_000, role = 'admin' }: ZendeskOptions,
) {
  const app = new Hono<WireEnv>()
  const sessions = new Map<string, string>()
  let issued = 0
  let minute = { start: 0, all: 0, exports: 0 }

  app.post('/oauth/tokens', async (c) => {
    const form = await c.req.parseBody()
    if (form['grant_type'] !== 'client_credentials') return answer({ error: 'unsupported_grant_type' }, 400)
    if (form['client_id'] !== ZENDESK_CLIENT.id || form['client_secret'] !== ZENDESK_CLIENT.secret)
      return answer({ error: 'invalid_client' }, 401)
    const token = `lab-access-${++issued}`
    const scope = String(form['scope'] ?? 'read')
    sessions.set(token, scope)
    return answer({ access_token: token, token_type: 'bearer', scope, expires_in: 7_200 })
  })

  app.use('/api/*', async (c, next) => {
    const header = c.req.header('authorization') ?? ''
    const basic = `Basic ${Buffer.from(`${ZENDESK_TOKEN.email}/token:${ZENDESK_TOKEN.token}`).toString('base64')}`
    if (header !== basic && !sessions.has(header.replace(/^Bearer /, '')))
      return answer({ error: "Couldn't authenticate you" }, 401)
    const now = Math.floor(state.now() / 60_000)
    if (minute.start !== now) minute = { start: now, all: 0, exports: 0 }
    const isExport = c.req.path.startsWith('/api/v2/incremental/')
    const left = 60 - Math.floor((state.now() / 1000) % 60)
    if (minute.all >= perMinute || (isExport && minute.exports >= exportsPerMinute)) return throttled(left)
    minute.all++
    if (isExport) minute.exports++
    if (isExport && role !== 'admin')
      return answer(
        {
          error: {
            title: 'Forbidden',
            message:
              'You do not have access to this page. Please contact the account owner of this help desk for further help.',
          },
        },
        403,
      )
    await next()
    const remaining = perMinute - minute.all
    c.res.headers.set('ratelimit-limit', String(perMinute))
    c.res.headers.set('ratelimit-remaining', String(remaining))
    c.res.headers.set('ratelimit-reset', String(left))
    c.res.headers.set('x-rate-limit', String(perMinute))
    c.res.headers.set('x-rate-limit-remaining', String(remaining))
    if (isExport)
      c.res.headers.set(
        'zendesk-ratelimit-incremental-exports',
        `total=${exportsPerMinute}; remaining=${exportsPerMinute - minute.exports}; resets=${left}`,
      )
    return undefined
  })

  app.get('/api/v2/users/me', () =>
    answer({
      user: { id: 370_000_000_001, name: 'Lab Administrator', email: ZENDESK_TOKEN.email, role, active: true },
    }),
  )
  app.get('/api/v2/incremental/organizations', (c) => exportByTime(c, 'customer', 'organizations'))
  app.get('/api/v2/incremental/users/cursor', (c) => exportByCursor(c, 'contact', 'users'))
  app.get('/api/v2/incremental/tickets/cursor', (c) => exportByCursor(c, 'case', 'tickets'))
  app.get('/api/v2/organizations/:id/merges', (c) => {
    const id = c.req.param('id')
    const merged = state
      .records('customer')
      .filter((r) => r.mergedInto !== undefined && (r.id === id || r.mergedInto === id))
    return answer({
      organization_merges: merged.map((r) => ({
        id: `01MERGE${r.id}`,
        loser_id: Number(r.id),
        winner_id: Number(r.mergedInto),
        status: 'complete',
      })),
    })
  })
  addWrites(app, state, ledger, (c) => {
    const header = c.req.header('authorization') ?? ''
    return header.startsWith('Basic ') || /\bwrite\b/.test(sessions.get(header.replace(/^Bearer /, '')) ?? '')
  })
  resource('/api/v2/organizations', 'customer', 'organization')
  resource('/api/v2/users', 'contact', 'user')
  resource('/api/v2/tickets', 'case', 'ticket')
  resource(`/api/v2/custom_objects/${OBJECT_KEY}/records`, 'entitlement', 'custom_object_record')
  app.notFound(() => answer({ error: 'InvalidEndpoint', description: 'Not found' }, 404))

  function resource(path: string, kind: string, member: string): void {
    app.get(`${path}/count`, () => answer({ count: { value: live(kind).length, refreshed_at: stamp(state.now()) } }))
    app.get(`${path}/:id`, (c) => {
      const record = state.record(kind, c.req.param('id'))
      // A deleted user can still be asked for; it is no longer active.
      if (!record || (record.deletedAt !== undefined && kind !== 'contact')) return notFound()
      return answer({ [member]: poisoned(c, [shown(c, record)])[0] })
    })
    app.get(path, (c) => listed(c, kind, `${member}s`))
  }

  const live = (kind: string) => state.records(kind).filter((r) => r.deletedAt === undefined)
  const shown = (c: Call, record: SimRecord) =>
    objectOf(record, c.req.query('include')?.split(',').includes('metric_sets'))

  function listed(c: Call, kind: string, member: string): Response {
    const sort = c.req.query('sort') ?? 'id'
    const direction = sort.startsWith('-') ? -1 : 1
    const rows = live(kind).sort(
      (a, b) =>
        direction * ((sort.endsWith('updated_at') ? updatedSeconds(a) - updatedSeconds(b) : 0) || byId(a.id, b.id)),
    )
    const size = Math.min(100, Number(c.req.query('page[size]') ?? '100'))
    const from = decode(c.req.query('page[after]'), 'o')
    if (from === null || !(size >= 1)) return lostCursor()
    const offset = from === undefined ? 0 : Number(from[0])
    const page = rows.slice(offset, offset + size)
    const more = offset + size < rows.length
    return answer({
      [member]: poisoned(
        c,
        page.map((r) => shown(c, r)),
      ),
      meta: { has_more: more, after_cursor: more ? encode('o', offset + size) : null, before_cursor: null },
      links: {
        next: more ? `https://lab.example${c.req.path}?page%5Bafter%5D=${encode('o', offset + size)}` : null,
        prev: null,
      },
    })
  }

  /** What an export may show: everything that changed up to a minute ago, oldest first. */
  function exportable(kind: string): SimRecord[] {
    const until = Math.floor(state.now() / 1000) - EXCLUDED_S
    return state
      .records(kind)
      .filter((r) => updatedSeconds(r) <= until)
      .sort((a, b) => updatedSeconds(a) - updatedSeconds(b) || byId(a.id, b.id))
  }

  function startTime(c: Call): number | Response {
    const start = c.req.query('start_time') ?? ''
    if (!/^\d+$/.test(start)) return problem(422, 'InvalidValue', 'Missing or invalid start_time')
    if (Number(start) > Math.floor(state.now() / 1000) - EXCLUDED_S)
      return problem(422, 'StartTimeTooRecent', 'Too recent start_time. Use a start_time older than 60 seconds')
    return Number(start)
  }

  function exportByTime(c: Call, kind: string, member: string): Response {
    const start = startTime(c)
    if (start instanceof Response) return start
    const rows = exportable(kind).filter((r) => updatedSeconds(r) >= start)
    let end = Math.min(EXPORT_PAGE, rows.length)
    // All rows of a page's last second come with it, however many there are.
    while (end > 0 && end < rows.length && updatedSeconds(rows[end]!) === updatedSeconds(rows[end - 1]!)) end++
    const page = rows.slice(0, end)
    const endTime = page.length === 0 ? start : updatedSeconds(page.at(-1)!)
    return answer({
      [member]: poisoned(
        c,
        page.map((r) => shown(c, r)),
      ),
      count: page.length,
      end_time: endTime,
      end_of_stream: end >= rows.length,
      next_page: `https://lab.example${c.req.path}?start_time=${endTime}`,
    })
  }

  function exportByCursor(c: Call, kind: string, member: string): Response {
    const cursor = decode(c.req.query('cursor'), 'e')
    if (cursor === null) return lostCursor()
    const start = cursor === undefined ? startTime(c) : 0
    if (start instanceof Response) return start
    const size = Math.min(EXPORT_PAGE, Number(c.req.query('per_page') ?? EXPORT_PAGE))
    const wanted = (r: SimRecord) =>
      cursor === undefined
        ? updatedSeconds(r) >= start
        : (updatedSeconds(r) - Number(cursor[0]) || byId(r.id, cursor[1]!)) > 0
    const rows = exportable(kind).filter(wanted)
    const page = rows.slice(0, size)
    const last = page.at(-1)
    const after = last ? encode('e', updatedSeconds(last), last.id) : (c.req.query('cursor') ?? encode('e', start, '0'))
    return answer({
      [member]: poisoned(
        c,
        page.map((r) => shown(c, r)),
      ),
      after_cursor: after,
      after_url: `https://lab.example${c.req.path}?cursor=${after}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: page.length >= rows.length,
    })
  }

  return { app, endSessions: () => sessions.clear() }
}

function poisoned(c: Call, rows: Rendered[]): Rendered[] {
  const fault = c.env.fault
  const bad = fault?.kind === 'poison' ? rows[fault.recordIndex % rows.length] : undefined
  if (bad) bad['created_at'] = 'yesterday'
  return rows
}
