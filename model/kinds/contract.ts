/** Contract: an agreement with a term. */
import { defineKind } from '../kind.ts'

export default defineKind('contract', {
  title: 'Contract',
  plural: 'contracts',
  about: 'An agreement with a term.',
  states: ['draft', 'signed', 'active', 'expired', 'terminated'],
  ended: ['expired', 'terminated'],
  transitions: [
    { from: 'draft', to: 'signed', requires: ['signed_at'] },
    { from: 'signed', to: 'active', requires: ['starts_on'] },
    { from: 'active', to: 'expired' },
    { from: 'active', to: 'terminated' },
    { from: 'signed', to: 'terminated' },
    { from: 'expired', to: 'active', about: 'Renewed.' },
  ],
  businessKey: 'number',
  worth: 'value',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    number: { type: 'code', about: 'The contract number that people quote.' },
    value: { type: 'money', about: 'Total contract value, net of tax.' },
    currency: { type: 'currency', about: 'Currency of every amount on this record.' },
    starts_on: { type: 'date', about: 'First day.' },
    ends_on: { type: 'date', about: 'Last day.' },
    signed_at: { type: 'instant', about: 'When both sides had signed.' },
    renewal_term: { type: 'code', about: 'What happens at the end (auto_12, none, …).' },
  },
})
