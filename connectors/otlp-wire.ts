/**
 * OTLP traces on the wire: ExportTraceServiceRequest in protocol buffers and in OTLP/JSON, read into one shape. Field numbers
 * are those of opentelemetry-proto 1.x (collector/trace/v1, trace/v1, common/v1). Instants keep microseconds.
 */
import { PbfReader, PbfWriter } from 'pbf'
import { SPAN_KINDS, SPAN_STATUSES, type SpanKind, type SpanStatus } from '../model/span.ts'
import { MappingError } from './contract.ts'
import { JsonError, parseExact } from './exact-json.ts'

export interface WireSpan {
  resource: Record<string, string>
  /** `service.name` of the resource; empty where it has none. */
  service: string
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  kind: SpanKind
  status: SpanStatus
  message: string | null
  /** Microseconds since the epoch. */
  startUs: number
  endUs: number
  attributes: Record<string, string>
}

export const PROTOBUF = 'application/x-protobuf'

/** @throws MappingError when the body is no export request */
export function readTraces(contentType: string, body: Uint8Array): WireSpan[] {
  const type = contentType.split(';')[0]!.trim().toLowerCase()
  if (type === PROTOBUF) return fromProtobuf(body)
  if (type === 'application/json') return fromJson(body)
  throw new MappingError('content-type', `must be ${PROTOBUF} or application/json`)
}

/** Why a span cannot be kept; null: it can. */
export function wrongSpan({ traceId, spanId, startUs, endUs }: WireSpan): string | null {
  if (!/^(?!0{32})[0-9a-f]{32}$/.test(traceId)) return 'the trace id is not 16 bytes'
  if (!/^(?!0{16})[0-9a-f]{16}$/.test(spanId)) return 'the span id is not 8 bytes'
  if (!(startUs > 0)) return 'the start is missing'
  return endUs >= startUs ? null : 'the end lies before the start'
}

// ------------------------------------------------------------------------------------------------ protocol buffers

type Values = Record<string, string>
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function fromProtobuf(body: Uint8Array): WireSpan[] {
  try {
    const spans: WireSpan[] = []
    new PbfReader(body).readFields((tag, found: WireSpan[], pbf) => {
      if (tag === 1) found.push(...resourceSpans(pbf))
    }, spans)
    return spans
  } catch (thrown) {
    throw thrown instanceof MappingError
      ? thrown
      : new MappingError('body', 'is no OTLP trace request in protocol buffers')
  }
}

/** A message inside the reader's present one. */
function message<T>(pbf: PbfReader, into: T, field: (tag: number, into: T, pbf: PbfReader) => void): T {
  const length = pbf.readVarint()
  const end = pbf.pos + length
  if (end > pbf.length) throw new MappingError('body', 'ends in the middle of a message')
  return pbf.readFields(field, into, end)
}

function resourceSpans(pbf: PbfReader): WireSpan[] {
  const found = { resource: {} as Values, spans: [] as WireSpan[] }
  message(pbf, found, (tag, into, p) => {
    if (tag === 1) message(p, into.resource, (t, values, q) => void (t === 1 && keyValue(q, values)))
    else if (tag === 2) message(p, into.spans, (t, spans, q) => void (t === 2 && spans.push(span(q))))
  })
  // The resource may stand behind its spans.
  for (const s of found.spans)
    Object.assign(s, { resource: found.resource, service: found.resource['service.name'] ?? '' })
  return found.spans
}

const blank = (): WireSpan => ({
  resource: {},
  service: '',
  traceId: '',
  spanId: '',
  parentSpanId: null,
  name: '',
  kind: 'internal',
  status: 'unset',
  message: null,
  startUs: 0,
  endUs: 0,
  attributes: {},
})

function span(pbf: PbfReader): WireSpan {
  return message(pbf, blank(), (tag, s, p) => {
    if (tag === 1) s.traceId = hex(p.readBytes())
    else if (tag === 2) s.spanId = hex(p.readBytes())
    else if (tag === 4) s.parentSpanId = hex(p.readBytes()) || null
    else if (tag === 5) s.name = p.readString()
    else if (tag === 6) s.kind = kindOf(p.readVarint())
    else if (tag === 7) s.startUs = micros(fixed64(p))
    else if (tag === 8) s.endUs = micros(fixed64(p))
    else if (tag === 9) keyValue(p, s.attributes)
    else if (tag === 15)
      message(p, s, (t, into, q) => {
        if (t === 2) into.message = q.readString() || null
        else if (t === 3) into.status = statusOf(q.readVarint())
      })
  })
}

/** Nanoseconds do not fit a JavaScript number. */
function fixed64(pbf: PbfReader): bigint {
  const low = BigInt(pbf.readFixed32())
  return (BigInt(pbf.readFixed32()) << 32n) | low
}

const micros = (nanos: bigint) => Number(nanos / 1000n)

function int64(pbf: PbfReader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = pbf.buf[pbf.pos++]
    if (byte === undefined) throw new MappingError('body', 'ends in the middle of a number')
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return BigInt.asIntN(64, value)
}

function keyValue(pbf: PbfReader, into: Values): void {
  const pair = message(pbf, { key: '', value: null as unknown }, (tag, found, p) => {
    if (tag === 1) found.key = p.readString()
    else if (tag === 2) found.value = anyValue(p, 0)
  })
  put(into, pair.key, pair.value)
}

/** Nested deeper than this is nothing that anybody maps. */
const DEPTH_MAX = 16

function anyValue(pbf: PbfReader, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new MappingError('body', `values are nested deeper than ${DEPTH_MAX} levels`)
  const held = message(pbf, { value: null as unknown }, (tag, found, p) => {
    if (tag === 1) found.value = p.readString()
    else if (tag === 2) found.value = p.readBoolean()
    else if (tag === 3) found.value = int64(p).toString()
    else if (tag === 4) found.value = p.readDouble()
    else if (tag === 5)
      found.value = message(p, [] as unknown[], (t, list, q) => void (t === 1 && list.push(anyValue(q, depth + 1))))
    else if (tag === 6) {
      const values: Values = {}
      message(p, values, (t, inner, q) => void (t === 1 && keyValue(q, inner)))
      found.value = values
    } else if (tag === 7) found.value = Buffer.from(p.readBytes()).toString('base64')
  })
  return held.value
}

function put(into: Values, key: string, value: unknown): void {
  if (key === '' || value === null || value === undefined) return
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
  Object.defineProperty(into, key, { value: text, enumerable: true, configurable: true, writable: true })
}

const kindOf = (n: number): SpanKind => SPAN_KINDS[n - 1] ?? 'internal'
const statusOf = (n: number): SpanStatus => SPAN_STATUSES[n] ?? 'unset'

// ---------------------------------------------------------------------------------------------------------- JSON

type Json = Record<string, unknown>
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function fromJson(body: Uint8Array): WireSpan[] {
  let request: unknown
  try {
    request = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new MappingError('body', error instanceof JsonError ? error.message : 'is not valid UTF-8')
  }
  if (!Array.isArray(object(request)['resourceSpans'])) throw new MappingError('resourceSpans', 'is no list')
  return list(object(request)['resourceSpans']).flatMap((one) => {
    const resource = attributesOf(object(object(one)['resource'])['attributes'])
    return list(object(one)['scopeSpans']).flatMap((scope) =>
      list(object(scope)['spans']).map((s) => jsonSpan(object(s), resource)),
    )
  })
}

/** Ids are hexadecimal in OTLP/JSON, 64-bit numbers are texts, and unknown members are passed over. */
function jsonSpan(s: Json, resource: Values): WireSpan {
  const status = object(s['status'])
  return {
    resource,
    service: resource['service.name'] ?? '',
    traceId: text(s['traceId']).toLowerCase(),
    spanId: text(s['spanId']).toLowerCase(),
    parentSpanId: text(s['parentSpanId']).toLowerCase() || null,
    name: text(s['name']),
    kind: kindOf(Number(s['kind'] ?? 1)),
    status: statusOf(Number(status['code'] ?? 0)),
    message: text(status['message']) || null,
    startUs: jsonMicros(s['startTimeUnixNano']),
    endUs: jsonMicros(s['endTimeUnixNano']),
    attributes: attributesOf(s['attributes']),
  }
}

function jsonMicros(value: unknown): number {
  const digits = String(value as string | number)
  return /^\d{1,20}$/.test(digits) ? micros(BigInt(digits)) : 0
}

function attributesOf(value: unknown): Values {
  const into: Values = {}
  for (const pair of list(value)) put(into, text(object(pair)['key']), jsonValue(object(pair)['value']))
  return into
}

function jsonValue(value: unknown): unknown {
  const held = object(value)
  for (const name of ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'bytesValue'])
    if (held[name] !== undefined && held[name] !== null) return held[name]
  if (held['arrayValue'] !== undefined) return list(object(held['arrayValue'])['values']).map(jsonValue)
  if (held['kvlistValue'] !== undefined) return attributesOf(object(held['kvlistValue'])['values'])
  return null
}

/** The spans as OTLP/JSON: what is handed on after they were told apart by their services. */
export function toJson(spans: readonly WireSpan[]): string {
  const pairs = (values: Values) =>
    Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  return JSON.stringify({
    resourceSpans: spans.map((s) => ({
      resource: { attributes: pairs(s.resource) },
      scopeSpans: [
        {
          spans: [
            {
              traceId: s.traceId,
              spanId: s.spanId,
              ...(s.parentSpanId && { parentSpanId: s.parentSpanId }),
              name: s.name,
              kind: SPAN_KINDS.indexOf(s.kind) + 1,
              startTimeUnixNano: `${s.startUs}000`,
              endTimeUnixNano: `${s.endUs}000`,
              attributes: pairs(s.attributes),
              status: { code: SPAN_STATUSES.indexOf(s.status), ...(s.message && { message: s.message }) },
            },
          ],
        },
      ],
    })),
  })
}

/** ExportTraceServiceResponse in the encoding of the request; partial where spans were refused. */
export function exportReply(contentType: string, refused: number, why: string): { type: string; body: Uint8Array } {
  if (contentType.startsWith(PROTOBUF)) {
    const writer = new PbfWriter()
    if (refused > 0)
      writer.writeMessage(
        1,
        (_, inner) => {
          inner.writeTag(1, 0)
          inner.writeVarint(refused)
          inner.writeTag(2, 2)
          inner.writeString(why)
        },
        null,
      )
    return { type: PROTOBUF, body: writer.finish() }
  }
  const reply = refused > 0 ? { partialSuccess: { rejectedSpans: String(refused), errorMessage: why } } : {}
  return { type: 'application/json', body: Buffer.from(JSON.stringify(reply)) }
}

/** google.rpc.Status in the encoding of the request. */
export function statusReply(contentType: string, code: number, why: string): { type: string; body: Uint8Array } {
  if (!contentType.startsWith(PROTOBUF))
    return { type: 'application/json', body: Buffer.from(JSON.stringify({ code, message: why })) }
  const writer = new PbfWriter()
  writer.writeTag(1, 0)
  writer.writeVarint(code)
  writer.writeTag(2, 2)
  writer.writeString(why)
  return { type: PROTOBUF, body: writer.finish() }
}
