/** Event webhooks of the simulated account, signed over stamp and body. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'

export const ZENDESK_WEBHOOK_SECRET = 'lab_zendesk_webhook_secret'
const NOUNS: Record<string, string> = { customer: 'organization', contact: 'user', case: 'ticket' }

export function signed(body: string, atMs: number, secret = ZENDESK_WEBHOOK_SECRET): Record<string, string> {
  const stamp = `${new Date(atMs).toISOString().slice(0, 19)}Z`
  const signature = createHmac('sha256', secret).update(`${stamp}${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'x-zendesk-webhook-signature': signature,
    'x-zendesk-webhook-signature-timestamp': stamp,
  }
}

export function zendeskHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(NOUNS),
    url,
    (record, n) => {
      const noun = NOUNS[record.kind]!
      const verb = happened(record, { made: 'created', changed: 'changed', gone: 'deleted' })
      const body = JSON.stringify({
        account_id: 1,
        id: `01LABEVENT${String(n).padStart(6, '0')}`,
        type: `zen:event-type:${noun}.${verb}`,
        subject: `zen:${noun}:${record.id}`,
        time: new Date(record.changedAt).toISOString(),
        zendesk_event_version: '2022-06-20',
        detail: { id: record.id },
        event: {},
      })
      return { headers: signed(body, state.now()), body }
    },
    trouble,
  )
}
