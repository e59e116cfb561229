/** Cases of lag: versions of one record on its platforms, and what is said of the changes among them. */

export const START = '2026-11-16T08:00:00.000Z'
export const MINUTE = 60_000
export const minute = (n: number) => new Date(Date.parse(START) + n * MINUTE).toISOString()

/** One version: platform, minute of its stamp, fields that differ from the usual ones, common columns that do. */
type Says = [platform: string, at: number, fields: Record<string, unknown>, more?: Record<string, unknown>]
/** part, owner, follower, outcome, minute of the change, minutes until it arrived */
export type Told = [string, string, string, string, number, number | null]

export interface Case {
  name: string
  kind?: string
  says: Says[]
  told: Told[]
}

const open: Says[] = [
  ['erp', -60, {}],
  ['crm', -60, {}],
]
const unstamped = { changed_at: undefined }
export const edge = ['erp', 'crm'] as const

export const CASES: Case[] = [
  {
    name: 'in time: from the owner’s stamp to the follower’s',
    says: [...open, ['erp', 0, { state: 'paid' }], ['crm', 4, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'in_time', 0, 4]],
  },
  {
    name: 'late: the window of an invoice’s state is 15 minutes',
    says: [...open, ['erp', 0, { state: 'paid' }], ['crm', 16, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'late', 0, 16]],
  },
  {
    name: 'waiting: the follower has not taken it, and nothing newer came',
    says: [...open, ['erp', 0, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'waiting', 0, null]],
  },
  {
    name: 'lost: overtaken before it ever arrived; the newer one is measured from its own instant',
    says: [...open, ['erp', 0, { total: '110.00' }], ['erp', 5, { total: '120.00' }], ['crm', 8, { total: '120.00' }]],
    told: [
      ['body', ...edge, 'lost', 0, null],
      ['body', ...edge, 'in_time', 5, 3],
    ],
  },
  {
    name: 'arrived after it was overtaken, in its turn: not lost',
    says: [
      ...open,
      ['erp', 0, { total: '110.00' }],
      ['erp', 5, { total: '120.00' }],
      ['crm', 7, { total: '110.00' }],
      ['crm', 9, { total: '120.00' }],
    ],
    told: [
      ['body', ...edge, 'in_time', 0, 7],
      ['body', ...edge, 'in_time', 5, 4],
    ],
  },
  {
    name: 'one change of several fields is one change, as late as its last field',
    says: [
      ['erp', -60, { tax: '19.00' }],
      ['crm', -60, { tax: '19.00' }],
      ['erp', 0, { total: '110.00', tax: '20.00' }],
      ['crm', 3, { total: '110.00', tax: '19.00' }],
      ['crm', 6, { total: '110.00', tax: '20.00' }],
    ],
    told: [['body', ...edge, 'in_time', 0, 6]],
  },
  {
    name: 'fields with another promise than the rest of their group are measured apart',
    says: [
      ['erp', -60, { amount_due: '100.00' }],
      ['crm', -60, { amount_due: '100.00' }],
      ['erp', 0, { total: '110.00', amount_due: '110.00' }],
      ['crm', 20, { total: '110.00', amount_due: '110.00' }],
    ],
    told: [
      ['amount_due', ...edge, 'late', 0, 20],
      ['body', ...edge, 'in_time', 0, 20],
    ],
  },
  {
    name: 'nothing has to travel to one who agreed before, or whose copy is only information',
    says: [
      ['erp', -60, {}],
      ['crm', -60, { state: 'paid' }],
      ['support', -60, {}],
      ['erp', 0, { state: 'paid' }],
      ['erp', 30, { state: 'paid', total: '110.00' }],
      ['crm', 31, { state: 'paid', total: '110.00' }],
    ],
    told: [['body', ...edge, 'in_time', 30, 1]],
  },
  {
    name: 'nothing has to travel to a record that came later and brought it along',
    says: [
      ['erp', -60, {}],
      ['erp', 0, { state: 'paid' }],
      ['crm', 4, { state: 'paid' }, { created_at: minute(4) }],
      ['crm', 9, { state: 'paid', disputed: 'true' }, { created_at: minute(4) }],
    ],
    told: [],
  },
  {
    name: 'nobody waits for a record that is gone',
    says: [...open, ['erp', 0, { state: 'paid' }], ['crm', 3, {}, { deleted: true }]],
    told: [],
  },
  {
    name: 'a write by one who does not own the field is no change of its own',
    says: [...open, ['crm', 0, { state: 'paid' }]],
    told: [],
  },
  {
    name: 'clocks that are a little apart never make a negative lag',
    says: [...open, ['erp', 1, { state: 'paid' }], ['crm', 0.9, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'in_time', 1, 0]],
  },
  {
    name: 'a follower that took it late and lost it again did take it',
    says: [...open, ['erp', 0, { state: 'paid' }], ['crm', 4, { state: 'paid' }], ['crm', 9, { state: 'open' }]],
    told: [['lifecycle', ...edge, 'in_time', 0, 4]],
  },
  {
    name: 'whoever owns the field in the state the record was in: an order before and after booking',
    kind: 'order',
    says: [
      ['crm', -60, { state: 'draft', amount: '10.00' }],
      ['erp', -60, { state: 'draft', amount: '10.00' }],
      ['crm', 0, { state: 'draft', amount: '20.00' }],
      ['erp', 3, { state: 'draft', amount: '20.00' }],
      ['erp', 100, { state: 'booked', amount: '20.00' }],
      ['crm', 102, { state: 'booked', amount: '20.00' }],
      ['erp', 200, { state: 'booked', amount: '30.00' }],
      ['crm', 207, { state: 'booked', amount: '30.00' }],
    ],
    told: [
      ['body', 'crm', 'erp', 'in_time', 0, 3],
      ['lifecycle', ...edge, 'in_time', 100, 2],
      ['body', ...edge, 'in_time', 200, 7],
    ],
  },
  {
    name: 'without the follower’s stamp only whether it arrived is known, and when we saw it',
    says: [
      ['erp', -60, {}],
      ['crm', -60, {}, unstamped],
      ['erp', 0, { state: 'paid' }],
      ['crm', 3, { state: 'paid' }, unstamped],
    ],
    told: [['lifecycle', ...edge, 'unmeasured', 0, 4000]],
  },
  {
    name: 'a stamp that says only the day is none',
    says: [...open, ['erp', 0, { state: 'paid' }, { changed_at: '2026-11-16' }]],
    told: [['lifecycle', ...edge, 'unmeasured', 3000, null]],
  },
  {
    name: 'a stamp that does not move with the change is none',
    says: [...open, ['erp', 0, { state: 'paid' }], ['crm', -60, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'unmeasured', 0, 4000]],
  },
  {
    name: 'an older event that comes after a newer one has no instant of its own',
    says: [...open, ['crm', 20, {}], ['erp', 10, { state: 'paid' }], ['crm', 15, { state: 'paid' }]],
    told: [['lifecycle', ...edge, 'unmeasured', 10, 4990]],
  },
]
