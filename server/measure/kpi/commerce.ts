/** Figures about customers, orders and invoices: what was not created, what waits, what is disputed, how fast it moves. */
import { counts, means, shares, unknown, type Family, type Figure } from './kpi.ts'
import type { Readings } from './readings.ts'
import { latency } from './synchronisation.ts'

/** Counts open findings that meet a condition, by platform at fault; every configured platform was looked at. */
export async function openCount(
  { open, platforms }: Pick<Readings, 'open' | 'platforms'>,
  meets: (f: { check: string; category: string; kind: string }) => boolean,
): Promise<Figure[]> {
  const groups = await open()
  return counts(
    groups.filter(meets).map((g) => ({ name: g.platform, n: g.open })),
    platforms,
  )
}

const named = (rows: readonly { name: string; part: number }[]) => rows.map((r) => ({ name: r.name, n: r.part }))
const orders = ({ order }: Readings) => ({
  before: { field: 'state', order: order('order', 'state', 'pending_approval') },
  after: { field: 'state', order: order('order', 'state', 'booked') },
  legal: { field: 'legal_entity', order: order('order', 'legal_entity') },
})
const invoices = ({ order }: Readings) => ({
  state: { field: 'state', order: order('invoice', 'state') },
  disputed: { field: 'disputed', order: order('invoice', 'disputed') },
  legal: { field: 'legal_entity', order: order('invoice', 'legal_entity') },
})

export const commerce: Family = {
  title: 'Customers, orders and invoices',
  kpis: [
    {
      id: 'failed-customer-creations',
      answers: [151],
      title: 'Failed customer creations',
      unit: 'count',
      definition:
        'Open findings now that a customer is missing on a platform where it must exist, or that a won customer was not created in the ERP in time.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'operations',
      read: (readings) =>
        openCount(
          readings,
          (f) => (f.category === 'missing' && f.kind === 'customer') || f.check === 'deadlines/won-customer-in-erp',
        ),
    },
    {
      id: 'failed-order-submissions',
      answers: [152],
      title: 'Failed order submissions',
      unit: 'count',
      definition:
        'Open findings now that an order is missing on a platform where it must exist, or that an accepted quote has no order in time.',
      period: 'now',
      split: 'platform',
      better: 'lower',
      reader: 'sales operations',
      read: (readings) =>
        openCount(
          readings,
          (f) => (f.category === 'missing' && f.kind === 'order') || f.check === 'deadlines/accepted-quote-ordered',
        ),
    },
    {
      id: 'orders-awaiting-approval',
      answers: [170],
      title: 'Orders awaiting approval',
      unit: 'count',
      definition:
        'Orders that wait for approval now and that nobody has booked, as the platform that owns their state says.',
      period: 'now',
      split: 'legal_entity',
      better: 'lower',
      reader: 'finance',
      read: async (readings) => {
        if (!readings.keeps('order')) return unknown('No platform keeps orders.')
        const rows = await readings.records.awaitingOrders(orders(readings))
        return counts(named(rows))
      },
    },
    {
      id: 'order-conversion-time',
      answers: [171],
      title: 'Order conversion time',
      unit: 'seconds',
      definition: 'Mean seconds from the acceptance of a quote to its order, over orders made in the last 30 days.',
      period: '30 days',
      split: 'legal_entity',
      better: 'lower',
      reader: 'sales operations',
      read: async (readings) => {
        if (!readings.keeps('quote')) return unknown('No platform keeps quotes.')
        const rows = await readings.records.conversionTimes(
          {
            ordered: { field: 'ordered_at', order: readings.order('order', 'ordered_at') },
            legal: { field: 'legal_entity', order: readings.order('order', 'legal_entity') },
          },
          { accepted: { field: 'accepted_at', order: readings.order('quote', 'accepted_at') } },
          readings.from('30 days'),
        )
        return means(rows, 'No order of this time names a quote with the instant of its acceptance.')
      },
    },
    {
      id: 'invoice-sync-delay',
      answers: [153],
      title: 'Invoice sync delay',
      unit: 'seconds',
      definition:
        'Mean seconds from any change of an invoice at its issuer until the follower agreed, over the changes made in the last 24 hours that have arrived.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'finance',
      read: async ({ lag }) => latency((await lag('24 hours')).filter((r) => r.kind === 'invoice')),
    },
    {
      id: 'invoice-status-delay',
      answers: [153],
      title: 'Invoice status propagation delay',
      unit: 'seconds',
      definition:
        'Mean seconds from a change of an invoice’s state at its issuer until the follower agreed, over the changes made in the last 24 hours that have arrived.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'finance',
      read: async ({ lag }) => latency((await lag('24 hours')).filter((r) => r.kind === 'invoice' && r.ofState)),
    },
    {
      id: 'billing-disputes',
      answers: [166, 171],
      title: 'Billing disputes',
      unit: 'count',
      definition: 'Invoices that are out and disputed now, as their issuer says.',
      period: 'now',
      split: 'legal_entity',
      better: 'lower',
      reader: 'finance',
      read: async (readings) => {
        if (!readings.keeps('invoice')) return unknown('No platform keeps invoices.')
        return counts(named(await readings.records.disputedInvoices(invoices(readings))))
      },
    },
    {
      id: 'dispute-rate',
      answers: [166],
      title: 'Invoice dispute rate',
      unit: 'share',
      definition: 'Of the invoices that are out now, the share that is disputed, as their issuer says.',
      period: 'now',
      split: 'legal_entity',
      better: 'lower',
      reader: 'finance',
      read: async (readings) => {
        if (!readings.keeps('invoice')) return unknown('No platform keeps invoices.')
        return shares(await readings.records.disputedInvoices(invoices(readings)), 'No invoice is out.')
      },
    },
    {
      id: 'close-accuracy',
      answers: [171],
      title: 'Close accuracy',
      unit: 'share',
      definition:
        'Of the invoices issued in the last full month that are neither drafts nor void, the share without an open finding.',
      period: 'last month',
      split: 'legal_entity',
      better: 'higher',
      reader: 'finance',
      read: async (readings) => {
        const { order, records } = readings
        const rows = await records.cleanInvoices(
          {
            state: { field: 'state', order: order('invoice', 'state') },
            issued: { field: 'issued_on', order: order('invoice', 'issued_on') },
            legal: { field: 'legal_entity', order: order('invoice', 'legal_entity') },
          },
          readings.month(),
        )
        return shares(rows, 'No invoice was issued in the last full month.')
      },
    },
  ],
}
