/** OTLP: traces of an integration that is already instrumented. Its spans are kept, and those that carry a change become events. */
import { z } from 'zod'
import type { Span } from '../../model/span.ts'
import { defineConnector, MappingError, type RawRow } from '../contract.ts'
import { signatureSchema, verifyDeclared } from '../declared-signature.ts'
import { applyRules, rowOf, rulesSchema } from '../event-rules.ts'
import { readTraces, wrongSpan, type WireSpan } from '../otlp-wire.ts'
import type { HookReading, HookRequest } from '../receiver.ts'

const names = (about: string, shipped: string[]) =>
  z.array(z.string()).default(shipped).describe(`${about} The first attribute that a span has speaks.`)

const configSchema = z.strictObject({
  signature: signatureSchema.describe(
    'How exporters prove themselves at /hooks/<platform>/v1/traces; /v1/traces asks for a token of ours.',
  ),
  services: z
    .record(z.string(), z.string())
    .default({})
    .describe('`service.name`, `peer.service` or host → the configured platform that it is.'),
  others: z.boolean().default(true).describe('Take spans of services that are not named too.'),
  records: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .default({})
    .describe('Canonical kind → attributes that hold the id of such a record (`invoice: invoice.id`).'),
  numbers: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .default({})
    .describe('Canonical kind → attributes that hold its business number.'),
  correlation: names('Attributes that hold the correlation id; none: the trace id.', [
    'correlation.id',
    'correlation_id',
    'messaging.message.conversation_id',
  ]),
  attempt: names('Attributes that hold which try it is, from 1.', ['messaging.delivery_attempt', 'retry.attempt']),
  peer: names('Attributes that name where a call goes.', [
    'peer.service',
    'messaging.destination.name',
    'server.address',
  ]),
  keep: names('Further attributes that are kept.', [
    'http.request.method',
    'http.response.status_code',
    'error.type',
    'messaging.system',
    'messaging.destination.name',
    'messaging.message.id',
  ]),
  rules: rulesSchema.default([]).describe('What spans mean, where the shipped reading is not enough; see the README.'),
})
type Config = z.output<typeof configSchema>

const some = (written: string | string[] | undefined) => (written === undefined ? [] : [written].flat())
const first = (s: WireSpan, wanted: readonly string[]) =>
  wanted.map((name) => s.attributes[name] ?? s.resource[name]).find((v) => v !== undefined && v !== '')

function keysOf({ records, numbers }: Config, s: WireSpan) {
  const keys: Record<string, string> = {}
  let about: { kind: string; record_id?: string; number?: string } | null = null
  for (const kind of new Set([...Object.keys(records), ...Object.keys(numbers)])) {
    const record_id = first(s, some(records[kind]))
    const number = first(s, some(numbers[kind]))
    if (record_id !== undefined) keys[kind] = record_id
    if (number !== undefined) keys[`${kind}.number`] = number
    if (record_id !== undefined || number !== undefined)
      about ??= { kind, ...(record_id !== undefined && { record_id }), ...(number !== undefined && { number }) }
  }
  return { keys, about }
}

const iso = (us: number) => new Date(us / 1000).toISOString()
/** ISO with the microseconds that a Date does not keep. */
const exact = (us: number) => `${iso(us).slice(0, 19)}.${String(us % 1_000_000).padStart(6, '0')}Z`

function spanOf(config: Config, s: WireSpan, reporter: string): Span {
  const attempt = Number(first(s, config.attempt))
  return {
    trace_id: s.traceId,
    span_id: s.spanId,
    parent_span_id: s.parentSpanId,
    reported_by: reporter,
    service: s.service,
    platform: config.services[s.service] ?? null,
    operation: s.name.slice(0, 500),
    kind: s.kind,
    status: s.status,
    message: s.message?.slice(0, 500) ?? null,
    started_at: exact(s.startUs),
    duration_us: s.endUs - s.startUs,
    correlation_id: first(s, config.correlation)?.slice(0, 500) ?? null,
    attempt: Number.isInteger(attempt) && attempt > 0 && attempt < 65_536 ? attempt : null,
    keys: keysOf(config, s).keys,
    attributes: Object.fromEntries(
      config.keep.flatMap((n) => (s.attributes[n] === undefined ? [] : [[n, s.attributes[n]]])),
    ),
  }
}

/**
 * A call or message into a platform of ours that names a record is a delivery: put on the way when the span began, confirmed
 * or refused when it ended. That it was written is not known: only the record itself proves that.
 */
function deliveryOf(config: Config, s: WireSpan, span: Span): RawRow[] {
  if (s.kind !== 'client' && s.kind !== 'producer') return []
  const to = config.services[first(s, config.peer) ?? '']
  const { about } = keysOf(config, s)
  if (to === undefined || about === null) return []
  const common = {
    ...(span.platform && span.platform !== to && { from_platform: span.platform }),
    to_platform: to,
    ...about,
    correlation_id: span.correlation_id ?? span.trace_id,
    trace_id: span.trace_id,
  }
  const detail = { service: span.service, operation: span.operation, span_id: span.span_id, attempt: span.attempt }
  const id = `${s.traceId}/${s.spanId}`
  const answer = s.status === 'error' ? 'rejected' : 'acknowledged'
  return [
    rowOf({ id: `${id}/sent`, type: 'sent', at: iso(s.startUs), ...common, detail }),
    rowOf({ id: `${id}/${answer}`, type: answer, at: iso(s.endUs), ...common, message: span.message, detail }),
  ]
}

function read(config: Config, request: HookRequest): HookReading[] {
  const all = readTraces(request.headers['content-type'] ?? '', request.body)
  const reporter = request.headers['x-platform'] ?? ''
  return all
    .filter((s) => wrongSpan(s) === null && owns(config, s.service))
    .map((s): HookReading => {
      const span = spanOf(config, s, reporter)
      const key = `${s.traceId}/${s.spanId}`
      const document = {
        ...span,
        started_at: iso(s.startUs),
        ended_at: iso(s.endUs),
        attributes: s.attributes,
        resource: s.resource,
      }
      let ruled: ReturnType<typeof applyRules>
      try {
        ruled = applyRules(config.rules, { document, key, at: iso(s.endUs), traceId: s.traceId })
      } catch (error) {
        if (!(error instanceof MappingError)) throw error
        ruled = {
          events: [
            { id: key, value: null, raw: JSON.stringify(document), unreadable: `${error.field}: ${error.message}` },
          ],
          hints: [],
        }
      }
      return { key, events: ruled?.events ?? deliveryOf(config, s, span), hints: ruled?.hints ?? [], spans: [span] }
    })
}

const owns = (config: Config, service: string) => config.others || Object.hasOwn(config.services, service)

export default defineConnector<Config>({
  title: 'OpenTelemetry',
  mark: 'OT',
  config: configSchema,
  async ping() {
    return { account: 'exporters that speak to us; they cannot be asked' }
  },
  streams: [],
  receive: {
    standard: 'traces',
    owns,
    verify: (config, request, now) => verifyDeclared(config.signature, request, now),
    read,
  },
  limits: { calls: 1, windowMs: 1_000, concurrency: 1, reserve: 0 },
  lagMs: 0,
  replayDays: null,
})
