/** The examples of Stripe's own specification, mapped by the streams that read them and refused by all others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RawRow } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import { rawText } from '../connectors/exact-json.ts'
import { configSchema } from '../connectors/stripe/config.ts'
import { credits } from '../connectors/stripe/streams/credits.ts'
import { customers } from '../connectors/stripe/streams/customers.ts'
import { invoices } from '../connectors/stripe/streams/invoices.ts'
import { invoiceLines, subscriptionItems } from '../connectors/stripe/streams/lines.ts'
import { payments } from '../connectors/stripe/streams/payments.ts'
import { products } from '../connectors/stripe/streams/products.ts'
import type { ObjectStream } from '../connectors/stripe/streams/stream.ts'
import { subscriptions } from '../connectors/stripe/streams/subscriptions.ts'

const FOLDER = new URL('../../shared/vendor-data/stripe/', import.meta.url)
const STREAMS = [customers, subscriptions, invoices, payments, credits, products, invoiceLines, subscriptionItems]

const map = (stream: ObjectStream, value: unknown, more: Record<string, unknown> = {}) => {
  const row: RawRow = { id: null, value, raw: rawText(value) }
  return stream.map(row, {
    config: configSchema.parse({ key: 'rk_test_1', mode: 'test', ...more }),
    platform: 'stripe',
    timezone: 'UTC',
  })
}
const refusal = (stream: ObjectStream, value: unknown): string => {
  try {
    map(stream, value)
    return 'mapped'
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return `${error.field}: ${error.message}`
  }
}

describe.runIf(existsSync(FOLDER))('the vendor’s own examples', () => {
  const { resources } = JSON.parse(readFileSync(new URL('openapi/fixtures3.json', FOLDER), 'utf8')) as {
    resources: Record<string, Record<string, unknown>>
  }
  /** Example → the stream that reads it, with what must come out of it. */
  const READ: Record<
    string,
    { stream: ObjectStream; config?: Record<string, unknown>; fields: Record<string, unknown> }
  > = {
    customer: { stream: customers, fields: { name: null, currency: 'USD', tax_exempt: 'false', 'bill_to.city': null } },
    subscription: {
      stream: subscriptions,
      fields: {
        customer: 'cus_QXg1o8vcGmoR32',
        amount: '20',
        currency: 'USD',
        interval: 'month',
        quantity: '1',
        product: 'prod_QXg1hqf4jFNsqG',
        started_on: '2009-02-13',
        amendment: 'pending',
      },
    },
    invoice: {
      stream: invoices,
      fields: {
        customer: 'cus_QXg1o8vcGmoR32',
        total: '10',
        amount_due: '10',
        currency: 'USD',
        subscription: 'subscription',
        due_on: '2009-02-13',
      },
    },
    payment_intent: { stream: payments, fields: { amount: '10.99', currency: 'USD', state: 'failed', method: 'card' } },
    charge: {
      stream: payments,
      config: { payments: 'charges' },
      fields: { amount: '1', currency: 'USD', method: 'card', received_at: '2009-02-13T23:31:30Z' },
    },
    credit_note: {
      stream: credits,
      fields: {
        amount: '16.9',
        currency: 'USD',
        number: 'ABCD-1234-CN-01',
        invoice: 'in_1Pgc75B7WZ01zgkWYv4iMwt7',
        posted_at: '2009-02-13T23:31:30Z',
      },
    },
    product: { stream: products, fields: { name: 'T-shirt' } },
    price: {
      stream: products,
      config: { products: 'price' },
      fields: { price: '20', currency: 'USD', plan_code: 'price_1PgafmB7WZ01zgkW6dKueIc5' },
    },
    line_item: {
      stream: invoiceLines,
      fields: {
        document_kind: 'invoice',
        document: 'in_1Pgc6tB7WZ01zgkWu9fdqL6I',
        amount: '10',
        currency: 'USD',
        quantity: '1',
        period_start: '2024-07-26',
      },
    },
    item: { stream: invoiceLines, fields: {} },
    subscription_item: {
      stream: subscriptionItems,
      fields: { document_kind: 'subscription', quantity: '1', currency: 'USD' },
    },
    deleted_customer: { stream: customers, fields: {} },
    deleted_invoice: { stream: invoices, fields: {} },
    deleted_product: { stream: products, fields: {} },
    deleted_subscription_item: { stream: subscriptionItems, fields: {} },
    deleted_price: { stream: products, config: { products: 'price' }, fields: {} },
  }
  it.each(Object.keys(READ))('%s maps without loss or is refused by name', (name) => {
    const { stream, config, fields } = READ[name]!
    const example = resources[name]
    if (!example) return expect(name).toBe('present among the examples')
    if (name.startsWith('deleted_')) {
      const deleted = map(stream, example, config)
      expect(deleted).toMatchObject({ record_id: example['id'], deleted: true, fields: {} })
    } else if (name === 'item') expect(refusal(stream, example)).toMatch(/^object: /)
    else expect(map(stream, example, config)).toMatchObject({ record_id: example['id'], fields })
  })
  it('of all other kinds are refused by every stream, with the field named', () => {
    const ours = new Set([
      'customer',
      'subscription',
      'invoice',
      'payment_intent',
      'credit_note',
      'product',
      'line_item',
      'subscription_item',
    ])
    for (const [name, example] of Object.entries(resources)) {
      if (ours.has(String(example['object']))) continue
      for (const stream of STREAMS)
        expect(refusal(stream, example), `${name} by ${stream.name}`).toMatch(/^(object|id): /)
    }
  })
  it('name no event about our objects that would pass unread', () => {
    const NO_CHANGE = [
      'customer.subscription.trial_will_end',
      'invoice.payment_action_required',
      'customer.discount.created',
      'customer.discount.deleted',
      'customer.discount.updated',
    ]
    const FOREIGN =
      /^(customer\.source|charge\.dispute|charge\.refund|quote|checkout|payment_link|payment_method|plan|invoiceitem|subscription_schedule|subscription\.)/
    const read = new Set(STREAMS.flatMap((s) => s.events))
    const types = readdirSync(new URL('cli-trigger-fixtures/', FOLDER)).map((file) => file.replace(/\.json$/, ''))
    expect(types.filter((t) => !read.has(t) && !FOREIGN.test(t) && !NO_CHANGE.includes(t))).toEqual([])
  })
})
