/** Simulated Stripe: restricted key, lists by id, expansion, events and errors in the vendor's dialect. */
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { ApiFault, PlatformState, RunningSimulator, SimRecord, Simulator } from '../platform.ts'
import type { Ledger } from '../ledger.ts'
import { createLedger } from '../ledger.ts'
import type { WireEnv } from '../wire.ts'
import { answer, listen } from '../wire.ts'
import { addWrites } from './stripe/account.ts'
import { eventsOf } from './stripe/events.ts'
import type { Rendered } from './stripe/objects.ts'
import { stripeHooks } from './stripe/hooks.ts'
import { expansionOf, objectOf } from './stripe/objects.ts'
import { expansions, inRange, live, permissionOf } from './stripe/listing.ts'
import { idOf, PLANS } from './stripe/plans.ts'
import { DEFAULT_VERSION, platformConfig, referenceMaps, STRIPE_ACCOUNT, STRIPE_KEY } from './stripe/settings.ts'

export { STRIPE_ACCOUNT, STRIPE_KEY }

export interface StripeOptions {
  /** Permissions that the restricted key lacks (`rak_invoice_read`). */
  denied?: readonly string[]
}

/** A simulated account; the laboratory's own lacks nothing. */
export function stripeAccount({ denied = [] }: StripeOptions = {}): Simulator {
  return {
    vendor: 'stripe',
    role: 'billing',
    kinds: Object.keys(PLANS),
    holds: (kind) => [...(PLANS[kind]?.native ?? []), ...(PLANS[kind]?.metadata ?? [])],
    id: idOf,
    async start(state): Promise<RunningSimulator> {
      const ledger = createLedger(state)
      const app = createAccount(state, denied, ledger)
      const wire = await listen(state, (request, env) => app.fetch(request, env), faulty)
      return {
        url: wire.url,
        platformConfig: platformConfig(wire.url),
        referenceMaps: referenceMaps(),
        requests: wire.requests,
        mutations: ledger.mutations,
        hooks: (url, trouble) => stripeHooks(state, url, trouble),
        stop: wire.stop,
      }
    },
  }
}
export const stripe: Simulator = stripeAccount()
export default stripe

interface Problem {
  type?: string
  code?: string
  param?: string
}

function problem(
  status: number,
  message: string,
  detail: Problem = {},
  headers: Record<string, string> = {},
): Response {
  return answer({ error: { message, type: 'invalid_request_error', ...detail } }, status, {
    ...stamps(`${status}${message}`),
    ...headers,
  })
}

function stamps(seed: string): Record<string, string> {
  return {
    'request-id': `req_${createHash('sha256').update(seed).digest('hex').slice(0, 14)}`,
    'x-stripe-routing-context-priority-tier': 'api-standard',
  }
}

function faulty(fault: ApiFault, request: Request): Response | undefined {
  if (fault.kind === 'throttle')
    return problem(
      429,
      'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
      { code: 'rate_limit' },
      {
        'stripe-rate-limited-reason': 'global-rate',
        'stripe-should-retry': 'true',
        ...(fault.retryAfterSeconds !== undefined && { 'retry-after': String(fault.retryAfterSeconds) }),
      },
    )
  if (fault.kind === 'error')
    return problem(fault.status, 'An unknown error occurred', { type: 'api_error' }, { 'stripe-should-retry': 'true' })
  if (fault.kind === 'expired_session')
    return problem(401, 'Expired API Key provided: rk_live_***lab', { code: 'api_key_expired' })
  const anchor = new URL(request.url).searchParams.get('starting_after')
  if (fault.kind === 'expired_cursor' && anchor) return missing(anchor, 'starting_after')
  return undefined
}

const missing = (id: string, param: string) =>
  problem(param === 'id' ? 404 : 400, `No such object: '${id}'`, { code: 'resource_missing', param })

const unexpandable = (part: string) => problem(400, `This property cannot be expanded (${part}).`, { param: 'expand' })

type Call = Context<WireEnv>

function createAccount(state: PlatformState, denied: readonly string[], ledger: Ledger) {
  const app = new Hono<WireEnv>()

  app.use('*', async (c, next) => {
    const key = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    if (key === undefined) return problem(401, 'You did not provide an API key.')
    if (key !== STRIPE_KEY) return problem(401, `Invalid API Key provided: ${key.slice(0, 8)}***${key.slice(-3)}`)
    if (!/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(versionOf(c)))
      return problem(400, `Invalid Stripe API version: ${versionOf(c)}`)
    const account = c.req.header('stripe-account')
    if (account !== undefined && account !== STRIPE_ACCOUNT)
      return problem(403, `The provided key '${key.slice(0, 8)}***' does not have access to account '${account}'`, {
        code: 'account_invalid',
      })
    const permission = permissionOf(c.req.path, c.req.method)
    if (denied.includes(permission))
      return problem(
        403,
        `The provided key '${key}***' does not have the required permissions for this endpoint on account '${STRIPE_ACCOUNT}'. Having the '${permission}' permission would allow this request to continue.`,
      )
    return next()
  })

  app.get('/v1/account', (c) =>
    reply(c, {
      id: STRIPE_ACCOUNT,
      object: 'account',
      country: 'DE',
      settings: { dashboard: { display_name: 'Lab Billing', timezone: 'Etc/UTC' } },
    }),
  )
  app.get('/v1/events', (c) => {
    const query = new URL(c.req.url).searchParams
    const types = [...query].filter(([name]) => /^types(\[\d*\])?$/.test(name)).map(([, value]) => value)
    if (types.length > 20) return problem(400, 'Array length should be less than or equal to 20', { param: 'types' })
    return listed(c, eventsOf(state, types), ['types', 'created'])
  })
  app.get('/v1/invoice_payments', (c) => {
    const intent = state.record('payment', c.req.query('payment[payment_intent]') ?? '')
    const invoice = intent?.fields['invoice'] ?? null
    const rows =
      intent && invoice
        ? [
            {
              id: `inpay_${intent.id.slice(3)}`,
              object: 'invoice_payment',
              created: Math.floor(intent.createdAt / 1000),
              invoice,
              payment: { type: 'payment_intent', payment_intent: intent.id },
            },
          ]
        : []
    return listed(c, rows, ['payment', 'invoice', 'status'])
  })
  app.get('/v1/invoices/:id/lines', (c) => parts(c, 'invoice', c.req.param('id'), 'lines'))
  app.get('/v1/subscription_items', (c) =>
    parts(c, 'subscription', c.req.query('subscription') ?? '', 'items', ['subscription']),
  )

  addWrites(app, state, ledger, { problem, missing, shown: (c, record) => reply(c, shown(c, record, [])) })

  for (const [kind, plan] of Object.entries(PLANS)) {
    app.get(`/v1/${plan.path}/search`, (c) => {
      const [, key, value] = /^metadata\['([^']+)'\]:'([^']*)'$/.exec(c.req.query('query') ?? '') ?? []
      if (key === undefined) return problem(400, 'We were unable to parse your search query.', { param: 'query' })
      // Search lags: what was changed within the last minute is not found yet.
      const rows = live(state.records(kind)).filter((r) => r.changedAt < state.now() - 60_000)
      const hits = rows.filter((r) => (objectOf(r, versionOf(c))['metadata'] as Rendered)[key] === value)
      return reply(c, {
        object: 'search_result',
        data: hits.map((r) => shown(c, r, [])),
        has_more: false,
        url: c.req.path,
      })
    })
    app.get(`/v1/${plan.path}`, (c) => {
      const all = c.req.query('status')
      const rows = live(state.records(kind)).filter(
        (r) =>
          (kind !== 'subscription' || all === 'all' || r.state !== 'cancelled') &&
          (c.req.query('customer') === undefined || r.fields['customer'] === c.req.query('customer')),
      )
      const further = kind === 'subscription' ? ['status', 'customer'] : kind === 'invoice' ? ['customer'] : []
      const filters = ['created', ...further].filter((name) => kind !== 'credit' || name !== 'created')
      return listed(
        c,
        rows.map((record) => lazy(record)),
        filters,
      )
    })
    app.get(`/v1/${plan.path}/:id`, (c) => {
      const record = state.record(kind, c.req.param('id'))
      if (!record) return missing(c.req.param('id'), 'id')
      // Only customers can still be asked for once they are deleted.
      if (record.deletedAt !== undefined)
        return kind === 'customer'
          ? reply(c, { id: record.id, object: 'customer', deleted: true })
          : missing(record.id, 'id')
      const expand = expansions(c.req.url, '')
      if ('wrong' in expand) return unexpandable(expand.wrong)
      return reply(c, poisoned(c, [shown(c, record, expand)])[0]!)
    })
  }
  app.notFound((c) =>
    problem(
      404,
      `Unrecognized request URL (GET: ${c.req.path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    ),
  )

  /** A place holder that sorts and filters; the page renders it. */
  function lazy(record: SimRecord): Rendered {
    return { id: record.id, created: Math.floor(record.createdAt / 1000), record }
  }

  function parts(c: Call, kind: string, id: string, key: string, filters: string[] = []): Response {
    const record = state.record(kind, id)
    if (!record || record.deletedAt !== undefined) return missing(id, kind)
    return listed(c, (objectOf(record, versionOf(c))[key] as { data: Rendered[] }).data, filters)
  }

  function listed(c: Call, rows: Rendered[], filters: string[]): Response {
    const query = new URL(c.req.url).searchParams
    const unknown = [...query.keys()].find(
      (name) => !['limit', 'starting_after', 'expand', ...filters].includes(name.replace(/\[.*$/, '')),
    )
    if (unknown)
      return problem(400, `Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown })
    const limit = Number(query.get('limit') ?? '10')
    if (!Number.isInteger(limit) || limit < 1 || limit > 100)
      return problem(400, 'This value must be between 1 and 100.', {
        code: 'parameter_invalid_integer',
        param: 'limit',
      })
    const expand = expansions(c.req.url, 'data.')
    if ('wrong' in expand) return unexpandable(expand.wrong)
    const kept = rows.filter((row) => inRange(query, Number(row['created'])))
    const anchor = query.get('starting_after')
    const from = anchor === null ? 0 : kept.findIndex((row) => row['id'] === anchor) + 1
    if (anchor !== null && from === 0) return missing(anchor, 'starting_after')
    const data = kept
      .slice(from, from + limit)
      .map((row) => (row['record'] ? shown(c, row['record'] as SimRecord, expand) : { ...row }))
    return reply(c, { object: 'list', data: poisoned(c, data), has_more: from + limit < kept.length, url: c.req.path })
  }

  function shown(c: Call, record: SimRecord, expand: string[]): Rendered {
    const object = objectOf(record, versionOf(c))
    // Tax ids are a list that is left out unless it is asked for.
    if (!expand.includes('tax_ids')) delete object['tax_ids']
    for (const part of expand) {
      const value = expansionOf(state, record, part)
      if (value !== undefined) object[part] = value
    }
    return object
  }

  return app
}

function poisoned(c: Call, data: Rendered[]): Rendered[] {
  const fault = c.env.fault
  const bad = fault?.kind === 'poison' ? data[fault.recordIndex % data.length] : undefined
  if (bad) bad['created'] = 'yesterday'
  return data
}

function versionOf(c: Call): string {
  return c.req.header('stripe-version') ?? DEFAULT_VERSION
}

function reply(c: Call, value: Rendered): Response {
  return answer(value, 200, { ...stamps(c.req.url), 'stripe-version': versionOf(c) })
}
