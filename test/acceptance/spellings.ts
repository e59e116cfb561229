/** Spellings: pairs of an owner's and a follower's text, and what is to be found of them. */
import { ERP_GROUPS, type Group } from './spellings-erp.ts'

export interface Spelling {
  id: number
  kind: string
  field: string
  owner: string
  follower: string
  says: string
  writes: string
  /** Other fields of both records. */
  beside?: Record<string, string>
  /** Expected findings, `#` for the pair's number; none: the two agree. */
  found?: string[]
}

const euro = { currency: 'EUR' }

const GROUPS: Group[] = [
  ...ERP_GROUPS,
  // The CRM speaks for these, the ERP follows.
  ...swapped([
    {
      field: 'name',
      same: [
        ['Weiß', 'WEISS'],
        ['Nordwind  Logistik', 'nordwind logistik'],
      ],
      differs: [
        ['Nordwind', 'Nordwind GmbH'],
        ['Nordwind', ''],
      ],
    },
    {
      field: 'email',
      same: [['Info@Five.example', ' info@five.example ']],
      differs: [
        ['info@six.example', 'sales@six.example'],
        ['info@seven.example', ''],
      ],
    },
    {
      field: 'phone',
      beside: { 'bill_to.country': 'CH' },
      same: [
        ['+41 44 668 18 00', '044 668 18 00'],
        ['0041 44 668 18 01', '+41446681801'],
      ],
      differs: [['+41 44 668 18 02', '+41 44 668 18 03']],
    },
    {
      field: 'phone',
      same: [
        ['+41 44 668 18 04', '044 668 18 04'],
        ['+1 (212) 555-0100', '212-555-0100'],
      ],
    },
    {
      field: 'language',
      same: [
        ['de', 'German'],
        ['de', 'DE'],
      ],
      differs: [['de', 'fr']],
    },
  ]),
  // Ledgers sort customers their own way: customer success follows these.
  ...swapped([
    {
      field: 'domain',
      same: [
        ['one.example', 'https://www.One.example/about?x=1'],
        ['bücher.example', 'xn--bcher-kva.example'],
        ['two.example', 'two.example.'],
        ['three.example', 'http://three.example:8080/'],
      ],
      differs: [['four.example', 'shop.four.example']],
    },
    { field: 'segment', same: [['Mid Market', 'mid  market']], differs: [['Mid Market', 'Enterprise']] },
    { field: 'type', same: [['direct', 'direct']], differs: [['direct', 'Direct']] },
  ]).map((g) => ({ ...g, follower: 'success' })),
  // Dates: of a platform in Zurich against one in New York.
  ...swapped([
    {
      kind: 'contract',
      field: 'starts_on',
      same: [
        ['2026-11-01', '2026-11-01'],
        ['2026-11-01', '20261101'],
        ['2026-11-01', '01.11.2026'],
        ['2026-11-13', '11/13/2026'],
        ['2026-11-01', '1 Nov 2026'],
        ['2026-11-01', '2026-11-01T23:30:00-05:00'],
        ['2026-11-01', '2026-11-01T23:30:00'],
        ['2026-11', '2026-11'],
        ['2026-11', '2026-11-17'],
      ],
      differs: [
        ['2026-11-01', '2026-11-02'],
        ['2026-11-01', '2026-11-02T00:30:00+01:00'],
        ['2026-11', '2026-12-01'],
        ['2026-11-01', ''],
      ],
      invalid: [
        ['2026-11-02', '11/02/2026'],
        ['2026-11-02', '2026-02-30'],
      ],
    },
    {
      kind: 'contract',
      field: 'signed_at',
      same: [
        ['2026-11-01T08:00:00Z', '2026-11-01T03:00:00-05:00'],
        // Zurich is one hour ahead of UTC in November, New York five behind.
        ['2026-11-05T09:00:00', '2026-11-05 03:00:00'],
        ['2026-11-05T08:00:00.000Z', '2026-11-05T08:00:00Z'],
        ['2026-11-05T08:00:00.250Z', '2026-11-05T08:00:00Z'],
      ],
      differs: [['2026-11-05T08:00:00Z', '2026-11-05T08:00:01Z']],
    },
    {
      kind: 'contract',
      field: 'value',
      beside: euro,
      same: [['100', '100.00']],
      differs: [
        ['100', '99.50', '0.5 EUR'],
        ['100', '', '100 EUR'],
      ],
      invalid: [['100', 'a hundred']],
    },
    {
      kind: 'contract',
      field: 'status',
      same: [['signed', 'Signed']],
      unmapped: [['signed', 'Won it']],
      differs: [['active', 'signed']],
    },
  ]),
  {
    kind: 'subscription',
    owner: 'billing',
    follower: 'crm',
    field: 'interval',
    same: [['month', 'Month']],
    differs: [['month', 'year']],
    unmapped: [['month', 'fortnight']],
  },
  {
    kind: 'subscription',
    owner: 'billing',
    follower: 'crm',
    field: 'quantity',
    same: [
      ['10', '10.0'],
      ['1,5', '1.5'],
    ],
    differs: [['10', '11']],
  },
  {
    kind: 'subscription',
    owner: 'billing',
    follower: 'crm',
    field: 'auto_renew',
    same: [['yes', '1']],
    differs: [['true', 'no']],
  },
]

function swapped(groups: Group[]): Group[] {
  return groups.map((g) => ({ owner: 'crm', follower: 'erp', ...g }))
}

let id = 0

export const SPELLINGS: Spelling[] = GROUPS.flatMap((g) => {
  const { kind = 'customer', owner = 'erp', follower = 'crm', field, beside = {} } = g
  const shown = field === 'status' ? 'state' : field
  const make = (says: string, writes: string, found: string[] = []): Spelling => ({
    id: ++id,
    kind,
    field,
    owner,
    follower,
    says,
    writes,
    beside,
    found,
  })
  const pair = [owner, follower]
    .sort()
    .map((p) => `${p}:${p}-#`)
    .join(' ')
  const about = `mismatch ${kind}.${shown} ${owner}>${follower} ${pair}`
  return [
    ...(g.same ?? []).map(([a, b]) => make(a, b)),
    ...(g.differs ?? []).map(([a, b, amount]) => make(a, b, [`${about} drift open${amount ? ` =${amount}` : ''}`])),
    ...(g.unmapped ?? []).map(([a, b]) => make(a, b, [`${about} unmapped open`])),
    ...(g.invalid ?? []).map(([a, b]) =>
      make(a, b, [`quality ${kind}.${shown} ->${follower} ${follower}:${follower}-# drift open`]),
    ),
  ]
})
