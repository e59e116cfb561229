/** How the laboratory's platform entry reads the simulated Stripe account: metadata keys, and the words of its states. */
import { STRIPE_WEBHOOK_SECRET } from './hooks.ts'
import { LIFECYCLE, PLANS, REFERRED, STATUS } from './plans.ts'

export const STRIPE_KEY = 'rk_live_lab'
export const STRIPE_ACCOUNT = 'acct_lab'
export const DEFAULT_VERSION = '2024-06-20'

export function platformConfig(url: string): Record<string, unknown> {
  const fields = Object.entries(PLANS).flatMap(([kind, plan]) =>
    plan.metadata.map((field) => [`${kind}.${field}`, field]),
  )
  return {
    connector: 'stripe',
    role: 'billing',
    title: 'Stripe',
    timezone: 'UTC',
    config: {
      key: STRIPE_KEY,
      base_url: url,
      api_version: DEFAULT_VERSION,
      paused_collection: 'paused',
      webhook: { secrets: [STRIPE_WEBHOOK_SECRET] },
      write: {},
      refs: Object.fromEntries(REFERRED.map((platform) => [platform, `${platform}_id`])),
      fields: { ...Object.fromEntries(fields), 'credit.state': LIFECYCLE, 'invoice.state': LIFECYCLE },
    },
    // Nothing is delivered from billing, so nobody fills in where to.
    mapping: {
      customer: {
        cannot_hold: ['line1', 'line2', 'city', 'region', 'postal_code', 'country'].map((part) => `ship_to.${part}`),
      },
    },
    // The company's document lines are not compared in the laboratory.
    streams: ['customers', 'products', 'subscriptions', 'invoices', 'payments', 'credits'],
    maps: Object.fromEntries(Object.keys(WORDS).map((kind) => [`${kind}.state`, `stripe-${kind}-state`])),
    budget: { calls: 100_000, per: '1s', reserve: 0 },
    allow_private_network: true,
  }
}

/** Canonical state → Stripe's word, for every state that it can show. */
const WORDS: Record<string, Record<string, string>> = {
  product: { active: 'active', retired: 'archived' },
  subscription: {
    ...STATUS['subscription'],
    trialing: 'trialing',
    active: 'active',
    past_due: 'past_due',
    paused: 'paused',
  },
  invoice: Object.fromEntries(['draft', 'open', 'paid', 'void', 'uncollectible'].map((word) => [word, word])),
  payment: { pending: 'processing', succeeded: 'succeeded', failed: 'requires_payment_method' },
  credit: { posted: 'issued', void: 'void' },
}
/** Words that mean the same as another one does. */
const FURTHER: Record<string, Record<string, string>> = {
  subscription: { unpaid: 'past_due' },
  payment: {
    requires_action: 'pending',
    requires_confirmation: 'pending',
    requires_capture: 'pending',
    canceled: 'failed',
  },
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(WORDS).map(([kind, words]) => {
      const entries = Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical]))
      return [
        `stripe-${kind}-state`,
        { owner: 'Billing operations', entries: { stripe: { ...entries, ...FURTHER[kind] } } },
      ]
    }),
  )
}
