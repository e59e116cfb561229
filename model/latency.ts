/**
 * Latency classes: how fast a change of a field must reach everybody who holds it, and how much it matters when it
 * does not. The shipped windows of all edges; `ownership.*.window` and `edges` of a configuration override them.
 */
import type { Severity } from './verdict.ts'

const MINUTE = 60_000

/** `local only` is no class: a field that is not to be compared is advisory or absent at the other platform. */
export const LATENCY_MS = {
  real_time: 5 * MINUTE,
  minutes: 15 * MINUTE,
  hour: 60 * MINUTE,
  day: 24 * 60 * MINUTE,
} as const
export type LatencyClass = keyof typeof LATENCY_MS

export interface LatencyRule {
  /** `*`, `kind`, `kind.field`, `kind.group.*`; the most specific speaks. */
  fields: readonly string[]
  class: LatencyClass
  criticality: Severity
  why: string
}

export const LATENCY: readonly LatencyRule[] = [
  { fields: ['*'], class: 'hour', criticality: 'medium', why: 'Documents and master data travel within the hour.' },
  {
    fields: ['customer.credit_hold'],
    class: 'real_time',
    criticality: 'critical',
    why: 'Every minute sells or delivers to somebody who must not be served.',
  },
  {
    fields: ['entitlement'],
    class: 'real_time',
    criticality: 'high',
    why: 'Support decides by it while the customer is on the line.',
  },
  {
    fields: ['invoice.state', 'invoice.amount_due', 'invoice.paid_at', 'invoice.disputed'],
    class: 'minutes',
    criticality: 'high',
    why: 'A paid invoice that is chased, or an overdue one that is not.',
  },
  {
    fields: ['payment.state', 'payment.received_at', 'payment.failure_reason'],
    class: 'minutes',
    criticality: 'high',
    why: 'Collections act on it.',
  },
  { fields: ['credit.state'], class: 'minutes', criticality: 'high', why: 'It is part of what is owed.' },
  {
    fields: ['order.state', 'order.block_reason'],
    class: 'minutes',
    criticality: 'high',
    why: 'Sales, delivery and support act on it.',
  },
  {
    fields: ['shipment.state', 'case.state'],
    class: 'minutes',
    criticality: 'medium',
    why: 'The customer asks about it.',
  },
  {
    fields: ['subscription.state', 'tenant.state'],
    class: 'minutes',
    criticality: 'high',
    why: 'Service is switched on and off by it.',
  },
  {
    fields: [
      'customer.legal_name',
      'customer.tax_id',
      'customer.legal_entity',
      'customer.currency',
      'customer.payment_terms',
    ],
    class: 'hour',
    criticality: 'high',
    why: 'A wrong one makes a wrong invoice.',
  },
  {
    fields: [
      'order.amount',
      'order.currency',
      'invoice.total',
      'invoice.tax',
      'invoice.currency',
      'payment.amount',
      'credit.amount',
    ],
    class: 'hour',
    criticality: 'high',
    why: 'It is money.',
  },
  {
    fields: ['subscription.amount', 'subscription.mrr', 'contract.value'],
    class: 'hour',
    criticality: 'high',
    why: 'It is money every month.',
  },
  { fields: ['product'], class: 'day', criticality: 'medium', why: 'Reference data is loaded at night.' },
  {
    fields: ['customer.health_score', 'customer.renewal_readiness', 'customer.segment', 'customer.owner', 'onboarding'],
    class: 'hour',
    criticality: 'low',
    why: 'People read it, nothing runs on it.',
  },
  { fields: ['posting'], class: 'day', criticality: 'medium', why: 'Ledgers are closed by day.' },
]
