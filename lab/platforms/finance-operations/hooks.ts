/** Business events of the simulated environment: posted to an address that holds the secret, unsigned. */
import type { HookSender, HookTrouble } from '../../hooks.ts'
import { createHooks } from '../../hooks.ts'
import type { PlatformState } from '../../platform.ts'

export const OPERATIONS_HOOK_CODE = 'lab-business-events-code'

/** Alerts name the table and the key of its row. */
const TABLES: Record<string, string> = { customer: 'CustTable', quote: 'SalesQuotationTable', order: 'SalesTable' }

export function operationsHooks(
  state: PlatformState,
  kinds: readonly string[],
  url: string,
  trouble?: HookTrouble,
): HookSender {
  const address = new URL(url)
  address.searchParams.set('code', OPERATIONS_HOOK_CODE)
  return createHooks(
    state,
    kinds.filter((kind) => TABLES[kind] || kind === 'invoice'),
    address.href,
    (record, n) => {
      const [company = '', number = ''] = record.id.split('/')
      const body = JSON.stringify({
        ControlNumber: 5_637_144_576 + n,
        EventId: `0F000000-0000-4000-8000-${n.toString(16).toUpperCase().padStart(12, '0')}`,
        EventTime: `/Date(${record.changedAt})/`,
        MajorVersion: 0,
        MinorVersion: 0,
        ...(record.kind === 'invoice'
          ? { BusinessEventId: 'SalesInvoicePostedBusinessEvent', LegalEntity: company, InvoiceId: number }
          : {
              BusinessEventId: 'BusinessEventsAlertEvent',
              DataAreaId: company,
              TableName: TABLES[record.kind],
              KeyValue1: number,
            }),
      })
      return { headers: { 'content-type': 'application/json' }, body }
    },
    trouble,
  )
}
