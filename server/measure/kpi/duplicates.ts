/** Figures about duplicates: how much of what the platforms hold is held twice, and how fast it grows. */
import { NONE, ratio, shares, type Family } from './kpi.ts'

const NO_RECORD = 'No record has been read yet.'

export const duplicates: Family = {
  title: 'Duplicates',
  kpis: [
    {
      id: 'duplicate-rate',
      answers: [148],
      title: 'Duplicate rate',
      unit: 'share',
      definition: 'Of the live records of all kinds, the share that an open duplicate finding names.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'data stewards',
      read: async ({ live, duplicates }) => shares(await perPlatform(live, duplicates, null), NO_RECORD),
    },
    {
      id: 'duplicate-account-rate',
      answers: [148],
      title: 'Duplicate account rate',
      unit: 'share',
      definition: 'Of the live customer records, the share that an open duplicate finding names.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'data stewards',
      read: async ({ live, duplicates }) =>
        shares(await perPlatform(live, duplicates, 'customer'), 'No customer has been read yet.'),
    },
    {
      id: 'duplicate-customer-creation-rate',
      answers: [148],
      title: 'Duplicate customer creation rate',
      unit: 'share',
      definition:
        'Duplicates of customers first seen in the last 30 days, for each customer record that a platform says was created in that time.',
      period: '30 days',
      split: 'platform',
      better: 'lower',
      reader: 'data stewards',
      read: async ({ newDuplicates, created }) => {
        const why = 'No platform says that a customer was created in this time.'
        const [found, made] = [await newDuplicates('customer', '30 days'), await created('customer', '30 days')]
        const at = (platform: string) => found.find((f) => f.platform === platform)?.n ?? 0
        return [
          ratio(
            '',
            at(''),
            made.reduce((sum, m) => sum + m.n, 0),
            why,
          ),
          ...made.map((m) => ratio(m.platform || NONE, at(m.platform), m.n, why)),
        ]
      },
    },
  ],
}

type Rows = () => Promise<{ kind: string; platform: string; n: number }[]>

async function perPlatform(live: Rows, duplicated: Rows, kind: string | null) {
  const [all, twice] = await Promise.all([live(), duplicated()])
  const of = (r: { kind: string; platform: string }) => r.platform !== '' && (kind === null || r.kind === kind)
  return [
    ...all.filter(of).map((r) => ({ name: r.platform, part: 0, n: r.n })),
    ...twice.filter(of).map((r) => ({ name: r.platform, part: r.n, n: 0 })),
  ]
}
