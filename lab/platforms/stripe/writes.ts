/** Writes to the simulated account: parameters and rules of each endpoint, and what they do to the company's records. */
import type { PlatformState, SimRecord, SimWrite } from '../../platform.ts'
import { major, unitPrice } from './amounts.ts'
import type { Form, Nested } from './forms.ts'
import { nested, partAt, textAt } from './forms.ts'
import { LIFECYCLE, PLANS, REFERRED } from './plans.ts'

/** A rule that the request breaks. */
export class Refused extends Error {
  readonly status: number
  readonly code: string | undefined
  readonly param: string | undefined
  constructor(status: number, message: string, code?: string, param?: string) {
    super(message)
    this.status = status
    this.code = code
    this.param = param
  }
}

export const day = (seconds: string) => new Date(Number(seconds) * 1000).toISOString().slice(0, 10)
export const instant = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString()

/** What metadata mean to the company: fields that live there, ids of other platforms, and anything else as it is. */
export function annotated(
  kind: string,
  form: Nested,
): Pick<SimWrite, 'refs'> & { fields: Record<string, string | null> } {
  const fields: Record<string, string | null> = {}
  const refs: Record<string, string | null> = {}
  for (const [key, value] of Object.entries(partAt(form, 'metadata') ?? {})) {
    if (typeof value !== 'string') continue
    if (key.length > 40) throw new Refused(400, 'Metadata keys can be at most 40 characters.', undefined, 'metadata')
    if (value.length > 500)
      throw new Refused(
        400,
        `Metadata values can have up to 500 characters, but you passed in a value that is ${value.length} characters.`,
        undefined,
        `metadata[${key}]`,
      )
    const platform = REFERRED.find((name) => key === `${name}_id`)
    if (platform) refs[platform] = value === '' ? null : value
    else if (PLANS[kind]!.metadata.includes(key)) fields[key] = value === '' ? null : value
    else if (key !== LIFECYCLE) fields[`~metadata.${key}`] = value === '' ? null : value
  }
  return { fields, refs }
}

export function customer(form: Nested): Record<string, string | null> {
  const out: Record<string, string | null> = {}
  const email = textAt(form, 'email')
  if (email !== undefined && email !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))
    throw new Refused(400, `Invalid email address: ${email}`, 'email_invalid', 'email')
  for (const name of ['name', 'email', 'phone']) {
    const value = textAt(form, name)
    if (value !== undefined) out[name] = value || null
  }
  for (const [group, path] of [
    ['bill_to', ['address']],
    ['ship_to', ['shipping', 'address']],
  ] as const)
    for (const [key, value] of Object.entries(partAt(form, ...path) ?? {}))
      out[`${group}.${key === 'state' ? 'region' : key}`] = (value as string) || null
  if (partAt(form, 'shipping') && textAt(form, 'shipping', 'name') === undefined)
    throw new Refused(400, 'Missing required param: shipping[name].', 'parameter_missing', 'shipping[name]')
  const exempt = textAt(form, 'tax_exempt')
  if (exempt !== undefined) out['tax_exempt'] = exempt === '' ? null : exempt === 'exempt' ? 'true' : 'false'
  const language = textAt(form, 'preferred_locales', '0')
  if (language !== undefined) out['language'] = language
  const taxId = textAt(form, 'tax_id_data', '0', 'value')
  if (taxId !== undefined) out['tax_id'] = taxId
  return out
}

export function subscription(
  state: PlatformState,
  form: Nested,
  record: SimRecord | null,
): Record<string, string | null> {
  const out: Record<string, string | null> = {}
  if (record?.state === 'cancelled')
    throw new Refused(404, `No such subscription: '${record.id}'`, 'resource_missing', 'id')
  const item = partAt(form, 'items', '0')
  const quantity = textAt(form, 'items', '0', 'quantity')
  if (record && item && textAt(item, 'id') !== `si_${record.id.slice(4)}`)
    throw new Refused(400, 'Price used already in the subscription; pass the id of its item.', undefined, 'items')
  if (quantity !== undefined) {
    out['quantity'] = quantity
    // The price of one stays: the amount follows the quantity.
    const { amount, quantity: before, currency } = record?.fields ?? {}
    const unit = unitPrice(amount ?? null, before ?? '1', currency ?? null)
    if (unit !== null) out['amount'] = major(unit, quantity, currency ?? '')
  }
  const price = partAt(form, 'items', '0', 'price_data')
  if (price) {
    const product = textAt(price, 'product') ?? ''
    if (!state.record('product', product))
      throw new Refused(400, `No such product: '${product}'`, 'resource_missing', 'items[0][price_data][product]')
    const currency = (textAt(price, 'currency') ?? '').toUpperCase()
    const unit = textAt(price, 'unit_amount_decimal') ?? ''
    if (!/^\d+(\.\d{1,12})?$/.test(unit))
      throw new Refused(
        400,
        `Invalid decimal: ${unit}`,
        'parameter_invalid',
        'items[0][price_data][unit_amount_decimal]',
      )
    out['product'] = product
    out['currency'] = currency
    out['amount'] = major(unit, textAt(form, 'items', '0', 'quantity') ?? '1', currency)
    const [unitOf, count] = [textAt(price, 'recurring', 'interval'), textAt(price, 'recurring', 'interval_count')]
    out['interval'] = unitOf === 'month' && count === '3' ? 'quarter' : (unitOf ?? null)
  }
  const hold = partAt(form, 'pause_collection')
  if (hold) out['~pause_collection'] = textAt(hold, 'behavior') ?? null
  else if (textAt(form, 'pause_collection') === '') out['~pause_collection'] = null
  for (const name of ['cancel_at', 'cancel_at_period_end']) {
    const value = textAt(form, name)
    if (value !== undefined) out[`~${name}`] = value === '' ? null : value
  }
  if (!record) {
    const owner = textAt(form, 'customer') ?? ''
    if (!state.record('customer', owner))
      throw new Refused(400, `No such customer: '${owner}'`, 'resource_missing', 'customer')
    if (!item) throw new Refused(400, 'Missing required param: items.', 'parameter_missing', 'items')
    if (textAt(form, 'collection_method') === 'send_invoice' && textAt(form, 'days_until_due') === undefined)
      throw new Refused(400, 'Missing required param: days_until_due.', 'parameter_missing', 'days_until_due')
    out['customer'] = owner
    out['started_on'] = day(textAt(form, 'backdate_start_date') ?? String(Math.floor(state.now() / 1000)))
  }
  return out
}

const statusOf = (record: SimRecord | null) => record?.state ?? 'draft'
export const only = (record: SimRecord | null, states: readonly string[], verb: string) => {
  if (!states.includes(statusOf(record)))
    throw new Refused(
      400,
      `You can only ${verb} invoices that are ${states.join(' or ')}. This one is ${statusOf(record)}.`,
      'invoice_not_editable',
    )
}

/** Invoice items that wait for the next invoice of their customer. */
const waiting = new WeakMap<PlatformState, Map<string, { amount: number; currency: string }>>()

export function addItem(state: PlatformState, form: Form): { id: string } {
  const parsed = nested(form)
  const owner = textAt(parsed, 'customer') ?? ''
  if (!state.record('customer', owner))
    throw new Refused(400, `No such customer: '${owner}'`, 'resource_missing', 'customer')
  const amount = textAt(parsed, 'amount') ?? ''
  if (!/^-?\d+$/.test(amount))
    throw new Refused(400, `Invalid integer: ${amount}`, 'parameter_invalid_integer', 'amount')
  const items = waiting.get(state) ?? new Map<string, { amount: number; currency: string }>()
  waiting.set(state, items)
  const before = items.get(owner)
  items.set(owner, {
    amount: (before?.amount ?? 0) + Number(amount),
    currency: (textAt(parsed, 'currency') ?? '').toUpperCase(),
  })
  return { id: `ii_${owner.slice(4)}${items.size}` }
}

export function draft(state: PlatformState, form: Nested): Omit<SimWrite, 'by'> {
  const owner = textAt(form, 'customer') ?? ''
  if (!state.record('customer', owner))
    throw new Refused(400, `No such customer: '${owner}'`, 'resource_missing', 'customer')
  const items =
    textAt(form, 'pending_invoice_items_behavior') === 'include' ? waiting.get(state)?.get(owner) : undefined
  waiting.get(state)?.delete(owner)
  const total = items ? major(String(items.amount), '1', items.currency) : '0'
  const due = textAt(form, 'due_date')
  return {
    state: 'draft',
    fields: {
      customer: owner,
      subscription: textAt(form, 'subscription') ?? null,
      total,
      tax: '0',
      amount_due: total,
      currency: items?.currency ?? 'USD',
      ...(due !== undefined && { due_on: day(due) }),
    },
  }
}
