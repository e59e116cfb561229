/** Simulated Shopify: tokens, GraphQL with its bucket of points, errors that come with status 200, mutations and webhooks. */
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Ledger } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { ApiFault, PlatformState, RunningSimulator, Simulator } from '../platform.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { createBulk } from './shopify/bulk.ts'
import type { Document } from './shopify/document.ts'
import { parseDocument, SyntaxProblem } from './shopify/document.ts'
import { platformConfig, referenceMaps, SHOPIFY_CLIENT } from './shopify/entry.ts'
import { shopifyHooks } from './shopify/hooks.ts'
import { companyIdOf, idOf, kindsOf, planIn } from './shopify/plans.ts'
import type { ShopOptions } from './shopify/queries.ts'
import { LostPlace, rootOf } from './shopify/queries.ts'
import type { Arguments, Node } from './shopify/run.ts'
import { costOf, runDocument, UndefinedField } from './shopify/run.ts'
import { mutationsOf } from './shopify/writes.ts'

const TOKEN_PATH = '/admin/oauth/access_token'
/** A development shop; only where it is asked for, points really run out. */
const BUCKET = { most: 20_000, restore: 1_000 }

export const shopifyShop = (options: ShopOptions = {}): Simulator => {
  const companies = options.companies ?? false
  const kinds = options.kinds ?? kindsOf(companies)
  return {
    vendor: 'shopify',
    role: 'commerce',
    kinds,
    // Payments and refunds lie in orders, and trials have no word: the company's others would not be told apart.
    lived: kinds.filter((kind) => ['customer', 'product', 'order'].includes(kind)),
    holds(kind) {
      const plan = kinds.includes(kind) ? planIn(kind, companies) : null
      return plan ? [...plan.native, ...plan.metafields] : []
    },
    id: (kind, n) => (kind === 'customer' && companies ? companyIdOf(n) : idOf(kind, n)),
    async start(state): Promise<RunningSimulator> {
      const ledger = createLedger(state)
      const shop = createShop(state, ledger, options)
      const wire = await listen(
        state,
        (request, env) => shop.app.fetch(request, env),
        (fault, request) => faulty(fault, request, shop.endSessions),
        nameOf,
      )
      return {
        url: wire.url,
        platformConfig: platformConfig(wire.url, kinds, companies),
        referenceMaps: referenceMaps(kinds),
        requests: wire.requests,
        mutations: ledger.mutations,
        hooks: (url, trouble) => shopifyHooks(state, kinds, url, trouble),
        stop: wire.stop,
      }
    },
  }
}
export const shopify = shopifyShop()
export default shopify

/** Everything is a POST to one address: whether it asks or writes stands in the document. */
async function nameOf(request: Request): Promise<{ method: string; path: string }> {
  const path = new URL(request.url).pathname
  if (!path.endsWith('/graphql.json')) return { method: request.method, path }
  const text = await request.clone().text()
  return { method: request.method, path: `${path}/${/"query":"mutation/.test(text) ? 'mutation' : 'query'}` }
}

const status = (requested: number, available: number, bucket = BUCKET) => ({
  cost: {
    requestedQueryCost: requested,
    actualQueryCost: requested,
    throttleStatus: { maximumAvailable: bucket.most, currentlyAvailable: available, restoreRate: bucket.restore },
  },
})
const problem = (code: string, message: string, httpStatus = 200, extensions: object = {}) =>
  answer({ errors: [{ message, extensions: { code } }], extensions }, httpStatus)
const throttled = (requested: number, available: number, bucket = BUCKET) =>
  problem('THROTTLED', 'Throttled', 200, status(requested, available, bucket))
const unauthorised = () =>
  answer({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, 401)

function faulty(fault: ApiFault, request: Request, endSessions: () => void): Response | undefined {
  if (new URL(request.url).pathname === TOKEN_PATH)
    return fault.kind === 'error' ? answer({ errors: 'Internal Server Error' }, fault.status) : undefined
  switch (fault.kind) {
    case 'throttle': {
      const lacking = (fault.retryAfterSeconds ?? 1) * BUCKET.restore
      return throttled(BUCKET.most, BUCKET.most - lacking)
    }
    case 'error':
      if (fault.status === 502) return new Response('<html>Bad Gateway</html>', { status: 502 })
      return problem(
        'INTERNAL_SERVER_ERROR',
        'Internal error. Looks like something went wrong on our end.',
        fault.status,
      )
    case 'expired_session':
      endSessions()
      return unauthorised()
    default:
      return undefined
  }
}

function createShop(state: PlatformState, ledger: Ledger, options: ShopOptions) {
  const app = new Hono<WireEnv>()
  const sessions = new Set<string>()
  let issued = 0
  let available = options.bucket?.most ?? BUCKET.most
  let filledAt = state.now()
  const bulk = createBulk(state, () => rootOf(state, options, null), options.bulk)

  app.post(TOKEN_PATH, async (c) => {
    const form = await c.req.parseBody()
    if (form['client_id'] !== SHOPIFY_CLIENT.id || form['client_secret'] !== SHOPIFY_CLIENT.secret)
      return answer({ error: 'invalid_client', error_description: 'Client authentication failed' }, 401)
    if (form['grant_type'] !== 'client_credentials') return answer({ error: 'unsupported_grant_type' }, 400)
    const token = `lab-shopify-access-${++issued}`
    sessions.add(token)
    return answer({ access_token: token, scope: 'read_customers,write_customers', expires_in: 86_399 })
  })
  app.post('/admin/api/:version/graphql.json', (c) =>
    sessions.has(c.req.header('x-shopify-access-token') ?? '') ? answered(c) : unauthorised(),
  )
  app.get('/files/:file', (c) => {
    // The address is signed: a token would tell it to strangers.
    if (c.req.header('x-shopify-access-token')) return answer({ errors: 'Bad Request' }, 400)
    return bulk.file(/(\d+)\.jsonl$/.exec(c.req.param('file'))?.[1] ?? '', c.req.header('range'))
  })
  app.notFound(() => answer({ errors: 'Not Found' }, 404))

  async function answered(c: Context<WireEnv>): Promise<Response> {
    const body = await c.req.json<{ query: string; variables?: Arguments }>()
    const variables = body.variables ?? {}
    const served = { 'x-shopify-api-version': options.serves ?? c.req.param('version') ?? '' }
    try {
      const document = parseDocument(body.query)
      const cost = costOf(document, variables)
      if (cost > (options.maxCost ?? 1_000))
        return problem('MAX_COST_EXCEEDED', `Query cost is ${cost}, which exceeds the single query max cost limit`)
      if (!pays(cost)) return throttled(cost, Math.floor(available), options.bucket)
      const data = run(c, body, document, variables)
      return answer({ data, extensions: status(cost, Math.floor(available), options.bucket) }, 200, served)
    } catch (error) {
      if (error instanceof SyntaxProblem) return problem('parseError', error.message)
      if (error instanceof UndefinedField) return problem('undefinedField', error.message)
      if (error instanceof LostPlace) return problem('BAD_USER_INPUT', error.message)
      throw error
    }
  }

  function run(c: Context<WireEnv>, body: unknown, document: Document, variables: Arguments) {
    const fault = c.env.fault
    const call = { path: c.req.path, body }
    const $url = new URL(c.req.url).origin
    const asked = rootOf(state, options, fault)
    const node = asked['node'] as (given: Arguments) => unknown
    const root: Node =
      document.operation === 'mutation'
        ? {
            ...mutationsOf(state, ledger, call, fault, options.companies),
            bulkOperationRunQuery: (given: Arguments) => bulk.start({ ...given, $url }),
          }
        : { ...asked, node: (given: Arguments) => bulk.node(given['id']) ?? node(given) }
    return runDocument(document, root, variables)
  }

  /** Takes points from the bucket; where its filling is not simulated, they never run out. */
  function pays(cost: number): boolean {
    const { bucket } = options
    if (!bucket) return true
    available = Math.min(bucket.most, available + ((state.now() - filledAt) / 1000) * bucket.restore)
    filledAt = state.now()
    if (available < cost) return false
    available -= cost
    return true
  }

  return { app, endSessions: () => sessions.clear() }
}
