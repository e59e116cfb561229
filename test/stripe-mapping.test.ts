/** Stripe's objects in canonical words: amounts by currency, both shapes of the API, metadata by configuration. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { MapContext, RawRow } from '../connectors/contract.ts'
import { MappingError } from '../connectors/contract.ts'
import { rawText } from '../connectors/exact-json.ts'
import { configSchema } from '../connectors/stripe/config.ts'
import type { StripeConfig } from '../connectors/stripe/config.ts'
import { major, times } from '../connectors/stripe/money.ts'
import { credits } from '../connectors/stripe/streams/credits.ts'
import { customers } from '../connectors/stripe/streams/customers.ts'
import { invoices } from '../connectors/stripe/streams/invoices.ts'
import { payments } from '../connectors/stripe/streams/payments.ts'
import { products } from '../connectors/stripe/streams/products.ts'
import type { ObjectStream } from '../connectors/stripe/streams/stream.ts'
import { subscriptions } from '../connectors/stripe/streams/subscriptions.ts'

const settings = (more: Record<string, unknown> = {}): StripeConfig =>
  configSchema.parse({ key: 'rk_test_1', mode: 'test', ...more })
const at = (more: Record<string, unknown> = {}, timezone = 'UTC'): MapContext<StripeConfig> => ({
  config: settings(more),
  platform: 'stripe',
  timezone,
})
const row = (value: unknown): RawRow => ({ id: (value as { id?: string }).id ?? null, value, raw: rawText(value) })
const map = (stream: ObjectStream, value: unknown, more: Record<string, unknown> = {}, timezone = 'UTC') =>
  stream.map(row(value), at(more, timezone))
const refusal = (stream: ObjectStream, value: unknown, more: Record<string, unknown> = {}): string => {
  try {
    map(stream, value, more)
    return 'mapped'
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return `${error.field}: ${error.message}`
  }
}
const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../connectors/stripe/fixtures/${name}.json`, import.meta.url), 'utf8')) as Record<
    string,
    unknown
  >

describe('amounts of Stripe', () => {
  it.each([
    ['eur', 1999, '19.99'],
    ['jpy', 1999, '1999'],
    ['kwd', 1999, '1.999'],
    ['isk', 50000, '500'],
    ['ugx', 50000, '500'],
    ['mga', 500, '500'],
    ['usd', -1, '-0.01'],
    ['eur', '900719925474099312345', '9007199254740993123.45'],
  ])('are %s %s → %s', (currency, minor, text) => {
    expect(major(minor, currency.toUpperCase(), 'amount', settings())).toBe(text)
  })
  it('follow the configuration where Stripe counts a currency differently', () => {
    expect(major(500, 'ISK', 'amount', settings({ exponents: { ISK: 0 } }))).toBe('500')
  })
  it('are refused without a currency that is known', () => {
    expect(refusal(credits, { ...fixture('credit_note'), currency: 'zzz' })).toMatch(/^currency: .*ZZZ are not known/)
    expect(refusal(credits, { ...fixture('credit_note'), currency: null })).toBe(
      'currency: currency is no currency code',
    )
    expect(refusal(credits, { ...fixture('credit_note'), amount: '12,50' })).toBe('amount: amount is no amount')
  })
  it('keep the decimals of a minor unit and round a price of many units half up', () => {
    expect(times('3333.333333333333', 3, 'amount')).toBe('10000')
    expect(times('0.5', 3, 'amount')).toBe('2')
    expect(major('12.345', 'EUR', 'price', settings())).toBe('0.12345')
  })
})

describe('an invoice', () => {
  it('says the same in the older and the newer shape of the API', () => {
    const [old, young] = [map(invoices, fixture('invoice')), map(invoices, fixture('invoice-2025'))]
    expect(young.fields).toEqual(old.fields)
    expect(old.fields).toEqual({
      customer: 'cus_FixtureNorthwind',
      subscription: 'sub_FixturePlatform',
      number: 'NW-0007',
      currency: 'EUR',
      total: '119',
      tax: '19',
      amount_due: '19',
      issued_on: '2026-03-01',
      due_on: '2026-03-31',
      posted_at: '2026-03-01T08:00:00Z',
      paid_at: null,
    })
    expect(old.status).toBe('open')
  })
  it('is dated where the account’s books are kept', () => {
    const late = { ...fixture('invoice'), effective_at: Date.parse('2026-03-01T23:30:00Z') / 1000 }
    expect(map(invoices, late).fields['issued_on']).toBe('2026-03-01')
    expect(map(invoices, late, {}, 'Europe/Berlin').fields['issued_on']).toBe('2026-03-02')
  })
  it('in yen and dinar has the currency’s own decimals', () => {
    expect(map(invoices, { ...fixture('invoice'), currency: 'jpy' }).fields['total']).toBe('11900')
    expect(map(invoices, { ...fixture('invoice'), currency: 'kwd' }).fields['total']).toBe('11.9')
  })
  it('without a due date is empty when it is sent and says nothing when it is charged at once', () => {
    expect(map(invoices, { ...fixture('invoice'), due_date: null }).fields['due_on']).toBeNull()
    expect(
      map(invoices, { ...fixture('invoice'), due_date: null, collection_method: 'charge_automatically' }).fields,
    ).not.toHaveProperty('due_on')
  })
  it('is credited only when notes cover it whole and nothing that was paid is kept', () => {
    const credited = {
      ...fixture('invoice'),
      status: 'paid',
      amount_remaining: 0,
      amount_paid: 0,
      pre_payment_credit_notes_amount: 11900,
    }
    expect(map(invoices, credited).fields['state']).toBe('credited')
    expect(
      map(invoices, { ...credited, pre_payment_credit_notes_amount: 5000, amount_paid: 6900 }).fields,
    ).not.toHaveProperty('state')
  })
})

describe('a subscription', () => {
  it('maps with its plan, amount and term', () => {
    expect(map(subscriptions, fixture('subscription')).fields).toEqual({
      customer: 'cus_FixtureNorthwind',
      product: 'prod_FixturePlatform',
      quantity: '5',
      amount: '250',
      currency: 'EUR',
      interval: 'quarter',
      started_on: '2026-01-15',
      ends_on: null,
      auto_renew: 'true',
      renews_on: '2026-04-15',
      amendment: 'none',
      cancelled_at: null,
    })
  })
  it('that is cancelled at the end of its period ends the day before the period does, and renews no more', () => {
    const { fields } = map(subscriptions, { ...fixture('subscription'), cancel_at_period_end: true })
    expect(fields).toMatchObject({ ends_on: '2026-04-14', auto_renew: 'false' })
    expect(fields).not.toHaveProperty('renews_on')
  })
  it('with several items, a metered or a tiered price says no more than it knows', () => {
    const one = fixture('subscription')
    const item = (one['items'] as { data: Record<string, unknown>[] }).data[0]!
    const price = item['price'] as Record<string, unknown>
    const items = (data: unknown[]) => ({ ...one, items: { ...(one['items'] as object), data } })
    const two = map(subscriptions, items([item, { ...item, id: 'si_2', quantity: 1 }])).fields
    expect(two['amount']).toBe('300')
    expect(two).not.toHaveProperty('product')
    expect(two).not.toHaveProperty('quantity')
    expect(
      map(
        subscriptions,
        items([
          { ...item, price: { ...price, recurring: { ...(price['recurring'] as object), usage_type: 'metered' } } },
        ]),
      ).fields,
    ).not.toHaveProperty('amount')
    expect(
      map(
        subscriptions,
        items([
          { ...item, price: { ...price, billing_scheme: 'tiered', unit_amount: null, unit_amount_decimal: null } },
        ]),
      ).fields,
    ).not.toHaveProperty('amount')
    expect(
      map(subscriptions, items([{ ...item, price: { ...price, recurring: { interval: 'month', interval_count: 6 } } }]))
        .fields['interval'],
    ).toBe('every 6 months')
  })
  it('whose collection is paused is paused only if the configuration says so', () => {
    const paused = { ...fixture('subscription'), pause_collection: { behavior: 'void', resumes_at: null } }
    expect(map(subscriptions, paused).fields).not.toHaveProperty('state')
    expect(map(subscriptions, paused, { paused_collection: 'paused' }).fields['state']).toBe('paused')
  })
})

describe('metadata', () => {
  const config = {
    refs: { salesforce: 'salesforce_id' },
    fields: {
      'subscription.contract': 'contract_id',
      'subscription.ends_on': 'term_end',
      'subscription.state': 'lifecycle',
    },
    custom: { tier: 'tier' },
  }
  it('gives references, fields and custom fields by the configured keys, and says which are empty', () => {
    const { refs, fields, custom } = map(
      subscriptions,
      { ...fixture('subscription'), metadata: { salesforce_id: 'a0X1', contract_id: '800A', term_end: '2026-12-31' } },
      config,
    )
    expect({ refs, custom }).toEqual({ refs: { salesforce: 'a0X1' }, custom: { tier: null } })
    expect(fields).toMatchObject({ contract: '800A', ends_on: '2026-12-31' })
    expect(fields).not.toHaveProperty('state')
  })
  it('named like a property of every object is read as nothing', () => {
    expect(map(customers, fixture('customer'), { refs: { erp: 'constructor' } }).refs).toEqual({ erp: null })
  })
})

describe('payments, credits and products', () => {
  it('a payment comes from its intent and its charge', () => {
    const { fields, status } = map(payments, fixture('payment_intent'))
    expect(status).toBe('succeeded')
    expect(fields).toEqual({
      customer: 'cus_FixtureNorthwind',
      invoice: 'in_FixtureMarch',
      amount: '100',
      currency: 'EUR',
      received_at: '2026-03-05T10:00:00Z',
      method: 'sepa_debit',
      failure_reason: null,
    })
  })
  it('a payment that was refunded or failed says so, although its status does not', () => {
    const intent = fixture('payment_intent')
    expect(
      map(payments, { ...intent, latest_charge: { ...(intent['latest_charge'] as object), refunded: true } }).fields[
        'state'
      ],
    ).toBe('refunded')
    const failed = {
      ...intent,
      status: 'requires_payment_method',
      latest_charge: null,
      last_payment_error: { type: 'card_error', message: 'Declined by the bank.' },
    }
    expect(map(payments, failed).fields).toMatchObject({
      state: 'failed',
      failure_reason: 'Declined by the bank.',
      received_at: null,
    })
  })
  it('a credit note before payment is applied, one after payment is posted', () => {
    expect(map(credits, fixture('credit_note'))).toMatchObject({
      status: 'issued',
      fields: { amount: '50', invoice: 'in_FixtureMarch', reason: 'Late delivery', state: 'applied' },
    })
    expect(map(credits, { ...fixture('credit_note'), type: 'post_payment' }).fields).not.toHaveProperty('state')
  })
  it('a product has the price and plan code of its default price', () => {
    expect(map(products, fixture('product'))).toMatchObject({
      status: 'active',
      fields: { name: 'Platform', plan_code: 'platform-quarterly', price: '50', currency: 'EUR' },
    })
    expect(refusal(products, fixture('product'), { products: 'price' })).toBe('object: expected price, found product')
  })
  it('a customer has the parts of its address, its verified tax id and no lifecycle', () => {
    const { fields, status } = map(customers, fixture('customer'))
    expect(status).toBeUndefined()
    expect(fields).toMatchObject({
      name: 'Northwind Analytics GmbH',
      tax_id: 'DE136695976',
      tax_exempt: 'false',
      language: 'de',
      'bill_to.city': 'Kassel',
      'bill_to.line2': null,
      'ship_to.city': null,
    })
  })
  it('objects of the other mode are refused by name', () => {
    expect(refusal(customers, fixture('customer'), { mode: 'live' })).toMatch(/^livemode: /)
  })
})
