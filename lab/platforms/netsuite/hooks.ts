/** What the user-event script of the simulated account posts when a record was saved. */
import { createHmac } from 'node:crypto'
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { PLANS } from './account.ts'

export const NETSUITE_WEBHOOK_SECRET = 'lab-netsuite-webhook-secret'

export function signed(body: string, atMs: number, secret = NETSUITE_WEBHOOK_SECRET): Record<string, string> {
  const stamp = String(Math.floor(atMs / 1000))
  const signature = createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')
  return {
    'content-type': 'application/json',
    'x-plumbline-timestamp': stamp,
    'x-plumbline-signature': `v1=${signature}`,
  }
}

export function netsuiteHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  const kinds = Object.keys(PLANS).filter((kind) => kind !== 'posting')
  return createHooks(
    state,
    kinds,
    url,
    (record, n) => {
      const event = happened(record, { made: 'create', changed: 'edit', gone: 'delete' })
      const type = PLANS[record.kind]!.record === 'item' ? 'serviceitem' : PLANS[record.kind]!.record
      const body = JSON.stringify({ id: `${record.id}-${n}`, type, record_id: record.id, event })
      return { headers: signed(body, state.now()), body }
    },
    trouble,
  )
}
