/** Quote: a priced offer. */
import { defineKind } from '../kind.ts'

export default defineKind('quote', {
  title: 'Quote',
  plural: 'quotes',
  about: 'A priced offer.',
  states: ['draft', 'in_approval', 'approved', 'accepted', 'rejected', 'expired'],
  ended: ['accepted', 'rejected', 'expired'],
  transitions: [
    { from: 'draft', to: 'in_approval' },
    { from: 'draft', to: 'approved', requires: ['approved_at'] },
    { from: 'in_approval', to: 'approved', requires: ['approved_at'] },
    { from: 'in_approval', to: 'draft' },
    { from: 'in_approval', to: 'rejected' },
    { from: 'approved', to: 'accepted', requires: ['accepted_at'] },
    { from: 'approved', to: 'rejected' },
    { from: 'approved', to: 'expired' },
    { from: 'draft', to: 'expired' },
    { from: 'draft', to: 'rejected' },
  ],
  businessKey: 'number',
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    opportunity: { type: 'reference', about: 'The deal it prices.', to: ['opportunity'] },
    number: { type: 'code', about: 'The quote number that people quote.' },
    amount: { type: 'money', about: 'Total, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    valid_until: { type: 'date', about: 'Last day of validity.' },
    approved_at: { type: 'instant', about: 'When it was approved.' },
    accepted_at: { type: 'instant', about: 'When the customer accepted.' },
  },
})
