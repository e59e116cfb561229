/** How the product reads the simulated environment: its platform entry, and the maps for its words. */
import { KEY, PLANS, refAttribute, REFERRED, UNIT } from './resources.ts'

export const FUSION_CLIENT = {
  id: 'lab-plumbline',
  secret: 'lab-oracle-fusion-secret',
  scope: 'urn:opc:resource:fusion:lab',
}

const STREAMS: Record<string, string> = {
  customer: 'accounts',
  contact: 'contacts',
  opportunity: 'opportunities',
  case: 'serviceRequests',
  product: 'items',
  order: 'salesOrders',
  invoice: 'receivablesInvoices',
  credit: 'receivablesCreditMemos',
  payment: 'standardReceipts',
}

export function platformConfig(url: string): Record<string, unknown> {
  const refs = Object.fromEntries(REFERRED.map((platform) => [platform, refAttribute(platform)]))
  const resources = Object.keys(PLANS).map((kind) => [STREAMS[kind]!, { refs, own_key: KEY }] as const)
  return {
    connector: 'oracle-fusion',
    role: 'erp',
    title: 'Oracle Fusion',
    timezone: 'UTC',
    config: {
      url,
      auth: {
        type: 'oauth',
        token_url: `${url}/oauth2/v1/token`,
        client_id: FUSION_CLIENT.id,
        client_secret: FUSION_CLIENT.secret,
        scope: FUSION_CLIENT.scope,
      },
      business_units: [UNIT],
      resources: Object.fromEntries(resources) as Record<string, unknown>,
      links: { customer: 'https://fusion.lab.example/?account={id}' },
      write: {},
    },
    maps: Object.fromEntries(mapped().map(([kind]) => [`${kind}.state`, `oracle-fusion-${kind}-state`])),
    allow_private_network: true,
  }
}

const mapped = () =>
  Object.entries(PLANS).flatMap(([kind, { status }]) => (status ? [[kind, status.words] as const] : []))

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    mapped().map(([kind, words]) => {
      const entries = Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical]))
      // A completed invoice is open until its balance is gone.
      if (kind === 'invoice') Object.assign(entries, { Complete: 'open', 'Complete, paid': 'paid' })
      return [`oracle-fusion-${kind}-state`, { owner: 'Finance operations', entries: { 'oracle-fusion': entries } }]
    }),
  )
}
