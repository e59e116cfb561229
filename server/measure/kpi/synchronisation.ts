/** Figures about propagation: whether changes arrive, how long they take, and what becomes of the messages that carry them. */
import type { LagSums } from '../../store/facts/kpi-lag.ts'
import { counts, means, shares, unknown, type Family } from './kpi.ts'

const edge = (r: { owner: string; follower: string }) => `${r.owner}>${r.follower}`
const NO_CHANGE = 'No change was made in this time whose arrival is decided.'
const NO_ARRIVAL = 'No change of this time has arrived yet.'
const NO_EVENTS = 'No deliveries with a correlation id were told of in this time.'

export const latency = (rows: readonly LagSums[]) =>
  means(
    rows.map((r) => ({ name: edge(r), seconds: r.seconds, n: r.timed })),
    NO_ARRIVAL,
  )

export const synchronisation: Family = {
  title: 'Synchronisation',
  kpis: [
    {
      id: 'transaction-success-rate',
      answers: [147],
      title: 'Transaction success rate',
      unit: 'share',
      definition:
        'Of the changes made at their owner in the last 24 hours and decided by now, the share that arrived at the follower, in time or late; overtaken changes and those that are still wrong after their window did not. A change that goes to two followers counts twice.',
      period: '24 hours',
      split: 'edge',
      better: 'higher',
      reader: 'integration operations',
      read: async ({ lag }) =>
        shares(
          (await lag('24 hours')).map((r) => ({ name: edge(r), part: r.arrived, n: r.arrived + r.lost + r.wrong })),
          NO_CHANGE,
        ),
    },
    {
      id: 'sync-sla-compliance',
      answers: [164],
      title: 'Sync SLA compliance',
      unit: 'share',
      definition:
        'Of the changes made at their owner in the last 30 days and decided by now, the share that arrived within the window of its edge; times excluded by the configuration do not count.',
      period: '30 days',
      split: 'edge',
      better: 'higher',
      reader: 'executives',
      read: async ({ lag, ctx }) => {
        const always = ctx.config.objectives.lost === 'always'
        return shares(
          (await lag('30 days')).map(({ counted: c, ...r }) => ({
            name: edge(r),
            part: c.inTime,
            n: c.inTime + c.late + c.wrong + (always ? c.lost : c.lostLate),
          })),
          NO_CHANGE,
        )
      },
    },
    {
      id: 'sync-latency',
      answers: [149],
      title: 'Sync latency',
      unit: 'seconds',
      definition:
        'Mean seconds from the change at its owner until the follower agreed, over the changes made in the last 24 hours that have arrived.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'integration operations',
      read: async ({ lag }) => latency(await lag('24 hours')),
    },
    {
      id: 'message-latency',
      answers: [149],
      title: 'Message latency',
      unit: 'seconds',
      definition:
        'Mean seconds from the event that a change was sent to the event that its receiver confirmed it, over the deliveries of the last 24 hours that carry a correlation id.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'integration operations',
      read: async ({ deliveries }) =>
        means(
          (await deliveries('24 hours')).map((d) => ({ name: `${d.from}>${d.to}`, seconds: d.ackSeconds, n: d.acked })),
          NO_EVENTS,
        ),
    },
    {
      id: 'processing-latency',
      answers: [149],
      title: 'Processing latency',
      unit: 'seconds',
      definition:
        'Mean seconds from the event that a change was sent to the event that it was written at its receiver, over the deliveries of the last 24 hours that carry a correlation id.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'integration operations',
      read: async ({ deliveries }) =>
        means(
          (await deliveries('24 hours')).map((d) => ({
            name: `${d.from}>${d.to}`,
            seconds: d.appliedSeconds,
            n: d.applied,
          })),
          NO_EVENTS,
        ),
    },
    {
      id: 'duplicate-events',
      answers: [157],
      title: 'Duplicate events',
      unit: 'count',
      definition:
        'Events of the last 24 hours that tell again, under another id, a step of a delivery that was told before: same correlation id, edge, kind, record and type.',
      period: '24 hours',
      split: 'edge',
      better: 'lower',
      reader: 'integration operations',
      read: async ({ deliveries }) => {
        const rows = await deliveries('24 hours')
        if (rows.length === 0) return unknown(NO_EVENTS)
        return counts(rows.map((d) => ({ name: `${d.from}>${d.to}`, n: d.again })))
      },
    },
  ],
}
