/** Microsoft Dynamics 365 Business Central by its API v2.0: customers, items, sales documents and payments of one company. */
import type { ConnectorContext, ErrorReader } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { reasonOf } from '../odata.ts'
import { centralActions } from './actions.ts'
import type { CentralConfig } from './config.ts'
import { configSchema, ENTITY_NAMES } from './config.ts'
import { entitiesOf, entityOf } from './entities.ts'
import { receive } from './receive.ts'
import { entityStream, LAG_MS, listPath } from './stream.ts'

const SCOPE = 'https://api.businesscentral.dynamics.com/.default'

async function ping(ctx: ConnectorContext<CentralConfig>) {
  const missing: string[] = []
  const specs = entitiesOf(ctx.config)
  let skew = 0
  for (const spec of specs) {
    const reply = await ctx.http.request({ url: listPath(spec, ctx.config), query: { $top: 1 }, accept: [403, 404] })
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    if (reply.status === 403) missing.push(`permission set that may read ${spec.name}`)
    else if (reply.status === 404) missing.push(`entity ${spec.name} (not in ${ctx.config.api}: add it to skip)`)
  }
  if (specs.length > 0 && missing.length === specs.length)
    throw new ConnectorError('auth', `The application may read nothing of the company: ${missing.join(', ')}.`, {
      remedy: 'Register the application in Business Central and give it a permission set such as D365 READ.',
    })
  const account = `${ctx.config.environment}, company ${ctx.config.company}`
  return { account, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const errors: ErrorReader = (reply) => {
  if (reply.status < 400) return undefined
  const message = reasonOf(reply)
  if (reply.status === 429) return { code: 'rate_limited', message }
  if (reply.status === 401 || reply.status === 403) return { code: 'auth', message }
  if (reply.status === 404) return { code: 'not_found', message }
  // An operation that took too long is cancelled with 408; a lock or deadlock is a 409.
  if (reply.status >= 500 || reply.status === 408) return { code: 'upstream', message }
  return reply.status === 409 ? { code: 'upstream', message, retryable: true } : { code: 'schema', message }
}

const plain = configSchema.shape.customers.parse(undefined)

export default defineConnector<CentralConfig>({
  title: 'Business Central',
  mark: 'BC',
  config: configSchema,
  base: (config) => config.base_url,
  hosts: (config) => [new URL(config.login_url).host],
  async authorise(ctx, _request, credentials) {
    const { login_url, tenant, client_id, client_secret } = ctx.config
    const token = await credentials.token('access', () =>
      clientCredentials(ctx, {
        tokenUrl: `${login_url}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
        clientId: client_id,
        clientSecret: client_secret,
        scope: SCOPE,
        send: 'body',
      }),
    )
    return { authorization: `Bearer ${token}` }
  },
  ping,
  streams: ENTITY_NAMES.map((name) => entityStream(entityOf(name, plain))),
  discover: async ({ config }) => entitiesOf(config).map(entityStream),
  actionsOf: (config) => (config.write ? centralActions(config) : []),
  receive,
  // 6,000 in five minutes for each user, of whom five are worked on at once.
  limits: { calls: 6_000, windowMs: 300_000, concurrency: 4, reserve: 0.5 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link: (config, kind, id) => config.links[kind]?.replace('{id}', encodeURIComponent(id)) ?? null,
})
