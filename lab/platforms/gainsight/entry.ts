/** How the product reads the simulated tenant: its platform entry, and the maps for its words. */
import { GAINSIGHT_HOOK_TOKEN } from './hooks.ts'
import { KEY, PLANS, REFERRED, refField } from './objects.ts'

export const GAINSIGHT_CLIENT = { id: 'lab-gainsight-client', secret: 'lab-gainsight-client-secret' }
export const GAINSIGHT_KEY = 'lab-gainsight-access-key'

export function platformConfig(url: string): Record<string, unknown> {
  const objects = Object.entries(PLANS).map(([kind, { object, fields, status }]) => [
    object,
    {
      kind,
      fields,
      refs: Object.fromEntries(REFERRED.map((platform) => [platform, refField(kind, platform)])),
      key: KEY,
      ...(status && { status: status.field }),
    },
  ])
  return {
    connector: 'gainsight',
    role: 'success',
    title: 'Gainsight',
    timezone: 'UTC',
    config: {
      base_url: url,
      auth: { flow: 'm2m', client_id: GAINSIGHT_CLIENT.id, client_secret: GAINSIGHT_CLIENT.secret },
      objects: Object.fromEntries(objects) as Record<string, unknown>,
      links: { customer: 'https://lab.example.gainsightcloud.com/v1/ui/customersuccess360?cid={id}' },
      webhook: {
        signature: { scheme: 'token', header: 'x-plumbline-key', prefix: '', secrets: [GAINSIGHT_HOOK_TOKEN] },
      },
      write: {},
    },
    maps: Object.fromEntries(Object.keys(PLANS).map((kind) => [`${kind}.state`, `gainsight-${kind}-state`])),
    allow_private_network: true,
  }
}

export const referenceMaps = (): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(PLANS).map(([kind, { status }]) => [
      `gainsight-${kind}-state`,
      {
        owner: 'Customer success',
        entries: {
          gainsight: Object.fromEntries(Object.entries(status?.words ?? {}).map(([state, word]) => [word, state])),
        },
      },
    ]),
  )
