/**
 * Redelivering to a configured target: the original event, as it was, in a signed POST by Standard Webhooks. Its id is the
 * event's own, so that a receiver that has it already knows it; its own time and order are in the body and a header.
 */
import { createHmac } from 'node:crypto'
import type { Action } from '../../connectors/action.ts'
import type { Secret } from '../../connectors/secret.ts'
import type { ReplayRequest } from './item.ts'

export interface TargetConfig {
  url: string
  secret: Secret
}

/** An action that any target can do: take an event of this kind again, or take a ticket. */
export function redeliverAction(kind: string): Action<TargetConfig> {
  return {
    name: 'redeliver',
    kind,
    stream: '',
    fields: [],
    guard: 'compare',
    // The receiver is told by the id; what it makes of it is seen in the record that it writes.
    idempotency: 'header',
    needs: [],
    undo: null,
    calls: ({ url }, { recordId }) => [{ method: 'POST', path: new URL(url).pathname, body: { event: recordId } }],
    look: () => Promise.resolve({ row: null, mark: null }),
    async perform(ctx, request) {
      const { event } = request as ReplayRequest
      const id = event?.id ?? request.key
      const body = {
        id,
        occurred_at: event?.at ?? null,
        correlation_id: event?.correlation_id ?? null,
        data: event?.payload ?? null,
      }
      const timestamp = String(Math.floor(ctx.clock.now() / 1000))
      const reply = await ctx.http.request({
        method: 'POST',
        url: ctx.config.url,
        json: body,
        once: true,
        accept: [400, 404, 409, 410, 413, 422],
        headers: {
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': signature(ctx.config.secret, `${id}.${timestamp}.${JSON.stringify(body)}`),
          'idempotency-key': request.key,
          ...(event?.at && { 'plumbline-original-time': event.at }),
        },
      })
      if (reply.status === 409) return { status: 'done', recordId: id }
      if (reply.status >= 400) return { status: 'refused', reason: `The target answered ${reply.status}.` }
      return { status: 'done', recordId: id }
    },
  }
}

/** `v1,<base64>`; a key that starts with `whsec_` is base64. */
export function signature(secret: Secret, text: string): string {
  const key = secret.reveal()
  const bytes = key.startsWith('whsec_') ? Buffer.from(key.slice(6), 'base64') : Buffer.from(key)
  return `v1,${createHmac('sha256', bytes).update(text).digest('base64')}`
}
