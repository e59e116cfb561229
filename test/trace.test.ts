/** Traces: where a change stopped, in which layer, with which payload, told from versions, events and spans alone. */
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../model/event.ts'
import { fieldOf } from '../model/kinds.ts'
import type { EntityPast, Said, Version } from '../model/past.ts'
import type { Span } from '../model/span.ts'
import { traceOf } from '../model/trace-answer.ts'
import type { TraceInput } from '../model/trace.ts'

const HOUR = 3_600_000
const T = Date.parse('2026-11-20T08:00:00Z')
const iso = (ms: number) => new Date(ms).toISOString()
let seq = 0

function version(platform: string, at: number, terms: string, more: Partial<Version> = {}): Version {
  const said: Said = { is: 'value', value: terms, key: terms }
  return {
    platform,
    record_id: `${platform}-1`,
    seq: String(++seq),
    observedAt: at,
    changedAt: at,
    changedBy: null,
    correlationId: null,
    deleted: false,
    mergedInto: null,
    state: 'customer',
    fields: { payment_terms: said },
    ...more,
  }
}

function past(...versions: Version[]): EntityPast {
  const span = { from: T - 100 * HOUR, to: null, rule: 'refs', evidence: '{}' }
  const platforms = [...new Set(versions.map((v) => v.platform))]
  return {
    entity: 'customer_1',
    kind: 'customer',
    memberships: platforms.map((platform) => ({ platform, record_id: `${platform}-1`, spans: [span] })),
    versions: [...versions].sort((a, b) => a.observedAt - b.observedAt),
  }
}

function event(type: RecordedEvent['type'], at: number, more: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id: `${type}-${at}-${more.to_platform ?? 'crm'}`,
    at: iso(at),
    type,
    reported_by: 'bus',
    from_platform: 'erp',
    to_platform: 'crm',
    kind: 'customer',
    record_id: 'erp-1',
    number: null,
    correlation_id: null,
    trace_id: null,
    message: null,
    actor: null,
    release: null,
    detail: type === 'sent' ? { values: { payment_terms: 'net_45' } } : {},
    ...more,
  }
}

function told(versions: Version[], events: RecordedEvent[] = [], more: Partial<TraceInput> = {}) {
  return traceOf({
    past: past(...versions),
    field: fieldOf('customer', 'payment_terms'),
    at: T + 10 * HOUR,
    owner: 'erp',
    followers: [
      {
        platform: 'crm',
        windowMs: HOUR,
        completeThrough: T + 10 * HOUR,
        log: { since: T - 200 * HOUR, through: T + 10 * HOUR },
      },
    ],
    events,
    spans: [],
    middleware: new Set(['bus']),
    dueAt: (f, since) => since + f.windowMs,
    titleOf: (name) => name.toUpperCase(),
    ...more,
  })
}

/** The ERP changes at T; the CRM held the old terms before. */
const changed = () => [
  version('erp', T - 90 * HOUR, 'net_30'),
  version('crm', T - 90 * HOUR, 'net_30'),
  version('erp', T, 'net_45', { changedBy: 'anna' }),
]
const sent = (at = T + 1000) => event('sent', at)

describe('where a change stopped, and which layer is at fault', () => {
  it.each([
    ['never sent', [], [], 'before_sending', 'orchestration'],
    ['sent, no answer', [sent()], [], 'on_the_way', 'connector'],
    ['refused', [sent(), event('rejected', T + 60_000, { message: 'field is read only' })], [], 'refused', 'platform'],
    ['confirmed, not written', [sent(), event('acknowledged', T + 60_000)], [], 'after_acknowledgement', 'platform'],
    [
      'sent as it is, said to be written, and another value is there',
      [sent(), event('acknowledged', T + 60_000), event('applied', T + 61_000)],
      [],
      'after_acknowledgement',
      'platform',
    ],
    [
      'written over by the follower',
      [sent(), event('acknowledged', T + 60_000), event('applied', T + 61_000)],
      [version('crm', T + 61_000, 'net_45'), version('crm', T + 3 * HOUR, 'net_60', { changedBy: 'bob' })],
      'overwritten',
      'platform',
    ],
  ] as const)('%s', (_, events, more, stop, layer) => {
    const trace = told([...changed(), ...more], [...events])
    const [crm] = trace.branches
    expect(crm).toMatchObject({ outcome: 'stopped', stop: { at: stop }, fault: { layer } })
    expect(crm!.fault!.disproved_by).not.toBe('')
    expect(crm!.fault!.correction).toMatch(/^Whoever/)
    expect(trace.origin).toMatchObject({ platform: 'erp', at: T, by: 'anna', before: 'net_30', after: 'net_45' })
    expect(trace.hops.filter((h) => h.stopped)).toHaveLength(1)
    expect(trace.hops.at(-1)).toMatchObject({ is: 'missing', at: null, stopped: true })
    if (events.length) expect(crm!.payload).toMatchObject({ values: { payment_terms: 'net_45' }, current: true })
  })

  /** The CRM came to hold something that no reference map knows. */
  const odd = (by: string | null) =>
    version('crm', T + 2 * HOUR, 'SPECIAL', {
      changedBy: by,
      fields: { payment_terms: { is: 'unmapped', value: 'SPECIAL', key: null } },
    })
  const silent = event('sent', T + 1000, { detail: {} })
  const bent = event('sent', T + 1000, { detail: { values: { payment_terms: 'SPECIAL' } } })
  it.each([
    ['no delivery brought it, a person wrote', [], odd('bob'), 'overwritten', 'platform'],
    ['a delivery carried the owner’s value', [sent()], odd('integration'), 'overwritten', 'platform'],
    ['a delivery carried the code', [bent], odd('integration'), 'transformed', 'connector'],
    ['a delivery came, and nobody says with what', [silent], odd('integration'), 'transformed', 'connector'],
    ['the integration wrote, by no delivery that is told of', [], odd('integration'), 'transformed', 'connector'],
  ] as const)('a code that nobody maps: %s', (_, events, there, stop, layer) => {
    const [crm] = told([...changed(), there], [...events]).branches
    expect(crm).toMatchObject({ stop: { at: stop, cause: 'unmapped_code' }, fault: { layer } })
  })

  it('takes what was changed on its way for the fault of the connection', () => {
    const other = event('sent', T + 1000, { detail: { values: { payment_terms: 'net_54' } } })
    const [crm] = told(
      [...changed(), version('crm', T + 61_000, 'net_54')],
      [other, event('applied', T + 61_000)],
    ).branches
    expect(crm).toMatchObject({ stop: { at: 'transformed' }, fault: { layer: 'connector' } })
  })

  it('names an older payload that was written last', () => {
    const versions = [
      version('erp', T - 90 * HOUR, 'net_30'),
      version('crm', T - 90 * HOUR, 'net_30'),
      version('erp', T - HOUR, 'net_60'),
      version('erp', T, 'net_45'),
      version('crm', T + 60_000, 'net_45'),
      version('crm', T + 3 * HOUR, 'net_60', { changedBy: 'integration' }),
    ]
    const events = [
      event('sent', T - HOUR + 1000, { detail: { values: { payment_terms: 'net_60' } }, correlation_id: 'a' }),
      event('applied', T + 3 * HOUR, { correlation_id: 'a' }),
      event('sent', T + 1000, { correlation_id: 'b' }),
      event('applied', T + 60_000, { correlation_id: 'b' }),
    ]
    const trace = told(versions, events)
    expect(trace.branches[0]).toMatchObject({
      stop: { at: 'out_of_order', cause: 'stale_event' },
      fault: { layer: 'orchestration' },
    })
    expect(trace.flow).toMatchObject({ style: 'orchestrated', by: ['bus'] })
    expect(trace.flow.out_of_sequence).toHaveLength(1)
  })
})

describe('who has it, and in time', () => {
  const arrived = (at: number) => [...changed(), version('crm', at, 'net_45')]

  it.each([
    [T + 10 * 60_000, T + 10 * HOUR, 'in_time'],
    [T + 2 * HOUR, T + 10 * HOUR, 'late'],
  ] as const)('taken at %i', (at, _, outcome) => {
    expect(told(arrived(at)).branches[0]).toMatchObject({ outcome, heldAt: at, dueAt: T + HOUR, fault: null })
  })

  it('waits within the window, and does not guess past what was read', () => {
    expect(told(changed(), [], { at: T + 30 * 60_000 }).branches[0]).toMatchObject({ outcome: 'in_flight', stop: null })
    const unread = [{ platform: 'crm', windowMs: HOUR, completeThrough: T + 30 * 60_000, log: null }]
    expect(told(changed(), [], { followers: unread }).branches[0]).toMatchObject({ outcome: 'undecided' })
  })

  it('answers from versions alone, less surely', () => {
    const alone = told(changed(), [], {
      followers: [{ platform: 'crm', windowMs: HOUR, completeThrough: T + 10 * HOUR, log: null }],
    })
    expect(alone.correlated).toEqual({ by: 'time', ids: [], sure: 'possible' })
    expect(alone.branches[0]).toMatchObject({ stop: { at: 'before_sending' } })
    expect(alone.branches[0]!.fault!.sure).not.toBe('certain')
    expect(alone.flow.style).toBe('unknown')
  })

  it('sees a refused change that others kept, and nobody taking it back', () => {
    const followers = ['crm', 'billing'].map((platform) => ({
      platform,
      windowMs: HOUR,
      completeThrough: T + 10 * HOUR,
      log: null,
    }))
    const events = [
      sent(),
      event('rejected', T + 60_000),
      event('sent', T + 1000, { to_platform: 'billing' }),
      event('applied', T + 2000, { to_platform: 'billing' }),
    ]
    const trace = told(
      [...changed(), version('billing', T - 90 * HOUR, 'net_30'), version('billing', T + 2000, 'net_45')],
      events,
      { followers },
    )
    expect(trace.branches.map((b) => b.outcome)).toEqual(['stopped', 'in_time'])
    expect(trace.flow.not_compensated).toEqual([
      'CRM refused what BILLING kept: nothing was sent to take it back or to try again.',
    ])
  })

  it('says who did not react where nothing conducts the flow', () => {
    const trace = told(changed(), [
      event('sent', T + 1000, { reported_by: 'erp', to_platform: 'billing', record_id: 'erp-1' }),
    ])
    expect(trace.flow).toMatchObject({ style: 'choreographed', did_not_react: ['CRM did not react.'] })
  })
})

describe('what ties the pieces', () => {
  const span = (more: Partial<Span>): Span => ({
    trace_id: 'f'.repeat(32),
    span_id: '1'.repeat(16),
    parent_span_id: null,
    reported_by: 'bus',
    service: 'crm-writer',
    platform: 'crm',
    operation: 'PATCH /accounts',
    kind: 'client',
    status: 'ok',
    message: null,
    started_at: iso(T + 2000),
    duration_us: 1_500_000,
    correlation_id: 'chg-1',
    attempt: 2,
    keys: {},
    attributes: {},
    ...more,
  })

  it('is the correlation id where one is carried, and a failed call of its trace makes the layer certain', () => {
    const events = [event('sent', T + 1000, { correlation_id: 'chg-1' })]
    const trace = told(changed(), events, { spans: [span({ status: 'error', message: '504' })] })
    expect(trace.correlated).toEqual({ by: 'correlation_id', ids: ['chg-1'], sure: 'certain' })
    expect(trace.branches[0]!.fault).toMatchObject({ layer: 'connector', sure: 'certain' })
    expect(trace.branches[0]!.fault!.says).toContain('PATCH /accounts failed: 504')
    expect(trace.hops.find((h) => h.is === 'span')).toMatchObject({
      attempt: 2,
      at: T + 2000,
      until: T + 3500,
      gapMs: 1000,
    })
    const server = told(changed(), events, { spans: [span({ status: 'error', kind: 'server' })] })
    expect(server.branches[0]!.fault).toMatchObject({ layer: 'platform' })
  })

  it('names the mapping that was in force, and the value that it made of the owner’s', () => {
    const events = [
      event('mapping_changed', T - HOUR, {
        to_platform: 'bus',
        from_platform: null,
        kind: null,
        record_id: null,
        release: 'terms v7',
      }),
      event('sent', T + 1000, { detail: { values: { payment_terms: 'net_54' } } }),
      event('applied', T + 2000),
    ]
    const trace = told([...changed(), version('crm', T + 2000, 'net_54')], events)
    expect(trace.branches[0]).toMatchObject({
      mapping: { release: 'terms v7', by: 'bus' },
      transformed: { from: 'net_45', to: 'net_54' },
      payload: { current: false, version: null },
      stop: { at: 'transformed' },
      fault: { layer: 'connector' },
    })
  })
})
