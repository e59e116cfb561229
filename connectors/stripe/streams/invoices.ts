/** Stripe invoices → canonical invoices. */
import { currencyOf, difference, major, sum } from '../money.ts'
import type { Fields, StripeObject } from '../object.ts'
import { asObject, dayIn, idOf, instant, listOf, opened, record, secondsOf, textOf } from '../object.ts'
import type { MapContext } from '../../contract.ts'
import type { StripeConfig } from '../config.ts'
import type { ObjectStream } from './stream.ts'

/** A credit note changes what is due on its invoice, so its events count here too. */
export const INVOICE_EVENTS = [
  'invoice.created',
  'invoice.updated',
  'invoice.deleted',
  'invoice.finalized',
  'invoice.finalization_failed',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_succeeded',
  'invoice.sent',
  'invoice.voided',
  'invoice.marked_uncollectible',
  'credit_note.created',
  'credit_note.updated',
  'credit_note.voided',
] as const

export function invoiceOfEvent(object: StripeObject, type: string): string | null {
  return type.startsWith('credit_note.') ? idOf(object['invoice']) : idOf(object)
}

export const invoices: ObjectStream = {
  name: 'invoices',
  kind: 'invoice',
  source: 'Invoice',
  holds: [
    'state',
    'customer',
    'subscription',
    'number',
    'total',
    'tax',
    'amount_due',
    'currency',
    'issued_on',
    'due_on',
    'posted_at',
    'paid_at',
  ],
  deletes: 'tombstone',
  path: () => '/v1/invoices',
  byCreated: true,
  events: INVOICE_EVENTS,
  subject: invoiceOfEvent,
  gone: () => 'invoice.deleted',
  permission: 'rak_invoice_read',
  map(row, ctx) {
    const invoice = opened(row, ['invoice'], ctx.config)
    if (invoice['deleted'] === true) return record(invoice, 'invoice', {}, ctx)
    const status = textOf(invoice['status'])
    const currency = currencyOf(invoice['currency'])
    const money = (key: string) => major(invoice[key], currency, key, ctx.config)
    const fields: Fields = {
      customer: idOf(invoice['customer']),
      number: textOf(invoice['number']),
      currency,
      total: money('total'),
    }
    const subscription = subscriptionOf(invoice)
    if (subscription !== undefined) fields['subscription'] = subscription
    // Stripe's own `amount_due` is what was asked for; what is still open is `amount_remaining`.
    if (invoice['amount_remaining'] !== undefined) fields['amount_due'] = money('amount_remaining')
    const tax = taxOf(invoice)
    if (tax !== undefined) fields['tax'] = major(tax, currency, 'tax', ctx.config)
    dates(fields, invoice, ctx)
    if ((status === 'paid' || status === 'open') && isCredited(invoice)) fields['state'] = 'credited'
    return record(invoice, 'invoice', fields, ctx, status)
  },
}

/** Older API versions have `subscription`, newer ones `parent.subscription_details`; undefined: neither is there. */
function subscriptionOf(invoice: StripeObject): string | null | undefined {
  const parent = asObject(asObject(invoice['parent'])?.['subscription_details'])
  if (parent) return idOf(parent['subscription'])
  if (invoice['subscription'] !== undefined) return idOf(invoice['subscription'])
  return invoice['parent'] === undefined ? undefined : null
}

/** Newer API versions list the taxes, older ones have their sum; without either it is what excluding tax takes away. */
function taxOf(invoice: StripeObject): unknown {
  if (Array.isArray(invoice['total_taxes']))
    return sum(
      listOf(invoice['total_taxes']).map((t) => t['amount']),
      'tax',
    )
  if (invoice['tax'] !== undefined) return invoice['tax']
  const net = invoice['total_excluding_tax']
  if (net === undefined) return undefined
  return net === null ? null : difference(invoice['total'], net, 'tax')
}

function dates(fields: Fields, invoice: StripeObject, { timezone }: MapContext<StripeConfig>): void {
  const moves = asObject(invoice['status_transitions']) ?? {}
  const finalized = secondsOf(moves['finalized_at'], 'finalized_at')
  const paid = secondsOf(moves['paid_at'], 'paid_at')
  const issued = secondsOf(invoice['effective_at'], 'effective_at') ?? finalized
  const due = secondsOf(invoice['due_date'], 'due_date')
  fields['issued_on'] = issued === null ? null : dayIn(timezone, issued)
  fields['posted_at'] = finalized === null ? null : instant(finalized)
  fields['paid_at'] = paid === null ? null : instant(paid)
  // An invoice that is charged at once has no due date: nothing to compare, rather than "empty".
  if (due !== null || invoice['collection_method'] === 'send_invoice')
    fields['due_on'] = due === null ? null : dayIn(timezone, due)
}

/** Stripe has no status for it: credit notes cover the whole invoice, nothing is open and nothing that was paid is kept. */
function isCredited(invoice: StripeObject): boolean {
  const minor = (key: string) => BigInt(sum([invoice[key] ?? 0], key))
  const after = minor('post_payment_credit_notes_amount')
  const credited = after + minor('pre_payment_credit_notes_amount')
  return (
    credited > 0n && credited >= minor('total') && minor('amount_remaining') === 0n && minor('amount_paid') <= after
  )
}
