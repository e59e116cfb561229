/** Lines of invoices and items of subscriptions → canonical lines. Stripe lists them only through their document. */
import type { ConnectorContext, MapContext, RawRow } from '../../contract.ts'
import { rawText } from '../../exact-json.ts'
import type { StripeConfig } from '../config.ts'
import { pages } from '../lists.ts'
import { currencyOf, difference, major, sum, times } from '../money.ts'
import type { Fields, Sighting, StripeObject } from '../object.ts'
import {
  asObject,
  dayIn,
  idOf,
  lastDayIn,
  listOf,
  opened,
  record,
  secondsOf,
  sightingOf,
  textOf,
  withSighting,
} from '../object.ts'
import { INVOICE_EVENTS, invoiceOfEvent } from './invoices.ts'
import type { ObjectStream } from './stream.ts'
import { SUBSCRIPTION_EVENTS } from './subscriptions.ts'

const HOLDS = [
  'document_kind',
  'document',
  'product',
  'quantity',
  'unit_price',
  'amount',
  'currency',
  'period_start',
  'period_end',
] as const

export const invoiceLines: ObjectStream = {
  name: 'invoice_lines',
  kind: 'line',
  source: 'Invoice line item',
  holds: HOLDS,
  // A line leaves its invoice without an event of its own.
  deletes: 'sweep',
  path: () => '/v1/invoices',
  byCreated: true,
  events: INVOICE_EVENTS,
  subject: invoiceOfEvent,
  permission: 'rak_invoice_read',
  rows: (ctx, invoice, sighting) =>
    parts(ctx, invoice, 'lines', `/v1/invoices/${idOf(invoice) ?? ''}/lines`, {}, sighting),
  onePath: null,
  map(row, ctx) {
    const line = opened(row, ['line_item'], ctx.config)
    return mapLine(line, 'invoice', idOf(line['invoice']) ?? idOf(sightingOf(line).document), ctx)
  },
}

export const subscriptionItems: ObjectStream = {
  name: 'subscription_items',
  kind: 'line',
  source: 'Subscription item',
  holds: HOLDS,
  deletes: 'sweep',
  path: () => '/v1/subscriptions',
  list: { status: 'all' },
  byCreated: true,
  events: SUBSCRIPTION_EVENTS,
  subject: (object) => idOf(object),
  permission: 'rak_subscription_read',
  rows: (ctx, subscription, sighting) =>
    parts(ctx, subscription, 'items', '/v1/subscription_items', { subscription: idOf(subscription) ?? '' }, sighting),
  onePath: (id) => `/v1/subscription_items/${id}`,
  map(row, ctx) {
    const item = opened(row, ['subscription_item'], ctx.config)
    if (item['deleted'] === true) return record(item, 'line', {}, ctx)
    return mapLine(item, 'subscription', idOf(item['subscription']) ?? idOf(sightingOf(item).document), ctx)
  },
}

/** The embedded list holds the first few; the rest is paged from the document's own list. */
async function parts(
  ctx: ConnectorContext<StripeConfig>,
  document: StripeObject,
  key: string,
  path: string,
  query: Record<string, string>,
  sighting: Sighting,
): Promise<RawRow[]> {
  const list = asObject(document[key])
  const found = listOf(list)
  if (list?.['has_more'] === true) {
    found.length = 0
    for await (const page of pages(ctx, path, { ...query, limit: 100 })) found.push(...listOf(page.rows))
  }
  const slim = {
    id: document['id'],
    current_period_start: document['current_period_start'],
    current_period_end: document['current_period_end'],
  }
  // The document belongs to the bytes: a renewal changes the period of an item whose own object stays the same.
  return found.map((part) => ({
    id: idOf(part),
    value: withSighting(part, { ...sighting, document: slim }),
    raw: rawText(withSighting(part, { changed: null, document: slim })),
  }))
}

function mapLine(
  line: StripeObject & { id: string },
  kind: 'invoice' | 'subscription',
  document: string | null,
  ctx: MapContext<StripeConfig>,
) {
  const { config, timezone } = ctx
  const price = asObject(line['price']) ?? asObject(line['plan']) ?? {}
  const pricing = asObject(asObject(line['pricing'])?.['price_details']) ?? {}
  const currency = currencyOf(line['currency'] ?? price['currency'])
  const fields: Fields = { document_kind: kind, document, currency }
  fields['product'] =
    config.products === 'price'
      ? (idOf(pricing['price']) ?? idOf(price))
      : (idOf(pricing['product']) ?? idOf(price['product']))
  const quantity = line['quantity_decimal'] ?? line['quantity']
  if (quantity !== undefined) fields['quantity'] = textOf(quantity)
  const unit =
    price['unit_amount_decimal'] ??
    price['unit_amount'] ??
    asObject(line['pricing'])?.['unit_amount_decimal'] ??
    line['unit_amount_excluding_tax']
  if (unit !== undefined) fields['unit_price'] = major(unit, currency, 'unit_price', config)
  const amount =
    kind === 'invoice'
      ? net(line)
      : unit === undefined || unit === null
        ? undefined
        : times(unit, quantity ?? 1, 'amount')
  if (amount !== undefined) fields['amount'] = major(amount, currency, 'amount', config)
  const period = asObject(line['period']) ?? {}
  const parent = sightingOf(line).document ?? {}
  const start = secondsOf(
    period['start'] ?? line['current_period_start'] ?? parent['current_period_start'],
    'period_start',
  )
  const end = secondsOf(period['end'] ?? line['current_period_end'] ?? parent['current_period_end'], 'period_end')
  fields['period_start'] = start === null ? null : dayIn(timezone, start)
  fields['period_end'] = end === null ? null : lastDayIn(timezone, start, end)
  return record(line, 'line', fields, ctx)
}

/** The amount without tax: what Stripe says it is, or the amount less the taxes that it contains. */
function net(line: StripeObject): string | undefined {
  const said = line['amount_excluding_tax']
  if (said !== undefined && said !== null) return sum([said], 'amount')
  if (line['amount'] === undefined) return undefined
  const contained = [
    ...listOf(line['taxes']).filter((t) => t['tax_behavior'] === 'inclusive'),
    ...listOf(line['tax_amounts']).filter((t) => t['inclusive'] === true),
  ].map((t) => t['amount'])
  return difference(line['amount'], sum(contained, 'tax'), 'amount')
}
