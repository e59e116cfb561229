/** Simulated Salesforce: token endpoint, describe and SOQL queries, in the vendor's dialect. */
import { Hono } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { platformConfig, referenceMaps } from './salesforce/entry.ts'
import { salesforceHooks } from './salesforce/hooks.ts'
import type { JobOptions } from './salesforce/jobs.ts'
import { addJobs } from './salesforce/jobs.ts'
import { idOf, PLANS } from './salesforce/org.ts'
import { createQueries, kindOf, problem, ROOT } from './salesforce/queries.ts'
import { described } from './salesforce/rows.ts'
import type { Permissions } from './salesforce/records.ts'
import { addRecords } from './salesforce/records.ts'
import { refusal } from './salesforce/session.ts'
import type { Ledger } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'

const DAY_CALLS = 100_000

const throttled = () => problem(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
const noSession = () => problem(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
const nowhere = () => problem(404, 'NOT_FOUND', 'The requested resource does not exist')

/** A simulated org; the laboratory's own user may write everything. */
export const salesforceOrg = (permissions: Permissions = { readOnly: [] }, jobs: JobOptions = {}): Simulator => ({
  vendor: 'salesforce',
  role: 'crm',
  kinds: Object.keys(PLANS),
  holds: (kind) => Object.keys(PLANS[kind]?.columns ?? {}),
  id: idOf,
  async start(state) {
    const ledger = createLedger(state)
    const { app, endSessions } = createOrg(state, ledger, permissions, jobs)
    const { url, requests, stop } = await listen(
      state,
      (request, env) => app.fetch(request, env),
      (fault, request) => faulty(fault, request, endSessions),
    )
    const { mutations } = ledger
    const hooks: RunningSimulator['hooks'] = (to, trouble) => salesforceHooks(state, to, trouble)
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
export const salesforce = salesforceOrg()
export default salesforce

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  switch (fault.kind) {
    case 'throttle':
      return throttled()
    case 'error':
      // What stands before the org answers in HTML.
      if (fault.status === 502)
        return new Response('<html><title>Bad Gateway</title></html>', {
          status: 502,
          headers: { 'content-type': 'text/html' },
        })
      return problem(fault.status, fault.status === 503 ? 'SERVER_UNAVAILABLE' : 'UNKNOWN_EXCEPTION', 'Failed.')
    case 'expired_session':
      if (new URL(request.url).pathname.endsWith('/token')) return undefined
      endSessions()
      return noSession()
    default:
      return undefined
  }
}

function createOrg(state: PlatformState, ledger: Ledger, permissions: Permissions, jobs: JobOptions) {
  const app = new Hono<WireEnv>()
  const queries = createQueries(state)
  const sessions = new Set<string>()
  let issued = 0
  let calls = { day: 0, count: 0 }

  app.post('/services/oauth2/token', async (c) => {
    const wrong = refusal(await c.req.formData(), state.now())
    if (wrong) return answer({ error: wrong, error_description: 'authentication failure' }, 400)
    const token = `00DgL0000000001!lab.${++issued}`
    sessions.add(token)
    // The vendor names no life span: a session is good until it is not.
    return answer({ access_token: token, token_type: 'Bearer', issued_at: String(state.now()) })
  })

  app.use('/services/data/*', async (c, next) => {
    const token = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    if (!token || !sessions.has(token)) return noSession()
    const day = Math.floor(state.now() / 86_400_000)
    calls = { day, count: calls.day === day ? calls.count + 1 : 1 }
    if (calls.count > DAY_CALLS) return throttled()
    await next()
    c.res.headers.set('sforce-limit-info', `api-usage=${calls.count}/${DAY_CALLS}`)
    return undefined
  })

  app.get(`${ROOT}/sobjects`, () => {
    const sobjects = Object.values(PLANS).map((p) => {
      const writes = !permissions.readOnly.includes(p.object)
      return { name: p.object, keyPrefix: p.prefix, queryable: true, createable: writes, updateable: writes }
    })
    return answer({ encoding: 'UTF-8', maxBatchSize: 200, sobjects })
  })
  app.get(`${ROOT}/sobjects/:object/describe`, (c) => {
    const name = c.req.param('object')
    const kind = kindOf(name)
    return kind ? answer({ name, fields: described(kind) }) : nowhere()
  })
  addRecords(app, state, ledger, permissions)
  for (const resource of ['query', 'queryAll'] as const) {
    app.get(`${ROOT}/${resource}`, (c) => {
      const size = Number(/batchSize=(\d+)/.exec(c.req.header('sforce-query-options') ?? '')?.[1] ?? 2000)
      const bounded = Math.min(2000, Math.max(200, size))
      return queries.run(c.req.query('q') ?? '', resource === 'queryAll', bounded, c.env.fault)
    })
  }
  app.get(`${ROOT}/query/:locator`, (c) => queries.follow(c.req.param('locator'), c.env.fault))
  addJobs(app, state, queries, jobs)
  app.notFound(nowhere)
  return { app, endSessions: () => sessions.clear() }
}
