/** A company for key figures: records, changes, messages, findings and runs, made by hand and by seeded chance, with what was made kept beside. */
import type { Finding } from '../../model/verdict.ts'
import type { RecordedEvent } from '../../model/event.ts'
import type { ControlStore } from '../../server/store/control/control.ts'
import { appendEvents } from '../../server/store/facts/events.ts'
import type { Facts } from '../../server/store/facts/facts.ts'
import { writeFindingEvents, type FindingEvent } from '../../server/store/facts/finding-events.ts'
import { writeFindings } from '../../server/store/facts/findings.ts'
import { writeLag, type LagRow } from '../../server/store/facts/lag.ts'
import { writeQuarantine } from '../../server/store/facts/quarantine.ts'
import { checkWorld, type CheckWorld, type WishedRecord } from './check-world.ts'
import { at, DAY, day, differences, HOUR, lagRows, messages, NOW } from './kpi-moves.ts'
import { replayed, type Replayed } from './kpi-replays.ts'
import { seeded } from './seeded.ts'

export type Placed = WishedRecord & { entity: string; customer_entity?: string }

export interface KpiCompany {
  world: CheckWorld
  records: Placed[]
  lag: LagRow[]
  events: RecordedEvent[]
  findings: Finding[]
  transitions: FindingEvent[]
  quarantined: { platform: string }[]
  replays: Replayed[]
}

const PLATFORMS = ['crm', 'erp', 'billing', 'support', 'provisioning', 'success']

export async function kpiCompany(facts: Facts, control: ControlStore): Promise<KpiCompany> {
  const world = checkWorld({
    facts,
    control,
    checks: [],
    at: new Date(NOW).toISOString(),
    platforms: Object.fromEntries(PLATFORMS.map((role) => [role, { role }])),
    config: { money: { reporting_currency: 'EUR', rates: [{ on: '2026-01-01', rates: { USD: '0.9' } }] } },
  })
  const rnd = seeded(147)
  const old = renewalsAsForetold()
  world.clock.set(NOW - 120 * DAY)
  await world.place(...old)
  world.clock.set(NOW)
  const records = companyRecords(rnd)
  await world.place(...records)
  world.read(NOW - HOUR)
  const lag = lagRows(rnd)
  await writeLag(facts, lag, [], 1)
  const events = messages(rnd)
  await appendEvents(facts, control, events)
  const { findings, transitions } = differences(rnd)
  await writeFindings(facts, control, findings)
  await writeFindingEvents(facts, transitions)
  const quarantined = Array.from({ length: 7 }, (_, i) => ({ platform: i < 5 ? 'erp' : 'crm' }))
  await writeQuarantine(
    facts,
    control,
    quarantined.map((q, i) => ({
      ...q,
      stream: 'invoice',
      kind: 'invoice',
      record_id: `q${i}`,
      at: at(HOUR),
      field: null,
      reason: 'not a number',
      place: 'page 1',
      raw_base64: '',
    })),
  )
  const replays = replayed(control)
  return { world, records, lag, events, findings, transitions, quarantined, replays }
}

/** What the renewals said 30 days and more before their day. */
function renewalsAsForetold(): Placed[] {
  return Array.from({ length: 6 }, (_, i) => ({
    platform: 'crm',
    kind: 'renewal',
    record_id: `rn${i}`,
    entity: `renewal-${i}`,
    state: 'upcoming',
    due_on: day(-10 - i),
    amount: '100.00',
    currency: 'EUR',
  }))
}

function companyRecords(rnd: (below: number) => number): Placed[] {
  const out: Placed[] = []
  const put = (platform: string, kind: string, n: number, fields: Record<string, unknown>) =>
    out.push({ platform, kind, record_id: `${platform}-${kind}-${n}`, entity: `${kind}-${n}`, ...fields })
  for (let n = 0; n < 40; n++) {
    const created = at((n % 4 === 0 ? 10 : 200) * DAY)
    const legal = ['DE01', 'US01', undefined][n % 3]
    put('crm', 'customer', n, { name: `Company ${n}`, state: 'customer', created_at: created })
    if (n % 7)
      put('erp', 'customer', n, {
        name: `Company ${n}`,
        state: 'customer',
        credit_hold: rnd(4) === 0,
        ...(legal && { legal_entity: legal }),
        created_at: created,
      })
    const customer_entity = `customer-${n}`
    put('crm', 'quote', n, { customer_entity, state: 'accepted', accepted_at: at((20 + rnd(40)) * DAY) })
    const state = ['pending_approval', 'booked', 'pending_approval'][n % 3]!
    put('crm', 'order', n, { customer_entity, state, quote: `quote-${n}`, ordered_at: at(rnd(45) * DAY + HOUR) })
    if (n % 2)
      put('erp', 'order', n, { customer_entity, state: n % 3 === 2 ? 'booked' : state, legal_entity: legal ?? 'US01' })
    put('erp', 'invoice', n, {
      customer_entity,
      state: ['open', 'paid', 'draft', 'uncollectible'][rnd(4)],
      disputed: rnd(3) === 0,
      issued_on: n % 2 ? `2026-10-${String(1 + rnd(28)).padStart(2, '0')}` : day(-rnd(19)),
      legal_entity: legal ?? 'DE01',
    })
    put('billing', 'subscription', n, {
      customer_entity,
      state: rnd(4) ? 'active' : 'cancelled',
      renews_on: day(rnd(200) - 20),
      contract: `contract-${n}`,
    })
    if (rnd(3))
      put('support', 'entitlement', n, {
        customer_entity,
        state: rnd(4) ? 'active' : 'expired',
        ...(rnd(2) ? { subscription: `subscription-${n}` } : { contract: `contract-${n}` }),
      })
    const opened = 2 * DAY + rnd(60) * DAY
    put('support', 'case', n, {
      customer_entity,
      state: 'resolved',
      opened_at: at(opened),
      resolved_at: at(opened - DAY - rnd(20) * HOUR),
      ...(rnd(3) === 0 && { escalated_at: at(opened - HOUR) }),
    })
    if (rnd(2))
      put('crm', 'renewal', 100 + n, {
        customer_entity,
        subscription: `subscription-${n}`,
        state: 'upcoming',
        due_on: day(100),
        amount: '5.00',
        currency: 'EUR',
      })
    put('billing', 'credit', n, {
      customer_entity,
      state: 'requested',
      amount: '5.00',
      currency: 'EUR',
      created_at: at(rnd(60) * DAY),
      ...(rnd(2) && { case: `case-${n}` }),
    })
  }
  for (let i = 0; i < 6; i++)
    out.push({
      platform: 'crm',
      kind: 'renewal',
      record_id: `rn${i}`,
      entity: `renewal-${i}`,
      state: i < 4 ? 'renewed' : 'lost',
      due_on: day(-10 - i),
      amount: i < 3 ? '100.00' : '80.00',
      currency: 'EUR',
    })
  return out
}
