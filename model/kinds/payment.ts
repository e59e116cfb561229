/** Payment: money received, or an attempt. */
import { defineKind } from '../kind.ts'

export default defineKind('payment', {
  title: 'Payment',
  plural: 'payments',
  about: 'Money received, or an attempt.',
  states: ['pending', 'succeeded', 'failed', 'refunded'],
  ended: ['succeeded', 'failed', 'refunded'],
  transitions: [
    { from: 'pending', to: 'succeeded', requires: ['received_at'] },
    { from: 'pending', to: 'failed' },
    { from: 'failed', to: 'pending' },
    { from: 'failed', to: 'succeeded' },
    { from: 'succeeded', to: 'refunded' },
  ],
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    invoice: { type: 'reference', about: 'The invoice it pays.', to: ['invoice'] },
    amount: { type: 'money', about: 'Amount received.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    received_at: { type: 'instant', about: 'When the money arrived.' },
    method: { type: 'code', about: 'How it was paid.' },
    failure_reason: { type: 'text', about: 'Why it failed.' },
  },
})
