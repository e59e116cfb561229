/** What moved in the company for key figures: changes on their way, messages, and differences with their lives, by seeded chance. */
import type { RecordedEvent } from '../../model/event.ts'
import type { Finding } from '../../model/verdict.ts'
import type { FindingEvent } from '../../server/store/facts/finding-events.ts'
import type { LagRow } from '../../server/store/facts/lag.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString()
export const day = (days: number): string => new Date(NOW + days * DAY).toISOString().slice(0, 10)

type Random = (below: number) => number

export function lagRows(rnd: Random): LagRow[] {
  const edges = [
    ['invoice', 'erp', 'crm'],
    ['invoice', 'erp', 'support'],
    ['entitlement', 'billing', 'support'],
    ['customer', 'crm', 'erp'],
  ] as const
  return Array.from({ length: 200 }, (_, i): LagRow => {
    const [kind, owner, follower] = edges[rnd(edges.length)]!
    const changed = rnd(4) ? rnd(24 * 60) * 60_000 + 1 : rnd(40 * 24) * HOUR
    const due = changed - 15 * 60_000
    const outcome = (['in_time', 'late', 'lost', 'waiting', 'unmeasured'] as const)[rnd(5)]!
    const took = outcome === 'late' ? 20 * 60_000 + rnd(1000) : rnd(14 * 60_000)
    return {
      eid: String(i + 1),
      kind,
      part: 'all',
      owner,
      follower,
      change: String(i + 1),
      entity_id: `e${i}`,
      customer_entity_id: '',
      record_id: `r${i}`,
      follower_record_id: `f${i}`,
      fields: rnd(2) ? ['state', 'amount_due'] : ['total'],
      changed_at: at(changed),
      due_at: at(due),
      agreed_at: outcome === 'in_time' || outcome === 'late' ? at(changed - took) : null,
      overtaken_at: outcome === 'lost' ? at(rnd(2) ? changed - 60_000 : due - 60_000) : null,
      outcome,
      lacks: outcome === 'unmeasured' ? 'crm.changed_at' : '',
      excluded: rnd(10) === 0 ? 'planned move' : '',
    }
  })
}

export function messages(rnd: Random): RecordedEvent[] {
  const out: RecordedEvent[] = []
  for (let i = 0; i < 60; i++) {
    const sent = rnd(30) * HOUR + 10 * 60_000
    const base = {
      reported_by: 'crm',
      from_platform: rnd(2) ? 'crm' : 'erp',
      to_platform: 'billing',
      kind: 'order',
      record_id: `o${i}`,
      correlation_id: rnd(6) ? `c${i}` : null,
      number: null,
      trace_id: null,
      message: null,
      actor: null,
      release: null,
      detail: {},
    }
    out.push({ ...base, id: `s${i}`, type: 'sent', at: at(sent) })
    if (rnd(3)) out.push({ ...base, id: `a${i}`, type: 'acknowledged', at: at(sent - 1000 - rnd(9000)) })
    if (rnd(2)) out.push({ ...base, id: `w${i}`, type: 'applied', at: at(sent - 20_000 - rnd(90_000)) })
    if (rnd(5) === 0) out.push({ ...base, id: `s${i}-again`, type: 'sent', at: at(sent - 500) })
  }
  return out
}

const CHECKED = [
  ['existence/customer', 'missing', 'customer'],
  ['existence/order', 'missing', 'order'],
  ['deadlines/won-customer-in-erp', 'deadline', 'opportunity'],
  ['deadlines/accepted-quote-ordered', 'deadline', 'quote'],
  ['deadlines/entitlement-active', 'deadline', 'subscription'],
  ['entitlement/entitlement', 'mismatch', 'entitlement'],
  ['entitlement/credit-hold-ignored', 'exception', 'customer'],
  ['data-quality/customer-fields', 'quality', 'customer'],
  ['data-quality/country-rules', 'quality', 'customer'],
  ['renewal/blocked-by-overdue-invoice', 'exception', 'renewal'],
  ['duplicates/customer', 'duplicate', 'customer'],
  ['duplicates/order', 'duplicate', 'order'],
  ['invoice-payment/invoice-amount', 'mismatch', 'invoice'],
] as const

export function differences(rnd: Random): { findings: Finding[]; transitions: FindingEvent[] } {
  const findings: Finding[] = []
  const transitions: FindingEvent[] = []
  for (let i = 0; i < 130; i++) {
    const finding = difference(rnd, i)
    findings.push(finding)
    const { id, first_seen_at, resolved_at, amount_at_risk, currency } = finding
    const step = {
      id,
      verdict: 'drift',
      cause: 'unknown',
      run_id: 'r',
      reason: 'x',
      detail: { amount_at_risk, currency },
    } as const
    transitions.push({ ...step, transition: 1, at: first_seen_at, from_state: null, to_state: 'open' })
    if (resolved_at !== null)
      transitions.push({ ...step, transition: 2, at: resolved_at, from_state: 'open', to_state: 'resolved' })
  }
  return { findings, transitions }
}

function difference(rnd: Random, i: number): Finding {
  const [check, category, kind] = CHECKED[i % CHECKED.length]!
  const n = rnd(40)
  const platform = kind === 'entitlement' ? 'support' : ['crm', 'erp', 'billing'][rnd(3)]!
  const first = rnd(20) * DAY + HOUR
  const resolved = rnd(3) === 0
  const priced = rnd(2) === 0
  const named = (of: number) => ({ platform, kind, record_id: `${platform}-${kind}-${of}` })
  return {
    id: `f${String(i).padStart(3, '0')}`,
    issue: `I-${1 + (i % 9)}`,
    check,
    category,
    kind,
    entity_id: `${kind}-${n}`,
    customer_entity_id: `customer-${n}`,
    subject: category === 'duplicate' ? [named(n), named(rnd(40))] : [named(n)],
    scope: {},
    field: null,
    verdict: 'drift',
    cause: 'unknown',
    owner_platform: 'erp',
    platform,
    expected: {},
    actual: {},
    values: [],
    evidence: [],
    amount_at_risk: priced ? `${rnd(900) + 1}.25` : null,
    currency: priced ? (rnd(3) ? 'EUR' : 'USD') : null,
    amount_basis: priced ? (rnd(2) ? 'confirmed' : 'estimated') : null,
    severity: (['low', 'medium', 'high', 'critical'] as const)[rnd(4)]!,
    due_at: null,
    title: 'x',
    state: resolved ? 'resolved' : 'open',
    regressed: false,
    first_seen_at: at(first),
    changed_at: at(first),
    last_seen_at: at(first),
    resolved_at: resolved ? at(first / 2) : null,
    run_id: 'r',
    transition: resolved ? 2 : 1,
  }
}
