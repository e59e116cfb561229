/** Renewal: the next term of a subscription. */
import { defineKind } from '../kind.ts'

export default defineKind('renewal', {
  title: 'Renewal',
  plural: 'renewals',
  about: 'The next term of a subscription.',
  states: ['upcoming', 'in_progress', 'renewed', 'lost'],
  ended: ['renewed', 'lost'],
  transitions: [
    { from: 'upcoming', to: 'in_progress' },
    { from: 'upcoming', to: 'renewed' },
    { from: 'upcoming', to: 'lost' },
    { from: 'in_progress', to: 'renewed' },
    { from: 'in_progress', to: 'lost' },
  ],
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    subscription: { type: 'reference', about: 'The subscription that renews.', to: ['subscription'] },
    amount: { type: 'money', about: 'Value of the next term, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    due_on: { type: 'date', about: 'Renewal day.' },
    readiness: { type: 'text', about: 'How ready it is.' },
  },
})
