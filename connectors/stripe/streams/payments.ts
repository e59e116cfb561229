/** Stripe payment intents (or charges, by configuration) → canonical payments. */
import type { MapContext } from '../../contract.ts'
import type { StripeConfig } from '../config.ts'
import { currencyOf, major } from '../money.ts'
import type { Fields, StripeObject } from '../object.ts'
import {
  asObject,
  idOf,
  instant,
  listOf,
  opened,
  record,
  secondsOf,
  sightingOf,
  textOf,
  withSighting,
} from '../object.ts'
import { rawText } from '../../exact-json.ts'
import type { ObjectStream } from './stream.ts'

const INTENT_EVENTS = [
  'amount_capturable_updated',
  'canceled',
  'created',
  'partially_funded',
  'payment_failed',
  'processing',
  'requires_action',
  'succeeded',
]

export const payments: ObjectStream = {
  name: 'payments',
  kind: 'payment',
  source: 'PaymentIntent',
  holds: ['state', 'customer', 'invoice', 'amount', 'currency', 'received_at', 'method', 'failure_reason'],
  // Payments are never deleted; one that vanishes all the same is found by the sweep.
  deletes: 'sweep',
  path: ({ payments }) => `/v1/${payments}`,
  expand: ({ payments }) => (payments === 'charges' ? [] : ['latest_charge']),
  byCreated: true,
  // Refunds change the charge, not the intent.
  events: [
    ...INTENT_EVENTS.map((e) => `payment_intent.${e}`),
    'charge.captured',
    'charge.failed',
    'charge.pending',
    'charge.refunded',
    'charge.succeeded',
    'charge.updated',
  ],
  subject(object, type, { payments }) {
    if (payments === 'charges') return type.startsWith('charge.') ? idOf(object) : null
    return type.startsWith('charge.') ? idOf(object['payment_intent']) : idOf(object)
  },
  permission: 'rak_payment_intent_read',
  async rows(ctx, object, sighting) {
    const id = idOf(object)
    const said =
      object['invoice'] !== undefined || !ctx.config.invoice_payments || object['object'] !== 'payment_intent'
    const invoice = said || id === null ? undefined : await invoiceOf(ctx, id)
    if (invoice === undefined) return [{ id, value: withSighting(object, sighting), raw: rawText(object) }]
    return [
      {
        id,
        value: withSighting(object, { ...sighting, invoice }),
        raw: rawText(withSighting(object, { changed: null, invoice })),
      },
    ]
  },
  map(row, ctx) {
    const payment = opened(row, ctx.config.payments === 'charges' ? ['charge'] : ['payment_intent'], ctx.config)
    const fields: Fields = { customer: idOf(payment['customer']) }
    const invoice = sightingOf(payment).invoice
    if (invoice !== undefined) fields['invoice'] = invoice
    else if (payment['invoice'] !== undefined) fields['invoice'] = idOf(payment['invoice'])
    return payment['object'] === 'charge' ? ofCharge(payment, fields, ctx) : ofIntent(payment, fields, ctx)
  },
}

/** From API version 2025-03-31 on a payment may pay several invoices; the first by Stripe's own order is its invoice. */
async function invoiceOf(ctx: Parameters<NonNullable<ObjectStream['rows']>>[0], id: string): Promise<string | null> {
  const reply = await ctx.http.request({
    url: '/v1/invoice_payments',
    query: { 'payment[type]': 'payment_intent', 'payment[payment_intent]': id, limit: 1 },
  })
  return idOf(listOf(reply.json())[0]?.['invoice'])
}

/** The charge of an intent: `latest_charge` where it was expanded, in the oldest API versions the newest of `charges`. */
function chargeOf(intent: StripeObject): StripeObject | null {
  return asObject(intent['latest_charge']) ?? listOf(intent['charges'])[0] ?? null
}

function ofIntent(intent: StripeObject & { id: string }, fields: Fields, ctx: MapContext<StripeConfig>) {
  const status = textOf(intent['status'])
  const currency = currencyOf(intent['currency'])
  const charge = chargeOf(intent)
  const failed = asObject(intent['last_payment_error'])
  const received = status === 'succeeded' && intent['amount_received'] !== undefined
  fields['currency'] = currency
  fields['amount'] = major(received ? intent['amount_received'] : intent['amount'], currency, 'amount', ctx.config)
  if (charge) money(fields, charge)
  else if (status !== 'succeeded') fields['received_at'] = null
  const types = intent['payment_method_types']
  if (fields['method'] === undefined && Array.isArray(types) && types.length === 1) fields['method'] = textOf(types[0])
  fields['failure_reason'] = textOf(failed?.['message']) ?? textOf(charge?.['failure_message'])
  // Two things that the status does not say: it goes back to "requires a method" after a failure, and stays "succeeded" after a refund.
  if (status === 'requires_payment_method' && failed) fields['state'] = 'failed'
  if (status === 'succeeded' && charge?.['refunded'] === true) fields['state'] = 'refunded'
  return record(intent, 'payment', fields, ctx, status)
}

function ofCharge(charge: StripeObject & { id: string }, fields: Fields, ctx: MapContext<StripeConfig>) {
  const status = textOf(charge['status'])
  const currency = currencyOf(charge['currency'])
  fields['currency'] = currency
  const captured = status === 'succeeded' && charge['captured'] === true && charge['amount_captured'] !== undefined
  fields['amount'] = major(captured ? charge['amount_captured'] : charge['amount'], currency, 'amount', ctx.config)
  money(fields, charge)
  fields['failure_reason'] = textOf(charge['failure_message'])
  if (status === 'succeeded' && charge['refunded'] === true) fields['state'] = 'refunded'
  return record(charge, 'payment', fields, ctx, status)
}

/** When the money came and how: only charges know. */
function money(fields: Fields, charge: StripeObject): void {
  const at = secondsOf(charge['created'], 'created')
  fields['received_at'] = charge['status'] === 'succeeded' && at !== null ? instant(at) : null
  fields['method'] = textOf(asObject(charge['payment_method_details'])?.['type'])
}
