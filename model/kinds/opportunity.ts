/** Opportunity: a deal in the pipeline. */
import { defineKind } from '../kind.ts'

export default defineKind('opportunity', {
  title: 'Opportunity',
  plural: 'opportunities',
  about: 'A deal in the pipeline.',
  states: ['open', 'won', 'lost'],
  ended: ['won', 'lost'],
  transitions: [
    { from: 'open', to: 'won', requires: ['amount'] },
    { from: 'open', to: 'lost' },
    { from: 'lost', to: 'open', about: 'Reopened.' },
    { from: 'won', to: 'open', about: 'Reopened.' },
  ],
  worth: 'amount',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    name: { type: 'text', about: 'Title of the deal.' },
    amount: { type: 'money', about: 'Expected value, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    close_date: { type: 'date', about: 'Expected or actual closing day.' },
    owner: { type: 'text', about: 'Who owns the deal.', sensitivity: 'personal' },
    approval: { type: 'code', about: 'Commercial approval as the platform spells it.' },
  },
})
