/** Settling: what observations become over time. */
import { describe, expect, it } from 'vitest'
import type { Observation } from '../model/verdict.ts'
import { findingId, settle, type Settled } from '../server/check/settle.ts'
import { fingerprint } from '../server/check/issues.ts'
import type { StoredFinding } from '../server/store/facts/findings.ts'

const T0 = Date.parse('2026-11-20T12:00:00.000Z')
const MIN = 60_000
const at = (ms: number) => new Date(ms).toISOString()

function seen(change: Partial<Observation> = {}): Observation {
  return {
    key: 'customer_1|tax_id|crm',
    check: 'legal',
    category: 'mismatch',
    kind: 'customer',
    entity_id: 'customer_1',
    customer_entity_id: 'customer_1',
    subject: [
      { platform: 'erp', kind: 'customer', record_id: '1' },
      { platform: 'crm', kind: 'customer', record_id: 'a' },
    ],
    scope: {},
    field: 'tax_id',
    verdict: 'drift',
    cause: 'never_sent',
    owner_platform: 'erp',
    platform: 'crm',
    expected: { erp: 'X' },
    actual: { crm: 'Y' },
    values: [
      {
        platform: 'crm',
        record_id: 'a',
        state: 'value',
        value: 'Y',
        raw: null,
        changed_at: at(T0 - 60 * MIN),
        changed_by: null,
        observed_at: at(T0),
        complete_through: at(T0),
        stands: 'follower',
      },
    ],
    evidence: [],
    amount_at_risk: null,
    currency: null,
    severity: 'high',
    since: null,
    due_at: at(T0 - MIN),
    title: 'Tax id: crm differs from erp',
    ...change,
  }
}

/** Findings as they are stored after a run over `before`. */
function run(
  before: StoredFinding[],
  observations: Observation[],
  asOf: number,
  more: { healedAt?: number; unverifiable?: string } = {},
): { stored: StoredFinding[]; settled: Settled } {
  const settled = settle({
    previous: before,
    observations,
    asOf,
    runId: `run-${asOf}`,
    healedAt: () => more.healedAt ?? null,
    unverifiable: () => more.unverifiable ?? null,
  })
  const stored = new Map(before.map((f) => [f.id, f]))
  for (const f of settled.findings)
    stored.set(f.id, { eid: '1', customer_eid: '1', since: null, ...f, issue: f.issue || 'I-1' } as StoredFinding)
  return { stored: [...stored.values()], settled }
}

describe('a finding', () => {
  it('is the same finding whatever its values, runs and times are', () => {
    const first = run([], [seen()], T0)
    const second = run(first.stored, [seen({ actual: { crm: 'Z' } })], T0 + MIN)
    expect(second.stored).toHaveLength(1)
    expect(second.stored[0]).toMatchObject({
      id: findingId('legal', 'customer_1|tax_id|crm'),
      state: 'open',
      first_seen_at: at(T0),
      changed_at: at(T0 + MIN),
      actual: { crm: 'Z' },
      transition: 1,
    })
  })

  it('is not written again while nothing but read times moves', () => {
    const first = run([], [seen()], T0)
    const later = seen()
    later.values[0]!.complete_through = at(T0 + MIN)
    expect(run(first.stored, [later], T0 + MIN).settled.findings).toEqual([])
  })

  it('goes from in flight to open when its window ends, with an event for each step', () => {
    const flying = run([], [seen({ verdict: 'in_flight', due_at: at(T0 + MIN) })], T0)
    const open = run(flying.stored, [seen({ due_at: at(T0 + MIN) })], T0 + 2 * MIN)
    expect(flying.settled.events.map((e) => [e.from_state, e.to_state, e.transition])).toEqual([[null, 'in_flight', 1]])
    expect(open.settled.events.map((e) => [e.from_state, e.to_state, e.transition, e.reason])).toEqual([
      ['in_flight', 'open', 2, 'the window ended'],
    ])
  })

  it('that healed in time is closed as agreeing, and one that healed late as late', () => {
    const flying = run([], [seen({ verdict: 'in_flight', due_at: at(T0 + 10 * MIN) })], T0)
    expect(run(flying.stored, [], T0 + 20 * MIN, { healedAt: T0 + 5 * MIN }).stored[0]).toMatchObject({
      state: 'resolved',
      verdict: 'agrees',
    })
    expect(run(flying.stored, [], T0 + 20 * MIN, { healedAt: T0 + 15 * MIN }).stored[0]).toMatchObject({
      state: 'resolved',
      verdict: 'late',
      resolved_at: at(T0 + 20 * MIN),
    })
  })

  it('is resolved only on evidence: without it, it is undecided and says why', () => {
    const open = run([], [seen()], T0)
    const blind = run(open.stored, [], T0 + MIN, { unverifiable: 'crm has not been read completely.' })
    expect(blind.stored[0]).toMatchObject({ state: 'undecided', verdict: 'undecided', resolved_at: null })
    expect(blind.settled.events[0]!.reason).toBe('crm has not been read completely.')
    expect(
      run(blind.stored, [], T0 + 2 * MIN, { unverifiable: 'crm has not been read completely.' }).settled.findings,
    ).toEqual([])
    expect(run(blind.stored, [], T0 + 3 * MIN).stored[0]).toMatchObject({ state: 'resolved' })
  })

  it('regresses when it comes back on newer evidence, and keeps its history', () => {
    const gone = run(run([], [seen()], T0).stored, [], T0 + MIN)
    const values = [{ ...seen().values[0]!, observed_at: at(T0 + 2 * MIN) }]
    const back = run(gone.stored, [seen({ values })], T0 + 2 * MIN)
    expect(back.stored[0]).toMatchObject({
      state: 'open',
      regressed: true,
      first_seen_at: at(T0),
      resolved_at: null,
      transition: 3,
    })
  })

  it('that is seen again on evidence older than its resolution opens again without being a regression', () => {
    const gone = run(run([], [seen()], T0).stored, [], T0 + 5 * MIN)
    expect(run(gone.stored, [seen()], T0 + 6 * MIN).stored[0]).toMatchObject({ state: 'open', regressed: false })
  })

  it('that was only ever in flight does not regress', () => {
    const flying = run([], [seen({ verdict: 'in_flight', due_at: at(T0 + 10 * MIN) })], T0)
    const healed = run(flying.stored, [], T0 + MIN, { healedAt: T0 + MIN })
    const again = run(
      healed.stored,
      [seen({ verdict: 'in_flight', values: [{ ...seen().values[0]!, observed_at: at(T0 + 9 * MIN) }] })],
      T0 + 9 * MIN,
    )
    expect(again.stored[0]).toMatchObject({ state: 'in_flight', regressed: false })
  })

  it('has the state of the last observation, whatever lay between', () => {
    const verdicts = ['in_flight', 'drift', 'undecided', 'unmapped'] as const
    for (const first of verdicts)
      for (const last of verdicts) {
        const direct = run([], [seen({ verdict: last })], T0 + MIN).stored[0]!
        const around = run(run([], [seen({ verdict: first })], T0).stored, [seen({ verdict: last })], T0 + MIN)
          .stored[0]!
        expect([around.state, around.verdict]).toEqual([direct.state, direct.verdict])
      }
  })
})

describe('a run that was killed and is run again', () => {
  it('writes the same events under the same keys', () => {
    const one = run([], [seen(), seen({ key: 'customer_2|tax_id|crm' })], T0).settled
    const two = run([], [seen({ key: 'customer_2|tax_id|crm' }), seen()], T0).settled
    expect(two.events).toEqual(one.events)
  })

  it('adds nothing when its findings are already there', () => {
    const done = run([], [seen()], T0)
    expect(run(done.stored, [seen()], T0).settled.events).toEqual([])
  })
})

describe('an issue', () => {
  it('is one for each check, owner, field and cause: two wrong followers are two findings of it', () => {
    const base = fingerprint(seen())
    expect(fingerprint(seen({ entity_id: 'customer_9', key: 'other' }))).toBe(base)
    expect(fingerprint(seen({ cause: 'rounding' }))).not.toBe(base)
    expect(fingerprint(seen({ platform: 'billing' }))).toBe(base)
    expect(fingerprint(seen({ owner_platform: 'mdm' }))).not.toBe(base)
    expect(fingerprint(seen({ field: 'name' }))).not.toBe(base)
  })
})
