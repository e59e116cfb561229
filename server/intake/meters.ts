/** Meters of the intake: how long senders wait for their acknowledgement, and how much waits in the spool. */
import { metrics } from '@opentelemetry/api'
import type { SpoolState } from '../store/spool/spool.ts'

/** Acknowledgements that the quantiles are of. */
const KEPT = 2_000

export function createAcks() {
  const last = new Float64Array(KEPT)
  let n = 0
  const seconds = metrics.getMeter('plumbline').createHistogram('plumbline_intake_ack_seconds', {
    description: 'Time from a whole request to its acknowledgement, with the sync of the disk.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] },
  })
  return {
    add(ms: number): void {
      last[n++ % KEPT] = ms
      seconds.record(ms / 1000)
    },
    quantiles() {
      if (n === 0) return null
      const sorted = last.slice(0, Math.min(n, KEPT)).sort()
      const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!
      return { p50: at(0.5), p99: at(0.99), n: Math.min(n, KEPT) }
    },
  }
}

export function observeSpool(read: () => SpoolState, clock: { now(): number }): void {
  const meter = metrics.getMeter('plumbline')
  const gauge = (name: string, description: string, value: (s: SpoolState) => number, unit?: string) =>
    meter
      .createObservableGauge(`plumbline_spool_${name}`, { description, ...(unit && { unit }) })
      .addCallback((seen) => seen.observe(value(read())))
  gauge('depth', 'Deliveries that wait for the facts.', (s) => s.depth)
  gauge('bytes', 'Bytes that wait for the facts.', (s) => s.bytes, 'By')
  gauge('limit_bytes', 'Bytes that may wait; from there on senders are answered 503.', (s) => s.maxBytes, 'By')
  gauge(
    'oldest_seconds',
    'Age of the delivery that waits longest.',
    (s) => (s.oldestAt === null ? 0 : Math.max(0, clock.now() - s.oldestAt) / 1000),
    's',
  )
}
