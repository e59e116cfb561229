/** Accepting: from the bytes of a request to the answer that its sender gets. Durable first, and never waiting for the facts. */
import { isCloudEvent, readCloudEvents, webhookHandshake } from '../../connectors/cloud-event.ts'
import { MappingError } from '../../connectors/contract.ts'
import { exportReply, readTraces, statusReply, wrongSpan, type WireSpan } from '../../connectors/otlp-wire.ts'
import type { HookRequest } from '../../connectors/receiver.ts'
import type { Context } from '../context.ts'
import { asError } from '../errors.ts'
import type { Spool } from '../store/spool/spool.ts'
import { byService, keptHeader } from './kept.ts'
import { DEPTH_MAX, RETRY_AFTER_S, SPANS_MAX } from './limits.ts'
import { ownerOf, receiverOf, receivers } from './receivers.ts'
import type { Tally } from './tally.ts'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Uint8Array | string
}

interface Parts {
  ctx: Context
  spool: Spool
  tally: Tally
}

const said = (status: number, title: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: 'about:blank', status, title }),
})
const NO_HOOK = () => said(404, 'There is no such hook.')
const waits = () => said(503, 'Nothing can be accepted at the moment.', { 'retry-after': String(RETRY_AFTER_S) })

/** Nested deeper than we read? Counts brackets outside of texts, in one pass over the bytes. */
export function tooDeep(body: Uint8Array, most = DEPTH_MAX): boolean {
  let depth = 0
  let inText = false
  for (let i = 0; i < body.length; i++) {
    const c = body[i]
    if (inText) {
      if (c === 0x5c) i++
      else if (c === 0x22) inText = false
    } else if (c === 0x22) inText = true
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > most) return true
    } else if (c === 0x7d || c === 0x5d) depth--
  }
  return false
}

const isJson = (request: HookRequest) => /json/i.test(request.headers['content-type'] ?? '')

/** `/hooks/<platform>`: who is not let in learns nothing but that. */
export async function acceptHook(
  { ctx, spool, tally }: Parts,
  platform: string,
  request: HookRequest,
): Promise<Answer> {
  const open = receiverOf(ctx, platform)
  if (!open) return NO_HOOK()
  const { receiver, config } = open
  const now = ctx.clock.now()
  const greeting = receiver.handshake?.(config, request)
  if (greeting) {
    tally.add(platform, 'handshake', now, greeting.status < 400 ? '' : 'not allowed')
    return { status: greeting.status, headers: greeting.headers ?? {}, body: greeting.body }
  }
  if (request.method !== 'POST' && request.method !== 'PUT')
    return said(405, 'Deliveries are sent with POST.', { allow: 'POST' })
  const verdict = receiver.verify(config, request, now)
  if (verdict.trust === 'refused') {
    tally.add(platform, 'refused', now, verdict.reason)
    return said(401, 'The delivery is refused.')
  }
  if (isJson(request) && tooDeep(request.body)) {
    tally.add(platform, 'refused', now, `nested deeper than ${DEPTH_MAX} levels`)
    return said(400, 'The delivery cannot be read.')
  }
  try {
    await spool.append(keptHeader(request, { at: now, door: 'hook', platform, trust: verdict.trust }), request.body)
  } catch (thrown) {
    tally.add(platform, 'refused', now, asError(thrown).message)
    return waits()
  }
  tally.add(platform, verdict.trust, now)
  if (receiver.standard === 'traces') return exported(request, 0, '')
  const acknowledged = receiver.acknowledge?.(config, request)
  if (acknowledged) return { headers: {}, ...acknowledged }
  // CloudEvents tell taken over (202) from worked off; everybody else expects a plain 200.
  return { status: receiver.standard === 'cloudevents' ? 202 : 200, headers: {}, body: '' }
}

/** `OPTIONS /v1/events`: may this sender deliver here? */
export function greetEvents({ ctx }: Pick<Parts, 'ctx'>, request: HookRequest): Answer {
  const greeting = webhookHandshake(request, ctx.config.intake.origins, null)
  if (!greeting) return said(405, 'Events are sent with POST.', { allow: 'POST' })
  return { status: greeting.status, headers: greeting.headers ?? {}, body: greeting.body }
}

export { isCloudEvent }

/** CloudEvents at `/v1/events`: a batch with one event that is none is refused as a whole, so that its sender keeps it. */
export async function acceptCloudEvents({ ctx, spool, tally }: Parts, request: HookRequest): Promise<Answer> {
  if (tooDeep(request.body)) return said(400, `The body is nested deeper than ${DEPTH_MAX} levels.`)
  let sources: Set<string>
  try {
    sources = new Set(readCloudEvents(request).map((e) => e.source))
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return said(
      error.field === 'content-type' ? 415 : 400,
      `The body is no CloudEvent: ${error.field} ${error.message}.`,
    )
  }
  for (const source of sources)
    if (!ownerOf(ctx, 'cloudevents', source))
      return said(
        422,
        `No platform takes events of the source ${source.slice(0, 200)}. Name it under sources of a platform with the connector cloudevents.`,
      )
  return keep({ ctx, spool, tally }, request, 'cloudevents', () => ({
    status: 202,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accepted: true }),
  }))
}

/** `/v1/traces`: OTLP/HTTP. Spans that cannot be kept are told as a partial success, the others are durable. */
export async function acceptTraces({ ctx, spool, tally }: Parts, request: HookRequest): Promise<Answer> {
  const type = request.headers['content-type'] ?? ''
  const refuse = (status: number, code: number, why: string, headers: Record<string, string> = {}): Answer => {
    const { type: replied, body } = statusReply(type, code, why)
    return { status, headers: { 'content-type': replied, ...headers }, body }
  }
  let spans: WireSpan[]
  try {
    spans = readTraces(type, request.body)
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return refuse(error.field === 'content-type' ? 415 : 400, 3, `${error.field} ${error.message}`)
  }
  if (!receivers(ctx).some((r) => r.receiver.standard === 'traces'))
    return refuse(404, 5, 'No platform takes traces; configure one with the connector otlp.')
  if (spans.length > SPANS_MAX) return refuse(413, 8, `A request holds at most ${SPANS_MAX} spans.`)
  const { refused, why } = refusals(ctx, spans)
  if (refused === spans.length) return exported(request, refused, why)
  const answer = await keep({ ctx, spool, tally }, request, 'traces', () => exported(request, refused, why))
  return answer.status === 503
    ? refuse(503, 14, 'Nothing can be accepted at the moment.', { 'retry-after': String(RETRY_AFTER_S) })
    : answer
}

function refusals(ctx: Context, spans: readonly WireSpan[]): { refused: number; why: string } {
  const reasons = new Map<string, number>()
  for (const [service, list] of byService(spans)) {
    const taken = ownerOf(ctx, 'traces', service) !== null
    for (const span of list) {
      const reason = taken ? wrongSpan(span) : `no platform takes the service ${service.slice(0, 100)}`
      if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
  }
  const refused = [...reasons.values()].reduce((a, b) => a + b, 0)
  return {
    refused,
    why: [...reasons]
      .map(([reason, n]) => `${n}: ${reason}`)
      .join('; ')
      .slice(0, 1000),
  }
}

function exported(request: HookRequest, refused: number, why: string): Answer {
  const { type, body } = exportReply(request.headers['content-type'] ?? '', refused, why)
  return { status: 200, headers: { 'content-type': type }, body }
}

async function keep(
  { ctx, spool, tally }: Parts,
  request: HookRequest,
  door: 'cloudevents' | 'traces',
  done: () => Answer,
): Promise<Answer> {
  const at = ctx.clock.now()
  try {
    await spool.append(keptHeader(request, { at, door, platform: '', trust: 'token' }), request.body)
  } catch (thrown) {
    tally.add('', 'refused', at, asError(thrown).message)
    return waits()
  }
  return done()
}
