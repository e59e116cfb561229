/** Order: what the customer bought, from draft to fulfilled. */
import { defineKind } from '../kind.ts'

export default defineKind('order', {
  title: 'Order',
  plural: 'orders',
  about: 'What the customer bought, from draft to fulfilled.',
  states: ['draft', 'pending_approval', 'booked', 'blocked', 'fulfilled', 'cancelled'],
  ended: ['fulfilled', 'cancelled'],
  transitions: [
    { from: 'draft', to: 'pending_approval' },
    { from: 'draft', to: 'booked', requires: ['amount'] },
    { from: 'pending_approval', to: 'booked', requires: ['amount'] },
    { from: 'pending_approval', to: 'draft' },
    { from: 'booked', to: 'blocked', requires: ['block_reason'] },
    { from: 'blocked', to: 'booked' },
    { from: 'booked', to: 'fulfilled' },
    { from: '*', to: 'cancelled' },
  ],
  businessKey: 'number',
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    quote: { type: 'reference', about: 'The accepted quote.', to: ['quote'] },
    opportunity: { type: 'reference', about: 'The deal it closes.', to: ['opportunity'] },
    number: { type: 'code', about: 'The order number that people quote.' },
    amount: { type: 'money', about: 'Total, net of tax.' },
    tax: { type: 'money', about: 'Tax on top of the amount.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    ordered_at: { type: 'instant', about: 'When the customer ordered.' },
    approved_at: { type: 'instant', about: 'When it was approved.' },
    block_reason: { type: 'text', about: 'Why it is blocked.' },
    legal_entity: { type: 'code', about: 'Which of our own companies sells.' },
  },
})
