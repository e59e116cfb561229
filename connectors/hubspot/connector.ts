/** HubSpot: companies, contacts, deals, quotes, products, line items, tickets and whatever further objects the configuration names. */
import type { ConnectorContext, Credentials, HttpRequest } from '../contract.ts'
import { ConnectorError, defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { refreshToken } from '../oauth.ts'
import { hubspotActions, scopeOf } from './actions.ts'
import type { HubspotConfig } from './config.ts'
import { config } from './config.ts'
import { budget, errors, problem, scopesOf } from './dialect.ts'
import { path } from './links.ts'
import { objectsOf } from './objects.ts'
import { receive } from './receive.ts'
import { LAG_MS, objectStream } from './stream.ts'

export default defineConnector<HubspotConfig>({
  title: 'HubSpot',
  mark: 'HS',
  config,
  base: (c) => c.base_url,
  authorise,
  ping,
  streams: objectsOf({ objects: {}, skip: [] }).specs.map(objectStream),
  discover(ctx) {
    const { specs, missing } = objectsOf(ctx.config)
    if (missing.length)
      throw new ConnectorError(
        'config',
        `${ctx.platform} reads ${missing.join(', ')}, but no canonical kind is named for it.`,
        { remedy: `Add kind to config.objects.${missing[0]}.` },
      )
    return Promise.resolve(specs.map(objectStream))
  },
  actions: hubspotActions({ objects: {}, skip: [] }),
  actionsOf: (c) => (c.write ? hubspotActions(c) : []),
  receive,
  limits: { calls: 100, windowMs: 10_000, concurrency: 4, reserve: 0.3 },
  budget,
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link(c, kind, id) {
    const { ui_url, portal_id } = c
    const number = objectsOf(c).specs.find((spec) => spec.kind === kind)?.number
    if (portal_id === undefined || !number || !/^\d+$/.test(id)) return null
    return `${ui_url.replace(/\/$/, '')}/contacts/${portal_id}/record/${number}/${id}`
  },
})

async function authorise(
  ctx: ConnectorContext<HubspotConfig>,
  _request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { auth, base_url } = ctx.config
  if (auth.flow === 'private_app') return { authorization: `Bearer ${auth.access_token.reveal()}` }
  const client = { clientId: auth.client_id, clientSecret: auth.client_secret, send: 'body' as const }
  const tokenUrl = `${base_url.replace(/\/$/, '')}/oauth/v1/token`
  const token = await credentials.token('access', () =>
    refreshToken(ctx, { ...client, tokenUrl, refreshToken: auth.refresh_token }),
  )
  return { authorization: `Bearer ${token}` }
}

/** One row of each object: a refusal names the scopes that it lacks. */
async function ping(ctx: ConnectorContext<HubspotConfig>) {
  const asked = ctx.clock.now()
  const request = { url: '/account-info/v3/details', priority: 'verify' as const, accept: [403, 404] }
  const reply = await ctx.http.request(request)
  const { portalId, accountType } = reply.json() as { portalId?: unknown; accountType?: unknown }
  const missing: string[] = []
  for (const spec of objectsOf(ctx.config).specs) {
    const query = { limit: 1, archived: false }
    const tried = await ctx.http.request({ url: path(spec), query, priority: 'verify', accept: [403] })
    if (tried.status !== 403) continue
    const named = scopesOf(problem(tried))
    missing.push(...(named.length > 0 ? named : [scopeOf(spec, 'read')]))
  }
  const kind = typeof accountType === 'string' ? `, ${accountType.toLowerCase()}` : ''
  const known = typeof portalId === 'number' || typeof portalId === 'string'
  return {
    account: known ? `account ${portalId}${kind}` : 'HubSpot account (the app may not read which)',
    missingScopes: [...new Set(missing)],
    clockSkewMs: platformClock(reply, asked) - asked,
  }
}
