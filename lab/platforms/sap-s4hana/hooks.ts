/** Enterprise events of the simulated system, as a broker pushes them: structured CloudEvents with nothing but the key, and a token. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks, happened } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'

export const SAP_HOOK_TOKEN = 'lab-event-mesh-token'
export const SAP_SOURCE = '/default/sap.s4.beh/244572008'

/** Kind → object, and the property with its key. */
const OBJECTS: Record<string, readonly [object: string, key: string]> = {
  customer: ['BusinessPartner', 'BusinessPartner'],
  product: ['Product', 'Product'],
  quote: ['SalesQuotation', 'SalesQuotation'],
  order: ['SalesOrder', 'SalesOrder'],
  contract: ['SalesContract', 'SalesContract'],
  invoice: ['BillingDocument', 'BillingDocument'],
  credit: ['BillingDocument', 'BillingDocument'],
}

export function sapHooks(
  state: PlatformState,
  kinds: readonly string[],
  url: string,
  trouble?: HookTrouble,
): HookSender {
  return createHooks(
    state,
    kinds.filter((kind) => OBJECTS[kind]),
    url,
    (record, n) => {
      const [object, key] = OBJECTS[record.kind]!
      const verb = happened(record, { made: 'Created', changed: 'Changed', gone: 'Deleted' })
      const body = JSON.stringify({
        specversion: '1.0',
        id: `lab-${n}`,
        source: SAP_SOURCE,
        type: `sap.s4.beh.${object.toLowerCase()}.v1.${object}.${verb}.v1`,
        time: new Date(record.changedAt).toISOString(),
        traceparent: `00-${n.toString(16).padStart(32, '0')}-00f067aa0ba902b7-01`,
        datacontenttype: 'application/json',
        data: { [key]: record.id },
      })
      const headers = { 'content-type': 'application/cloudevents+json', authorization: `Bearer ${SAP_HOOK_TOKEN}` }
      return { headers, body }
    },
    trouble,
  )
}
