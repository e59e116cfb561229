/** Lives of findings with amounts: how they opened, were in doubt, and were resolved, for tests of money over time. */
import type { Finding, FindingState } from '../../model/verdict.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { writeFindingEvents, type FindingEvent } from '../../server/store/facts/finding-events.ts'
import { writeFindings } from '../../server/store/facts/findings.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const at = (ago: number): string => new Date(NOW - ago).toISOString()

export type Step = [ago: number, state: FindingState, amount?: string]

export type Lived = {
  id: string
  issue: number
  basis: 'confirmed' | 'estimated'
  currency: string
  amount: string
  steps: Step[]
}

/** Findings with their lives; the last step is how they stand. */
export async function writeLives(facts: Facts, control: ControlStore, of: Lived[]): Promise<void> {
  const findings = of.map((f): Finding => {
    const [ago, state, amount] = f.steps.at(-1)!
    return {
      id: f.id,
      issue: `I-${f.issue}`,
      check: 'a/b',
      category: 'mismatch',
      kind: 'invoice',
      entity_id: f.id,
      customer_entity_id: '',
      subject: [],
      scope: {},
      field: 'total',
      verdict: 'drift',
      cause: 'unknown',
      owner_platform: 'erp',
      platform: 'crm',
      expected: {},
      actual: {},
      values: [],
      evidence: [],
      amount_at_risk: amount ?? f.amount,
      currency: f.currency,
      amount_basis: f.basis,
      severity: 'low',
      due_at: null,
      title: 't',
      state,
      regressed: false,
      first_seen_at: at(f.steps[0]![0]),
      changed_at: at(ago),
      last_seen_at: at(ago),
      resolved_at: state === 'resolved' ? at(ago) : null,
      run_id: 'r',
      transition: f.steps.length,
    }
  })
  const events = of.flatMap((f) =>
    f.steps.map(([ago, to_state, amount], i): FindingEvent => ({
      id: f.id,
      transition: i + 1,
      at: at(ago),
      from_state: i === 0 ? null : f.steps[i - 1]![1],
      to_state,
      verdict: 'drift',
      cause: 'unknown',
      run_id: 'r',
      reason: 'x',
      detail: { amount_at_risk: amount ?? f.amount, currency: f.currency },
    })),
  )
  await writeFindings(facts, control, findings)
  await writeFindingEvents(facts, events)
}
