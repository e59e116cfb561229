/** The Stripe connector's settings: the README's example, dashboard addresses, event types. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../connectors/stripe/config.ts'
import connector from '../connectors/stripe/connector.ts'
import { credits } from '../connectors/stripe/streams/credits.ts'
import { customers } from '../connectors/stripe/streams/customers.ts'
import { invoices } from '../connectors/stripe/streams/invoices.ts'
import { payments } from '../connectors/stripe/streams/payments.ts'
import { products } from '../connectors/stripe/streams/products.ts'
import { subscriptions } from '../connectors/stripe/streams/subscriptions.ts'
import { configSchema as platformsSchema } from '../server/config/schema.ts'

const STREAMS = [customers, subscriptions, invoices, payments, credits, products]
const settings = (more: Record<string, unknown> = {}) => configSchema.parse({ key: 'rk_test_1', mode: 'test', ...more })

describe('the streams', () => {
  it('ask for no more event types than Stripe takes', () => {
    for (const stream of STREAMS) expect(stream.events.length).toBeLessThanOrEqual(20)
    expect(connector.streams.map((s) => s.name)).toEqual([
      'customers',
      'products',
      'subscriptions',
      'invoices',
      'payments',
      'credits',
      'invoice_lines',
      'subscription_items',
    ])
  })
  it('link to the dashboard of the account and mode', () => {
    expect(connector.link!(settings(), 'invoice', 'in_1')).toBe('https://dashboard.stripe.com/test/invoices/in_1')
    expect(connector.link!(settings({ mode: 'live', account: 'acct_7' }), 'payment', 'pi_1')).toBe(
      'https://dashboard.stripe.com/acct_7/payments/pi_1',
    )
    expect(connector.link!(settings(), 'line', 'il_1')).toBeNull()
  })
})

describe('the README of the connector', () => {
  it('shows a configuration that is valid as it stands', () => {
    const readme = readFileSync(new URL('../connectors/stripe/README.md', import.meta.url), 'utf8')
    const example = parse(/```yaml\n([\s\S]*?)```/.exec(readme)![1]!) as {
      platforms: { stripe: { config: unknown; maps: Record<string, string> } }
      reference_maps: Record<string, unknown>
    }
    const config = platformsSchema.parse(example)
    expect(configSchema.parse(example.platforms.stripe.config)).toBeDefined()
    expect(Object.values(example.platforms.stripe.maps).filter((name) => !(name in config.reference_maps))).toEqual([])
  })
})
