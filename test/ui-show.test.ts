/** What the dashboard says: times, money, states of a cell, the heat map and the trend. */
import { describe, expect, it } from 'vitest'
import type { Finding, Held, Overview } from '../ui/api.ts'
import { heatOf, stepOf } from '../ui/show/heat.ts'
import { waterfallOf } from '../ui/show/hops.ts'
import { money, moneyWords } from '../ui/show/numbers.ts'
import { storyOf } from '../ui/show/story.ts'
import { duration, relative, slaClock } from '../ui/show/times.ts'
import { ceiling, drawing, summary } from '../ui/show/trend.ts'
import { cellOf, columnsOf } from '../ui/show/values.ts'
import { pairWords, stateWords } from '../ui/show/words.ts'

const NOW = Date.parse('2026-11-20T14:00:00Z')
const crm = { name: 'crm', title: 'Salesforce', mark: 'SA' }
const billing = { name: 'billing', title: 'Stripe', mark: 'ST' }

function held(change: Partial<Held>): Held {
  return {
    platform: crm,
    record_id: 'a1',
    link: null,
    state: 'value',
    value: 'DE',
    raw: 'Germany',
    changed_at: null,
    changed_by: null,
    observed_at: null,
    complete_through: null,
    stands: 'owner',
    at_fault: false,
    ...change,
  }
}
function finding(values: Held[], change: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    issue: 'I-1',
    check: 'a/b',
    title: 'Country differs',
    category: 'mismatch',
    kind: 'customer',
    entity_id: 'e1',
    customer_entity_id: 'e1',
    subject: [],
    scope: {},
    field: 'bill_to.country',
    verdict: 'drift',
    cause: 'not_applied',
    sure: 'certain',
    state: 'open',
    severity: 'high',
    regressed: false,
    owner_platform: crm,
    platform: billing,
    values,
    evidence: [],
    amount_at_risk: null,
    amount_basis: null,
    currency: null,
    first_seen_at: '2026-11-20T12:00:00Z',
    changed_at: '2026-11-20T12:00:00Z',
    last_seen_at: '2026-11-20T13:59:00Z',
    due_at: null,
    resolved_at: null,
    ...change,
  }
}

describe('times', () => {
  it('are told in two units at most', () => {
    expect([0, 42_000, 42 * 60_000, 70 * 60_000, 26 * 3_600_000, 40 * 86_400_000].map(duration)).toEqual([
      '0 s',
      '42 s',
      '42 min',
      '1 h 10 min',
      '1 d 2 h',
      '40 d',
    ])
  })
  it('are relative within a day, in both directions', () => {
    expect(relative('2026-11-20T13:57:00Z', NOW)).toBe('3 min ago')
    expect(relative('2026-11-20T16:00:00Z', NOW)).toBe('in 2 h')
    expect(relative('2026-11-20T13:59:30Z', NOW)).toBe('just now')
    expect(relative('2026-11-10T13:59:30Z', NOW)).not.toContain('ago')
  })
  it('say how far a service window is breached, and nothing once the issue is resolved', () => {
    expect(slaClock({ due_at: '2026-11-20T13:18:00Z', state: 'new' }, NOW)).toEqual({
      text: 'breached by 42 min',
      late: true,
    })
    expect(slaClock({ due_at: '2026-11-20T15:10:00Z', state: 'new' }, NOW)).toEqual({
      text: 'due in 1 h 10 min',
      late: false,
    })
    expect(slaClock({ due_at: '2026-11-20T13:18:00Z', state: 'resolved' }, NOW)).toBeNull()
  })
})

describe('money', () => {
  it('keeps every digit of a large amount', () => {
    expect(money('9007199254740993.10', 'EUR').replace(/\D/g, '')).toBe('900719925474099310')
  })
  it('is unknown when nothing has a price, which is not zero', () => {
    expect(moneyWords({}, null, 'EUR')).toBeNull()
    expect(moneyWords({ EUR: '0' }, '0', 'EUR')?.first).toContain('0')
  })
  it('shows original currencies first and never adds them up silently', () => {
    const words = moneyWords({ EUR: '100', USD: '50' }, '146.20', 'EUR')!
    expect(words.first).toContain(' + ')
    expect(words.second).toContain('146.20')
    expect(moneyWords({ JPY: '50' }, null, 'EUR')?.second).toBe('no rate')
  })
})

describe('the cell of a value', () => {
  it('has a word of its own for every reason that there is no value', () => {
    const words = (['empty', 'absent', 'cannot_hold', 'missing', 'deleted'] as const).map(
      (state) => cellOf(held({ state, value: null, raw: null }), false).text,
    )
    expect(new Set(words).size).toBe(5)
    expect(words).toContain('not held')
  })
  it('shows what the platform wrote when it could not be mapped, and says so', () => {
    expect(cellOf(held({ state: 'unmapped', value: null, raw: 'XX' }), false)).toMatchObject({
      text: 'XX',
      is: 'value',
      says: 'code without a mapping',
    })
  })
  it('switches between normalised and raw', () => {
    expect([false, true].map((raw) => cellOf(held({}), raw).text)).toEqual(['DE', 'Germany'])
  })
  it('stands owner first, then who is at fault, then the rest', () => {
    const values = [
      held({ platform: { name: 'erp', title: 'ERP', mark: 'ER' }, stands: 'follower' }),
      held({ platform: billing, stands: 'follower', at_fault: true }),
      held({}),
    ]
    expect(columnsOf(finding(values), false).map((c) => c.held.platform.name)).toEqual(['crm', 'billing', 'erp'])
  })
})

describe('the waterfall', () => {
  const owner = held({ changed_at: '2026-11-20T12:00:00Z' })
  it('says that a follower never changed, and where the window ended', () => {
    const drawn = waterfallOf(
      finding(
        [owner, held({ platform: billing, stands: 'follower', at_fault: true, changed_at: '2026-01-01T00:00:00Z' })],
        { due_at: '2026-11-20T13:00:00Z' },
      ),
      NOW,
    )!
    expect(drawn.hops[1]).toMatchObject({ is: 'missing', at: null, detail: 'never changed since' })
    expect(drawn.sla).toBeCloseTo(50)
  })
  it('gives a short window a quarter of the axis, however long ago it was', () => {
    const drawn = waterfallOf(
      finding([owner, held({ platform: billing, stands: 'follower', at_fault: true })], {
        due_at: '2026-11-20T12:01:00Z',
      }),
      Date.parse('2027-06-01T00:00:00Z'),
    )!
    expect(drawn.sla).toBeCloseTo(25)
  })
  it('is not drawn when nobody knows when the owner changed', () => {
    expect(waterfallOf(finding([held({})]), NOW)).toBeNull()
  })
})

describe('the heat map', () => {
  const pair = (findings: number, checked = true): Overview['pairs'][number] => ({
    owner: crm,
    follower: billing,
    checked,
    findings,
    money: null,
    money_estimated: null,
    median_age_seconds: 60,
  })
  it('tells zero, not checked and a number apart', () => {
    const cell = (p: Overview['pairs'][number]) =>
      heatOf([p, { ...p, owner: billing, follower: crm, checked: true }], 'count', 'EUR').rows.find(
        (r) => r.owner.name === 'crm',
      )?.cells[1]
    expect(cell(pair(0))).toMatchObject({ is: 'value', text: '0', step: 0, href: null })
    expect(cell(pair(4))).toMatchObject({ is: 'value', text: '4', step: 5 })
    expect(decodeURIComponent(cell(pair(4))!.href!)).toBe('/issues?q=is:open pair:crm>billing')
    expect(cell(pair(0, false))).toBeUndefined()
  })
  it('keeps the lightest step for nothing', () => {
    expect([0, 1, 50, 100].map((n) => stepOf(n, 100))).toEqual([0, 1, 4, 5])
  })
})

describe('the trend', () => {
  const trend = [
    { at: '2026-11-19T00:00:00Z', opened: 3, resolved: 1, open: 10 },
    { at: '2026-11-20T00:00:00Z', opened: 0, resolved: 4, open: 6 },
  ]
  it('is one sentence for those who do not see it', () => {
    expect(summary(trend, '7 days')).toBe('Open findings fell from 10 to 6 in 7 days: 3 opened, 5 resolved.')
    expect(summary([], '7 days')).toContain('Nothing')
  })
  it('draws a bar only where something was opened', () => {
    expect(drawing(trend).bars).toHaveLength(1)
    expect([0, 5, 243, 900].map(ceiling)).toEqual([4, 6, 400, 1000])
  })
})

describe('words', () => {
  it('put what a person decided before what the findings say', () => {
    expect(stateWords({ state: 'new', snoozed_until: '2026-12-01T00:00:00Z', accepted_until: null })).toBe('Snoozed')
    expect(stateWords({ state: 'resolved', snoozed_until: '2026-12-01T00:00:00Z', accepted_until: null })).toBe(
      'Resolved',
    )
  })
  it('name the one platform where there is no pair', () => {
    expect(pairWords({ owner_platform: null, platform: crm })).toMatchObject({ from: null, to: 'SA' })
  })
  it('tell findings that moved together as one moment, newest first', () => {
    const move = (id: string) => ({
      at: '2026-11-20T10:00:00Z',
      finding: id,
      from: 'in_flight' as const,
      to: 'open' as const,
      reason: 'window ended',
    })
    const story = storyOf({
      activity: [
        { at: '2026-11-20T11:00:00Z', actor: 'mara@company.example', what: 'commented', detail: { text: 'Seen.' } },
      ],
      history: [move('a'), move('b')],
    })
    expect(story.map((m) => m.says)).toEqual(['commented', '2 findings now open: window ended'])
  })
})
