/** Simulated HubSpot: tokens, object lists, the search with its wall, associations, archived records and writes. */
import type { Context } from 'hono'
import { Hono } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger, overtaken } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { idOf, KEY, OBJECTS, PLANS, REFERENCES } from './hubspot/account.ts'
import { HUBSPOT_CLIENT, platformConfig, referenceMaps } from './hubspot/entry.ts'
import { hubspotHooks } from './hubspot/hooks.ts'
import type { Shown } from './hubspot/rows.ts'
import { describedNames, only, shown } from './hubspot/rows.ts'
import { BadSearch, found } from './hubspot/search.ts'
import { changeOf, Refused } from './hubspot/writes.ts'

const WINDOW_CALLS = 110
const LIST_PAGE = 100

const problem = (status: number, category: string, message: string, extra: object = {}) =>
  answer({ status: 'error', message, correlationId: 'lab-correlation', category, ...extra }, status)
const unauthorised = () => problem(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.')
const nowhere = () => problem(404, 'OBJECT_NOT_FOUND', 'Object not found.')

/** A simulated account. `hidden`: objects that the app has no scope for. */
export const hubspotAccount = (hidden: readonly string[] = []): Simulator => ({
  vendor: 'hubspot',
  role: 'crm',
  kinds: Object.keys(PLANS),
  holds: (kind) => [...Object.keys(PLANS[kind]?.properties ?? {}), ...Object.keys(PLANS[kind]?.links ?? {})],
  id: idOf,
  async start(state) {
    const ledger = createLedger(state)
    const { app, endSessions } = createAccount(state, ledger, hidden)
    const { url, requests, stop } = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    const { mutations } = ledger
    const hooks: RunningSimulator['hooks'] = (to, trouble) => hubspotHooks(state, to, trouble)
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
export const hubspot = hubspotAccount()
export default hubspot

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  switch (fault.kind) {
    case 'throttle': {
      const extra = { errorType: 'RATE_LIMIT', policyName: 'TEN_SECONDLY_ROLLING' }
      return problem(429, 'RATE_LIMITS', 'You have reached your ten_secondly_rolling limit.', extra)
    }
    case 'error':
      return problem(fault.status, 'INTERNAL_ERROR', 'internal error')
    case 'expired_session':
      if (new URL(request.url).pathname.endsWith('/token')) return undefined
      endSessions()
      return unauthorised()
    default:
      return undefined
  }
}

function createAccount(state: PlatformState, ledger: Ledger, hidden: readonly string[]) {
  const app = new Hono<WireEnv>()
  const sessions = new Map<string, number>()
  let issued = 0
  let calls = { window: 0, count: 0 }

  app.post('/oauth/v1/token', async (c) => {
    const form = await c.req.formData()
    if (form.get('client_id') !== HUBSPOT_CLIENT.id || form.get('client_secret') !== HUBSPOT_CLIENT.secret)
      return answer({ error: 'invalid_client', message: 'missing or invalid client' }, 400)
    if (form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== HUBSPOT_CLIENT.refresh)
      return answer({ error: 'invalid_grant', message: 'missing or unknown refresh token' }, 400)
    const token = `lab-access-${++issued}`
    sessions.set(token, state.now() + 1_800_000)
    return answer({
      access_token: token,
      refresh_token: HUBSPOT_CLIENT.refresh,
      token_type: 'bearer',
      expires_in: 1800,
    })
  })

  app.use('*', async (c, next) => {
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    if (!token || !((sessions.get(token) ?? 0) > state.now())) return unauthorised()
    await next()
    // The search has a budget of its own and says nothing of this one.
    if (c.req.path.endsWith('/search')) return undefined
    const window = Math.floor(state.now() / 10_000)
    calls = { window, count: calls.window === window ? calls.count + 1 : 1 }
    c.res.headers.set('x-hubspot-ratelimit-max', String(WINDOW_CALLS))
    c.res.headers.set('x-hubspot-ratelimit-remaining', String(Math.max(0, WINDOW_CALLS - calls.count)))
    c.res.headers.set('x-hubspot-ratelimit-interval-milliseconds', '10000')
    return undefined
  })
  app.use('/crm/v3/objects/:object/*', async (c, next) =>
    hidden.includes(c.req.param('object')) ? lacking(c.req.param('object')) : next(),
  )

  app.get('/account-info/v3/details', () => answer({ portalId: 4242, accountType: 'DEVELOPER_TEST', timeZone: 'UTC' }))
  app.get('/crm/v3/properties/:object', (c) => {
    const kind = OBJECTS[c.req.param('object')]
    return kind ? answer({ results: describedNames(kind).map((name) => ({ name })) }) : nowhere()
  })
  addReading(app, state)
  addWriting(app, state, ledger)
  app.notFound(nowhere)
  return { app, endSessions: () => sessions.clear() }
}

const lacking = (object: string) =>
  problem(403, 'MISSING_SCOPES', 'This app hasn’t been granted all required scopes.', {
    errors: [{ message: 'scopes', context: { requiredGranularScopes: [`crm.objects.${object}.read`] } }],
  })

function rowsOf(state: PlatformState, kind: string, archived: boolean): Shown[] {
  const records = state.records(kind)
  const taken = new Map<string, string[]>()
  for (const { id, mergedInto } of records)
    if (mergedInto !== undefined) taken.set(mergedInto, [...(taken.get(mergedInto) ?? []), id])
  // Merged records are not among the archived ones: only the survivor knows of them.
  const kept = records.filter((r) => r.mergedInto === undefined && (r.deletedAt !== undefined) === archived)
  return kept.map((r) => shown(kind, r, taken.get(r.id) ?? [])).sort((a, b) => Number(a.id) - Number(b.id))
}

function spoilt(page: Shown[], fault: ApiFault | null): Shown[] {
  if (fault?.kind !== 'poison' || page.length === 0) return page
  return page.map((row, i) => (i === fault.recordIndex % page.length ? { ...row, createdAt: '31.02.2026' } : row))
}

function addReading(app: Hono<WireEnv>, state: PlatformState): void {
  app.get('/crm/v3/objects/:object', (c) => {
    const kind = OBJECTS[c.req.param('object')]
    if (!kind) return nowhere()
    const limit = Math.min(LIST_PAGE, Number(c.req.query('limit') ?? 10))
    const after = Number(c.req.query('after') ?? 0)
    const rows = rowsOf(state, kind, c.req.query('archived') === 'true').filter((r) => Number(r.id) > after)
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? { paging: { next: { after: page.at(-1)!.id, link: c.req.url } } } : {}
    const names = (c.req.query('properties') ?? 'hs_object_id').split(',')
    return answer({
      results: spoilt(
        page.map((r) => only(r, names)),
        c.env.fault,
      ),
      ...next,
    })
  })
  app.post('/crm/v3/objects/:object/search', async (c) => {
    const kind = OBJECTS[c.req.param('object')]
    if (!kind) return nowhere()
    try {
      const asked = (await c.req.json()) as Parameters<typeof found>[1]
      const { total, page, after } = found(rowsOf(state, kind, false), asked)
      const results = spoilt(
        page.map((r) => only(r, asked.properties)),
        c.env.fault,
      )
      return answer({ total, results, ...(after !== null && { paging: { next: { after } } }) })
    } catch (error) {
      if (!(error instanceof BadSearch)) throw error
      return problem(400, 'VALIDATION_ERROR', error.message)
    }
  })
  app.get('/crm/v3/objects/:object/:id', (c) => {
    const kind = OBJECTS[c.req.param('object')]
    const by = c.req.query('idProperty')
    if (!kind || (by !== undefined && by !== KEY && !Object.values(REFERENCES).includes(by))) return nowhere()
    const asked = c.req.param('id')
    const id = by === undefined ? (state.record(kind, asked)?.mergedInto ?? asked) : asked
    const rows = rowsOf(state, kind, c.req.query('archived') === 'true')
    const row = rows.find((r) => (by === undefined ? r.id : r.properties[by]) === id)
    return row ? answer(only(row, (c.req.query('properties') ?? '').split(','))) : nowhere()
  })
  const linksOf = (object: string, to: string, id: string) => {
    const kind = OBJECTS[object]
    const record = kind === undefined ? undefined : state.record(kind, id)
    return Object.entries(PLANS[kind ?? '']?.links ?? {}).flatMap(([field, link]) => {
      const target = record?.fields[field]
      if (link.to !== to || !target) return []
      const types = [{ category: 'HUBSPOT_DEFINED', typeId: link.type, label: 'Primary' }]
      return [{ toObjectId: Number(target), associationTypes: types }]
    })
  }
  app.post('/crm/v4/associations/:from/:to/batch/read', async (c) => {
    const { inputs } = (await c.req.json()) as { inputs: { id: string }[] }
    const lists = inputs.map(({ id }) => ({ from: { id }, to: linksOf(c.req.param('from'), c.req.param('to'), id) }))
    const results = lists.filter(({ to }) => to.length > 0)
    const none = results.length < lists.length
    return answer(
      { status: 'COMPLETE', results, ...(none && { numErrors: lists.length - results.length }) },
      none ? 207 : 200,
    )
  })
  app.get('/crm/v4/objects/:from/:id/associations/:to', (c) =>
    answer({ results: linksOf(c.req.param('from'), c.req.param('to'), c.req.param('id')) }),
  )
}

function addWriting(app: Hono<WireEnv>, state: PlatformState, ledger: Ledger): void {
  const written = async (c: Context<WireEnv>, id: string | null): Promise<Response> => {
    const kind = OBJECTS[c.req.param('object')!]
    if (!kind) return nowhere()
    let record: SimRecord | null = null
    if (id !== null) {
      overtaken(state, c.env.fault, kind, id)
      record = state.record(kind, id) ?? null
      if (!record || record.deletedAt !== undefined) return nowhere()
    }
    try {
      const body = (await c.req.json()) as Parameters<typeof changeOf>[2]
      const key = String(body.properties?.[KEY] ?? '') || null
      const call = { method: c.req.method, path: c.req.path, body, key, by: 'plumbline@lab.example' }
      const after = ledger.change(call, kind, id, changeOf(state, kind, body, record))
      return answer(shown(kind, after, []), id === null ? 201 : 200)
    } catch (error) {
      if (error instanceof SyntaxError) return problem(400, 'VALIDATION_ERROR', 'Invalid input JSON')
      if (!(error instanceof Refused)) throw error
      return problem(error.status, error.category, error.message)
    }
  }
  app.post('/crm/v3/objects/:object', (c) => written(c, null))
  app.patch('/crm/v3/objects/:object/:id', (c) => written(c, c.req.param('id')))
}
