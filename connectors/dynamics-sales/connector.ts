/** Dynamics 365 Sales on Dataverse: accounts, contacts, products, opportunities, quotes, orders and any table that the configuration names. */
import type { ConnectorContext, Credentials, HttpRequest } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { dynamicsActions } from './actions.ts'
import type { DynamicsConfig } from './config.ts'
import { config } from './config.ts'
import { errors, privilegeOf } from './dialect.ts'
import { receive } from './receive.ts'
import { LAG_MS, root, tableStream } from './stream.ts'
import { tablesOf } from './tables.ts'

const bare = (url: string) => url.replace(/\/$/, '')

export default defineConnector<DynamicsConfig>({
  title: 'Dynamics 365 Sales',
  mark: 'DS',
  config,
  base: (c) => c.url,
  hosts: (c) => [c.auth.login_url],
  authorise,
  ping,
  streams: tablesOf({ tables: {}, skip: [] }).specs.map(tableStream),
  discover(ctx) {
    const { specs, missing } = tablesOf(ctx.config)
    if (missing.length)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind or logical name is given for it.`,
        { remedy: `Add kind and logical_name to config.tables.${missing[0]}.` },
      )
    return Promise.resolve(specs.map(tableStream))
  },
  actions: dynamicsActions({ tables: {}, skip: [] }),
  actionsOf: (c) => (c.write ? dynamicsActions(c) : []),
  receive,
  // 6,000 requests in five minutes for one user; the vendor asks not to steer by its counting headers.
  limits: { calls: 6_000, windowMs: 300_000, concurrency: 4, reserve: 0.3 },
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link(c, kind, id) {
    const spec = tablesOf(c).specs.find((s) => s.kind === kind)
    if (!spec || !/^[0-9a-f-]{36}$/i.test(id)) return null
    return `${bare(c.url)}/main.aspx?pagetype=entityrecord&etn=${spec.logical}&id=${id}`
  },
})

async function authorise(
  ctx: ConnectorContext<DynamicsConfig>,
  _request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth, url } = ctx.config
  const token = await credentials.token('access', () =>
    clientCredentials(ctx, {
      tokenUrl: `${bare(auth.login_url)}/${encodeURIComponent(auth.tenant_id)}/oauth2/v2.0/token`,
      clientId: auth.client_id,
      clientSecret: auth.client_secret,
      scope: `${bare(url)}/.default`,
      send: 'body',
    }),
  )
  return { authorization: `Bearer ${token}`, 'odata-version': '4.0', 'odata-maxversion': '4.0' }
}

/** Who we are, and one row of each table: a refusal names the privilege that the application user lacks. */
async function ping(ctx: ConnectorContext<DynamicsConfig>) {
  const asked = ctx.clock.now()
  const reply = await ctx.http.request({ url: `${root(ctx.config)}/WhoAmI`, priority: 'verify' })
  const { OrganizationId } = reply.json() as { OrganizationId?: unknown }
  const missing: string[] = []
  for (const { set, id, logical } of tablesOf(ctx.config).specs) {
    const query = { $select: id, $top: 1 }
    const url = `${root(ctx.config)}/${set}`
    const tried = await ctx.http.request({ url, query, priority: 'verify', accept: [403] })
    if (tried.status === 403) missing.push(privilegeOf(tried) ?? `prvRead${logical}`)
  }
  return {
    account: `${new URL(ctx.config.url).host} (${String(OrganizationId ?? 'unknown organisation')})`,
    missingScopes: [...new Set(missing)],
    clockSkewMs: platformClock(reply, asked) - asked,
  }
}
