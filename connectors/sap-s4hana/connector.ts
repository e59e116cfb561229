/** SAP S/4HANA by its OData APIs: business partners, products, quotations, orders, contracts, billing documents and payments. */
import type { Connector, ConnectorContext, Credentials, ErrorReader, HttpRequest } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { basic, clientCredentials } from '../oauth.ts'
import { reasonOf } from '../odata.ts'
import { sapActions } from './actions.ts'
import type { SapConfig } from './config.ts'
import { configSchema } from './config.ts'
import { receive } from './receive.ts'
import { headersOf, setPath } from './system.ts'
import { specsOf } from './sets.ts'
import { LAG_MS, setStream } from './stream.ts'

async function authorise(
  ctx: ConnectorContext<SapConfig>,
  _request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth, api_key } = ctx.config
  const key = api_key && { apikey: api_key.reveal() }
  if (auth.type === 'basic') return { ...key, authorization: basic(auth.user, auth.password) }
  const token = await credentials.token('access', () =>
    clientCredentials(ctx, {
      tokenUrl: auth.token_url,
      clientId: auth.client_id,
      clientSecret: auth.client_secret,
      ...(auth.scope !== undefined && { scope: auth.scope }),
    }),
  )
  return { ...key, authorization: `Bearer ${token}` }
}

/** One row of each set: a communication arrangement lets in service by service. */
async function ping(ctx: ConnectorContext<SapConfig>) {
  const specs = specsOf(ctx.config)
  const missing: string[] = []
  let skew = 0
  for (const spec of specs) {
    const reply = await ctx.http.request({
      url: setPath(spec),
      query: { $top: 1, $select: spec.keys.join(','), ...(spec.version === 2 && { $format: 'json' }) },
      headers: headersOf(ctx.config),
      priority: 'verify',
      accept: [403, 404],
    })
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    const service = spec.service.split('/').at(-1) === '0001' ? 'CE_SALESORDER_0001' : spec.service.split('/').at(-1)!
    if (reply.status === 403) missing.push(`read ${spec.set} of ${service}`)
    else if (reply.status === 404)
      missing.push(`communication arrangement with ${service} (or add ${spec.stream} to skip)`)
  }
  if (specs.length > 0 && missing.length === specs.length)
    throw new ConnectorError('auth', `The communication user may read nothing: ${missing.join(', ')}.`, {
      remedy: 'Create communication arrangements for these services and assign them to the user.',
    })
  const { host } = new URL(ctx.config.base_url)
  const account = ctx.config.company_code === undefined ? host : `${host}, company code ${ctx.config.company_code}`
  return { account, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = reasonOf(reply)
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401 || reply.status === 403) return { code: 'auth', message }
  if (reply.status === 404) return { code: 'not_found', message }
  // 428: a version was due that we did not have.
  if (reply.status === 412 || reply.status === 428) return { code: 'conflict', message }
  // 423: somebody has the document open.
  if (reply.status >= 500 || reply.status === 408 || reply.status === 423)
    return { code: 'upstream', message, retryable: true }
  return { code: 'schema', message }
}

/** Fiori apps that show one record. */
const APPS: Record<string, string> = {
  customer: 'Customer-displayFactSheet?Customer={id}',
  product: 'Material-displayFactSheet?Material={id}',
  quote: 'SalesQuotation-displayFactSheet?SalesQuotation={id}',
  order: 'SalesOrder-displayFactSheet?SalesOrder={id}',
  contract: 'SalesContract-displayFactSheet?SalesContract={id}',
  invoice: 'BillingDocument-displayFactSheet?BillingDocument={id}',
  credit: 'BillingDocument-displayFactSheet?BillingDocument={id}',
}

const plain = configSchema.parse({
  base_url: 'https://example.com',
  auth: { type: 'basic', user: 'none', password: 'none' },
})

const connector: Connector<SapConfig> = defineConnector<SapConfig>({
  title: 'SAP S/4HANA',
  mark: 'S4',
  config: configSchema,
  base: (config) => config.base_url,
  hosts: ({ auth }) => (auth.type === 'oauth' ? [new URL(auth.token_url).host] : []),
  authorise,
  ping,
  streams: specsOf(plain).map(setStream),
  discover: async ({ config }) => specsOf(config).map(setStream),
  actionsOf: (config) => (config.write ? sapActions(config) : []),
  receive,
  // The vendor publishes no number: fair use of a shared tenant, so little is asked for.
  limits: { calls: 1_200, windowMs: 300_000, concurrency: 4, reserve: 0.5 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link({ links, ui_url }, kind, id) {
    const app = APPS[kind]
    const whole =
      links[kind] ?? (ui_url !== undefined && app !== undefined ? `${ui_url.replace(/\/$/, '')}/ui#${app}` : null)
    return whole?.replace('{id}', encodeURIComponent(id)) ?? null
  },
})
export default connector
