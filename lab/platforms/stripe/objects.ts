/** Stripe objects as the simulated account shows them, in the shape of either line of API versions. */
import { createHash } from 'node:crypto'
import type { PlatformState, SimRecord } from '../../platform.ts'
import { minor, unitPrice } from './amounts.ts'
import type { KindPlan } from './plans.ts'
import { LIFECYCLE, PLANS, STATUS } from './plans.ts'

export type Rendered = Record<string, unknown>

/** Shape of the replies: newer API versions moved several fields. */
export const NEW_SHAPE = '2025-03-31'

const seconds = (ms: number) => Math.floor(ms / 1000)

/** The object that the account shows for a record, all references as ids. */
export function objectOf(record: SimRecord, version: string): Rendered {
  const plan = PLANS[record.kind]!
  const text = (name: string) => record.fields[name] ?? null
  const base = {
    id: record.id,
    object: plan.object,
    created: seconds(record.createdAt),
    livemode: true,
    metadata: metadataOf(record, plan),
  }
  const currency = text('currency')?.toLowerCase() ?? null
  const money = (name: string) => minor(text(name), text('currency'))
  const parts: Record<string, () => Rendered> = { customer, product, subscription, invoice, payment, credit }
  return { ...base, ...parts[record.kind]!() }

  function customer(): Rendered {
    const address = Object.fromEntries(
      ['line1', 'line2', 'city', 'postal_code', 'country'].map((part) => [part, text(`bill_to.${part}`)]),
    )
    const exempt = text('tax_exempt')
    const taxId = text('tax_id')
    return {
      name: text('name'),
      email: text('email'),
      phone: text('phone'),
      currency,
      balance: 0,
      delinquent: false,
      description: null,
      shipping: shippingOf(record),
      address: { ...address, state: text('bill_to.region') },
      preferred_locales: text('language') === null ? [] : [text('language')],
      tax_exempt: exempt === null ? null : exempt === 'true' ? 'exempt' : 'none',
      tax_ids: list(
        [taxId, ...(text(OLD_TAX_IDS) ?? '').split(',')]
          .filter((value): value is string => value !== null && value !== '')
          .map((value) => ({ id: taxIdOf(value), object: 'tax_id', value, verification: { status: 'verified' } })),
        `/v1/customers/${record.id}/tax_ids`,
      ),
    }
  }

  function product(): Rendered {
    return {
      name: text('name'),
      active: record.state !== 'retired',
      default_price: `price_${record.id.slice(5)}`,
      updated: seconds(record.changedAt),
      description: null,
      unit_label: null,
    }
  }

  function subscription(): Rendered {
    const status = record.oddStatus ?? STATUS['subscription']![record.state ?? ''] ?? record.state
    const started = startOf(text('started_on'))
    const interval =
      text('interval') === 'quarter'
        ? { interval: 'month', interval_count: 3 }
        : { interval: text('interval'), interval_count: 1 }
    const quantity = text('quantity')
    const period = {
      current_period_start: started,
      current_period_end: started === null ? null : started + 30 * 86_400,
    }
    const item: Rendered = {
      id: `si_${record.id.slice(4)}`,
      object: 'subscription_item',
      created: base.created,
      metadata: {},
      subscription: record.id,
      ...(quantity !== null && { quantity: Number(quantity) }),
      price: {
        id: `price_${record.id.slice(4)}`,
        object: 'price',
        active: true,
        billing_scheme: 'per_unit',
        currency,
        product: text('product'),
        type: 'recurring',
        tax_behavior: 'exclusive',
        recurring: { ...interval, usage_type: 'licensed' },
        unit_amount: null,
        unit_amount_decimal: unitPrice(text('amount'), quantity, text('currency')),
      },
      ...(version >= NEW_SHAPE && period),
    }
    const cancelled = Date.parse(text('cancelled_at') ?? '')
    return {
      customer: text('customer'),
      status,
      currency,
      start_date: started,
      cancel_at: numberOf(text('~cancel_at')),
      cancel_at_period_end: text('~cancel_at_period_end') === 'true',
      ended_at: numberOf(text('~ended_at')),
      pause_collection: text('~pause_collection') && { behavior: text('~pause_collection'), resumes_at: null },
      canceled_at: Number.isNaN(cancelled) ? null : seconds(cancelled),
      pending_update: null,
      collection_method: 'send_invoice',
      latest_invoice: null,
      items: list([item], `/v1/subscription_items?subscription=${record.id}`),
      ...(version < NEW_SHAPE && period),
    }
  }

  function invoice(): Rendered {
    const status = record.oddStatus ?? (record.state === 'credited' ? 'paid' : record.state)
    const [total, due] = [money('total'), money('amount_due')]
    const paid = record.state === 'credited' ? 0 : Math.max(0, (total ?? 0) - (due ?? 0))
    const tax = money('tax')
    const notes = record.state === 'credited' && due === 0 ? total : 0
    const line = {
      id: `il_${record.id.slice(3)}`,
      object: 'line_item',
      amount: (total ?? 0) - (tax ?? 0),
      currency,
      quantity: 1,
      period: { start: base.created, end: base.created },
      invoice: record.id,
    }
    const subscriptionId = text('subscription')
    return {
      customer: text('customer'),
      status,
      currency,
      number: text('number'),
      total,
      amount_due: total,
      amount_paid: paid,
      amount_remaining: due,
      pre_payment_credit_notes_amount: 0,
      post_payment_credit_notes_amount: notes,
      total_excluding_tax: total === null ? null : total - (tax ?? 0),
      collection_method: 'send_invoice',
      due_date: startOf(text('due_on')),
      effective_at: startOf(text('issued_on')),
      status_transitions: {
        finalized_at: at(text('posted_at')),
        paid_at: at(text('paid_at')),
        voided_at: null,
        marked_uncollectible_at: null,
      },
      lines: list([line], `/v1/invoices/${record.id}/lines`),
      ...(version >= NEW_SHAPE
        ? {
            total_taxes: tax === null ? null : [{ amount: tax, tax_behavior: 'exclusive' }],
            ...(tax === null && { total_excluding_tax: null }),
            parent:
              subscriptionId === null
                ? null
                : { type: 'subscription_details', subscription_details: { subscription: subscriptionId } },
          }
        : { tax, subscription: subscriptionId }),
    }
  }

  function payment(): Rendered {
    const amount = money('amount')
    const failed = record.state === 'failed'
    return {
      customer: text('customer'),
      currency,
      amount,
      status: record.oddStatus ?? STATUS['payment']![record.state ?? ''] ?? record.state,
      amount_received: record.state === 'succeeded' || record.state === 'refunded' ? amount : 0,
      last_payment_error: failed
        ? { type: 'card_error', code: 'card_declined', message: text('failure_reason') }
        : null,
      payment_method_types: text('method') === null ? [] : [text('method')],
      latest_charge: record.state === 'pending' ? null : `ch_${record.id.slice(3)}`,
      ...(version < NEW_SHAPE && { invoice: text('invoice') }),
    }
  }

  function credit(): Rendered {
    const applied = record.state === 'applied'
    return {
      customer: text('customer'),
      invoice: text('invoice'),
      currency,
      number: text('number'),
      amount: money('amount'),
      total: money('amount'),
      memo: text('reason'),
      reason: null,
      status: record.oddStatus ?? (record.state === 'void' ? 'void' : 'issued'),
      type: applied ? 'pre_payment' : 'post_payment',
      customer_balance_transaction: applied ? null : `cbtxn_${record.id.slice(3)}`,
      effective_at: base.created,
      voided_at: record.state === 'void' ? seconds(record.changedAt) : null,
    }
  }
}

/** What `expand` puts in place of an id. */
export function expansionOf(state: PlatformState, record: SimRecord, part: string): unknown {
  const text = (name: string) => record.fields[name] ?? null
  if (part === 'default_price') {
    const cents = minor(text('price'), text('currency'))
    return {
      id: `price_${record.id.slice(5)}`,
      object: 'price',
      active: true,
      currency: text('currency')?.toLowerCase() ?? null,
      lookup_key: text('plan_code'),
      unit_amount: cents,
      unit_amount_decimal: cents === null ? null : String(cents),
      tax_behavior: 'exclusive',
      product: record.id,
      type: 'one_time',
    }
  }
  if (part === 'latest_charge') {
    if (record.state === 'pending') return null
    const received = Date.parse(text('received_at') ?? '')
    const ok = record.state === 'succeeded' || record.state === 'refunded'
    return {
      id: `ch_${record.id.slice(3)}`,
      object: 'charge',
      created: seconds(Number.isNaN(received) ? record.changedAt : received),
      status: ok ? 'succeeded' : 'failed',
      captured: ok,
      payment_intent: record.id,
      refunded: record.state === 'refunded',
      failure_message: ok ? null : text('failure_reason'),
      payment_method_details: text('method') === null ? null : { type: text('method') },
    }
  }
  const other = part === 'customer' ? state.record('customer', text('customer') ?? '') : undefined
  return other ? objectOf(other, NEW_SHAPE) : undefined
}

/** Tax ids that were there before the present one was added. */
export const OLD_TAX_IDS = '~old_tax_ids'
export const taxIdOf = (value: string) => `txi_${createHash('sha256').update(value).digest('hex').slice(0, 24)}`

const numberOf = (digits: string | null) => (digits === null ? null : Number(digits))

function shippingOf(record: SimRecord): Rendered | null {
  const parts = Object.entries(record.fields).filter(([field]) => field.startsWith('ship_to.'))
  if (parts.length === 0) return null
  const address = Object.fromEntries(parts.map(([f, v]) => [f === 'ship_to.region' ? 'state' : f.slice(8), v]))
  return { name: record.fields['name'] ?? '', phone: null, address }
}

function metadataOf(record: SimRecord, plan: KindPlan): Record<string, string> {
  const out: Record<string, string> = {}
  for (const field of plan.metadata) {
    const value = record.fields[field]
    if (value !== null && value !== undefined && value !== '') out[field] = value
  }
  for (const [platform, id] of Object.entries(record.refs)) out[`${platform}_id`] = id
  for (const [field, value] of Object.entries(record.fields))
    if (field.startsWith('~metadata.') && value !== null) out[field.slice('~metadata.'.length)] = value
  const unsaid =
    record.kind === 'credit'
      ? ['requested', 'approved']
      : record.kind === 'invoice' && Number(record.fields['amount_due']) !== 0
        ? ['credited']
        : []
  if (record.state !== null && unsaid.includes(record.state) && record.oddStatus === undefined)
    out[LIFECYCLE] = record.state
  return out
}

export function list(data: unknown[], url: string): Rendered {
  return { object: 'list', data, has_more: false, url }
}

function startOf(day: string | null): number | null {
  const ms = Date.parse(`${day ?? ''}T00:00:00Z`)
  return Number.isNaN(ms) ? null : seconds(ms)
}

function at(instant: string | null): number | null {
  const ms = Date.parse(instant ?? '')
  return Number.isNaN(ms) ? null : seconds(ms)
}
