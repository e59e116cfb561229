/** Zendesk’s webhooks: signed over stamp and raw body. Event webhooks name their subject; triggers say what somebody typed. */
import { hashKey, jsonObject } from '../hook-body.ts'
import type { HookReading, Receiver } from '../receiver.ts'
import { unconfigured, verdictOf } from '../signature.ts'
import type { ZendeskConfig } from './config.ts'
import { asObject, idOf, textOf } from './fields.ts'

const STREAMS: Record<string, string> = { organization: 'organizations', user: 'users', ticket: 'tickets' }

export const receive: Receiver<ZendeskConfig> = {
  verify({ webhook }, { headers, body }, now) {
    if (!webhook) return unconfigured('config.webhook.secrets')
    const stamp = headers['x-zendesk-webhook-signature-timestamp'] ?? ''
    const at = Date.parse(stamp)
    return verdictOf(
      {
        secrets: webhook.secrets,
        message: Buffer.concat([Buffer.from(stamp), body]),
        offered: [Buffer.from(headers['x-zendesk-webhook-signature'] ?? '', 'base64')],
        at: Number.isNaN(at) ? null : at,
        tolerance: webhook.tolerance,
      },
      now,
    )
  },
  read(config, { headers, body }) {
    const event = jsonObject(body)
    const key = textOf(event['id']) ?? headers['x-zendesk-webhook-invocation-id'] ?? hashKey(body)
    return [{ key, events: [], hints: hintsOf(config, event) }]
  },
}

/** `zen:event-type:organization.created` about `zen:organization:123`; else a ticket, by id where the body has one. */
function hintsOf(config: ZendeskConfig, event: Record<string, unknown>): HookReading['hints'] {
  const kind = /^zen:event-type:(\w+)\./.exec(textOf(event['type']) ?? '')?.[1]
  const subject = /^zen:\w+:(.+)$/.exec(textOf(event['subject']) ?? '')?.[1]
  const id = subject ?? idOf(asObject(event['detail'])?.['id'])
  const named = kind === undefined ? undefined : STREAMS[kind]
  if (named !== undefined) {
    const also =
      named === 'organizations' && config.entitlement?.source === 'organization_fields' ? ['entitlements'] : []
    return [named, ...also].map((stream) => ({ stream, ...(id !== null && { id }) }))
  }
  if (kind === 'custom_object' || kind === 'custom_object_record')
    return config.entitlement ? [{ stream: 'entitlements' }] : []
  if (kind !== undefined) return []
  const ticket = idOf(event['ticket_id']) ?? idOf(asObject(event['ticket'])?.['id'])
  return [{ stream: 'tickets', ...(ticket !== null && { id: ticket }) }]
}
