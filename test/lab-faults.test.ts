/** Planted faults: each kind is there, is visible on the platforms, and is all that is wrong. */
import { beforeAll, describe, expect, test } from 'vitest'
import { DRIFT_KINDS } from '../lab/faults/catalogue.ts'
import { createLandscape } from '../lab/landscape.ts'
import type { Landscape } from '../lab/landscape.ts'
import { countByDrift, statusAt } from '../lab/truth.ts'
import type { Fault } from '../lab/truth.ts'
import { inconsistencies } from './world/lab-consistency.ts'
import { key } from './world/lab-entities.ts'
import type { Problem } from './world/lab-consistency.ts'

const MINUTE = 60_000
const DAY = 86_400_000

let landscape: Landscape
let problems: Problem[]
const of = (drift: string) => landscape.truth.faults.filter((f) => f.drift === drift)
const named = (subject: { platform: string; record_id: string }) => `${subject.platform}/${subject.record_id}`
const record = (fault: Fault, platform: string | null, kind = fault.kind) => {
  const subject = fault.subjects.find((s) => s.platform === platform && s.kind === kind)
  return subject && landscape.states.get(subject.platform)!.record(kind, subject.record_id)
}

beforeAll(async () => {
  landscape = await createLandscape({ decoys: 3, via: 'files' })
  problems = inconsistencies(landscape.states, landscape.end)
})

describe('the standard landscape', () => {
  test('has every kind of drift at least three times', () => {
    expect(landscape.truth.lacking).toEqual({})
    const counts = countByDrift(landscape.truth)
    for (const drift of DRIFT_KINDS) expect(counts[drift], drift).toBeGreaterThanOrEqual(3)
    expect(landscape.truth.decoys.length).toBeGreaterThanOrEqual(6)
  })

  test('has every kind as drift before it ends, but for changes that stay in their window', () => {
    for (const fault of landscape.truth.faults) {
      if (fault.drift === 'late_in_window') expect(fault.driftFrom).toBeNull()
      else expect(fault.driftFrom!, fault.says).toBeLessThanOrEqual(landscape.end)
      expect(fault.injectedAt).toBeLessThanOrEqual(fault.driftFrom ?? Infinity)
    }
  })

  test('shows an independent reader nothing that is not planted', () => {
    const explained = landscape.truth.faults.flatMap((f) =>
      [f, ...f.alternatives, ...f.alsoExpected].flatMap((p) => (p.subjects ?? []).map((s) => `${s.kind} ${named(s)}`)),
    )
    const known = new Set(explained)
    expect(problems.filter((p) => !known.has(`${p.kind} ${p.record}`))).toEqual([])
  })

  // What the independent reader judges by state alone; the rest is looked at one by one below.
  const SILENT = new Set([
    'control_total_off',
    'stuck_amendment',
    'stuck_order',
    'stuck_provisioning',
    'stuck_quote',
    'cancelled_still_running',
    'settled_still_open',
    'cancelled_subscription_billed',
    'double_billing',
    'stale_stream',
    'incomplete_stream',
    'late_in_window',
    'hold_not_propagated',
    // Every platform says the same, or does so again.
    'undone_overwrite',
    // Both records are right by themselves; only a person can say that they are one.
    'likely_duplicate',
    // The shape of the rows, not what they say.
    'schema_change',
    'due_before_issue',
    'missing_tax_id',
    // Documents that are right one by one and do not add up.
    'overbilled_order',
    'underbilled_order',
    'underpaid_invoice',
    'overpaid_invoice',
    'unapplied_cash',
    'payment_not_applied',
    'overcredited_invoice',
    'wrong_charge',
    'circular_parents',
    'invoice_of_other_entity',
  ])

  test('shows an independent reader every fault that is open', () => {
    const records = new Set(problems.map((p) => p.record))
    const unseen = landscape.truth.faults
      .filter((f) => statusAt(f, landscape.end) === 'open' && !SILENT.has(f.drift))
      .filter(
        (f) => ![f, ...f.alternatives, ...f.alsoExpected].some((p) => p.subjects?.some((s) => records.has(named(s)))),
      )
    // A difference whose records moved within the last hour is still called in flight by that reader.
    const moved = unseen.filter((f) =>
      f.subjects.some(
        (s) =>
          landscape.end - (landscape.states.get(s.platform)!.record(s.kind, s.record_id)?.changedAt ?? 0) < 60 * MINUTE,
      ),
    )
    expect(unseen.filter((f) => !moved.includes(f)).map((f) => `${f.drift}: ${f.says}`)).toEqual([])
  })
})

describe('single kinds', () => {
  test('a dropped change leaves the old value at the follower, and nowhere else', () => {
    for (const fault of of('dropped_change').filter((f) => statusAt(f, landscape.end) === 'open')) {
      const field = fault.fields[0]!
      expect(record(fault, fault.platform)!.fields[field]).not.toBe(record(fault, fault.owner)!.fields[field])
    }
    expect(of('dropped_change').some((f) => f.healsAt !== null)).toBe(true)
  })

  test('a late change is drift from the end of its window until it arrives', () => {
    for (const fault of of('late_change')) {
      expect(fault.healsAt! - fault.driftFrom!).toBeGreaterThan(0)
      const field = fault.fields[0]!
      const { platform, record_id } = fault.subjects.find((s) => s.platform === fault.platform)!
      const versions = landscape.states.get(platform)!.versions('customer', record_id)
      const arrival = versions.find((v) => v.changedAt === fault.healsAt)
      expect(arrival?.fields[field]).toBeDefined()
    }
  })

  test('a slow change arrives inside its window, and one is still under way at the end', () => {
    const slow = of('late_in_window')
    for (const fault of slow) expect(fault.healsAt! - fault.injectedAt).toBeLessThan(60 * MINUTE)
    expect(slow.some((f) => statusAt(f, landscape.end) === 'in_flight')).toBe(true)
  })

  test('a partial update has taken the street and left the postal code', () => {
    for (const fault of of('partial_update')) {
      const [held, owned] = [record(fault, fault.platform)!, record(fault, fault.owner)!]
      const postal = fault.fields.find((f) => f.endsWith('postal_code'))!
      expect(held.fields[postal]).not.toBe(owned.fields[postal])
      const street = postal.replace('postal_code', 'line1')
      expect(held.fields[street]!.toLowerCase().trim().replace(/\s+/g, ' ').replaceAll('ß', 'ss')).toBe(
        owned.fields[street]!.toLowerCase().trim().replaceAll('ß', 'ss'),
      )
    }
  })

  test('a stale event was written after the newer one', () => {
    for (const fault of of('out_of_order')) {
      const { platform, record_id } = fault.subjects.find((s) => s.platform === fault.platform)!
      const field = fault.fields[0]!
      const type = field === 'credit_limit' ? 'money' : 'text'
      const same = (a: string, b: string) => key(field, type, a) === key(field, type, b)
      const versions = landscape.states
        .get(platform)!
        .versions('customer', record_id)
        .filter((v) => v.changedAt <= fault.injectedAt)
      const owned = record(fault, fault.owner)!.fields[field]
      expect(versions.some((v) => same(v.fields[field] ?? '', owned!))).toBe(true)
      expect(same(versions.at(-1)!.fields[field] ?? '', owned!)).toBe(false)
    }
  })

  test('an overwritten value was written by a person, not by the integration', () => {
    for (const fault of of('overwritten')) {
      const { platform, record_id } = fault.subjects.find((s) => s.platform === fault.platform)!
      const at = landscape.states
        .get(platform)!
        .versions('customer', record_id)
        .find((v) => v.changedAt === fault.injectedAt)!
      expect(at.changedBy).not.toBe('integration')
    }
  })

  test('an undone write is gone, a tax id is missing where its country asks for it, a day lies before another', () => {
    for (const fault of of('undone_overwrite')) {
      const follower = record(fault, fault.platform)!
      const owner = record(fault, fault.owner)!
      for (const field of fault.fields) expect(follower.fields[field], fault.says).toBe(owner.fields[field])
      expect(follower.changedBy).toBe('integration')
    }
    for (const fault of of('missing_tax_id')) {
      expect(record(fault, fault.platform)!.fields['tax_id']).toBeNull()
      expect(record(fault, 'salesforce')!.fields['tax_id']).not.toBeNull()
    }
    for (const fault of of('due_before_issue')) {
      const { due_on: due, issued_on: issued } = record(fault, fault.platform)!.fields
      expect(due! < issued!).toBe(true)
    }
  })

  test('merged and deleted records say so', () => {
    for (const fault of of('wrongly_merged')) expect(record(fault, fault.platform)!.mergedInto).toBeDefined()
    for (const fault of of('deleted_at_follower')) expect(record(fault, fault.platform)!.deletedAt).toBeDefined()
  })

  test('odd codes stand where no reference map can know them', () => {
    for (const fault of of('unmapped_status')) expect(record(fault, fault.platform)!.oddStatus).toBeDefined()
    for (const fault of of('unmapped_code'))
      expect(record(fault, fault.platform)!.fields.payment_terms).toMatch(/^SPECIAL/)
  })

  test('stuck things have not moved since', () => {
    for (const fault of of('stuck_order')) expect(record(fault, fault.platform)!.state).toBe('pending_approval')
    for (const fault of of('stuck_provisioning')) expect(record(fault, fault.platform)!.state).toBe('provisioning')
    for (const fault of of('stuck_amendment')) expect(record(fault, fault.platform)!.fields.amendment).toBe('pending')
  })

  test('a cancelled subscription has an invoice that was issued after it ended', () => {
    for (const fault of of('cancelled_subscription_billed')) {
      const subscription = record(fault, 'stripe', 'subscription')!
      expect(subscription.state).toBe('cancelled')
      expect(Date.parse(record(fault, 'netsuite', 'invoice')!.fields.issued_on!)).toBeGreaterThan(
        Date.parse(subscription.fields.cancelled_at!) - DAY,
      )
    }
  })

  test('a hold that was not passed on is set at the owner and clear at the platform at fault', () => {
    for (const fault of of('hold_not_propagated')) {
      expect(['true', 'yes', '1', 'TRUE']).toContain(record(fault, fault.owner)!.fields.credit_hold)
      expect(['false', 'no', '0', 'False']).toContain(record(fault, fault.platform)!.fields.credit_hold)
    }
  })

  test('a control total of the CRM is off by exactly the amount of its fault and of others in the same month', () => {
    for (const fault of of('control_total_off')) {
      const total = (platform: string) =>
        landscape.states
          .get(platform)!
          .records('invoice')
          .filter(
            (r) =>
              r.deletedAt === undefined &&
              r.state !== 'draft' &&
              r.state !== 'void' &&
              r.fields.issued_on!.startsWith(fault.scope.period!) &&
              r.fields.currency?.toUpperCase() === fault.currency &&
              r.fields.legal_entity === fault.scope.legal_entity,
          )
          .reduce((sum, r) => sum + Math.round(Number(r.fields.total) * 1000), 0)
      const lost = fault.alsoExpected.flatMap((p) => p.subjects ?? []).filter((s) => s.platform === 'netsuite')
      expect(lost.length).toBeGreaterThan(0)
      // What is told of the month is the sum of all that went wrong in it: an invoice too many hides one that is missing.
      expect(Math.round(Number(fault.amount) * 1000)).toBe(Math.abs(total('netsuite') - total('salesforce')))
      expect(Number(fault.amount)).toBeGreaterThan(0)
    }
  })

  test('streams stand still or leave rows out between their instants', () => {
    const stale = of('stale_stream')[0]!
    const frozen = landscape.states.get(stale.platform!)!
    expect(frozen.frozenSince(stale.kind, stale.injectedAt + 1)).toBe(stale.injectedAt)
    const thin = of('incomplete_stream').find((f) => statusAt(f, landscape.end) === 'open')!
    const state = landscape.states.get(thin.platform!)!
    expect(state.records(thin.kind).length).toBeLessThan(state.count(thin.kind))
  })

  test('faults can be asked for one by one', async () => {
    const one = await createLandscape({
      seed: 'one',
      customers: 50,
      days: 40,
      faults: { missing_order: 2, overwritten: 1 },
      via: 'files',
    })
    expect(countByDrift(one.truth)).toEqual({ missing_order: 2, overwritten: 1 })
  })
})
