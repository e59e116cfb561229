/** Figures about exceptions and outcomes: what people have to deal with, how long it stays, what it costs. */
import { add, format, type Decimal } from '../../../model/decimal.ts'
import type { AmountBasis } from '../../../model/exposure.ts'
import { openCount } from './commerce.ts'
import { counts, means, NONE, unknown, type Family, type Figure } from './kpi.ts'
import { AGED_MS, type Readings } from './readings.ts'

/** Sums in the reporting currency by platform; unknown where a currency has no rate, because part of a sum is none. */
function money(
  { convert, reportingCurrency }: Readings,
  rows: readonly { platform: string; currency: string; amount: string; findings?: number }[],
): Figure[] {
  const sums = new Map<string, { sum: Decimal | null; n: number; lacks: Set<string> }>([
    ['', { sum: { units: 0n, scale: 0 }, n: 0, lacks: new Set() }],
  ])
  for (const row of rows)
    for (const name of ['', row.platform || NONE]) {
      const at = sums.get(name) ?? { sum: { units: 0n, scale: 0 }, n: 0, lacks: new Set<string>() }
      sums.set(name, at)
      const converted = convert(row.amount, row.currency)
      if (converted === null) at.lacks.add(row.currency)
      else if (at.sum) at.sum = add(at.sum, converted)
      at.n += row.findings ?? 1
    }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { sum, n, lacks }]) =>
      lacks.size > 0
        ? {
            name,
            value: null,
            n,
            why: `There is no rate from ${[...lacks].sort().join(', ')} to ${reportingCurrency}.`,
          }
        : { name, value: format(sum!), n, why: '' },
    )
}

const exposed = (basis: AmountBasis) => async (readings: Readings) =>
  money(
    readings,
    (await readings.exposure()).filter((e) => e.basis === basis),
  )

export const outcomes: Family = {
  title: 'Exceptions and outcomes',
  kpis: [
    {
      id: 'business-exceptions',
      answers: [154],
      title: 'Business exceptions',
      unit: 'count',
      definition: 'Open findings of the category exception now.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'operations',
      read: (readings) => openCount(readings, (f) => f.category === 'exception'),
    },
    {
      id: 'credit-holds',
      answers: [154],
      title: 'Customers on credit hold',
      unit: 'count',
      definition: 'Customers that are on credit hold now, as the platform that owns the hold says.',
      period: 'now',
      split: 'legal_entity',
      better: 'neither',
      reader: 'finance',
      read: async ({ keeps, records, order }) => {
        if (!keeps('customer')) return unknown('No platform keeps customers.')
        const rows = await records.creditHolds({
          hold: { field: 'credit_hold', order: order('customer', 'credit_hold') },
          legal: { field: 'legal_entity', order: order('customer', 'legal_entity') },
        })
        return counts(rows.map((r) => ({ name: r.name, n: r.part })))
      },
    },
    {
      id: 'missing-compliance-fields',
      answers: [154],
      title: 'Missing compliance fields',
      unit: 'count',
      definition:
        'Open findings now that a customer lacks a compliance, tax or legal field that is asked of every customer or of its country.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'compliance',
      read: (readings) =>
        openCount(
          readings,
          (f) => f.check === 'data-quality/customer-fields' || f.check === 'data-quality/country-rules',
        ),
    },
    {
      id: 'aged-exceptions',
      answers: [162],
      title: 'Aged exceptions',
      unit: 'count',
      definition: `Open findings now that were first seen more than ${AGED_MS / 86_400_000} days ago.`,
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'operations',
      read: async ({ open, platforms }) =>
        counts(
          (await open()).map((g) => ({ name: g.platform, n: g.aged })),
          platforms,
        ),
    },
    {
      id: 'workflow-recovery-time',
      answers: [163],
      title: 'Failed workflow recovery time',
      unit: 'seconds',
      definition:
        'Mean seconds from the opening of a finding until it was resolved on evidence, over those resolved in the last 30 days.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'operations',
      read: async ({ recoveries }) =>
        means(
          (await recoveries('30 days')).map((r) => ({ name: r.platform, seconds: r.seconds, n: r.n })),
          'No open finding was resolved in this time.',
        ),
    },
    {
      id: 'manual-effort',
      answers: [171],
      title: 'Manual reconciliation effort',
      unit: 'count',
      definition:
        'Decisions and comments of people about issues in the last 30 days: assigned, snoozed, accepted, reopened, commented, checked again.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'executives',
      read: async ({ decisions }) => counts(await decisions('30 days')),
    },
    {
      id: 'revenue-leakage',
      answers: [171],
      title: 'Revenue leakage, confirmed',
      unit: 'money',
      definition:
        'Confirmed money at risk of the findings that are open now and not accepted, in the reporting currency by the rates of the day.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'executives',
      read: exposed('confirmed'),
    },
    {
      id: 'revenue-leakage-estimated',
      answers: [171],
      title: 'Revenue leakage, estimated',
      unit: 'money',
      definition:
        'Estimated money at risk of the findings that are open now and not accepted, in the reporting currency by the rates of the day; never added to what is confirmed.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'executives',
      read: exposed('estimated'),
    },
    {
      id: 'leakage-recovered',
      answers: [171],
      title: 'Leakage recovered',
      unit: 'money',
      definition:
        'Confirmed money at risk of findings that were resolved on evidence in the last 30 days while nobody had accepted them, in the reporting currency by the rates of the day of measuring.',
      period: '30 days',
      split: 'platform',
      better: 'higher',
      reader: 'executives',
      read: async (readings) =>
        money(
          readings,
          (await readings.moves('30 days'))
            .filter((m) => m.basis === 'confirmed' && Number(m.recovered) !== 0)
            .map((m) => ({ platform: m.platform, currency: m.currency, amount: m.recovered })),
        ),
    },
  ],
}
