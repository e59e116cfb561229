/** Simulated sender of webhooks: a message for every event, signed over its stamp and its bytes. */
import { createHmac } from 'node:crypto'
import { senderOf } from '../senders.ts'

export const WEBHOOK_SECRET = 'lab-webhook-sender-secret'

export const webhook = senderOf({
  vendor: 'webhook',
  title: 'Integration alerts',
  config: {
    signature: {
      scheme: 'hmac',
      header: 'x-signature',
      prefix: 'sha256=',
      content: '{timestamp}.{body}',
      timestamp: { header: 'x-timestamp' },
      secrets: [WEBHOOK_SECRET],
    },
    // The events are in our own words: no rule is needed.
    id: '/id',
  },
  written: (told, state) =>
    told.map((event) => {
      const body = JSON.stringify(event)
      const stamp = String(Math.floor(state.now() / 1000))
      const signature = createHmac('sha256', WEBHOOK_SECRET).update(`${stamp}.${body}`).digest('hex')
      const signed = { 'x-timestamp': stamp, 'x-signature': `sha256=${signature}` }
      const headers = { 'content-type': 'application/json', ...signed }
      return { kind: event.kind ?? '', record: event.record_id ?? '', headers, body }
    }),
})
export default webhook
