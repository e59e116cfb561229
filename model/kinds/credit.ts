/** Credit: a credit note or service credit. */
import { defineKind } from '../kind.ts'

export default defineKind('credit', {
  title: 'Credit',
  plural: 'credits',
  about: 'A credit note or service credit.',
  states: ['requested', 'approved', 'posted', 'applied', 'void'],
  ended: ['applied', 'void'],
  transitions: [
    { from: 'requested', to: 'approved', requires: ['approved_at'] },
    { from: 'requested', to: 'void' },
    { from: 'approved', to: 'posted', requires: ['posted_at'] },
    { from: 'approved', to: 'void' },
    { from: 'posted', to: 'applied' },
    { from: 'posted', to: 'void' },
  ],
  businessKey: 'number',
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    invoice: { type: 'reference', about: 'The invoice it reduces.', to: ['invoice'] },
    case: { type: 'reference', about: 'The support case that led to it.', to: ['case'] },
    number: { type: 'code', about: 'The credit number that people quote.' },
    amount: { type: 'money', about: 'Amount credited.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    reason: { type: 'text', about: 'Why.' },
    approved_at: { type: 'instant', about: 'When it was approved.' },
    posted_at: { type: 'instant', about: 'When it was posted.' },
  },
})
