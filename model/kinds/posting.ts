/** Posting: a general-ledger entry of an invoice. */
import { defineKind } from '../kind.ts'

export default defineKind('posting', {
  title: 'Posting',
  plural: 'postings',
  about: 'A general-ledger entry of an invoice.',
  states: ['draft', 'posted', 'reversed'],
  ended: ['reversed'],
  transitions: [
    { from: 'draft', to: 'posted', requires: ['posted_on'] },
    { from: 'posted', to: 'reversed' },
  ],
  worth: 'amount',
  fields: {
    invoice: { type: 'reference', about: 'The invoice it books.', to: ['invoice'] },
    account: { type: 'code', about: 'Ledger account.' },
    period: { type: 'code', about: 'Accounting period (2026-11).' },
    amount: { type: 'money', about: 'Amount booked.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    posted_on: { type: 'date', about: 'Posting day.' },
  },
})
