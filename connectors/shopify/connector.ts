/** Shopify: customers, companies, products, draft orders, orders with their lines, payments, refunds and shipments, subscription contracts. */
import type { Credentials, HttpRequest } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { shopifyActions } from './actions.ts'
import type { Ctx } from './ask.ts'
import { ask } from './ask.ts'
import type { Meaning, ShopifyConfig } from './config.ts'
import { config } from './config.ts'
import { budget, errors } from './dialect.ts'
import { specsOf } from './objects.ts'
import { receive } from './receive.ts'
import { LAG_MS, objectStream } from './stream.ts'

const BARE: Meaning = { objects: {}, skip: [], customer_is: 'customer', holds: false }

export default defineConnector<ShopifyConfig>({
  title: 'Shopify',
  mark: 'SH',
  config,
  base: (c) => c.base_url,
  hosts: (c) => (c.bulk ? [c.bulk.host] : []),
  authorise,
  ping,
  streams: specsOf(BARE).map(objectStream),
  discover: (ctx) => Promise.resolve(specsOf(ctx.config).map(objectStream)),
  actions: shopifyActions(BARE),
  actionsOf: (c) => (c.write ? shopifyActions(c) : []),
  receive,
  // Until the shop says how large its bucket of points is.
  limits: { calls: 100, windowMs: 10_000, concurrency: 4, reserve: 0.3 },
  budget,
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link(c, kind, id) {
    const company = id.startsWith('gid://shopify/Company/')
    const type = company ? 'Company' : null
    const spec = specsOf(c).find((s) => s.kind === kind && (type === null || s.type === type))
    const number = /(\d+)$/.exec(id)?.[1]
    if (!spec?.screen || number === undefined) return null
    return `${c.base_url.replace(/\/$/, '')}/admin/${company ? 'companies' : spec.screen}/${number}`
  },
})

async function authorise(ctx: Ctx, _request: HttpRequest, credentials: Credentials): Promise<Record<string, string>> {
  const { auth, base_url } = ctx.config
  if (auth.flow === 'token') return { 'x-shopify-access-token': auth.access_token.reveal() }
  const tokenUrl = `${base_url.replace(/\/$/, '')}/admin/oauth/access_token`
  const client = { tokenUrl, clientId: auth.client_id, clientSecret: auth.client_secret, send: 'body' as const }
  const token = await credentials.token('access', () => clientCredentials(ctx, client))
  return { 'x-shopify-access-token': token }
}

export const PING_DOCUMENT =
  'query Ping { shop { name myshopifyDomain plan { displayName } } currentAppInstallation { accessScopes { handle } } }'

async function ping(ctx: Ctx) {
  const asked = ctx.clock.now()
  const { data, reply } = await ask(ctx, PING_DOCUMENT, {}, 'verify')
  const { name, myshopifyDomain, plan } = (data['shop'] ?? {}) as Record<string, unknown>
  const { accessScopes } = (data['currentAppInstallation'] ?? {}) as { accessScopes?: { handle: string }[] }
  const granted = new Set(accessScopes?.map(({ handle }) => handle))
  // What may be written may also be read.
  const has = (scope: string) => granted.has(scope) || granted.has(scope.replace('read_', 'write_'))
  const specs = specsOf(ctx.config)
  const needed = new Set(specs.flatMap((spec) => spec.scopes))
  const missing = [...needed].filter((scope) => !has(scope))
  // Not a scope of its own: without it, orders older than sixty days are not there.
  if (needed.has('read_orders') && !granted.has('read_all_orders')) missing.push('read_all_orders')
  if (ctx.config.write)
    for (const scope of new Set(shopifyActions(ctx.config).flatMap((action) => action.needs)))
      if (!granted.has(scope)) missing.push(scope)
  const of = (plan as { displayName?: unknown } | null)?.displayName
  return {
    account: `${String(name)} (${String(myshopifyDomain)}${typeof of === 'string' ? `, ${of}` : ''})`,
    missingScopes: missing,
    clockSkewMs: platformClock(reply, asked) - asked,
  }
}
