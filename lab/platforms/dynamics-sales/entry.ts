/** How the product reads the simulated environment: its platform entry, and the maps for its numbers. */
import { KEY, PLANS, REFERENCES } from './environment.ts'
import { DYNAMICS_WEBHOOK_KEY } from './hooks.ts'

export const DYNAMICS_CLIENT = { tenant: 'lab-tenant', id: 'lab-application-id', secret: 'lab-application-secret' }

export function platformConfig(url: string): Record<string, unknown> {
  const tables = Object.values(PLANS).map(({ set, columns }) => {
    const fields = Object.fromEntries(Object.entries(columns).filter(([, column]) => column.startsWith('lab_')))
    return [set, { fields, refs: REFERENCES, key: KEY }]
  })
  return {
    connector: 'dynamics-sales',
    role: 'crm',
    title: 'Dynamics 365 Sales',
    timezone: 'UTC',
    config: {
      url,
      auth: {
        tenant_id: DYNAMICS_CLIENT.tenant,
        client_id: DYNAMICS_CLIENT.id,
        client_secret: DYNAMICS_CLIENT.secret,
        login_url: url,
      },
      tables: Object.fromEntries(tables) as Record<string, unknown>,
      skip: ['salesorderdetails'],
      webhook: { secrets: [DYNAMICS_WEBHOOK_KEY] },
      write: {},
    },
    maps: Object.fromEntries(Object.keys(PLANS).map((kind) => [`${kind}.state`, `dynamics-${kind}-state`])),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PLANS).map(([kind, { states }]) => [
      `dynamics-${kind}-state`,
      {
        owner: 'Sales operations',
        entries: {
          'dynamics-sales': Object.fromEntries(
            Object.entries(states).map(([word, [, status]]) => [String(status), word]),
          ),
        },
      },
    ]),
  )
}
