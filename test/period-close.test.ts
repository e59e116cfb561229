/** Period close: which state a period is in, and what blocks it, from counted parts. */
import { describe, expect, it } from 'vitest'
import { amountsOf, endOf, periods, type PeriodInput } from '../model/period-close.ts'

const NOW = Date.parse('2026-11-20T12:00:00Z')
const one = { period: '2026-10', legal_entity: 'DE01' }
const input = (over: Partial<PeriodInput> = {}): PeriodInput => ({
  findings: [],
  documents: [],
  streams: [{ platform: 'erp', kind: 'invoice', completeThrough: NOW }],
  known: [{ ...one, documents: 7 }],
  speaks: () => true,
  now: NOW,
  ...over,
})
const finding = {
  ...one,
  check: 'control-totals/invoices',
  title: 'Totals differ',
  category: 'total',
  findings: 1,
  amounts: { EUR: '10.50' },
}

describe('a period', () => {
  it('is ready when it is over, everything was read and nothing is open', () => {
    expect(periods(input())).toEqual([
      { ...one, state: 'ready', endsAt: Date.parse('2026-11-01T00:00:00Z'), documents: 7, blockers: [] },
    ])
  })

  it('is blocked by totals, unmatched documents, drafts and what was not posted', () => {
    const [found] = periods(
      input({
        findings: [
          { ...finding, state: 'open' },
          { ...finding, check: 'matching/paid-invoice', title: 'Paid without money', findings: 2, state: 'open' },
        ],
        documents: [
          { ...one, kind: 'invoice', what: 'draft', documents: 1, amounts: { EUR: '5' } },
          { ...one, kind: 'invoice', what: 'unposted', documents: 2, amounts: { USD: '6' } },
        ],
      }),
    )
    expect(found!.state).toBe('blocked')
    expect(found!.blockers.map((b) => [b.block, b.says])).toEqual([
      ['total', 'Totals differ'],
      ['unmatched', 'Paid without money (2)'],
      ['unposted', '2 invoices not posted to the ledger'],
      ['draft', '1 invoice still in draft'],
    ])
    expect(amountsOf(found!.blockers)).toEqual({ EUR: '26', USD: '6' })
  })

  it.each([
    ['in flight', { findings: [{ ...finding, state: 'in_flight' as const }] }],
    ['undecided', { findings: [{ ...finding, state: 'undecided' as const }] }],
    [
      'not read that far',
      { streams: [{ platform: 'erp', kind: 'invoice', completeThrough: Date.parse('2026-10-30T00:00:00Z') }] },
    ],
    ['never read', { streams: [{ platform: 'erp', kind: 'invoice', completeThrough: null }] }],
  ])('waits while something is %s', (_, over) => {
    expect(periods(input(over))[0]).toMatchObject({ state: 'waiting', blockers: [{ count: 1 }] })
  })

  it('asks nothing of platforms that do not speak for the legal entity', () => {
    const streams = [{ platform: 'us', kind: 'invoice', completeThrough: null }]
    expect(
      periods(input({ streams, speaks: (platform, entity) => platform !== 'us' || entity === 'US01' }))[0]!.state,
    ).toBe('ready')
  })

  it('runs until its last day is over, whatever is open in it', () => {
    expect(periods(input({ known: [{ period: '2026-11', legal_entity: 'DE01', documents: 1 }] }))[0]!.state).toBe(
      'running',
    )
    expect([endOf('2026-12'), endOf('2024-02')]).toEqual([
      Date.parse('2027-01-01T00:00:00Z'),
      Date.parse('2024-03-01T00:00:00Z'),
    ])
  })

  it('comes newest first, then by legal entity; what is no month is left out', () => {
    const known = [
      { period: '2026-09', legal_entity: 'B', documents: 1 },
      { period: '2026-10', legal_entity: 'B', documents: 1 },
      { period: '2026-10', legal_entity: 'A', documents: 1 },
      { period: '2026', legal_entity: 'A', documents: 1 },
    ]
    expect(periods(input({ known })).map((p) => `${p.period} ${p.legal_entity}`)).toEqual([
      '2026-10 A',
      '2026-10 B',
      '2026-09 B',
    ])
  })
})
