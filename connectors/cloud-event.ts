/** CloudEvents 1.0 over HTTP: binary, structured and batched, read into one shape; and the handshake of its webhook specification. */
import { MappingError } from './contract.ts'
import { JsonError, parseExact } from './exact-json.ts'
import type { HookReply, HookRequest } from './receiver.ts'

/** One event as its JSON format has it: the attributes as members, `data` parsed where it is JSON. */
export type CloudEvent = Record<string, unknown> & { id: string; source: string; type: string; specversion: string }

const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'
export const BATCH_TYPE = BATCH

const mediaType = (request: Pick<HookRequest, 'headers'>) =>
  (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()

export function isCloudEvent(request: Pick<HookRequest, 'headers'>): boolean {
  const type = mediaType(request)
  return type.startsWith('application/cloudevents') || request.headers['ce-specversion'] !== undefined
}

/** @throws MappingError that names the attribute, and the place in a batch */
export function readCloudEvents(request: Pick<HookRequest, 'headers' | 'body'>): CloudEvent[] {
  const type = mediaType(request)
  if (type === BATCH) {
    const list = json(request.body)
    if (!Array.isArray(list)) throw new MappingError('body', 'a batch is a JSON array')
    return list.map((event, n) => checked(event, `event ${n + 1} of ${list.length}: `))
  }
  if (type === STRUCTURED) return [checked(json(request.body), '')]
  if (type.startsWith('application/cloudevents'))
    throw new MappingError('content-type', `the event format ${type.slice(0, 80)} is not read; send JSON`)
  return [binary(request, type)]
}

/** Attributes of binary mode are headers with percent-encoded UTF-8. */
function binary({ headers, body }: Pick<HookRequest, 'headers' | 'body'>, type: string): CloudEvent {
  const event: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(headers))
    if (name.startsWith('ce-')) event[name.slice(3)] = decoded(text, name)
  if (headers['content-type']) event['datacontenttype'] = headers['content-type']
  if (body.length > 0) {
    if (/[/+]json$/.test(type) || type === '') event['data'] = json(body)
    else event['data_base64'] = Buffer.from(body).toString('base64')
  }
  return checked(event, '')
}

function decoded(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'))
  } catch {
    throw new MappingError(name, 'is not percent-encoded UTF-8')
  }
}

function json(body: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new MappingError('body', 'is not valid UTF-8')
  }
  try {
    return parseExact(text)
  } catch (error) {
    throw new MappingError('body', error instanceof JsonError ? error.message : 'not valid JSON')
  }
}

function checked(value: unknown, place: string): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MappingError('body', `${place}an event is a JSON object`)
  const event = value as Record<string, unknown>
  if (event['specversion'] !== '1.0')
    throw new MappingError(
      'specversion',
      `${place}must be 1.0, not ${JSON.stringify(event['specversion'] ?? null).slice(0, 20)}`,
    )
  for (const name of ['id', 'source', 'type'])
    if (typeof event[name] !== 'string' || event[name] === '')
      throw new MappingError(name, `${place}must be a text that is not empty`)
  if (event['time'] !== undefined && (typeof event['time'] !== 'string' || Number.isNaN(Date.parse(event['time']))))
    throw new MappingError('time', `${place}must be an RFC 3339 instant`)
  if (event['data'] !== undefined && event['data_base64'] !== undefined)
    throw new MappingError('data', `${place}stands beside data_base64; an event has one of them`)
  return event as CloudEvent
}

/**
 * The validation request of the webhook specification (§4): a sender asks whether it may deliver here, and how fast.
 * @param origins names that may; `*` for all
 * @returns null where it is no such request
 */
export function webhookHandshake(
  request: Pick<HookRequest, 'method' | 'headers'>,
  origins: readonly string[],
  perMinute: number | null,
): HookReply | null {
  const origin = request.headers['webhook-request-origin']
  if (request.method !== 'OPTIONS' || origin === undefined) return null
  if (!origins.includes('*') && !origins.some((o) => o.toLowerCase() === origin.toLowerCase()))
    // Without the headers there is no consent; 405 as if the method were not known.
    return { status: 405, headers: { allow: 'POST' }, body: '' }
  return {
    status: 200,
    headers: {
      allow: 'POST, OPTIONS',
      'webhook-allowed-origin': origin,
      'webhook-allowed-rate': perMinute === null ? '*' : String(perMinute),
    },
    body: '',
  }
}
