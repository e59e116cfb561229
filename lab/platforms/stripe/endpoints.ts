/** Endpoints of the simulated account that write: what each takes, and which permission it asks for. */
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { major } from './amounts.ts'
import type { Nested } from './forms.ts'
import { partAt, textAt } from './forms.ts'
import { OLD_TAX_IDS, taxIdOf } from './objects.ts'
import { PLANS } from './plans.ts'
import { annotated, customer, day, draft, instant, only, subscription } from './writes.ts'

/** One endpoint that writes: which record it changes (`null`: makes), and how. */
export interface Endpoint {
  method: 'POST' | 'DELETE'
  /** Hono path. */
  path: string
  kind: string
  /** Names that the first level of the form may have. */
  takes: readonly string[]
  permission: string
  run(state: PlatformState, form: Nested, record: SimRecord | null, id: string): Omit<SimWrite, 'by'>
}

const COMMON = ['metadata', 'expand']
const CUSTOMER = [
  'name',
  'email',
  'phone',
  'address',
  'shipping',
  'tax_exempt',
  'preferred_locales',
  'description',
  ...COMMON,
]
const SUBSCRIPTION = [
  'items',
  'cancel_at',
  'cancel_at_period_end',
  'pause_collection',
  'proration_behavior',
  'collection_method',
  'days_until_due',
  ...COMMON,
]

function endpoint(
  method: Endpoint['method'],
  kind: string,
  tail: string,
  takes: readonly string[],
  run: Endpoint['run'],
): Endpoint {
  const permission = `rak_${kind === 'payment' ? 'payment_intent' : kind === 'credit' ? 'credit_note' : kind}_write`
  return { method, path: `/v1/${PLANS[kind]!.path}${tail}`, kind, takes, permission, run }
}

const merged = (kind: string, form: Nested, more: Omit<SimWrite, 'by'>): Omit<SimWrite, 'by'> => {
  const kept = annotated(kind, form)
  return { ...more, refs: kept.refs ?? {}, fields: { ...more.fields, ...kept.fields } }
}

export const ENDPOINTS: readonly Endpoint[] = [
  endpoint('POST', 'customer', '', [...CUSTOMER, 'tax_id_data'], (_s, form) =>
    merged('customer', form, { fields: customer(form) }),
  ),
  endpoint('POST', 'customer', '/:id', CUSTOMER, (_s, form) => merged('customer', form, { fields: customer(form) })),
  endpoint('POST', 'customer', '/:id/tax_ids', ['type', 'value'], (_s, form, record) => {
    const held = record?.fields['tax_id'] ?? null
    const old = [held, record?.fields[OLD_TAX_IDS]].filter(Boolean).join(',')
    return { fields: { tax_id: textAt(form, 'value') ?? null, [OLD_TAX_IDS]: old || null } }
  }),
  endpoint('DELETE', 'customer', '/:id/tax_ids/:part', [], (_s, _form, record, part) => {
    const left = (record?.fields[OLD_TAX_IDS] ?? '').split(',').filter((id) => id !== '' && taxIdOf(id) !== part)
    const held = record?.fields['tax_id'] ?? null
    return {
      fields: {
        [OLD_TAX_IDS]: left.join(',') || null,
        ...(held && taxIdOf(held) === part && { tax_id: left[0] ?? null }),
      },
    }
  }),
  endpoint('POST', 'subscription', '', [...SUBSCRIPTION, 'customer', 'backdate_start_date'], (state, form) =>
    merged('subscription', form, { state: 'active', fields: subscription(state, form, null) }),
  ),
  endpoint('POST', 'subscription', '/:id', SUBSCRIPTION, (state, form, record) =>
    merged('subscription', form, { fields: subscription(state, form, record) }),
  ),
  endpoint('DELETE', 'subscription', '/:id', ['invoice_now', 'prorate', 'expand'], (state, form, record) => {
    subscription(state, form, record)
    return {
      state: 'cancelled',
      fields: { cancelled_at: instant(state.now()), '~ended_at': String(Math.floor(state.now() / 1000)) },
    }
  }),
  endpoint(
    'POST',
    'invoice',
    '',
    [
      'customer',
      'subscription',
      'auto_advance',
      'pending_invoice_items_behavior',
      'collection_method',
      'due_date',
      'days_until_due',
      ...COMMON,
    ],
    (state, form) => merged('invoice', form, draft(state, form)),
  ),
  endpoint('POST', 'invoice', '/:id', ['due_date', ...COMMON], (_s, form, record) => {
    const due = textAt(form, 'due_date')
    if (due !== undefined) only(record, ['draft'], 'change the due date of')
    return merged('invoice', form, { fields: due === undefined ? {} : { due_on: day(due) } })
  }),
  endpoint('POST', 'invoice', '/:id/finalize', ['auto_advance', 'expand'], (state, _form, record) => {
    only(record, ['draft'], 'finalize')
    return { state: 'open', fields: { posted_at: instant(state.now()), issued_on: instant(state.now()).slice(0, 10) } }
  }),
  endpoint('POST', 'invoice', '/:id/pay', ['paid_out_of_band', 'expand'], (state, _form, record) => {
    only(record, ['open', 'uncollectible'], 'pay')
    return { state: 'paid', fields: { amount_due: '0', paid_at: instant(state.now()) } }
  }),
  endpoint('POST', 'invoice', '/:id/mark_uncollectible', ['expand'], (_s, _form, record) => {
    only(record, ['open'], 'mark as uncollectible')
    return { state: 'uncollectible' }
  }),
  endpoint('POST', 'invoice', '/:id/void', ['expand'], (_s, _form, record) => {
    only(record, ['open', 'uncollectible'], 'void')
    return { state: 'void' }
  }),
  endpoint('DELETE', 'invoice', '/:id', [], (_s, _form, record) => {
    only(record, ['draft'], 'delete')
    return { deleted: true }
  }),
  endpoint('POST', 'product', '', ['name', 'default_price_data', ...COMMON], (_s, form) => {
    const price = partAt(form, 'default_price_data')
    const currency = (textAt(form, 'default_price_data', 'currency') ?? '').toUpperCase()
    const unit = textAt(form, 'default_price_data', 'unit_amount_decimal') ?? '0'
    return merged('product', form, {
      state: 'active',
      fields: { name: textAt(form, 'name') ?? null, ...(price && { currency, price: major(unit, '1', currency) }) },
    })
  }),
  endpoint('POST', 'product', '/:id', ['name', 'active', ...COMMON], (_s, form) => {
    const [name, active] = [textAt(form, 'name'), textAt(form, 'active')]
    return merged('product', form, {
      ...(active !== undefined && { state: active === 'true' ? 'active' : 'retired' }),
      fields: name === undefined ? {} : { name },
    })
  }),
  ...['payment', 'credit'].map((kind) => endpoint('POST', kind, '/:id', COMMON, (_s, form) => merged(kind, form, {}))),
]
