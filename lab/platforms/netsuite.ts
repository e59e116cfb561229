/** Simulated NetSuite: signed requests or certificate tokens, SuiteQL over HTTP, errors and throttling in the vendor's dialect. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import { idOf, PLANS } from './netsuite/account.ts'
import { BadQuery } from './netsuite/cells.ts'
import { platformConfig, referenceMaps } from './netsuite/entry.ts'
import { netsuiteHooks } from './netsuite/hooks.ts'
import { addRecords } from './netsuite/records.ts'
import { runSuiteql } from './netsuite/run.ts'
import { assertionIsGood, signatureIsGood } from './netsuite/session.ts'
import { createTables } from './netsuite/tables.ts'
import type { Ledger } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'

const TOKEN_PATH = '/services/rest/auth/oauth2/v1/token'
export interface NetSuiteOptions {
  /** Columns that the role may not see. */
  hidden?: readonly string[]
  /** Tables that the role may not see, or whose feature is off. */
  absent?: readonly string[]
  /** Kinds that the role may read but not write. */
  denied?: readonly string[]
}

/** A simulated account; the laboratory's own hides nothing. */
export function netsuiteAccount({ hidden = [], absent = [], denied = [] }: NetSuiteOptions = {}): Simulator {
  return {
    vendor: 'netsuite',
    role: 'erp',
    kinds: Object.keys(PLANS).filter((kind) => kind !== 'posting'),
    holds: (kind) => (PLANS[kind] ? [...PLANS[kind].native, ...Object.keys(PLANS[kind].custom)] : []),
    id: idOf,
    async start(state): Promise<RunningSimulator> {
      const ledger = createLedger(state)
      const { app, endSessions } = createAccount(state, ledger, hidden, absent, denied)
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
        hooks: (url, trouble) => netsuiteHooks(state, url, trouble),
        stop: wire.stop,
      }
    },
  }
}
export const netsuite: Simulator = netsuiteAccount()
export default netsuite

function problem(
  status: number,
  title: string,
  code: string,
  detail: string,
  headers: Record<string, string> = {},
  httpStatus = status,
): Response {
  const body = {
    type: `https://www.rfc-editor.org/rfc/rfc9110.html#section-15.${status < 500 ? 5 : 6}`,
    title,
    status,
    'o:errorDetails': [{ detail, 'o:errorCode': code }],
  }
  return answer(body, httpStatus, { 'content-type': 'application/vnd.oracle.resource+json; type=error', ...headers })
}

const unauthorised = () =>
  problem(401, 'Unauthorized', 'INVALID_LOGIN', 'Invalid login attempt. For more details, see the Login Audit Trail.')

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (fault.kind === 'throttle') {
    const wait = fault.retryAfterSeconds === undefined ? undefined : { 'retry-after': String(fault.retryAfterSeconds) }
    return problem(
      429,
      'Too Many Requests',
      'CONCURRENCY_LIMIT_EXCEEDED',
      'Concurrent request limit exceeded. Request blocked.',
      wait,
    )
  }
  // An unexpected error may come under status 200, as a problem where rows should be.
  if (fault.kind === 'error')
    return problem(
      fault.status,
      'Internal Server Error',
      'UNEXPECTED_ERROR',
      'An unexpected error occurred.',
      {},
      fault.status === 500 ? 200 : fault.status,
    )
  // Only tokens have a session that can end; a signature stands for itself.
  if (fault.kind === 'expired_session' && /^Bearer /.test(request.headers.get('authorization') ?? '')) {
    endSessions()
    return unauthorised()
  }
  return undefined
}

function createAccount(
  state: PlatformState,
  ledger: Ledger,
  hidden: readonly string[],
  absent: readonly string[],
  denied: readonly string[],
) {
  const app = new Hono<WireEnv>()
  const tables = createTables(state, hidden)
  const sessions = new Map<string, number>()
  const nonces = new Set<string>()
  let issued = 0

  app.post(TOKEN_PATH, async (c) => {
    const form = await c.req.formData()
    if (
      form.get('grant_type') !== 'client_credentials' ||
      !assertionIsGood(String(form.get('client_assertion') ?? ''), c.req.url, state.now())
    )
      return answer({ error: 'invalid_grant' }, 400)
    const token = `lab.${++issued}`
    sessions.set(token, state.now() + 3_600_000)
    return answer({ access_token: token, expires_in: '3600', token_type: 'bearer' })
  })

  function refuse(c: Context<WireEnv>): Response | null {
    const authorization = c.req.header('authorization') ?? ''
    const bearer = /^Bearer (.+)$/.exec(authorization)?.[1]
    const good = bearer
      ? (sessions.get(bearer) ?? 0) > state.now()
      : signatureIsGood(c.req.raw, authorization, state.now(), nonces)
    return good ? null : unauthorised()
  }

  addRecords(app, state, ledger, tables.lists, { problem, refuse, denied })
  app.post('/services/rest/query/v1/suiteql', async (c) => {
    const refused = refuse(c)
    if (refused) return refused
    const bad = (detail: string) => problem(400, 'Bad Request', 'INVALID_PARAMETER', detail)
    if (!/\btransient\b/.test(c.req.header('prefer') ?? ''))
      return bad("Invalid value for header 'Prefer'. The required value is 'transient'.")
    const limit = Number(c.req.query('limit') ?? 1000)
    const offset = Number(c.req.query('offset') ?? 0)
    if (!(limit >= 1 && limit <= 1000))
      return bad('Invalid value for the query parameter limit. Provide a value between 1 and 1000.')
    if (offset % limit !== 0)
      return bad('Invalid value for the query parameter offset. It must be divisible by the limit.')
    const { q } = await c.req.json<{ q?: string }>()
    try {
      const { items, total } = runSuiteql(
        q ?? '',
        (name) => (absent.includes(name) ? undefined : tables.table(name)),
        offset,
        limit,
      )
      const { fault } = c.env
      const poisoned = fault?.kind === 'poison' ? items[fault.recordIndex % items.length] : undefined
      if (poisoned && 'lastmodified' in poisoned) poisoned['lastmodified'] = '31/02/2026 late'
      const rows = items.map((item) => ({ links: [], ...item }))
      return answer({
        links: [{ rel: 'self', href: c.req.url }],
        count: rows.length,
        hasMore: offset + rows.length < total,
        items: rows,
        offset,
        totalResults: total,
      })
    } catch (error) {
      if (error instanceof BadQuery) return bad(error.message)
      throw error
    }
  })
  app.notFound(() => problem(404, 'Not Found', 'INVALID_URL', 'The requested resource was not found.'))
  return { app, endSessions: () => sessions.clear() }
}
