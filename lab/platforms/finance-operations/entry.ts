/** How the product reads the simulated environment: its platform entry, and the maps for its words. */
import { OPERATIONS_HOOK_CODE } from './hooks.ts'
import { COMPANY, KEY, PLANS, refProperty, REFERRED } from './entities.ts'

export const OPERATIONS_CLIENT = { id: 'lab-plumbline', secret: 'lab-finance-operations-secret' }

const STREAMS: Record<string, string> = { credit: 'SalesCreditNotes' }

export function platformConfig(url: string): Record<string, unknown> {
  const refs = Object.fromEntries(REFERRED.map((platform) => [platform, refProperty(platform)]))
  const entities = Object.entries(PLANS).map(([kind, { set }]) => [STREAMS[kind] ?? set, { refs, key: KEY }] as const)
  return {
    connector: 'finance-operations',
    role: 'erp',
    title: 'Dynamics 365 Finance',
    timezone: 'UTC',
    config: {
      url,
      login_url: url,
      tenant: 'lab.example',
      client_id: OPERATIONS_CLIENT.id,
      client_secret: OPERATIONS_CLIENT.secret,
      companies: [COMPANY],
      currencies: { [COMPANY]: 'EUR' },
      entities: Object.fromEntries(entities) as Record<string, unknown>,
      webhook: { secrets: [OPERATIONS_HOOK_CODE] },
      write: {},
    },
    maps: Object.fromEntries(mapped().map(([kind]) => [`${kind}.state`, `finance-operations-${kind}-state`])),
    allow_private_network: true,
  }
}

const mapped = () =>
  Object.entries(PLANS).flatMap(([kind, { status }]) => (status ? [[kind, status.words] as const] : []))

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    mapped().map(([kind, words]) => [
      `finance-operations-${kind}-state`,
      {
        owner: 'Finance operations',
        entries: {
          'finance-operations': Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical])),
        },
      },
    ]),
  )
}
