/** Support case: a request for help. */
import { defineKind } from '../kind.ts'

export default defineKind('case', {
  title: 'Support case',
  plural: 'support cases',
  about: 'A request for help.',
  states: ['new', 'open', 'pending', 'escalated', 'resolved', 'closed'],
  ended: ['resolved', 'closed'],
  transitions: [
    { from: 'new', to: 'open' },
    { from: 'new', to: 'pending' },
    { from: 'new', to: 'escalated' },
    { from: 'new', to: 'resolved' },
    { from: 'open', to: 'pending' },
    { from: 'pending', to: 'open' },
    { from: 'open', to: 'escalated', requires: ['escalated_at'] },
    { from: 'pending', to: 'escalated', requires: ['escalated_at'] },
    { from: 'escalated', to: 'open' },
    { from: 'open', to: 'resolved' },
    { from: 'pending', to: 'resolved' },
    { from: 'escalated', to: 'resolved' },
    { from: 'resolved', to: 'open', about: 'Reopened.' },
    { from: 'resolved', to: 'closed' },
    { from: '*', to: 'closed' },
  ],
  businessKey: 'number',
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    entitlement: { type: 'reference', about: 'The entitlement it is served under.', to: ['entitlement'] },
    number: { type: 'code', about: 'The case number that people quote.' },
    priority: { type: 'code', about: 'Priority as the platform spells it.' },
    sla_tier: { type: 'code', about: 'Service level applied.' },
    opened_at: { type: 'instant', about: 'When it was opened.' },
    escalated_at: { type: 'instant', about: 'When it was escalated.' },
    resolved_at: { type: 'instant', about: 'When it was resolved.' },
  },
})
