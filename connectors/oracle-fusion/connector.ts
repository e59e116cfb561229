/** Oracle Fusion Cloud by its REST APIs: accounts, contacts, opportunities, service requests, items, sales orders, receivables and receipts. */
import type { Connector, ConnectorContext } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { basic, clientCredentials } from '../oauth.ts'
import { asEntity } from '../odata.ts'
import { fusionActions } from './actions.ts'
import type { FusionConfig } from './config.ts'
import { configSchema } from './config.ts'
import { errors } from './dialect.ts'
import { resourcesOf } from './resources.ts'
import { headersOf, LAG_MS, resourceStream } from './stream.ts'

/** One item of each resource; where business units are named, one of each: security leaves out the others without a word. */
async function ping(ctx: ConnectorContext<FusionConfig>) {
  const { specs } = resourcesOf(ctx.config)
  const missing: string[] = []
  const ask = (url: string, q?: string) =>
    ctx.http.request({
      url,
      query: { ...(q !== undefined && { q }), limit: 1, onlyData: true },
      headers: headersOf(ctx.config),
      priority: 'verify',
      accept: [403, 404],
    })
  let skew = 0
  for (const { path, stream } of specs) {
    const reply = await ask(path)
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    if (reply.status === 403) missing.push(`privilege that may view ${stream}`)
    else if (reply.status === 404)
      missing.push(`resource ${path} (not in this release: set its path, or add ${stream} to skip)`)
  }
  if (specs.length > 0 && missing.length === specs.length)
    throw new ConnectorError('auth', `The user may read nothing: ${missing.join(', ')}.`, {
      remedy: 'Give it job roles with the REST privileges that the README names.',
    })
  const invoices = specs.find((spec) => spec.stream === 'receivablesInvoices' && spec.only !== null)
  for (const unit of invoices && missing.length === 0 ? ctx.config.business_units : []) {
    const reply = await ask(invoices!.path, `${invoices!.only!.split(' ')[0]} = '${unit}'`)
    const items = reply.status === 200 ? asEntity(reply.json())?.['items'] : []
    if (!Array.isArray(items) || items.length === 0)
      missing.push(`invoices of business unit ${unit} (none is seen: has the user data access to it?)`)
  }
  const { host } = new URL(ctx.config.url)
  return { account: host, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const NOTHING = { resources: {}, skip: [], business_units: [], order_total: 'QP_TOTAL_NET_PRICE' }

const connector: Connector<FusionConfig> = defineConnector<FusionConfig>({
  title: 'Oracle Fusion Cloud',
  mark: 'OF',
  config: configSchema,
  base: (config) => config.url,
  hosts: ({ auth }) => (auth.type === 'oauth' ? [new URL(auth.token_url).host] : []),
  async authorise(ctx, _request, credentials) {
    const { auth } = ctx.config
    if (auth.type === 'basic') return { authorization: basic(auth.user, auth.password) }
    const token = await credentials.token('access', () =>
      clientCredentials(ctx, {
        tokenUrl: auth.token_url,
        clientId: auth.client_id,
        clientSecret: auth.client_secret,
        scope: auth.scope,
      }),
    )
    return { authorization: `Bearer ${token}` }
  },
  ping,
  streams: resourcesOf(NOTHING).specs.map(resourceStream),
  discover(ctx) {
    const { specs, missing } = resourcesOf(ctx.config)
    if (missing.length > 0)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind, path or key is given for it.`,
        { remedy: `Add kind, path and key to config.resources.${missing[0]}.` },
      )
    return Promise.resolve(specs.map(resourceStream))
  },
  actionsOf: (config) => (config.write ? fusionActions(config) : []),
  // Nothing is published; 5,000 an hour and user is what others met.
  limits: { calls: 5_000, windowMs: 3_600_000, concurrency: 3, reserve: 0.4 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link: (config, kind, id) => config.links[kind]?.replace('{id}', encodeURIComponent(id)) ?? null,
})
export default connector
