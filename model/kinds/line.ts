/** Line: one position of a quote, order, invoice, contract or subscription. */
import { defineKind } from '../kind.ts'

export default defineKind('line', {
  title: 'Line',
  plural: 'lines',
  about: 'One position of a quote, order, invoice, contract or subscription.',
  states: [],
  ended: [],
  transitions: [],
  worth: 'amount',
  fields: {
    document_kind: {
      type: 'enum',
      about: 'Kind of the document it belongs to.',
      of: ['quote', 'order', 'contract', 'subscription', 'invoice', 'credit'],
    },
    document: {
      type: 'reference',
      about: 'The document it belongs to.',
      to: ['quote', 'order', 'contract', 'subscription', 'invoice', 'credit'],
    },
    product: { type: 'reference', about: 'What is sold.', to: ['product'] },
    quantity: { type: 'number', about: 'How many.' },
    unit_price: { type: 'money', about: 'Price of one, net of tax.' },
    amount: { type: 'money', about: 'Total of the line, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    period_start: { type: 'date', about: 'First day of service.' },
    period_end: { type: 'date', about: 'Last day of service.' },
  },
})
