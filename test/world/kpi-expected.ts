/** What every key figure of the company must be, worked out in plain JavaScript from what was put in: no SQL, nothing shared with the product. */
import type { RunRecord, StreamState } from '../../server/store/control/control.ts'
import type { KpiCompany, Placed } from './kpi-company.ts'
import { expectedMoves } from './kpi-expected-moves.ts'
import { at, DAY, day, NOW } from './kpi-moves.ts'
import { one, PLATFORMS, sheet } from './kpi-sheet.ts'

export function expectedFigures(company: KpiCompany, runs: RunRecord[], streams: StreamState[]) {
  const { records, findings, transitions } = company
  const { out, put } = sheet()
  expectedMoves({ out, put }, company, runs, streams)

  // Findings.
  const open = findings.filter((f) => f.state === 'open')
  const count = (id: string, keep: (f: (typeof findings)[number]) => boolean) =>
    put(id, 'platform', open.filter(keep), (f) => f.platform!, one, null, PLATFORMS)
  const checked =
    (...checks: string[]) =>
    (f: { check: string }) =>
      checks.includes(f.check)
  count('failed-customer-creations', checked('existence/customer', 'deadlines/won-customer-in-erp'))
  count('failed-order-submissions', checked('existence/order', 'deadlines/accepted-quote-ordered'))
  count('failed-entitlement-activations', checked('deadlines/entitlement-active'))
  count('business-exceptions', checked('entitlement/credit-hold-ignored', 'renewal/blocked-by-overdue-invoice'))
  count('missing-compliance-fields', checked('data-quality/customer-fields', 'data-quality/country-rules'))
  count('renewals-blocked', checked('renewal/blocked-by-overdue-invoice'))
  count('aged-exceptions', () => true)
  put(
    'aged-exceptions',
    'platform',
    open,
    (f) => f.platform!,
    (f) => +(f.first_seen_at < at(7 * DAY)),
    null,
    PLATFORMS,
  )
  const closed = transitions
    .filter((t) => t.to_state === 'resolved' && t.at >= at(30 * DAY))
    .map((t) => findings.find((f) => f.id === t.id)!)
  put(
    'workflow-recovery-time',
    'platform',
    closed,
    (f) => f.platform!,
    (f) => (Date.parse(f.resolved_at!) - Date.parse(f.first_seen_at)) / 1000,
    one,
  )

  // Duplicates.
  const twice = (kind: string | null) =>
    new Set(
      open
        .filter((f) => f.category === 'duplicate' && (kind === null || f.kind === kind))
        .flatMap((f) => f.subject.map((s) => `${s.platform}\n${s.kind}\n${s.record_id}`)),
    )
  for (const [id, kind] of [
    ['duplicate-rate', null],
    ['duplicate-account-rate', 'customer'],
  ] as const) {
    const named = [...twice(kind)].map((key) => ({ platform: key.split('\n')[0]!, part: 1, n: 0 }))
    const live = records
      .filter((r) => kind === null || r.kind === kind)
      .map((r) => ({ platform: r.platform, part: 0, n: 1 }))
    put(
      id,
      'platform',
      [...live, ...named],
      (r) => r.platform,
      (r) => r.part,
      (r) => r.n,
    )
  }
  const created = records.filter((r) => r.kind === 'customer' && (r['created_at'] as string) >= at(30 * DAY))
  const fresh = findings.filter((f) => f.check === 'duplicates/customer' && f.first_seen_at >= at(30 * DAY))
  const sources = [...new Set(created.map((r) => r.platform))]
  out.set(
    'duplicate-customer-creation-rate',
    new Map([
      ['', fresh.length / created.length],
      ...sources.map(
        (p) =>
          [
            `platform:${p}`,
            fresh.filter((f) => f.platform === p).length / created.filter((r) => r.platform === p).length,
          ] as [string, number],
      ),
    ]),
  )

  // Records: one thing is all records of one entity; the first platform of the order that holds a value speaks.
  const things = (kind: string): [string, Placed[]][] => {
    const all = records.filter((r) => r.kind === kind)
    return [...new Set(all.map((r) => r.entity))].map((e) => [e, all.filter((r) => r.entity === e)])
  }
  const says = (all: Placed[], field: string, ...order: string[]) =>
    order.map((p) => all.find((r) => r.platform === p)?.[field]).find((v) => v !== undefined && v !== null)
  const legal = (all: Placed[], ...order: string[]) => (says(all, 'legal_entity', ...order) as string | undefined) ?? ''
  put(
    'credit-holds',
    'legal_entity',
    things('customer'),
    ([, c]) => legal(c, 'erp'),
    ([, c]) => +(says(c, 'credit_hold', 'erp') === true),
    null,
  )
  const outside = things('invoice').filter(([, i]) =>
    ['open', 'uncollectible'].includes(says(i, 'state', 'erp') as string),
  )
  put(
    'billing-disputes',
    'legal_entity',
    outside,
    ([, i]) => legal(i, 'erp'),
    ([, i]) => +(says(i, 'disputed', 'erp') === true),
    null,
  )
  put(
    'dispute-rate',
    'legal_entity',
    outside,
    ([, i]) => legal(i, 'erp'),
    ([, i]) => +(says(i, 'disputed', 'erp') === true),
    one,
  )
  const wrongInvoices = new Set(open.filter((f) => f.kind === 'invoice').map((f) => f.entity_id))
  const october = things('invoice').filter(
    ([, i]) => (says(i, 'issued_on', 'erp') as string).startsWith('2026-10') && says(i, 'state', 'erp') !== 'draft',
  )
  put(
    'close-accuracy',
    'legal_entity',
    october,
    ([, i]) => legal(i, 'erp'),
    ([e]) => +!wrongInvoices.has(e),
    one,
  )
  const waits = ([, o]: [string, Placed[]]) =>
    says(o, 'state', 'crm') === 'pending_approval' &&
    !['booked', 'fulfilled'].includes(says(o, 'state', 'erp') as string)
  put(
    'orders-awaiting-approval',
    'legal_entity',
    things('order'),
    ([, o]) => legal(o, 'erp', 'crm'),
    (o) => +waits(o),
    null,
  )
  const accepted = new Map(
    records.filter((r) => r.kind === 'quote').map((r) => [r.entity, Date.parse(r['accepted_at'] as string)]),
  )
  const converted = things('order').flatMap(([, o]) => {
    const ordered = Date.parse(says(o, 'ordered_at', 'erp', 'crm') as string)
    const began = accepted.get(o.find((r) => r['quote'])!['quote'] as string)!
    return ordered >= NOW - 30 * DAY && ordered >= began ? [{ o, took: (ordered - began) / 1000 }] : []
  })
  put(
    'order-conversion-time',
    'legal_entity',
    converted,
    (c) => legal(c.o, 'erp', 'crm'),
    (c) => c.took,
    one,
  )

  const active = things('subscription').filter(([, s]) => says(s, 'state', 'billing') === 'active')
  const rights = new Set(
    records
      .filter((r) => r.kind === 'entitlement' && r['state'] === 'active')
      .flatMap((r) => [r['subscription'], r['contract']]),
  )
  put(
    'entitlement-activation-accuracy',
    'platform',
    active,
    () => 'billing',
    ([e, s]) => +(rights.has(e) || rights.has(s[0]!['contract'])),
    one,
  )
  const wrongRights = new Set(open.filter((f) => f.check === 'entitlement/entitlement').map((f) => f.entity_id))
  const held = new Set(records.filter((r) => r.kind === 'entitlement').map((r) => r.entity))
  out.set(
    'entitlement-mismatch-rate',
    new Map([
      ['', wrongRights.size / held.size],
      ['platform:support', wrongRights.size / held.size],
    ]),
  )
  out.set(
    'onboarding-cycle-time',
    new Map([
      ['', ((3 + 4) / 2) * 86_400],
      ['platform:crm', ((3 + 4) / 2) * 86_400],
    ]),
  )
  const cases = things('case').map(([, c]) => c[0]!)
  const solved = cases.filter(
    (c) => (c['resolved_at'] as string) >= at(30 * DAY) && (c['resolved_at'] as string) < at(0),
  )
  put(
    'support-resolution-quality',
    'platform',
    solved,
    () => 'support',
    (c) => +!c['escalated_at'],
    one,
  )
  put(
    'support-resolution-time',
    'platform',
    solved,
    () => 'support',
    (c) => (Date.parse(c['resolved_at'] as string) - Date.parse(c['opened_at'] as string)) / 1000,
    one,
  )
  put(
    'support-escalations',
    'platform',
    cases,
    () => 'support',
    (c) => +(((c['escalated_at'] as string) ?? '') >= at(30 * DAY)),
    null,
  )
  const credits = things('credit')
    .map(([, c]) => c[0]!)
    .filter((c) => c['case'] && (c['created_at'] as string) >= at(30 * DAY))
  put('service-disputes', 'platform', credits, () => 'billing', one, null)
  const renewing = active.filter(
    ([, s]) => (s[0]!['renews_on'] as string) >= day(0) && (s[0]!['renews_on'] as string) <= day(90),
  )
  const planned = new Set(records.filter((r) => r.kind === 'renewal').map((r) => r['subscription']))
  put(
    'renewal-visibility',
    'platform',
    renewing,
    () => 'billing',
    ([e]) => +planned.has(e),
    one,
  )
  const grave = open.filter((f) => f.severity === 'high' || f.severity === 'critical')
  const troubled = new Set(grave.flatMap((f) => [f.entity_id, f.customer_entity_id]))
  put(
    'renewal-confidence',
    'platform',
    renewing,
    () => 'billing',
    ([e, s]) => +(!troubled.has(e) && !troubled.has(s[0]!['customer_entity'] as string)),
    one,
  )
  // Six decided: three renewed with what was foretold, one with less, two lost.
  out.set(
    'renewal-forecast-accuracy',
    new Map([
      ['', 3 / 6],
      ['platform:crm', 3 / 6],
    ]),
  )

  // Outcomes. The one issue that people worked on has no facts, so its platform is not known.
  out.set(
    'manual-effort',
    new Map([
      ['', 1],
      ['platform:none', 1],
    ]),
  )
  const euros = (f: (typeof findings)[number]) => Number(f.amount_at_risk) * (f.currency === 'USD' ? 0.9 : 1)
  for (const [id, basis] of [
    ['revenue-leakage', 'confirmed'],
    ['revenue-leakage-estimated', 'estimated'],
  ] as const)
    put(
      id,
      'platform',
      open.filter((f) => f.amount_basis === basis),
      (f) => f.platform!,
      euros,
      null,
    )
  put(
    'leakage-recovered',
    'platform',
    closed.filter((f) => f.amount_basis === 'confirmed'),
    (f) => f.platform!,
    euros,
    null,
  )
  return out
}
