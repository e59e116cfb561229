/**
 * Enterprise events of S/4HANA: CloudEvents that an event broker pushes. Each carries only the key of what changed, at least
 * once and in any order, so that it is no more than a hint that causes a read.
 */
import { readCloudEvents, webhookHandshake, type CloudEvent } from '../cloud-event.ts'
import { verifyDeclared } from '../declared-signature.ts'
import { traceIdOf } from '../event-rules.ts'
import { noticed } from '../notice.ts'
import type { HookReading, HookRequest, Receiver } from '../receiver.ts'
import { unconfigured } from '../signature.ts'
import type { SapConfig, StreamName } from './config.ts'

/** `sap.s4.beh.<object>.v1.…`: the streams that it is in, and the property of the key where that is the record's id. */
const OBJECTS: Record<string, readonly (readonly [stream: StreamName, key: string | null])[]> = {
  // A customer may have another number than its business partner.
  businesspartner: [['customers', null]],
  product: [['products', 'Product']],
  salesquotation: [['quotations', 'SalesQuotation']],
  salesorder: [['orders', 'SalesOrder']],
  salescontract: [['contracts', 'SalesContract']],
  // The key does not say whether it is an invoice or a credit memo.
  billingdocument: [
    ['invoices', null],
    ['credits', null],
  ],
  journalentry: [['payments', null]],
}

const owns = ({ webhook }: SapConfig, source: string) =>
  webhook?.sources.some((s) => (s.endsWith('*') ? source.startsWith(s.slice(0, -1)) : s === source)) ?? false

function hintsOf(config: SapConfig, event: CloudEvent): HookReading['hints'] {
  const object = /^sap\.s4\.beh\.([a-z]+)\./i.exec(event.type)?.[1]?.toLowerCase() ?? ''
  const data = (event['data'] ?? {}) as Record<string, unknown>
  return (OBJECTS[object] ?? [])
    .filter(([stream]) => !config.skip.includes(stream))
    .map(([stream, key]) => {
      const id = key === null ? undefined : data[key]
      return { stream, ...(typeof id === 'string' && id !== '' && { id }) }
    })
}

function read(config: SapConfig, request: HookRequest): HookReading[] {
  return readCloudEvents(request)
    .filter((event) => owns(config, event.source))
    .map((event) => {
      const at = typeof event['time'] === 'string' ? event['time'] : (request.headers['x-received-at'] ?? '')
      const message = {
        document: event,
        key: `${event.source} ${event.id}`,
        at,
        traceId: traceIdOf(event['traceparent']),
      }
      return noticed(message, hintsOf(config, event), config.webhook?.rules)
    })
}

export const receive: Receiver<SapConfig> = {
  standard: 'cloudevents',
  owns,
  verify: ({ webhook }, request, now) =>
    webhook ? verifyDeclared(webhook.signature, request, now) : unconfigured('config.webhook.signature'),
  handshake: ({ webhook }, request) => (webhook ? webhookHandshake(request, webhook.origins, null) : null),
  read,
}
