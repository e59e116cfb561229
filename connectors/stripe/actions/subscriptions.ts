/** Subscriptions: quantity, end and renewal; ended at once, or put on hold by not collecting their invoices. */
import type { ActionRequest, Standing } from '../../action.ts'
import { cannot } from '../../mark.ts'
import type { StripeConfig } from '../config.ts'
import { writing } from '../config.ts'
import { startOfDay } from '../days.ts'
import { minorOf, unitOf } from '../money.ts'
import { asObject, idOf, listOf } from '../object.ts'
import { subscriptions } from '../streams/subscriptions.ts'
import type { Form, WriteSpec } from '../writing.ts'
import { form, inMetadata, metadata } from '../writing.ts'

const PATH = '/v1/subscriptions'
const NEEDS = ['rak_subscription_write']
const one = (request: ActionRequest) => `${PATH}/${encodeURIComponent(request.recordId ?? '')}`

export const subscriptionActions: readonly WriteSpec[] = [
  {
    name: 'set_fields',
    stream: subscriptions,
    fields: ['quantity', 'ends_on', 'auto_renew'],
    references: ['product'],
    needs: NEEDS,
    undo: 'set_fields',
    calls(config, request, standing) {
      const body = { ...changed(config, request, standing), ...metadata(config, request) }
      return Object.keys(body).length > 0 ? [{ method: 'POST', path: one(request), body }] : []
    },
  },
  {
    name: 'create',
    stream: subscriptions,
    fields: ['quantity', 'amount', 'currency', 'interval', 'started_on', 'ends_on', 'auto_renew'],
    references: ['customer', 'product'],
    needs: [...NEEDS, 'rak_plan_write'],
    undo: 'cancel',
    calls: (config, request, standing) => [{ method: 'POST', path: PATH, body: made(config, request, standing) }],
  },
  {
    name: 'cancel',
    stream: subscriptions,
    needs: NEEDS,
    undo: null,
    // At once and without a last invoice or credit: Stripe's own defaults. An end on a later day is set by `ends_on`.
    calls: (_config, request) => [{ method: 'DELETE', path: one(request), body: null }],
  },
  {
    name: 'hold',
    stream: subscriptions,
    needs: NEEDS,
    undo: 'release',
    calls: (config, request) => [
      { method: 'POST', path: one(request), body: { 'pause_collection[behavior]': writing(config).pause } },
    ],
  },
  {
    name: 'release',
    stream: subscriptions,
    needs: NEEDS,
    undo: 'hold',
    calls: (_config, request) => [{ method: 'POST', path: one(request), body: { pause_collection: '' } }],
  },
]

function changed(config: StripeConfig, request: ActionRequest, standing: Standing): Form {
  const own = (field: string) => (inMetadata(config, 'subscription', field) ? undefined : request.fields[field])
  const quantity = own('quantity')
  const product = request.references['product']
  const out = { ...ending(own('ends_on'), own('auto_renew'), standing) }
  if (quantity === undefined && product === undefined) return out
  const items = listOf(asObject(standing.row?.value)?.['items'])
  if (items.length !== 1) throw cannot(`The subscription has ${items.length} items: its quantity is not one figure.`)
  if (quantity === null) throw cannot('Stripe cannot empty the quantity of a subscription.')
  if (product !== undefined && config.products !== 'price')
    throw cannot(
      'The plan of a subscription is a price: it can be set where `products: price` makes prices the products.',
    )
  return {
    ...out,
    ...form({
      'items[0][id]': idOf(items[0]) ?? '',
      'items[0][quantity]': quantity,
      'items[0][price]': product,
      proration_behavior: writing(config).proration,
    }),
  }
}

/** The last day of service is the day before the instant at which Stripe ends it. */
function ending(endsOn: string | null | undefined, renews: string | null | undefined, standing: Standing): Form {
  const out: Form = {}
  if (renews !== undefined && endsOn === undefined)
    Object.assign(out, form({ cancel_at_period_end: renews === null ? undefined : renews !== 'true' }))
  if (endsOn !== undefined)
    Object.assign(
      out,
      form({ cancel_at: endsOn === null ? null : startOfDay(endsOn, standing.known?.['zone'] ?? 'UTC', 1) }),
    )
  return out
}

function made(config: StripeConfig, request: ActionRequest, standing: Standing): Form {
  const { fields, references } = request
  const own = (field: string) => (inMetadata(config, 'subscription', field) ? null : (fields[field] ?? null))
  const { customer, product } = references
  if (customer === undefined || product === undefined)
    throw cannot('A subscription at Stripe needs its customer and its product; create those first.')
  const { collection, days_until_due } = writing(config)
  const started = own('started_on')
  return {
    ...form({
      customer,
      'items[0][quantity]': own('quantity') ?? undefined,
      collection_method: collection,
      days_until_due: collection === 'send_invoice' ? days_until_due : undefined,
      backdate_start_date: started === null ? undefined : startOfDay(started, standing.known?.['zone'] ?? 'UTC'),
      // What was billed elsewhere until now must not be billed here again.
      proration_behavior: 'none',
    }),
    ...priced(config, product, own),
    ...ending(own('ends_on') ?? undefined, own('auto_renew') ?? undefined, standing),
    ...metadata(config, request),
  }
}

const RECURRING: Record<string, readonly [string, number]> = {
  day: ['day', 1],
  week: ['week', 1],
  month: ['month', 1],
  quarter: ['month', 3],
  year: ['year', 1],
}

/** An existing price, or one of its own for the agreed amount. */
function priced(config: StripeConfig, product: string, own: (field: string) => string | null): Form {
  if (config.products === 'price') return { 'items[0][price]': product }
  const [amount, currency, interval] = [own('amount'), own('currency'), own('interval')]
  const recurring = RECURRING[interval ?? '']
  if (amount === null || currency === null || recurring === undefined)
    throw cannot('A subscription at Stripe needs amount, currency and interval of its price.')
  return form({
    'items[0][price_data][product]': product,
    'items[0][price_data][currency]': currency.toLowerCase(),
    'items[0][price_data][unit_amount_decimal]': unitOf(minorOf(amount, currency, config), own('quantity') ?? '1'),
    'items[0][price_data][recurring][interval]': recurring[0],
    'items[0][price_data][recurring][interval_count]': recurring[1],
  })
}
