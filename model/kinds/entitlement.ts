/** Entitlement: the right to a service level. */
import { defineKind } from '../kind.ts'

export default defineKind('entitlement', {
  title: 'Entitlement',
  plural: 'entitlements',
  about: 'The right to a service level.',
  states: ['pending', 'active', 'suspended', 'expired', 'revoked'],
  ended: ['expired', 'revoked'],
  transitions: [
    { from: 'pending', to: 'active', requires: ['starts_on'] },
    { from: 'active', to: 'suspended' },
    { from: 'suspended', to: 'active' },
    { from: 'active', to: 'expired' },
    { from: 'suspended', to: 'expired' },
    { from: '*', to: 'revoked' },
    { from: 'expired', to: 'active', about: 'Renewed.' },
  ],
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    subscription: { type: 'reference', about: 'The subscription that grants it.', to: ['subscription'] },
    contract: { type: 'reference', about: 'The contract that grants it.', to: ['contract'] },
    product: { type: 'reference', about: 'What it covers.', to: ['product'] },
    sla_tier: { type: 'code', about: 'Service level.' },
    quantity: { type: 'number', about: 'How many.' },
    starts_on: { type: 'date', about: 'First day.' },
    ends_on: { type: 'date', about: 'Last day.' },
    activated_at: { type: 'instant', about: 'When it was switched on.' },
  },
})
