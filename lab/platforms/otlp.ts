/** Simulated exporter of traces: a span for every change that was carried, once it was answered, in requests of OTLP/JSON. */
import { createHash } from 'node:crypto'
import type { RecordedEvent } from '../../model/event.ts'
import { LIVED_KINDS } from '../company/platforms.ts'
import type { PlatformState } from '../platform.ts'
import { senderOf } from '../senders.ts'
import type { Run } from './carried.ts'
import { runsOf } from './carried.ts'

const TOKEN = 'lab-otlp-exporter-token'
const MOST = 20
const SERVICES = ['salesforce', 'hubspot', 'netsuite', 'stripe', 'zendesk', 'provisioning']
const idOf = (kind: string) => `${kind}.id`

export const otlp = senderOf({
  vendor: 'otlp',
  title: 'Traces of the integration',
  config: {
    signature: { scheme: 'token', secrets: [TOKEN] },
    services: Object.fromEntries(SERVICES.map((name) => [`${name}-adapter`, name])),
    records: Object.fromEntries(LIVED_KINDS.map((kind) => [kind, idOf(kind)])),
  },
  written(told, state) {
    const ended = answered(told, state)
    const requests = []
    for (let at = 0; at < ended.length; at += MOST) requests.push(ended.slice(at, at + MOST))
    return requests.map((runs) => ({
      kind: runs[0]!.kind,
      record: runs[0]!.recordId,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ resourceSpans: runs.map(resourceSpan) }),
    }))
  },
})
export default otlp

/** A span is exported when it ends. */
function answered(told: readonly RecordedEvent[], state: PlatformState): Run[] {
  const now = new Set(
    told
      .filter(({ type }) => type === 'acknowledged' || type === 'rejected')
      .map(({ correlation_id, to_platform }) => `${correlation_id}-${to_platform}`),
  )
  return runsOf(state).filter(({ id, endedAt }) => endedAt !== null && now.has(id))
}

const hash = (text: string, digits: number) => createHash('sha256').update(text).digest('hex').slice(0, digits)
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

function resourceSpan(run: Run) {
  const span = {
    traceId: hash(run.correlation, 32),
    spanId: hash(run.id, 16),
    name: `put ${run.kind}`,
    // SPAN_KIND_CLIENT
    kind: 3,
    startTimeUnixNano: `${run.startedAt}000000`,
    endTimeUnixNano: `${run.endedAt}000000`,
    attributes: [
      text('peer.service', `${run.to}-adapter`),
      text('correlation.id', run.correlation),
      text(idOf(run.kind), run.recordId),
    ],
    status: run.failed ? { code: 2, message: run.error ?? '' } : { code: 1 },
  }
  const resource = { attributes: [text('service.name', `${run.from ?? 'bus'}-adapter`)] }
  return { resource, scopeSpans: [{ scope: { name: 'larkmoor.bus' }, spans: [span] }] }
}
