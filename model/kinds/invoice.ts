/** Invoice: a bill. */
import { defineKind } from '../kind.ts'

export default defineKind('invoice', {
  title: 'Invoice',
  plural: 'invoices',
  about: 'A bill.',
  states: ['draft', 'open', 'paid', 'void', 'uncollectible', 'credited'],
  ended: ['paid', 'void', 'uncollectible', 'credited'],
  transitions: [
    { from: 'draft', to: 'open', requires: ['issued_on'] },
    { from: 'draft', to: 'void' },
    { from: 'open', to: 'paid' },
    { from: 'open', to: 'void' },
    { from: 'open', to: 'uncollectible' },
    { from: 'open', to: 'credited' },
    { from: 'uncollectible', to: 'paid' },
    { from: 'paid', to: 'credited' },
    { from: 'paid', to: 'open', about: 'Payment reversed.' },
  ],
  businessKey: 'number',
  worth: 'total',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    order: { type: 'reference', about: 'The order it bills.', to: ['order'] },
    subscription: { type: 'reference', about: 'The subscription it bills.', to: ['subscription'] },
    number: { type: 'code', about: 'The invoice number that people quote.' },
    total: { type: 'money', about: 'Total including tax.' },
    tax: { type: 'money', about: 'Tax contained in the total.' },
    amount_due: { type: 'money', about: 'What is still to be paid.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    issued_on: { type: 'date', about: 'Invoice date.' },
    due_on: { type: 'date', about: 'Day it must be paid by.' },
    posted_at: { type: 'instant', about: 'When it was posted to the ledger.' },
    paid_at: { type: 'instant', about: 'When it was paid in full.' },
    disputed: { type: 'bool', about: 'True while the customer disputes it.' },
    legal_entity: { type: 'code', about: 'Which of our own companies issued it.' },
  },
})
