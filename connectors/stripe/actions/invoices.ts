/** Invoices: a final one is never edited at Stripe, only moved on; a draft may still change. */
import type { ActionRequest, PlannedCall, Standing } from '../../action.ts'
import { cannot } from '../../mark.ts'
import type { StripeConfig } from '../config.ts'
import { writing } from '../config.ts'
import { startOfDay } from '../days.ts'
import { difference, minorOf } from '../money.ts'
import { asObject, textOf } from '../object.ts'
import { invoices } from '../streams/invoices.ts'
import type { WriteSpec } from '../writing.ts'
import { form, inMetadata, metadata } from '../writing.ts'

const PATH = '/v1/invoices'
const one = (request: ActionRequest) => `${PATH}/${encodeURIComponent(request.recordId ?? '')}`
const statusOf = (standing: Standing) => textOf(asObject(standing.row?.value)?.['status'])

export const invoiceActions: readonly WriteSpec[] = [
  {
    name: 'set_fields',
    stream: invoices,
    fields: ['due_on', 'state'],
    needs: ['rak_invoice_write'],
    undo: null,
    calls(config, request, standing) {
      const due = inMetadata(config, 'invoice', 'due_on') ? undefined : request.fields['due_on']
      if (due !== undefined && statusOf(standing) !== 'draft')
        throw cannot('Stripe changes the due date of drafts only; a final invoice is credited and issued again.')
      if (due === null) throw cannot('Stripe cannot empty the due date of an invoice.')
      const state = request.fields['state']
      const move = state === undefined ? null : moved(state, request, statusOf(standing))
      const kept = metadata(config, request)
      // A state that Stripe has itself is not written into metadata as well.
      if (move)
        for (const [field, key] of Object.entries(config.fields))
          if (field === 'invoice.state') delete kept[`metadata[${key}]`]
      const body = { ...form({ due_date: due && startOfDay(due, standing.known?.['zone'] ?? 'UTC') }), ...kept }
      return [
        ...(Object.keys(body).length > 0 ? [{ method: 'POST' as const, path: one(request), body }] : []),
        ...(move ? [move] : []),
      ]
    },
  },
  {
    name: 'create',
    stream: invoices,
    fields: ['total', 'tax', 'currency', 'due_on'],
    references: ['customer', 'subscription'],
    needs: ['rak_invoice_write', 'rak_invoiceitem_write'],
    undo: 'cancel',
    calls: drafted,
  },
  {
    name: 'cancel',
    stream: invoices,
    needs: ['rak_invoice_write'],
    undo: null,
    calls: (_config, request, standing) => [
      statusOf(standing) === 'draft'
        ? { method: 'DELETE', path: one(request), body: null }
        : { method: 'POST', path: `${one(request)}/void`, body: null },
    ],
  },
]

/** Paid means paid elsewhere: this never takes money. */
function moved(state: string | null, request: ActionRequest, now: string | null): PlannedCall | null {
  if (state === now) return null
  const to = (path: string, body: unknown = null): PlannedCall => ({
    method: 'POST',
    path: `${one(request)}/${path}`,
    body,
  })
  if (state === 'open' && now === 'draft') return to('finalize', { auto_advance: 'false' })
  if (state === 'paid' && (now === 'open' || now === 'uncollectible')) return to('pay', { paid_out_of_band: 'true' })
  if (state === 'uncollectible' && now === 'open') return to('mark_uncollectible')
  if (state === 'void' && (now === 'open' || now === 'uncollectible')) return to('void')
  throw cannot(`An invoice at Stripe does not go from ${now ?? 'nothing'} to ${state ?? 'nothing'}.`)
}

/**
 * One item over the net amount, then the draft that takes it in: finalising it stays a person's decision. Other items that
 * wait for this customer's next invoice are taken in too; the README says so.
 */
function drafted(config: StripeConfig, request: ActionRequest, standing: Standing): PlannedCall[] {
  const { fields, references } = request
  const { customer, subscription } = references
  const [total, currency] = [fields['total'] ?? null, fields['currency'] ?? null]
  if (customer === undefined || total === null || currency === null)
    throw cannot('An invoice at Stripe needs its customer, total and currency.')
  const tax = fields['tax'] ?? null
  const net = difference(minorOf(total, currency, config), tax === null ? '0' : minorOf(tax, currency, config), 'total')
  const due = fields['due_on'] ?? null
  const { collection, days_until_due } = writing(config)
  const sent = collection === 'send_invoice'
  return [
    {
      method: 'POST',
      path: '/v1/invoiceitems',
      body: form({
        customer,
        amount: net,
        currency: currency.toLowerCase(),
        subscription,
        [`metadata[${writing(config).key}]`]: request.key,
      }),
    },
    {
      method: 'POST',
      path: PATH,
      body: {
        ...form({
          customer,
          subscription,
          auto_advance: false,
          pending_invoice_items_behavior: 'include',
          collection_method: collection,
          due_date: sent && due !== null ? startOfDay(due, standing.known?.['zone'] ?? 'UTC') : undefined,
          days_until_due: sent && due === null ? days_until_due : undefined,
        }),
        ...metadata(config, request),
      },
    },
  ]
}
