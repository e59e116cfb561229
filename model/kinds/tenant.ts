/** Tenant: a provisioned workspace or deployment. */
import { defineKind } from '../kind.ts'

export default defineKind('tenant', {
  title: 'Tenant',
  plural: 'tenants',
  about: 'A provisioned workspace or deployment.',
  states: ['provisioning', 'active', 'suspended', 'deprovisioned'],
  ended: ['deprovisioned'],
  transitions: [
    { from: 'provisioning', to: 'active', requires: ['activated_at'] },
    { from: 'active', to: 'suspended' },
    { from: 'suspended', to: 'active' },
    { from: '*', to: 'deprovisioned' },
  ],
  fields: {
    customer: { type: 'reference', about: 'The customer it belongs to.', to: ['customer'] },
    subscription: { type: 'reference', about: 'The subscription that pays for it.', to: ['subscription'] },
    plan: { type: 'code', about: 'Plan that is switched on.' },
    seats: { type: 'number', about: 'Seats that are switched on.' },
    activated_at: { type: 'instant', about: 'When it was switched on.' },
  },
})
