/** A world for alerts: real facts, a real control store, issues written as the check stage writes them, and a clock turned by hand. */
import { z } from 'zod'
import type { Category, Cause, Severity } from '../../model/verdict.ts'
import { loadText } from '../../server/config/load.ts'
import { formatProblems } from '../../server/config/problem.ts'
import type { Context } from '../../server/context.ts'
import { alertTick } from '../../server/alert/jobs.ts'
import { noticeIssues } from '../../server/alert/notice.ts'
import { createLog } from '../../server/log.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { writeFindings, type NewFinding } from '../../server/store/facts/findings.ts'
import { writeIssues, type IssueFacts } from '../../server/store/facts/issues.ts'
import { iso } from '../../server/clock.ts'
import { handClock, type HandClock } from './clock.ts'

export interface AlertWorld {
  ctx: Context
  clock: HandClock
  /** Writes issues; what is left out is as in `issue`. */
  put(...issues: (Partial<IssueFacts> & { number: number })[]): Promise<void>
  findings(...findings: (Partial<NewFinding> & { id: string; issue: string })[]): Promise<void>
  /** A look: what moved is noticed. */
  look(): Promise<number>
  /** Time passes, then the stage's own turn. */
  pass(ms: number): Promise<number>
  /** Recipient and title of everything in the outbox, oldest first. */
  mails(): string[]
}

export const PLATFORMS = `
platforms:
  crm: { connector: files, role: crm, title: Salesforce, environment: production, config: { folder: . } }
  erp: { connector: files, role: erp, title: NetSuite, config: { folder: . } }
  bill: { connector: files, role: billing, title: Stripe, config: { folder: . } }
money: { reporting_currency: EUR }
`

/** Teams, persons, hours and routes of every sort. */
export const RULES = `
channels:
  mail: { kind: folder }
  pager: { kind: pagerduty, routing_key: abc }
recipients:
  finance-ops: { channel: mail, address: finance@example.com, timezone: Europe/Zurich, quiet: [{ hours: '20:00-07:00' }] }
  anna: { kind: person, channel: mail, address: anna@example.com, language: de, timezone: Europe/Zurich }
  boss: { kind: person, channel: mail, address: boss@example.com, digest: '0 8 * * *', timezone: Europe/Zurich }
  ops: { channel: mail, address: ops@example.com }
  night: { channel: mail, address: night@example.com, on_call: [{ hours: '22:00-06:00' }], instead: ops }
alerts:
  own: { tell: [ops] }
  routes:
    - { name: Off, enabled: false, tell: [boss] }
    - { name: Big money, match: { money_from: 10000 }, tell: [boss], continue: true }
    - name: Billing
      match: { check: invoice-payment/*, to: billing, severity: [high, critical], legal_entity: [DE01, unknown] }
      tell: [owner]
      escalate: [{ after: 30m, tell: [anna] }]
    - { name: Rest, match: { severity: [low, medium, high, critical] }, when: [new, regressed, resolved], tell: [ops] }
`

export function alertWorld(facts: Facts, control: ControlStore, yaml: string, at?: string): AlertWorld {
  const files = { title: 'Files', config: z.looseObject({}), streams: [] }
  const loaded = loadText('plumbline.yaml', PLATFORMS + yaml, {
    env: {},
    connectors: new Map([['files', files as never]]),
  })
  if (!loaded.config || !loaded.landscape) throw new Error(formatProblems(loaded.problems))
  const clock = handClock(at)
  const ctx: Context = {
    config: loaded.config,
    landscape: loaded.landscape,
    connectors: new Map(),
    checks: [],
    facts,
    control,
    clock,
    log: createLog({ clock, write: () => {} }),
    signal: new AbortController().signal,
  }
  return {
    ctx,
    clock,
    put: (...issues) =>
      writeIssues(
        facts,
        control,
        issues.map((i) => issue(clock.now(), i)),
      ),
    findings: (...all) =>
      writeFindings(
        facts,
        control,
        all.map((f) => finding(clock.now(), f)),
      ),
    look: () => noticeIssues(ctx),
    async pass(ms) {
      clock.set(clock.now() + ms)
      return await alertTick(ctx)
    },
    mails: () =>
      control
        .outbox({ limit: 500 })
        .reverse()
        .map((r) => `${r.recipient}: ${r.message.title}`),
  }
}

export function issue(now: number, change: Partial<IssueFacts> & { number: number }): IssueFacts {
  return {
    fingerprint: `f${change.number}`,
    check: 'invoice-payment/cancelled-still-billed',
    title: 'Cancelled and still billed',
    category: 'exception' as Category,
    kind: 'subscription',
    field: 'state',
    owner_platform: 'crm',
    platform: 'bill',
    platforms: ['bill'],
    cause: 'never_sent' as Cause,
    severity: 'high' as Severity,
    state: 'new',
    findings_open: 1,
    findings_in_flight: 0,
    findings_undecided: 0,
    findings_total: 1,
    customers: 1,
    amounts: { EUR: '500' },
    amounts_estimated: {},
    amount_reporting: '500',
    first_seen_at: iso(now),
    last_seen_at: iso(now),
    changed_at: iso(now),
    resolved_at: null,
    due_at: null,
    regressed: false,
    owner_team: 'finance-ops',
    ...change,
  }
}

export const over = { state: 'resolved', findings_open: 0, amounts: {}, amount_reporting: null, customers: 0 } as const

function finding(now: number, change: Partial<NewFinding> & { id: string; issue: string }): NewFinding {
  return {
    check: 'invoice-payment/cancelled-still-billed',
    category: 'exception',
    kind: 'subscription',
    entity_id: `e-${change.id}`,
    customer_entity_id: '',
    subject: [{ platform: 'bill', kind: 'subscription', record_id: `sub_${change.id}` }],
    scope: { legal_entity: 'DE01' },
    field: 'state',
    verdict: 'drift',
    cause: 'never_sent',
    owner_platform: 'crm',
    platform: 'bill',
    expected: { crm: 'cancelled' },
    actual: { bill: 'active' },
    amount_at_risk: '500',
    amount_basis: 'confirmed',
    currency: 'EUR',
    severity: 'high',
    since: null,
    due_at: null,
    title: 'Cancelled and still billed',
    state: 'open',
    values: [],
    evidence: [],
    regressed: false,
    first_seen_at: iso(now),
    changed_at: iso(now),
    last_seen_at: iso(now),
    resolved_at: null,
    run_id: 'r',
    transition: 1,
    ...change,
  }
}
