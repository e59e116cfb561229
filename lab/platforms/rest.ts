/**
 * A simulated API that the product has no connector for: the provisioning system of a small vendor, with accounts and
 * workspaces. It is read by YAML alone, so it has habits of its own: two ways of paging, stamps in two notations, a
 * throttle that answers 200, deleted rows that stay in one list and vanish from the other.
 */
import { Hono, type Context } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { hash32 } from '../random.ts'
import { answer, listen } from '../wire.ts'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import { HOLDS, idOf, platformConfig, PROVISIONER, referenceMaps, WORDS } from './rest/settings.ts'

const PAGE = 50
const GRANTS = 'accounts.read accounts.write workspaces.read'

export const rest: Simulator = {
  vendor: 'rest',
  role: 'provisioning',
  kinds: Object.keys(HOLDS),
  holds: (kind) => HOLDS[kind] ?? [],
  id: idOf,
  async start(state): Promise<RunningSimulator> {
    const ledger = createLedger(state)
    const { app, endSessions } = createApi(state, ledger)
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
}
export default rest

const problem = (status: number, code: string, text: string, headers: Record<string, string> = {}) =>
  answer({ fault: { code, text } }, status, headers)

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  const { pathname, searchParams } = new URL(request.url)
  if (fault.kind === 'throttle')
    return problem(200, 'E_SLOW_DOWN', 'Too many requests for this contract', {
      'retry-after': String(fault.retryAfterSeconds ?? 2),
    })
  if (fault.kind === 'error') return problem(fault.status, 'E_INTERNAL', 'Something broke')
  if (fault.kind === 'expired_session' && pathname !== '/token') {
    endSessions()
    return problem(401, 'E_TOKEN', 'The token has ended')
  }
  if (fault.kind === 'expired_cursor' && (searchParams.has('bookmark') || searchParams.has('from')))
    return problem(410, 'E_BOOKMARK', 'The bookmark is gone')
  return undefined
}

function createApi(state: PlatformState, ledger: Ledger) {
  const app = new Hono<WireEnv>()
  const answered = new Map<string, Response>()
  const sessions = new Set<string>()
  let issued = 0

  app.post('/token', async (c) => {
    const form = await c.req.parseBody()
    const basic = `Basic ${Buffer.from(`${PROVISIONER.id}:${PROVISIONER.secret}`).toString('base64')}`
    if (c.req.header('authorization') !== basic || form['grant_type'] !== 'client_credentials')
      return answer({ error: 'invalid_client' }, 401)
    const token = `prov-${++issued}`
    sessions.add(token)
    return answer({ access_token: token, token_type: 'bearer', expires_in: 1_800 })
  })

  app.use('/v3/*', async (c, next) => {
    if (!sessions.has((c.req.header('authorization') ?? '').replace(/^Bearer /, '')))
      return problem(401, 'E_TOKEN', 'No such token')
    await next()
    c.res.headers.set('x-calls-limit', '6000')
    c.res.headers.set('x-calls-left', '5900')
    return undefined
  })

  app.get('/v3/me', () => answer({ contract: { name: 'Larkmoor workspaces', grants: GRANTS } }))

  // Accounts: oldest change first, by bookmark; deleted ones stay and say so.
  app.get('/v3/accounts', (c) => {
    const since = Number(c.req.query('changed_from') ?? 0)
    const rows = state
      .records('customer')
      .filter((r) => seconds(r) >= since && known(r, c.req.query('system'), c.req.query('known_id')))
      .sort((a, b) => seconds(a) - seconds(b) || (a.id < b.id ? 1 : -1))
    const from = Number(c.req.query('bookmark') ?? 0)
    const size = Math.min(PAGE, Number(c.req.query('size') ?? PAGE))
    const more = from + size < rows.length
    const shown = poisoned(c.env.fault, rows.slice(from, from + size).map(account))
    return answer({ data: shown, paging: { bookmark: more ? String(from + size) : null } })
  })
  app.get('/v3/accounts/total', () =>
    answer({ total: { alive: state.records('customer').filter((r) => r.deletedAt === undefined).length } }),
  )
  app.get('/v3/accounts/:id', (c) => {
    const record = state.record('customer', c.req.param('id'))
    return record ? answer(account(record), 200, { etag: etag(record) }) : problem(404, 'E_NONE', 'No such account')
  })
  app.post('/v3/accounts', async (c) => {
    const key = c.req.header('x-request-key') ?? null
    const before = key === null ? undefined : answered.get(`${c.req.path} ${key}`)
    if (before) return before.clone()
    const body: unknown = await c.req.json()
    const { fields, refs } = changeOf(isObject(body) ? body['account'] : null)
    if (!fields['name']) return problem(422, 'E_INVALID', 'An account needs a title')
    const call = { method: 'POST', path: c.req.path, body, key, by: 'plumbline', fault: c.env.fault }
    const made = ledger.change(call, 'customer', null, { fields, refs })
    const reply = answer(account(made), 201, { etag: etag(made) })
    if (key !== null) answered.set(`${c.req.path} ${key}`, reply.clone())
    return reply
  })
  // Writes need the version that was read, and answer a repeated key as they did the first time.
  app.patch('/v3/accounts/:id', (c) =>
    writing(c, 'customer', (record, body) => {
      const { fields, refs } = changeOf(isObject(body) ? body['account'] : null)
      if (fields['name'] === null) return problem(422, 'E_INVALID', 'An account needs a title')
      return { fields, refs, show: account, record }
    }),
  )

  // Workspaces: in no order, by address; deleted ones are simply no longer listed.
  app.get('/v3/workspaces', (c) => {
    const since = c.req.query('filter')?.replace(/^changed gt /, '')
    const rows = state
      .records('tenant')
      .filter((r) => r.deletedAt === undefined && (!since || r.changedAt > Date.parse(since)))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
    const from = Number(c.req.query('from') ?? 0)
    const size = Math.min(PAGE, Number(c.req.query('size') ?? PAGE))
    const next = new URL(c.req.url)
    next.searchParams.set('from', String(from + size))
    const shown = poisoned(c.env.fault, rows.slice(from, from + size).map(workspace))
    return answer({ workspaces: shown, ...(from + size < rows.length && { next: next.href }) })
  })
  app.get('/v3/workspaces/:id', (c) => {
    const record = state.record('tenant', c.req.param('id'))
    return record && record.deletedAt === undefined
      ? answer({ workspace: workspace(record) }, 200, { etag: etag(record) })
      : problem(404, 'E_NONE', 'No such workspace')
  })
  for (const [verb, from, to] of [
    ['pause', 'active', 'suspended'],
    ['resume', 'suspended', 'active'],
  ] as const)
    app.post(`/v3/workspaces/:id/${verb}`, (c) =>
      writing(c, 'tenant', (record) =>
        record.state === from
          ? { state: to, show: workspace, record }
          : problem(422, 'E_PHASE', `A workspace that is ${record.state} cannot ${verb}`),
      ),
    )

  type Change = { fields?: Record<string, string | null>; refs?: Record<string, string>; state?: string }
  type Writing = Change & { show: (r: SimRecord) => Record<string, unknown>; record: SimRecord }

  async function writing(
    c: Context<WireEnv>,
    kind: string,
    work: (record: SimRecord, body: unknown) => Writing | Response,
  ): Promise<Response> {
    const id = c.req.param('id')!
    const key = c.req.header('x-request-key') ?? null
    const before = key === null ? undefined : answered.get(`${c.req.path} ${key}`)
    if (before) return before.clone()
    overtaken(state, c.env.fault, kind, id)
    const record = state.record(kind, id)
    if (!record || record.deletedAt !== undefined) return problem(404, 'E_NONE', 'No such record')
    const match = c.req.header('if-match')
    if (match === undefined) return problem(428, 'E_MATCH', 'Send If-Match')
    if (match !== etag(record)) return problem(412, 'E_MOVED', 'Somebody was here before')
    const text = await c.req.text()
    const body: unknown = text === '' ? null : JSON.parse(text)
    const done = work(record, body)
    if (done instanceof Response) return done
    const { show, record: _, ...change } = done
    const call = { method: c.req.method, path: c.req.path, body, key, by: 'plumbline', fault: c.env.fault }
    const after = ledger.change(call, kind, id, change)
    const reply = answer(show(after), 200, { etag: etag(after) })
    if (key !== null) answered.set(`${c.req.path} ${key}`, reply.clone())
    return reply
  }

  app.notFound(() => problem(404, 'E_NONE', 'No such address'))
  return { app, endSessions: () => sessions.clear() }
}

const seconds = (r: SimRecord) => Math.floor(Math.max(r.changedAt, r.deletedAt ?? 0) / 1000)
const refs = (r: SimRecord) => Object.entries(r.refs).map(([system, id]) => ({ system, id }))

const etag = (r: SimRecord) => `"${hash32(JSON.stringify([r.changedAt, r.state, r.fields, r.refs])).toString(36)}"`
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** What a body says of an account, in the company's words. */
function changeOf(wanted: unknown): { fields: Record<string, string | null>; refs: Record<string, string> } {
  const account = isObject(wanted) ? wanted : {}
  const host = isObject(account['site']) ? account['site']['host'] : undefined
  const text = (value: unknown) => (value === null ? null : String(value))
  const names = Array.isArray(account['known_as']) ? (account['known_as'] as { system: string; id: string }[]) : []
  return {
    fields: {
      ...(account['title'] !== undefined && { name: text(account['title']) }),
      ...(host !== undefined && { domain: text(host) }),
    },
    refs: Object.fromEntries(names.map(({ system, id }) => [system, id])),
  }
}

/** Is it known to the system under this id? Nothing asked: every account is. */
const known = (r: SimRecord, system: string | undefined, id: string | undefined) =>
  system === undefined || id === undefined || r.refs[system] === id

function account(r: SimRecord): Record<string, unknown> {
  return {
    key: r.id,
    title: r.fields['name'] ?? null,
    site: { host: r.fields['domain'] ?? null },
    known_as: refs(r),
    changed: seconds(r),
    made: Math.floor(r.createdAt / 1000),
    gone: r.deletedAt !== undefined,
    replaced_by: r.mergedInto ?? null,
  }
}

function workspace(r: SimRecord): Record<string, unknown> {
  const { customer, subscription, plan, seats, activated_at } = r.fields
  return {
    key: r.id,
    account: customer ?? null,
    contract: { subscription: subscription ?? null, plan: plan ?? null, seats: seats ?? null },
    live_since: activated_at ?? null,
    phase: r.oddStatus ?? (r.state === null ? null : WORDS[r.state]),
    known_as: refs(r),
    changed: new Date(r.changedAt).toISOString(),
    made: new Date(r.createdAt).toISOString(),
    by: r.changedBy,
  }
}

function poisoned(fault: ApiFault | null, rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const bad = fault?.kind === 'poison' ? rows[fault.recordIndex % rows.length] : undefined
  if (bad) bad['made'] = 'some day'
  return rows
}
