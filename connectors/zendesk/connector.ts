/** Zendesk Support: organizations, the people in them, their tickets, and what service they are entitled to. */
import type { ConnectorContext, Credentials } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { basic, clientCredentials } from '../oauth.ts'
import { zendeskActions } from './actions.ts'
import type { ZendeskConfig } from './config.ts'
import { baseOf, configSchema } from './config.ts'
import { budget, errors } from './errors.ts'
import { EXCLUDED_S } from './export.ts'
import { asObject, heldOf, idOf, textOf } from './fields.ts'
import { receive } from './receive.ts'
import { entitlements } from './streams/entitlements.ts'
import { organizations } from './streams/organizations.ts'
import { ticketFields, tickets } from './streams/tickets.ts'
import { users } from './streams/users.ts'

async function authorise(
  ctx: ConnectorContext<ZendeskConfig>,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth } = ctx.config
  if (auth.flow === 'api_token') return { authorization: basic(`${auth.email}/token`, auth.token) }
  const token = await credentials.token('access', () =>
    clientCredentials(ctx, {
      tokenUrl: `${baseOf(ctx.config)}/oauth/tokens`,
      clientId: auth.client_id,
      clientSecret: auth.client_secret,
      scope: auth.scope,
      send: 'body',
    }),
  )
  return { authorization: `Bearer ${token}` }
}

/** Zendesk answers strangers too, as nobody; and exports need an administrator. */
async function ping(ctx: ConnectorContext<ZendeskConfig>) {
  const reply = await ctx.http.request({ url: '/api/v2/users/me' })
  const user = asObject(asObject(reply.json())?.['user'])
  if (idOf(user?.['id']) === null) {
    throw new ConnectorError('auth', `Zendesk does not know who we are at ${ctx.config.subdomain}.`, {
      remedy: 'Check the API token or OAuth client and that its user is active.',
    })
  }
  const missingScopes = [
    ...(user!['role'] !== 'admin' ? ['role admin (incremental exports)'] : []),
    ...(ctx.config.write && !mayWrite(ctx.config) ? ['scope write (config.auth.scope)'] : []),
  ]
  return {
    account: `${ctx.config.subdomain} as ${textOf(user!['name']) ?? idOf(user!['id'])!}`,
    ...(missingScopes.length > 0 && { missingScopes }),
    clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
  }
}

/** A token may do what its user may; an OAuth client what it asked for. */
function mayWrite({ auth }: ZendeskConfig): boolean {
  return auth.flow === 'api_token' || auth.scope.split(/[\s,]+/).some((scope) => scope === 'write')
}

export default defineConnector<ZendeskConfig>({
  title: 'Zendesk',
  mark: 'ZD',
  config: configSchema,
  base: baseOf,
  authorise: (ctx, _request, credentials) => authorise(ctx, credentials),
  ping,
  streams: [organizations, users, tickets],
  async discover({ config }) {
    const more = entitlements(config)
    const own = [
      { ...organizations, holds: heldOf(organizations.holds, config.organization) },
      { ...users, holds: heldOf(users.holds, config.user) },
      { ...tickets, holds: ticketFields(config) },
    ]
    return [...own, ...(more ? [more] : [])]
  },
  receive,
  actionsOf: (config) => (config.write ? zendeskActions(config) : []),
  // The smallest plan; the account's own figure comes with every reply. Half is left to agents and apps.
  limits: { calls: 200, windowMs: 60_000, concurrency: 4, reserve: 0.5 },
  budget,
  errors,
  lagMs: EXCLUDED_S * 1_000,
  replayDays: null,
  link(config, kind, id) {
    const page: Record<string, string> = { customer: 'organizations', contact: 'users', case: 'tickets' }
    if (kind === 'entitlement' && config.entitlement?.source === 'organization_fields')
      page['entitlement'] = 'organizations'
    return page[kind] ? `${baseOf(config)}/agent/${page[kind]}/${encodeURIComponent(id)}` : null
  },
})
