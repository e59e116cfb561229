/** Webhooks of the simulated account: batches of one event, signed over method, registered address, body and stamp. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { PLANS } from './account.ts'

export const HUBSPOT_CLIENT_SECRET = 'lab-hubspot-client-secret'
/** As it is registered; the signature covers it, whatever stands between. */
export const REGISTERED_URL = 'https://plumbline.lab.example/hooks/hubspot'
const NOUNS: Record<string, string> = { customer: 'company', contact: 'contact', opportunity: 'deal', case: 'ticket' }

export function signed(body: string, atMs: number, secret = HUBSPOT_CLIENT_SECRET): Record<string, string> {
  const message = `POST${REGISTERED_URL}${body}${atMs}`
  return {
    'content-type': 'application/json',
    'x-hubspot-request-timestamp': String(atMs),
    'x-hubspot-signature-v3': createHmac('sha256', secret).update(message).digest('base64'),
  }
}

export function hubspotHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(PLANS).filter((kind) => NOUNS[kind]),
    url,
    (record, n) => {
      const verb = happened(record, { made: 'creation', changed: 'propertyChange', gone: 'deletion' })
      const event = {
        eventId: n,
        subscriptionId: 7001,
        portalId: 4242,
        appId: 900,
        occurredAt: record.changedAt,
        subscriptionType: `${NOUNS[record.kind]!}.${verb}`,
        attemptNumber: 0,
        objectId: Number(record.id),
        changeSource: 'CRM_UI',
      }
      const body = JSON.stringify([event])
      return { headers: signed(body, state.now()), body }
    },
    trouble,
  )
}
