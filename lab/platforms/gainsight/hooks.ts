/** Calls of the simulated tenant's rules: a payload that an administrator wrote, and a token in a header. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'
import { PLANS } from './objects.ts'

export const GAINSIGHT_HOOK_TOKEN = 'lab-gainsight-rule-token'

export function gainsightHooks(state: PlatformState, url: string, trouble?: HookTrouble): HookSender {
  return createHooks(
    state,
    Object.keys(PLANS),
    url,
    (record) => ({
      headers: { 'content-type': 'application/json', 'x-plumbline-key': GAINSIGHT_HOOK_TOKEN },
      body: JSON.stringify({
        object: PLANS[record.kind]!.object,
        gsid: record.id,
        modifiedDate: new Date(record.changedAt).toISOString(),
      }),
    }),
    trouble,
  )
}
