/** CloudEvents: platforms and brokers that speak CloudEvents 1.0 over HTTP. What their types and subjects mean is configured. */
import { z } from 'zod'
import { readCloudEvents, webhookHandshake, type CloudEvent } from '../cloud-event.ts'
import { defineConnector, MappingError } from '../contract.ts'
import { signatureSchema, verifyDeclared } from '../declared-signature.ts'
import { applyRules, isOurs, rowOf, rulesSchema, traceIdOf } from '../event-rules.ts'
import type { HookReading, HookRequest } from '../receiver.ts'

const configSchema = z.strictObject({
  signature: signatureSchema.describe(
    'How senders prove themselves at /hooks/<platform>; /v1/events asks for a token of ours.',
  ),
  sources: z
    .array(z.string().min(1))
    .default(['*'])
    .describe('`source` of the events that this platform speaks for; `*` at the end stands for anything.'),
  origins: z
    .array(z.string())
    .default(['*'])
    .describe('`WebHook-Request-Origin` of senders that may deliver; `*` for all.'),
  rate: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Deliveries a minute that a sender is granted; left out: any number.'),
  rules: rulesSchema.default([]),
  unmatched: z
    .enum(['quarantine', 'ignore'])
    .default('quarantine')
    .describe('What becomes of events that no rule fits: put aside until one does, or passed over.'),
})
type Config = z.output<typeof configSchema>

const owns = ({ sources }: Config, source: string) =>
  sources.some((s) => (s.endsWith('*') ? source.startsWith(s.slice(0, -1)) : s === source))

/** `source` and `id` together are the event, however often it is sent. */
const keyOf = (event: CloudEvent) => `${event.source} ${event.id}`

function readOne(config: Config, event: CloudEvent, came: string): HookReading | null {
  const key = keyOf(event)
  const traceId = traceIdOf(event['traceparent'])
  const at = typeof event['time'] === 'string' ? event['time'] : came
  const reading = applyRules(config.rules, { document: event, key, at, traceId })
  if (reading) return { key, ...reading }
  const data = event['data']
  if (isOurs(data))
    return { key, events: [rowOf({ id: key, ...(traceId && { trace_id: traceId }), ...data })], hints: [] }
  if (config.unmatched === 'ignore') return null
  throw new MappingError('type', `no rule fits events of type ${event.type.slice(0, 120)}`)
}

function read(config: Config, request: HookRequest): HookReading[] {
  const came = request.headers['x-received-at'] ?? ''
  return readCloudEvents(request)
    .filter((event) => owns(config, event.source))
    .flatMap((event) => readOne(config, event, came) ?? [])
}

export default defineConnector<Config>({
  title: 'CloudEvents',
  mark: 'CE',
  config: configSchema,
  async ping() {
    return { account: 'senders that speak to us; they cannot be asked' }
  },
  streams: [],
  receive: {
    standard: 'cloudevents',
    owns,
    verify: (config, request, now) => verifyDeclared(config.signature, request, now),
    handshake: (config, request) => webhookHandshake(request, config.origins, config.rate ?? null),
    read,
  },
  limits: { calls: 1, windowMs: 1_000, concurrency: 1, reserve: 0 },
  lagMs: 0,
  replayDays: null,
})
