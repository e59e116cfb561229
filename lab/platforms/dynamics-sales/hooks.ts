/** Webhooks of the simulated environment: the context of a plug-in step, with a static secret in a header. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { PLANS } from './environment.ts'

export const DYNAMICS_WEBHOOK_KEY = 'lab-dynamics-webhook-key'

export function dynamicsHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(PLANS),
    url,
    (record, n) => {
      const message = happened(record, { made: 'Create', changed: 'Update', gone: 'Delete' })
      const { logical } = PLANS[record.kind]!
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'x-plumbline-key': DYNAMICS_WEBHOOK_KEY,
        'x-ms-dynamics-organization': 'lab.crm4.dynamics.com',
        'x-ms-dynamics-entity-name': logical,
        'x-ms-dynamics-request-name': message,
      }
      const body = JSON.stringify({
        MessageName: message,
        PrimaryEntityName: logical,
        PrimaryEntityId: record.id,
        OperationId: `0f000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
        OperationCreatedOn: `/Date(${record.changedAt}+0000)/`,
        InputParameters: [],
        PostEntityImages: [],
      })
      return { headers, body }
    },
    trouble,
  )
}
