/** Simulated broker of CloudEvents: it asks before it delivers, and sends in all three modes, signed by Standard Webhooks. */
import { createHash, createHmac } from 'node:crypto'
import type { RecordedEvent } from '../../model/event.ts'
import type { PlatformState } from '../platform.ts'
import { senderOf } from '../senders.ts'

const SECRET = Buffer.from('lab-cloudevents-broker-secret').toString('base64')
export const ORIGIN = 'broker.lab.example'
const SOURCE = '/larkmoor/middleware'
const MOST = 5

export const cloudevents = senderOf({
  vendor: 'cloudevents',
  title: 'Event broker',
  config: {
    signature: { scheme: 'standard_webhooks', secrets: [`whsec_${SECRET}`] },
    sources: [`${SOURCE}*`],
    origins: [ORIGIN],
  },
  /** §4 of the webhook specification: without the header that names it, a sender may not deliver. */
  async asks(url) {
    const reply = await fetch(url, { method: 'OPTIONS', headers: { 'webhook-request-origin': ORIGIN } })
    await reply.arrayBuffer()
    return [ORIGIN, '*'].includes(reply.headers.get('webhook-allowed-origin') ?? '')
  },
  written: (told, state) => batches(told).map((events, n) => delivery(events, n, state)),
})
export default cloudevents

/** Two by themselves, then several at once. */
function batches(told: readonly RecordedEvent[]): RecordedEvent[][] {
  const found: RecordedEvent[][] = []
  for (let at = 0; at < told.length;) {
    const size = found.length % 3 === 2 ? MOST : 1
    found.push(told.slice(at, at + size))
    at += size
  }
  return found
}

const attributes = (event: RecordedEvent): Record<string, string> => ({
  specversion: '1.0',
  id: event.id,
  source: SOURCE,
  type: `com.larkmoor.delivery.${event.type}`,
  time: event.at,
  ...(event.record_id !== null && { subject: event.record_id }),
})

function delivery(events: readonly RecordedEvent[], n: number, state: PlatformState) {
  const [first] = events
  const whole = events.map((event) => ({ ...attributes(event), datacontenttype: 'application/json', data: event }))
  const [type, body] =
    n % 3 === 0
      ? ['application/json', JSON.stringify(first)]
      : n % 3 === 1
        ? ['application/cloudevents+json; charset=utf-8', JSON.stringify(whole[0])]
        : ['application/cloudevents-batch+json', JSON.stringify(whole)]
  const own = Object.entries(attributes(first!)).map(([name, text]) => [`ce-${name}`, encodeURIComponent(text)])
  const headers = {
    ...(n % 3 === 0 && (Object.fromEntries(own) as Record<string, string>)),
    'content-type': type!,
    ...signed(body!, state.now()),
  }
  return { kind: first!.kind ?? '', record: first!.record_id ?? '', headers, body: body! }
}

function signed(body: string, now: number): Record<string, string> {
  const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 24)}`
  const stamp = String(Math.floor(now / 1000))
  const signature = createHmac('sha256', Buffer.from(SECRET, 'base64')).update(`${id}.${stamp}.${body}`)
  return { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': `v1,${signature.digest('base64')}` }
}
