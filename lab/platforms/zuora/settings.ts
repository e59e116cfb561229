/** How the laboratory's platform entry reads the simulated tenant: custom fields, ids of others, and the words of its states. */
import { CALLOUT_SECRET } from './hooks.ts'
import { customName, PLANS, REFERRED, refName, STATUS } from './objects.ts'

export const ZUORA_CLIENT = { id: 'lab-zuora-client', secret: 'lab-zuora-client-secret' }

export function platformConfig(url: string): Record<string, unknown> {
  const objects = Object.entries(PLANS).map(([kind, { path, custom }]) => [
    path,
    {
      fields: Object.fromEntries(custom.map((field) => [field, customName(field)])),
      refs: Object.fromEntries(REFERRED.map((platform) => [platform, refName(kind, platform)])),
    },
  ])
  return {
    connector: 'zuora',
    role: 'billing',
    title: 'Zuora',
    timezone: 'UTC',
    config: {
      base_url: url,
      client_id: ZUORA_CLIENT.id,
      client_secret: ZUORA_CLIENT.secret,
      objects: Object.fromEntries(objects) as Record<string, unknown>,
      webhook: {
        scheme: 'hmac',
        header: 'x-zuora-signature',
        encoding: 'base64',
        content: '{timestamp}{body}',
        timestamp: { header: 'x-callout-date', unit: 'iso' },
        secrets: [CALLOUT_SECRET],
      },
      write: { country: 'Germany' },
    },
    maps: Object.fromEntries(Object.keys(STATUS).map((kind) => [`${kind}.state`, `zuora-${kind}-state`])),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(STATUS).map(([kind, words]) => [
      `zuora-${kind}-state`,
      {
        owner: 'Billing operations',
        entries: { zuora: Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical])) },
      },
    ]),
  )
}
