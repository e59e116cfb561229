/** Stripe: billing. Subscriptions, invoices, payments, credit notes, products and the customers they belong to. */
import type { ConnectorContext } from '../contract.ts'
import { defineConnector } from '../contract.ts'
import { platformClock } from '../cursor.ts'
import { anyActions, stripeActions, writePermissions } from './actions.ts'
import type { StripeConfig } from './config.ts'
import { configSchema } from './config.ts'
import { errors, missingPermission, thrown } from './errors.ts'
import { asObject, textOf } from './object.ts'
import { LAG_S, streamOf } from './read.ts'
import { stripeReceiver } from './receive.ts'
import { credits } from './streams/credits.ts'
import { customers } from './streams/customers.ts'
import { invoices } from './streams/invoices.ts'
import { invoiceLines, subscriptionItems } from './streams/lines.ts'
import { payments } from './streams/payments.ts'
import { products } from './streams/products.ts'
import { subscriptions } from './streams/subscriptions.ts'

const all = [customers, products, subscriptions, invoices, payments, credits, invoiceLines, subscriptionItems]

/** Asks for the account, and for one row of everything that is read: a restricted key may lack any of it. */
async function ping(ctx: ConnectorContext<StripeConfig>) {
  const reply = await ctx.http.request({ url: '/v1/account', accept: [403] })
  const missing = new Set<string>()
  for (const stream of [...all, { path: () => '/v1/events', permission: 'rak_event_read' }]) {
    const probe = await ctx.http.request({ url: stream.path(ctx.config), query: { limit: 1 }, accept: [403] })
    if (probe.status === 403) missing.add(missingPermission(probe) ?? stream.permission)
  }
  const found = reply.status === 403 ? null : asObject(reply.json())
  for (const permission of ctx.config.write ? await unwritable(ctx) : []) missing.add(permission)
  // A key that may not read the account may still read everything that matters.
  if (reply.status === 403 && missing.size > all.length - 2) throw thrown(reply)
  const dashboard = asObject(asObject(found?.['settings'])?.['dashboard'])
  const name = textOf(dashboard?.['display_name']) ?? textOf(asObject(found?.['business_profile'])?.['name'])
  const id = textOf(found?.['id']) ?? 'account unknown: the key may not read it'
  return {
    account: name ? `${name} (${id})` : id,
    ...(missing.size > 0 && { missingScopes: [...missing].sort() }),
    clockSkewMs: platformClock(reply, ctx.clock.now()) - ctx.clock.now(),
  }
}

/**
 * A restricted key does not say what it may do. An update of an object that cannot exist changes nothing and is refused
 * as forbidden or as not found, whichever applies.
 */
async function unwritable(ctx: ConnectorContext<StripeConfig>): Promise<string[]> {
  const lacking: string[] = []
  for (const permission of writePermissions(ctx.config)) {
    const path = PROBED[permission]
    if (path === undefined) continue
    const reply = await ctx.http.request({
      method: 'POST',
      url: `${path}/plumbline-none`,
      form: {},
      once: true,
      accept: [400, 403, 404],
    })
    if (reply.status === 403) lacking.push(missingPermission(reply) ?? permission)
  }
  return lacking
}

const PROBED: Record<string, string> = {
  rak_customer_write: '/v1/customers',
  rak_subscription_write: '/v1/subscriptions',
  rak_invoice_write: '/v1/invoices',
  rak_invoiceitem_write: '/v1/invoiceitems',
  rak_product_write: '/v1/products',
  rak_plan_write: '/v1/prices',
  rak_payment_intent_write: '/v1/payment_intents',
  rak_credit_note_write: '/v1/credit_notes',
}

const PAGE_OF: Record<string, string> = {
  customer: 'customers',
  subscription: 'subscriptions',
  invoice: 'invoices',
  payment: 'payments',
  credit: 'credit_notes',
  product: 'products',
}

export default defineConnector<StripeConfig>({
  title: 'Stripe',
  mark: 'ST',
  config: configSchema,
  base: ({ base_url }) => base_url,
  // Kept like a token, although it never changes: a refusal is then asked about once more before the run stops.
  authorise: async ({ config }, _request, credentials) => ({
    authorization: `Bearer ${await credentials.token('key', async () => ({ value: config.key.reveal(), expiresAt: null }))}`,
    'stripe-version': config.api_version,
    ...(config.account && { 'stripe-account': config.account }),
  }),
  ping,
  streams: all.map((stream) => streamOf(stream)),
  discover: async ({ config }) => all.map((stream) => streamOf(stream, config)),
  receive: stripeReceiver(all),
  actions: anyActions,
  actionsOf: (config) => (config.write ? stripeActions(config) : []),
  // Stripe's documented 100 reads a second in live mode; half is left to the shop itself.
  limits: { calls: 100, windowMs: 1_000, concurrency: 8, reserve: 0.5 },
  errors,
  lagMs: LAG_S * 1_000,
  replayDays: 30,
  link(config, kind, id) {
    const page = kind === 'product' && config.products === 'price' ? 'prices' : PAGE_OF[kind]
    if (!page) return null
    const account = config.account ? `/${config.account}` : ''
    return `https://dashboard.stripe.com${account}${config.mode === 'test' ? '/test' : ''}/${page}/${encodeURIComponent(id)}`
  },
})
