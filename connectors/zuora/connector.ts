/** Zuora: accounts, contacts, rate plans, orders, subscriptions with their versions, invoices, payments and credit memos. */
import type { ConnectorContext, Credentials, HttpRequest } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { clientCredentials } from '../oauth.ts'
import { zuoraActions } from './actions.ts'
import type { ZuoraConfig } from './config.ts'
import { config } from './config.ts'
import { budget, errors } from './dialect.ts'
import { specsOf } from './objects.ts'
import { receive } from './receive.ts'
import { LAG_MS, objectStream } from './stream.ts'

const BARE = { objects: {}, skip: [] }

export default defineConnector<ZuoraConfig>({
  title: 'Zuora',
  mark: 'ZU',
  config,
  base: (c) => c.base_url,
  authorise,
  ping,
  streams: specsOf(BARE).map(objectStream),
  discover: (ctx) => Promise.resolve(specsOf(ctx.config).map(objectStream)),
  actions: zuoraActions(BARE),
  actionsOf: (c) => (c.write ? zuoraActions(c) : []),
  receive,
  // Fifty thousand calls a minute and forty at once, of which other integrations need theirs.
  limits: { calls: 50_000, windowMs: 60_000, concurrency: 8, reserve: 0.3 },
  budget,
  errors,
  lagMs: LAG_MS,
  replayDays: null,
  link,
})

async function authorise(
  ctx: ConnectorContext<ZuoraConfig>,
  _request: HttpRequest,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { base_url, client_id, client_secret, entity_id, org_ids } = ctx.config
  const tokenUrl = `${base_url.replace(/\/$/, '')}/oauth/token`
  const client = { tokenUrl, clientId: client_id, clientSecret: client_secret, send: 'body' as const }
  const token = await credentials.token('session', () => clientCredentials(ctx, client))
  return {
    authorization: `Bearer ${token}`,
    ...(entity_id !== undefined && { 'zuora-entity-ids': entity_id }),
    ...(org_ids && org_ids.length > 0 && { 'zuora-org-ids': org_ids.join(',') }),
  }
}

/** Asks every object for one row: permissions are given by object, and only asking shows them. */
async function ping(ctx: ConnectorContext<ZuoraConfig>) {
  const asked = ctx.clock.now()
  const missingScopes: string[] = []
  let skew = 0
  const specs = specsOf(ctx.config)
  for (const { object } of specs) {
    try {
      const reply = await ctx.http.request({ url: `/object-query/${object}?pageSize=1`, priority: 'verify' })
      skew = platformClock(reply, asked) - asked
    } catch (error) {
      if ((error as { code?: string }).code !== 'auth') throw error
      missingScopes.push(`read ${object}`)
      // Refused everywhere: that is no permission but the credentials.
      if (missingScopes.length === specs.length) throw error
    }
  }
  const { base_url, entity_id } = ctx.config
  const account = `${new URL(base_url).host}${entity_id === undefined ? '' : `, entity ${entity_id}`}`
  return { account, missingScopes, clockSkewMs: skew }
}

/** Screens go by object ids; subscriptions are known here by their number, which has no address. */
const SCREENS: Record<string, string> = {
  customer: '/apps/CustomerAccount.do',
  invoice: '/apps/NewInvoice.do',
  payment: '/apps/NewPayment.do',
}

function link({ ui_url }: ZuoraConfig, kind: string, id: string): string | null {
  const screen = SCREENS[kind]
  if (screen === undefined || !/^[0-9a-f]{32}$/i.test(id)) return null
  return `${ui_url.replace(/\/$/, '')}${screen}?method=view&id=${id}`
}
