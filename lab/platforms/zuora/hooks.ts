/** Callouts of the simulated tenant, signed as its template declares: over a stamp of its own and the body. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'

export const CALLOUT_SECRET = 'lab-zuora-callout-secret'

const MEMBERS: Record<string, string> = {
  customer: 'AccountId',
  subscription: 'SubscriptionNumber',
  invoice: 'InvoiceId',
  payment: 'PaymentId',
}

export function signed(body: string, atMs: number): Record<string, string> {
  const stamp = new Date(atMs).toISOString()
  return {
    'content-type': 'application/json',
    'x-callout-date': stamp,
    'x-zuora-signature': createHmac('sha256', CALLOUT_SECRET).update(`${stamp}${body}`).digest('base64'),
  }
}

export function zuoraHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(MEMBERS),
    url,
    (record) => {
      if (record.deletedAt !== undefined) return null
      const about = record.fields['customer']
      const body = JSON.stringify({
        EventCategory: `${record.kind} changed`,
        ...(about && { AccountId: about }),
        [MEMBERS[record.kind]!]: record.id,
        EventDate: new Date(record.changedAt).toISOString(),
      })
      return { headers: signed(body, state.now()), body }
    },
    trouble,
  )
}
