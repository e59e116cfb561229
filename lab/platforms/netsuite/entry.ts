/** How the product reads the simulated account: its platform entry, and the maps for its words. */
import { MARKS, PLANS, referenceColumns, shapeOf, TERMS, TIMEZONE, writerColumn } from './account.ts'
import { NETSUITE_WEBHOOK_SECRET } from './hooks.ts'
import { NETSUITE_ACCOUNT, NETSUITE_CERTIFICATE, netsuiteKeys } from './session.ts'

export function platformConfig(url: string): Record<string, unknown> {
  const records = Object.entries(PLANS)
    .filter(([kind]) => kind !== 'posting')
    .map(([kind, plan]) => {
      const columns = Object.fromEntries(
        Object.entries(plan.custom).map(([field, column]) => {
          const shape = shapeOf(kind, field)
          return [field, shape === 'day' || shape === 'moment' ? `${shape}(${column})` : column]
        }),
      )
      const marks = Object.fromEntries(
        Object.values(plan.status ?? {}).flatMap((s) =>
          s.mark && s.mark !== 'isinactive' ? [[s.mark, MARKS[s.mark]!]] : [],
        ),
      )
      const writer = writerColumn(kind)
      return [
        plan.record,
        {
          ...(kind === 'contract' && { kind, status: 'display(custrecord_contract_status)' }),
          columns,
          marks,
          refs: referenceColumns(kind),
          ...(writer && { changed_by: writer }),
        },
      ]
    })
  return {
    connector: 'netsuite',
    role: 'erp',
    title: 'NetSuite',
    timezone: TIMEZONE,
    config: {
      account: NETSUITE_ACCOUNT,
      url,
      auth: { flow: 'client_credentials', ...NETSUITE_CERTIFICATE, private_key: netsuiteKeys().privateKey },
      records: Object.fromEntries(records) as Record<string, unknown>,
      skip: ['transactionline', 'posting'],
      webhook: { secrets: [NETSUITE_WEBHOOK_SECRET] },
      write: { order_item: '3000001' },
    },
    maps: Object.fromEntries(Object.keys(vocabulary()).map((field) => [field, mapName(field)])),
    allow_private_network: true,
  }
}

const mapName = (field: string) => `netsuite-${field.replaceAll(/[._]/g, '-')}`

/** Words that accounts use and the laboratory's company does not. */
const FURTHER: Record<string, Record<string, string>> = {
  'order.state': { 'SalesOrd:D': 'booked', 'SalesOrd:E': 'booked', 'SalesOrd:F': 'booked', 'SalesOrd:H': 'fulfilled' },
  'payment.state': { 'CustPymt:B': 'succeeded' },
  'invoice.state': { 'CustInvc:E': 'void' },
}

/** `kind.field` → the account's word → canonical word. */
function vocabulary(): Record<string, Record<string, string>> {
  const all: Record<string, Record<string, string>> = {
    'customer.payment_terms': Object.fromEntries(Object.entries(TERMS).map(([canonical, word]) => [word, canonical])),
  }
  for (const [kind, plan] of Object.entries(PLANS)) {
    if (!plan.status) continue
    const entries = Object.entries(plan.status).map(([state, { word, mark }]) => {
      const full = plan.type ? `${plan.type}:${word}` : word
      return [mark ? `${full} (${MARKS[mark]})` : full, state]
    })
    all[`${kind}.state`] = { ...(Object.fromEntries(entries) as Record<string, string>), ...FURTHER[`${kind}.state`] }
  }
  return all
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(vocabulary()).map(([field, entries]) => [
      mapName(field),
      { owner: 'Finance systems', entries: { netsuite: entries } },
    ]),
  )
}
