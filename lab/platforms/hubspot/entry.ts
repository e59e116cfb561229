/** How the product reads the simulated account: its platform entry, and the maps for its words. */
import { KEY, PLANS, REFERENCES } from './account.ts'
import { HUBSPOT_CLIENT_SECRET, REGISTERED_URL } from './hooks.ts'

export const HUBSPOT_CLIENT = {
  id: 'lab-hubspot-client',
  secret: 'lab-hubspot-app-secret',
  refresh: 'lab-hubspot-refresh',
}

export function platformConfig(url: string): Record<string, unknown> {
  const objects = Object.values(PLANS).map(({ object, properties, status }) => {
    const fields = Object.fromEntries(Object.entries(properties).filter(([, name]) => name.startsWith('lab_')))
    return [object, { fields, refs: REFERENCES, key: KEY, ...(status && { status: status.property }) }]
  })
  return {
    connector: 'hubspot',
    role: 'crm',
    title: 'HubSpot',
    timezone: 'UTC',
    config: {
      base_url: url,
      auth: {
        flow: 'refresh_token',
        client_id: HUBSPOT_CLIENT.id,
        client_secret: HUBSPOT_CLIENT.secret,
        refresh_token: HUBSPOT_CLIENT.refresh,
      },
      objects: Object.fromEntries(objects) as Record<string, unknown>,
      portal_id: '4242',
      skip: ['line_items'],
      webhook: { secrets: [HUBSPOT_CLIENT_SECRET], url: REGISTERED_URL },
      write: {},
    },
    maps: Object.fromEntries(stated().map(([kind]) => [`${kind}.state`, `hubspot-${kind}-state`])),
    allow_private_network: true,
  }
}

const stated = () => Object.entries(PLANS).filter(([, plan]) => plan.status !== null)

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    stated().map(([kind, { status }]) => [
      `hubspot-${kind}-state`,
      {
        owner: 'Sales operations',
        entries: { hubspot: Object.fromEntries(Object.entries(status!.words).map(([state, word]) => [word, state])) },
      },
    ]),
  )
}
