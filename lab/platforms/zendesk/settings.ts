/** How the laboratory's platform entry reads the simulated Zendesk account: custom fields, and the words of its states. */
import { ZENDESK_WEBHOOK_SECRET } from './hooks.ts'
import { ESCALATED_TAG, EXTERNAL, OBJECT_KEY, PLANS, refKey, REFERRED, STATUS, ticketField } from './objects.ts'

export const ZENDESK_CLIENT = { id: 'lab-plumbline', secret: 'lab-zendesk-secret' }
export const ZENDESK_TOKEN = { email: 'admin@lab.example', token: 'lab-zendesk-token' }

export function platformConfig(url: string): Record<string, unknown> {
  const mapping = (
    kind: string,
    name: (field: string) => string = (field) => field,
    more: Record<string, unknown> = {},
  ) => ({
    fields: Object.fromEntries(PLANS[kind]!.custom.map((field) => [field, name(field)])),
    refs: Object.fromEntries(REFERRED.map((platform) => [platform, name(refKey(platform))])),
    external_id: EXTERNAL,
    ...more,
  })
  return {
    connector: 'zendesk',
    role: 'support',
    title: 'Zendesk',
    timezone: 'UTC',
    config: {
      subdomain: 'lab',
      base_url: url,
      auth: {
        flow: 'client_credentials',
        client_id: ZENDESK_CLIENT.id,
        client_secret: ZENDESK_CLIENT.secret,
        scope: 'read write',
      },
      webhook: { secrets: [ZENDESK_WEBHOOK_SECRET] },
      write: {},
      organization: mapping('customer'),
      user: mapping('contact'),
      ticket: mapping('case', ticketField),
      entitlement: {
        source: 'custom_object',
        key: OBJECT_KEY,
        mapping: mapping('entitlement', (field) => field, { status: 'status' }),
      },
      escalation_tag: ESCALATED_TAG,
      metrics: true,
      organization_merges: true,
    },
    maps: Object.fromEntries(Object.keys(STATUS).map((kind) => [`${kind}.state`, `zendesk-${kind}-state`])),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(STATUS).map(([kind, words]) => {
      const entries = Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical]))
      return [
        `zendesk-${kind}-state`,
        {
          owner: 'Support operations',
          entries: { zendesk: { ...entries, ...(kind === 'case' && { hold: 'pending' }) } },
        },
      ]
    }),
  )
}
