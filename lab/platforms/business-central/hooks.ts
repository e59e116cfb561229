/** Webhooks of the simulated company: notifications without a signature, with the word that their subscription was made with. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { COMPANY, PLANS } from './entities.ts'

export const CENTRAL_CLIENT_STATE = 'lab-business-central-client-state'

export function centralHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(PLANS),
    url,
    (record) => {
      const { entity } = PLANS[record.kind]!
      const changeType = happened(record, { made: 'created', changed: 'updated', gone: 'deleted' })
      const body = JSON.stringify({
        value: [
          {
            subscriptionId: `lab-${entity}`,
            clientState: CENTRAL_CLIENT_STATE,
            expirationDateTime: new Date(state.now() + 3 * 86_400_000).toISOString(),
            resource: `/api/larkmoor/finance/v1.0/companies(${COMPANY})/${entity}(${record.id})`,
            changeType,
            lastModifiedDateTime: new Date(record.deletedAt ?? record.changedAt).toISOString(),
          },
        ],
      })
      return { headers: { 'content-type': 'application/json' }, body }
    },
    trouble,
  )
}
