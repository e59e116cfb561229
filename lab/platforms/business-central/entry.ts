/** How the product reads the simulated company: its platform entry, and the maps for its words. */
import { CENTRAL_CLIENT_STATE } from './hooks.ts'
import { COMPANY, KEY, PLANS, refProperty, REFERRED } from './entities.ts'

export const CENTRAL_CLIENT = { id: 'lab-plumbline', secret: 'lab-business-central-secret' }

export function platformConfig(url: string): Record<string, unknown> {
  const refs = Object.fromEntries(REFERRED.map((platform) => [platform, refProperty(platform)]))
  return {
    connector: 'business-central',
    role: 'erp',
    title: 'Business Central',
    timezone: 'UTC',
    config: {
      environment: 'Production',
      company: COMPANY,
      api: 'larkmoor/finance/v1.0',
      base_url: url,
      login_url: url,
      tenant: 'lab.example',
      client_id: CENTRAL_CLIENT.id,
      client_secret: CENTRAL_CLIENT.secret,
      ...(Object.fromEntries(Object.values(PLANS).map(({ entity }) => [entity, { refs, key: KEY }])) as Record<
        string,
        unknown
      >),
      links: { customer: 'https://bc.lab.example/?page=21&id={id}' },
      webhook: { secrets: [CENTRAL_CLIENT_STATE] },
      write: {},
    },
    maps: Object.fromEntries(
      Object.entries(PLANS).flatMap(([kind, { status }]) =>
        status ? [[`${kind}.state`, `business-central-${kind}-state`]] : [],
      ),
    ),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PLANS).flatMap(([kind, { status }]) => {
      if (!status) return []
      const words = Object.fromEntries(Object.entries(status.words).map(([canonical, word]) => [word, canonical]))
      return [
        [`business-central-${kind}-state`, { owner: 'Finance operations', entries: { 'business-central': words } }],
      ]
    }),
  )
}
