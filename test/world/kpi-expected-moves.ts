/** What the figures about propagation, messages and collecting must be, worked out from what was put in: no SQL, nothing shared with the product. */
import type { RunRecord, StreamState } from '../../server/store/control/control.ts'
import type { KpiCompany } from './kpi-company.ts'
import { at, DAY, HOUR, NOW } from './kpi-moves.ts'
import { one, PLATFORMS, type Sheet } from './kpi-sheet.ts'

export function expectedMoves(
  { put }: Sheet,
  { lag, events, quarantined, replays }: KpiCompany,
  runs: RunRecord[],
  streams: StreamState[],
): void {
  // Propagation: everything is read through an hour before now, the orders of the CRM only through 30 hours.
  const since = (days: number) => lag.filter((l) => l.changed_at >= at(days * DAY) && l.changed_at < at(0))
  const edge = (l: { owner: string; follower: string }) => `${l.owner}>${l.follower}`
  // The entitlements of provisioning and the like were never read: what is due there is not decided.
  const keepers = new Set(streams.map((s) => `${s.platform} ${s.kind}`))
  const wrong = (l: (typeof lag)[number]) =>
    l.outcome === 'waiting' && keepers.has(`${l.follower} ${l.kind}`) && l.due_at <= at(HOUR)
  const arrived = (l: (typeof lag)[number]) => l.outcome === 'in_time' || l.outcome === 'late'
  const seconds = (l: (typeof lag)[number]) => (Date.parse(l.agreed_at!) - Date.parse(l.changed_at)) / 1000
  put(
    'transaction-success-rate',
    'edge',
    since(1),
    edge,
    (l) => +arrived(l),
    (l) => +(arrived(l) || l.outcome === 'lost' || wrong(l)),
  )
  const spent = (l: (typeof lag)[number]) =>
    l.excluded === '' && (l.outcome === 'late' || wrong(l) || (l.outcome === 'lost' && l.overtaken_at! > l.due_at))
  put(
    'sync-sla-compliance',
    'edge',
    since(30),
    edge,
    (l) => +(l.excluded === '' && l.outcome === 'in_time'),
    (l) => +(spent(l) || (l.excluded === '' && l.outcome === 'in_time')),
  )
  const latency = (id: string, keep: (l: (typeof lag)[number]) => boolean) =>
    put(
      id,
      'edge',
      since(1).filter(keep),
      edge,
      (l) => (arrived(l) ? seconds(l) : 0),
      (l) => +arrived(l),
    )
  latency('sync-latency', () => true)
  latency('invoice-sync-delay', (l) => l.kind === 'invoice')
  latency('invoice-status-delay', (l) => l.kind === 'invoice' && l.fields.includes('state'))
  put(
    'delayed-entitlement-updates',
    'edge',
    since(1).filter((l) => l.kind === 'entitlement'),
    edge,
    (l) => +(l.outcome === 'late' || wrong(l)),
    null,
  )

  // Messages, put together by correlation id.
  const heard = events.filter((e) => e.correlation_id !== null && e.at >= at(DAY) && e.at < at(0))
  const deliveries = [...new Set(heard.map((e) => e.correlation_id))].map((id) =>
    heard.filter((e) => e.correlation_id === id),
  )
  const when = (d: typeof events, type: string) =>
    d
      .filter((e) => e.type === type)
      .map((e) => Date.parse(e.at))
      .sort((a, b) => a - b)[0]
  const way = (d: typeof events) => `${d[0]!.from_platform}>${d[0]!.to_platform}`
  for (const [id, type] of [
    ['message-latency', 'acknowledged'],
    ['processing-latency', 'applied'],
  ] as const) {
    const took = (d: typeof events) =>
      when(d, 'sent') === undefined || when(d, type) === undefined ? null : (when(d, type)! - when(d, 'sent')!) / 1000
    put(
      id,
      'edge',
      deliveries,
      way,
      (d) => took(d) ?? 0,
      (d) => +(took(d) !== null),
    )
  }
  put('duplicate-events', 'edge', deliveries, way, (d) => d.length - new Set(d.map((e) => e.type)).size, null)

  // Collecting.
  const lately = runs.filter((r) => r.startedAt >= NOW - DAY && r.outcome !== 'running')
  const from = (r: RunRecord) => r.subject.split('/')[0]!
  const told = (name: string) => lately.filter((r) => r.stats[name] !== undefined)
  put('throughput', 'platform', told('read'), from, (r) => r.stats['read'] as number, null)
  put('retry-count', 'platform', told('retries'), from, (r) => r.stats['retries'] as number, null)
  put('api-throttling', 'platform', told('throttles'), from, (r) => r.stats['throttles'] as number, null)
  put('failure-rate', 'platform', lately, from, (r) => +(r.outcome !== 'ok'), one)
  put(
    'connector-latency',
    'platform',
    lately.filter((r) => r.outcome === 'ok'),
    from,
    (r) => (r.finishedAt! - r.startedAt) / 1000,
    one,
  )
  put(
    'connector-health',
    'platform',
    streams,
    (s) => s.platform,
    (s) => +(!(s.platform === 'erp' && s.kind === 'invoice') && !(s.platform === 'crm' && s.kind === 'order')),
    one,
  )
  put('failed-transformations', 'platform', quarantined, (q) => q.platform, one, null, PLATFORMS)
  put(
    'replay-volume',
    'platform',
    replays.filter((r) => r.action === 'redeliver' && r.accepted && r.sentAgo !== null && r.sentAgo <= DAY),
    (r) => r.effect ?? r.platform,
    one,
    null,
  )
}
