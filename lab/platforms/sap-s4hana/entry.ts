/** How the product reads the simulated system: its platform entry, and the maps for its letters. */
import { SAP_HOOK_TOKEN, SAP_SOURCE } from './hooks.ts'
import { COMPANY_CODE, KEY, PLANS, refProperty, REFERRED } from './sets.ts'

export const SAP_CLIENT = { id: 'LAB_PLUMBLINE', secret: 'lab-sap-s4hana-secret' }

const STREAMS: Record<string, string> = {
  customer: 'customers',
  product: 'products',
  quote: 'quotations',
  order: 'orders',
  contract: 'contracts',
  invoice: 'invoices',
  credit: 'credits',
  payment: 'payments',
}

const DOCUMENT = { 'in approval': 'in_approval', rejected: 'rejected' }
const WORDS: Record<string, Record<string, string>> = {
  product: { false: 'active', true: 'retired' },
  quote: { ...DOCUMENT, A: 'approved', C: 'accepted' },
  order: {
    'in approval': 'pending_approval',
    rejected: 'cancelled',
    blocked: 'blocked',
    A: 'booked',
    B: 'booked',
    C: 'fulfilled',
  },
  contract: { 'in approval': 'draft', rejected: 'terminated', A: 'signed', B: 'active', C: 'expired' },
  invoice: { 'not posted': 'draft', posted: 'open', cleared: 'paid', cancelled: 'void' },
  credit: { 'not posted': 'approved', posted: 'posted', cleared: 'applied', cancelled: 'void' },
  payment: { posted: 'succeeded', reversed: 'refunded' },
}

export function platformConfig(url: string, version: 'v2' | 'v4' = 'v2'): Record<string, unknown> {
  const refs = Object.fromEntries(REFERRED.map((platform) => [platform, refProperty(platform)]))
  return {
    connector: 'sap-s4hana',
    role: 'erp',
    title: 'SAP S/4HANA',
    timezone: 'UTC',
    config: {
      base_url: url,
      ui_url: 'https://s4.lab.example',
      auth: {
        type: 'oauth',
        token_url: `${url}/sap/bc/sec/oauth2/token`,
        client_id: SAP_CLIENT.id,
        client_secret: SAP_CLIENT.secret,
      },
      company_code: COMPANY_CODE,
      sales_order_api: version,
      ...(Object.fromEntries(Object.keys(PLANS).map((kind) => [STREAMS[kind], { refs, key: KEY }])) as Record<
        string,
        unknown
      >),
      webhook: { signature: { scheme: 'token', secrets: [SAP_HOOK_TOKEN] }, sources: [SAP_SOURCE] },
      write: {},
    },
    maps: Object.fromEntries(Object.keys(WORDS).map((kind) => [`${kind}.state`, `sap-s4hana-${kind}-state`])),
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(WORDS).map(([kind, words]) => [
      `sap-s4hana-${kind}-state`,
      { owner: 'Finance operations', entries: { 'sap-s4hana': words } },
    ]),
  )
}
