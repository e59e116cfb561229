/** How the product reads the simulated tenant: its platform entry, and the maps for its words. */
import { PLANS, refProperty, REFERRED, SOURCE } from './models.ts'

export const PLANHAT_TOKEN = 'lab-planhat-personal-token'

export function platformConfig(url: string): Record<string, unknown> {
  const models = Object.entries(PLANS).map(([kind, plan]) => [
    plan.model,
    {
      fields: Object.fromEntries(Object.entries(plan.properties).filter(([, name]) => name.startsWith('custom.'))),
      refs: Object.fromEntries(REFERRED.map((platform) => [platform, refProperty(platform)])),
      // A ticket's source id is its number where it came from.
      ...(kind !== 'case' && { source_id: SOURCE }),
      ...(plan.status && { status: plan.status.property }),
    },
  ])
  return {
    connector: 'planhat',
    role: 'success',
    title: 'Planhat',
    timezone: 'UTC',
    config: {
      base_url: url,
      token: PLANHAT_TOKEN,
      ...(Object.fromEntries(models) as Record<string, unknown>),
      links: { customer: 'https://ws.lab.example/profile/{id}' },
      write: {},
    },
    maps: Object.fromEntries(Object.keys(PLANS).map((kind) => [`${kind}.state`, `planhat-${kind}-state`])),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(PLANS).map(([kind, { status }]) => [
      `planhat-${kind}-state`,
      {
        owner: 'Customer success',
        entries: {
          planhat: Object.fromEntries(
            Object.entries(status?.words ?? {}).map(([canonical, word]) => [word, canonical]),
          ),
        },
      },
    ]),
  )
}
