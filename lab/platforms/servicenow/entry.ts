/** How the product reads the simulated instance: its platform entry, and the maps for its choices. */
import { KEY_COLUMN, PLANS, refColumn, REFERRED } from './tables.ts'

export const SERVICENOW_CLIENT = { id: 'lab-plumbline', secret: 'lab-servicenow-secret' }
export const SERVICENOW_USER = { name: 'plumbline.integration', password: 'lab-servicenow-password' }

const STREAMS: Record<string, string> = {
  customer: 'accounts',
  contact: 'contacts',
  case: 'cases',
  entitlement: 'entitlements',
  contract: 'contracts',
}

export function platformConfig(url: string): Record<string, unknown> {
  const tables = Object.entries(PLANS).map(([kind, plan]) => [
    STREAMS[kind]!,
    {
      fields: Object.fromEntries(Object.entries(plan.columns).filter(([, column]) => column.startsWith('u_'))),
      refs: Object.fromEntries(REFERRED.map((platform) => [platform, refColumn(platform)])),
      key: KEY_COLUMN,
    },
  ])
  return {
    connector: 'servicenow',
    role: 'support',
    title: 'ServiceNow',
    timezone: 'UTC',
    config: {
      instance: 'lab',
      base_url: url,
      auth: { flow: 'client_credentials', client_id: SERVICENOW_CLIENT.id, client_secret: SERVICENOW_CLIENT.secret },
      ...(Object.fromEntries(tables) as Record<string, unknown>),
      audit_deletes: true,
      write: {},
    },
    maps: Object.fromEntries(
      Object.entries(PLANS).flatMap(([kind, plan]) => (plan.status ? [[`${kind}.state`, mapName(kind)]] : [])),
    ),
    allow_private_network: true,
  }
}

const mapName = (kind: string) => `servicenow-${kind}-state`

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PLANS).flatMap(([kind, { status }]) =>
      status
        ? [
            [
              mapName(kind),
              {
                owner: 'Support operations',
                entries: {
                  servicenow: Object.fromEntries(
                    Object.entries(status.words).map(([canonical, word]) => [word, canonical]),
                  ),
                },
              },
            ],
          ]
        : [],
    ),
  )
}
