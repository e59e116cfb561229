/** Planted causes: ten thousand differences with eight causes behind them, for tests of the folding. */
import type { Finding } from '../../model/verdict.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const at = (ago: number): string => new Date(NOW - ago).toISOString()

export interface Planted {
  name: string
  n: number
  check: string
  kind: string
  field: string
  cause: Finding['cause']
  owner: string
  fault: string
  /** How long ago the first began, and how far apart the others did. */
  ago: number
  step: number
  expected: (i: number) => string
  actual: (i: number) => string | null
  amount?: (i: number) => string
  estimated?: boolean
}

const LONG = (i: number) => `Company with a very long everyday name number ${i} of the region`
export const PLANTED: Planted[] = [
  {
    name: 'terms',
    n: 4000,
    check: 'customer-master/legal-profile',
    kind: 'customer',
    field: 'payment_terms',
    cause: 'not_applied',
    owner: 'erp',
    fault: 'crm',
    ago: 30 * HOUR,
    step: 1000,
    expected: () => 'net_30',
    actual: () => 'net_60',
  },
  {
    name: 'cents',
    n: 3000,
    check: 'invoice-payment/invoice-amount',
    kind: 'invoice',
    field: 'total',
    cause: 'unknown',
    owner: 'erp',
    fault: 'crm',
    ago: 60 * HOUR,
    step: 2000,
    expected: (i) => `${i + 1}.50`,
    actual: (i) => `${(i + 1) * 100 + 50}.00`,
    amount: (i) => `${(i + 1) * 99}.50`,
  },
  {
    name: 'cut',
    n: 1500,
    check: 'customer-master/profile',
    kind: 'customer',
    field: 'name',
    cause: 'unknown',
    owner: 'crm',
    fault: 'support',
    ago: 90 * HOUR,
    step: 3000,
    expected: LONG,
    actual: (i) => LONG(i).slice(0, 40),
  },
  {
    name: 'same',
    n: 800,
    check: 'customer-master/legal-profile',
    kind: 'customer',
    field: 'registration_number',
    cause: 'overwritten',
    owner: 'erp',
    fault: 'crm',
    ago: 30 * HOUR,
    step: 1000,
    expected: (i) => `HRB ${i}`,
    actual: () => 'TO BE FILLED',
  },
  {
    name: 'state',
    n: 300,
    check: 'invoice-payment/subscription-status',
    kind: 'subscription',
    field: 'state',
    cause: 'never_sent',
    owner: 'billing',
    fault: 'support',
    ago: 10 * HOUR,
    step: 4000,
    expected: () => 'cancelled',
    actual: () => 'active',
    amount: () => '10',
    estimated: true,
  },
  {
    name: 'seats',
    n: 200,
    check: 'invoice-payment/subscription-charge',
    kind: 'subscription',
    field: 'quantity',
    cause: 'never_sent',
    owner: 'billing',
    fault: 'support',
    ago: 10 * HOUR - 5 * MINUTE,
    step: 5000,
    expected: (i) => `${i + 7}`,
    actual: (i) => `${i + 2}`,
  },
  {
    name: 'tier',
    n: 100,
    check: 'entitlement/entitlement',
    kind: 'entitlement',
    field: 'sla_tier',
    cause: 'never_sent',
    owner: 'billing',
    fault: 'support',
    ago: 10 * HOUR - 20 * MINUTE,
    step: 6000,
    expected: () => 'gold',
    actual: () => null,
  },
  {
    name: 'drip',
    n: 100,
    check: 'customer-master/mail',
    kind: 'customer',
    field: 'email',
    cause: 'non_owner_write',
    owner: 'crm',
    fault: 'support',
    ago: 40 * 24 * HOUR,
    step: 9 * HOUR,
    expected: (i) => `a${i}@one.example`,
    actual: (i) => `b${i * 7}@two.example`,
  },
]
export const TOTAL = PLANTED.reduce((n, p) => n + p.n, 0)

export function finding(p: Planted, which: number, i: number, issue: string): Finding {
  const began = at(p.ago - i * p.step)
  const amount = p.amount?.(i) ?? null
  return {
    id: `${p.name}-${String(i).padStart(5, '0')}`,
    issue,
    check: p.check,
    category: 'mismatch',
    kind: p.kind,
    entity_id: `e-${which}-${i}`,
    customer_entity_id: `customer-${i % 900}`,
    subject: [{ platform: p.fault, kind: p.kind, record_id: `r${i}` }],
    scope: {},
    field: p.field,
    verdict: 'drift',
    cause: p.cause,
    owner_platform: p.owner,
    platform: p.fault,
    expected: { [p.owner]: p.expected(i) },
    actual: { [p.fault]: p.actual(i) },
    values: [],
    evidence: [],
    amount_at_risk: amount,
    currency: amount === null ? null : i % 2 ? 'EUR' : 'USD',
    amount_basis: amount === null ? null : p.estimated ? 'estimated' : 'confirmed',
    severity: i === 0 ? 'high' : 'medium',
    due_at: null,
    title: p.name,
    state: 'open',
    regressed: false,
    first_seen_at: at(HOUR),
    changed_at: at(HOUR),
    last_seen_at: at(HOUR),
    resolved_at: null,
    run_id: 'r',
    transition: 1,
    since: began,
  } as Finding
}
