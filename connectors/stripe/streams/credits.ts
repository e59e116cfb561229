/** Stripe credit notes → canonical credits. */
import { currencyOf, major } from '../money.ts'
import type { Fields } from '../object.ts'
import { asObject, idOf, instant, opened, record, secondsOf, textOf } from '../object.ts'
import type { ObjectStream } from './stream.ts'

export const credits: ObjectStream = {
  name: 'credits',
  kind: 'credit',
  source: 'Credit note',
  holds: ['state', 'customer', 'invoice', 'number', 'amount', 'currency', 'reason', 'posted_at'],
  // Credit notes are voided, never deleted.
  deletes: 'sweep',
  path: () => '/v1/credit_notes',
  byCreated: false,
  events: ['credit_note.created', 'credit_note.updated', 'credit_note.voided'],
  subject: (object) => idOf(object),
  permission: 'rak_credit_note_read',
  map(row, ctx) {
    const note = opened(row, ['credit_note'], ctx.config)
    const status = textOf(note['status'])
    const currency = currencyOf(note['currency'])
    const issued = secondsOf(note['effective_at'], 'effective_at') ?? secondsOf(note['created'], 'created')
    const fields: Fields = {
      customer: idOf(note['customer']),
      invoice: idOf(note['invoice']),
      number: textOf(note['number']),
      amount: major(note['amount'], currency, 'amount', ctx.config),
      currency,
      reason: textOf(note['memo']) ?? textOf(note['reason']),
      posted_at: issued === null ? null : instant(issued),
    }
    // A note before payment lowers its invoice at once; one after payment waits on the customer's balance until it is used.
    if (
      status === 'issued' &&
      note['type'] === 'pre_payment' &&
      asObject(note['customer_balance_transaction']) === null
    )
      fields['state'] = 'applied'
    return record(note, 'credit', fields, ctx, status)
  },
}
