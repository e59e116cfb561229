/** Stripe subscriptions → canonical subscriptions. */
import { currencyOf, major, sum, times } from '../money.ts'
import type { Fields, StripeObject } from '../object.ts'
import { asObject, dayIn, idOf, instant, lastDayIn, listOf, opened, record, secondsOf, textOf } from '../object.ts'
import type { MapContext } from '../../contract.ts'
import type { StripeConfig } from '../config.ts'
import type { ObjectStream } from './stream.ts'

export const SUBSCRIPTION_EVENTS = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.pending_update_applied',
  'customer.subscription.pending_update_expired',
] as const

export const subscriptions: ObjectStream = {
  name: 'subscriptions',
  kind: 'subscription',
  source: 'Subscription',
  holds: [
    'state',
    'customer',
    'product',
    'quantity',
    'amount',
    'currency',
    'interval',
    'started_on',
    'ends_on',
    'renews_on',
    'auto_renew',
    'amendment',
    'cancelled_at',
  ],
  deletes: 'tombstone',
  path: () => '/v1/subscriptions',
  // Without it, cancelled subscriptions are left out.
  list: { status: 'all' },
  byCreated: true,
  events: SUBSCRIPTION_EVENTS,
  subject: (object) => idOf(object),
  // There is no `gone`: `customer.subscription.deleted` means cancelled, the object stays.
  permission: 'rak_subscription_read',
  map(row, ctx) {
    const subscription = opened(row, ['subscription'], ctx.config)
    const status = textOf(subscription['status'])
    const items = listOf(subscription['items'])
    const fields: Fields = { customer: idOf(subscription['customer']) }
    plan(fields, subscription, items, ctx)
    term(fields, subscription, items, status, ctx)
    fields['amendment'] = subscription['pending_update'] ? 'pending' : 'none'
    if (ctx.config.paused_collection === 'paused' && subscription['pause_collection'] && status === 'active')
      fields['state'] = 'paused'
    return record(subscription, 'subscription', fields, ctx, status)
  },
}

/** What is sold. Several items have no single product or quantity; a metered or tiered one has no fixed amount: those stay absent. */
function plan(fields: Fields, subscription: StripeObject, items: StripeObject[], ctx: MapContext<StripeConfig>): void {
  const prices = items.map((item) => asObject(item['price']) ?? {})
  const currency = currencyOf(subscription['currency'] ?? prices[0]?.['currency'])
  fields['currency'] = currency
  if (items.length === 1) {
    fields['product'] = ctx.config.products === 'price' ? idOf(prices[0]) : idOf(prices[0]!['product'])
    if (items[0]!['quantity'] !== undefined) fields['quantity'] = textOf(items[0]!['quantity'])
  }
  const intervals = [...new Set(prices.map(interval))]
  if (intervals.length !== 1) return
  fields['interval'] = intervals[0]
  const amounts = items.map((item, i) => fixedAmount(item, prices[i]!))
  if (asObject(subscription['items'])?.['has_more'] === true || amounts.some((a) => a === null)) return
  fields['amount'] = major(sum(amounts, 'amount'), currency, 'amount', ctx.config)
}

function fixedAmount(item: StripeObject, price: StripeObject): string | null {
  const unit = price['unit_amount_decimal'] ?? price['unit_amount']
  const metered = asObject(price['recurring'])?.['usage_type'] === 'metered'
  // A price that contains its tax says nothing about the amount without it.
  if (
    unit === null ||
    unit === undefined ||
    metered ||
    price['billing_scheme'] === 'tiered' ||
    price['tax_behavior'] === 'inclusive'
  )
    return null
  return times(unit, item['quantity'] ?? 1, 'amount')
}

const MONTHS: Record<string, string> = { 1: 'month', 3: 'quarter', 12: 'year' }

function interval(price: StripeObject): string | null {
  const recurring = asObject(price['recurring'])
  const unit = textOf(recurring?.['interval'])
  if (unit === null) return null
  const count = Number(recurring?.['interval_count'] ?? 1)
  if (unit === 'month') return MONTHS[count] ?? `every ${count} months`
  return count === 1 ? unit : `every ${count} ${unit}s`
}

/** Periods: on the subscription in older API versions, on each item in newer ones. */
function term(
  fields: Fields,
  subscription: StripeObject,
  items: StripeObject[],
  status: string | null,
  { timezone }: MapContext<StripeConfig>,
): void {
  const at = (key: string) => secondsOf(subscription[key], key)
  const ends = items
    .map((item) => secondsOf(item['current_period_end'], 'current_period_end'))
    .filter((s) => s !== null)
  const periodEnd = at('current_period_end') ?? (ends.length === 0 ? null : Math.min(...ends))
  const start = at('start_date')
  const over = at('ended_at')
  const cancelAt = at('cancel_at') ?? (subscription['cancel_at_period_end'] === true ? periodEnd : null)
  const renews = cancelAt === null && over === null
  fields['started_on'] = start === null ? null : dayIn(timezone, start)
  const end = over ?? cancelAt
  fields['ends_on'] = end === null ? null : lastDayIn(timezone, start, end)
  fields['auto_renew'] = renews ? 'true' : 'false'
  // What does not renew has no next renewal; nothing is said rather than "empty".
  if (renews && periodEnd !== null && status !== 'canceled' && status !== 'incomplete_expired')
    fields['renews_on'] = dayIn(timezone, periodEnd)
  const cancelled = at('canceled_at')
  fields['cancelled_at'] = cancelled === null ? null : instant(cancelled)
}
