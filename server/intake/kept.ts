/** Kept deliveries: how a request is written into the spool, and which platform's reading of it is asked for. */
import { BATCH_TYPE, readCloudEvents } from '../../connectors/cloud-event.ts'
import { MappingError } from '../../connectors/contract.ts'
import { readTraces, toJson, type WireSpan } from '../../connectors/otlp-wire.ts'
import type { HookRequest, HookTrust } from '../../connectors/receiver.ts'
import type { Context } from '../context.ts'
import type { SpoolHeader } from '../store/spool/spool.ts'
import { HEADER_CHARS_MAX } from './limits.ts'
import { ownerOf, receiverOf, type OpenReceiver } from './receivers.ts'

/** Where it came in: at a platform's own hook, or at the door of a standard, for whoever owns the source. */
export type Door = 'hook' | 'cloudevents' | 'traces'

export interface KeptHeader extends SpoolHeader {
  door: Door
  /** Platform of the hook; empty at the door of a standard. */
  platform: string
  trust: HookTrust
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  /** When it came first, where it was put aside meanwhile. */
  came?: number
  /** It was put aside and is tried again. */
  replayed?: boolean
}

/** Headers that prove the sender are of no use later, and must not lie on disk. */
const SECRET_HEADERS = /^(authorization|proxy-authorization|cookie|x-api-key)$|signature|token|secret/

export function keptHeader(
  request: HookRequest,
  told: Pick<KeptHeader, 'door' | 'platform' | 'trust' | 'at'>,
): KeptHeader {
  const headers: Record<string, string> = {}
  let chars = 0
  for (const [name, text] of Object.entries(request.headers)) {
    chars += name.length + text.length
    if (SECRET_HEADERS.test(name) || chars > HEADER_CHARS_MAX) continue
    headers[name] = text
  }
  const query = Object.fromEntries(
    Object.entries(request.query).filter(([name]) => !/token|secret|key|sig/i.test(name)),
  )
  const path = request.path.split('?')[0]!
  return { ...told, method: request.method, path, query, headers }
}

export interface Asked {
  receiver: OpenReceiver
  request: HookRequest
}

/**
 * Whom to ask about a kept delivery. At the door of a standard every source has its owner.
 * @throws MappingError when nobody takes it
 */
export function askedOf(ctx: Pick<Context, 'config' | 'connectors'>, header: KeptHeader, body: Buffer): Asked[] {
  const { method, path, query } = header
  const headers: Record<string, string> = {
    ...header.headers,
    'x-received-at': new Date(header.came ?? header.at).toISOString(),
  }
  const ask = (receiver: OpenReceiver, bytes: Buffer, type?: string): Asked => ({
    receiver,
    request: {
      method,
      path,
      query,
      headers: { ...headers, 'x-platform': receiver.platform, ...(type && { 'content-type': type }) },
      body: bytes,
    },
  })
  if (header.door === 'hook') {
    const receiver = receiverOf(ctx, header.platform)
    if (!receiver) throw new MappingError('platform', `${header.platform} takes no deliveries any more`)
    return receiver.receiver.standard === 'cloudevents'
      ? readCloudEvents({ headers, body }).map((e) => ask(receiver, Buffer.from(JSON.stringify([e])), BATCH_TYPE))
      : [ask(receiver, body)]
  }
  if (header.door === 'cloudevents')
    return readCloudEvents({ headers, body }).map((event) =>
      ask(
        ownerOf(ctx, 'cloudevents', event.source) ?? nobody(`source ${event.source}`, 'cloudevents'),
        Buffer.from(JSON.stringify([event])),
        BATCH_TYPE,
      ),
    )
  return [...byService(readTraces(headers['content-type'] ?? '', body))].map(([service, spans]) =>
    ask(
      ownerOf(ctx, 'traces', service) ?? nobody(`service ${service}`, 'traces'),
      Buffer.from(toJson(spans)),
      'application/json',
    ),
  )
}

function nobody(what: string, standard: string): never {
  throw new MappingError('source', `no platform that speaks ${standard} takes the ${what.slice(0, 200)}`)
}

export function byService(spans: readonly WireSpan[]): Map<string, WireSpan[]> {
  const found = new Map<string, WireSpan[]>()
  for (const span of spans) {
    const list = found.get(span.service)
    if (list) list.push(span)
    else found.set(span.service, [span])
  }
  return found
}
