/** ServiceNow by its Table API: accounts, contacts, cases, entitlements and contracts. */
import type { ConnectorContext, Credentials } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { basic, clientCredentials } from '../oauth.ts'
import { serviceNowActions } from './actions.ts'
import type { ServiceNowConfig } from './config.ts'
import { baseOf, configSchema, STREAM_NAMES } from './config.ts'
import { budget, errors, messageOf } from './dialect.ts'
import { pathOf } from './list.ts'
import { LAG_MS, tableStream } from './stream.ts'
import { tableOf, tablesOf } from './tables.ts'

async function authorise(
  ctx: ConnectorContext<ServiceNowConfig>,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth } = ctx.config
  if (auth.flow === 'basic') return { authorization: basic(auth.username, auth.password) }
  const token = await credentials.token('access', () =>
    clientCredentials(ctx, {
      tokenUrl: `${baseOf(ctx.config)}/oauth_token.do`,
      clientId: auth.client_id,
      clientSecret: auth.client_secret,
      send: 'body',
      ...(auth.scope !== undefined && { scope: auth.scope }),
    }),
  )
  return { authorization: `Bearer ${token}` }
}

/** One row of every table: what the user may not read, and what is not installed, is named table by table. */
async function ping(ctx: ConnectorContext<ServiceNowConfig>) {
  const missing: string[] = []
  let skew = 0
  const names = [
    ...tablesOf(ctx.config).map((spec) => spec.table),
    ...(ctx.config.audit_deletes ? ['sys_audit_delete'] : []),
  ]
  for (const table of names) {
    const query = { sysparm_fields: 'sys_id', sysparm_limit: 1 }
    const reply = await ctx.http.request({ url: pathOf(table), query, accept: [400, 403, 404] })
    skew = platformClock(reply, ctx.clock.now()) - ctx.clock.now()
    if (reply.status === 403) missing.push(`role that may read ${table}`)
    else if (reply.status >= 400)
      missing.push(`table ${table} (${messageOf(reply).slice(0, 80)}; else add its stream to skip)`)
  }
  if (names.length > 0 && missing.length === names.length)
    throw new ConnectorError(
      'auth',
      `The integration user may read nothing at ${ctx.config.instance}: ${missing.join(', ')}.`,
      {
        remedy: 'Give the user a role that reads these tables, such as sn_customerservice_agent.',
      },
    )
  return { account: ctx.config.instance, ...(missing.length > 0 && { missingScopes: missing }), clockSkewMs: skew }
}

const plain = configSchema.shape.accounts.parse(undefined)

export default defineConnector<ServiceNowConfig>({
  title: 'ServiceNow',
  mark: 'SN',
  config: configSchema,
  base: baseOf,
  authorise: (ctx, _request, credentials) => authorise(ctx, credentials),
  ping,
  streams: STREAM_NAMES.map((name) => tableStream(tableOf(name, plain))),
  discover: async ({ config }) => tablesOf(config).map(tableStream),
  actionsOf: (config) => (config.write ? serviceNowActions(config) : []),
  // Instances have no limit until somebody writes a rate rule; what one says comes with the replies.
  limits: { calls: 600, windowMs: 60_000, concurrency: 4, reserve: 0.5 },
  budget,
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link(config, kind, id) {
    const spec = tablesOf(config).find((one) => one.kind === kind)
    if (!spec) return null
    return `${baseOf(config)}/nav_to.do?uri=${encodeURIComponent(`${spec.table}.do?sys_id=${id}`)}`
  },
})
