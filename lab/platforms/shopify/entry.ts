/** How the product reads the simulated shop: its platform entry, and the maps for its words. */
import { kindOf } from '../../../model/kinds.ts'
import { SHOPIFY_SECRET } from './hooks.ts'
import { carriesMetafields, ERP, kindsOf, KEY, NAMESPACE, planIn, REFERRED, refKey, STATE } from './plans.ts'

export const SHOPIFY_CLIENT = { id: 'lab-shopify-client', secret: 'lab-shopify-client-secret' }

const metafield = (key: string) => `metafield.${NAMESPACE}.${key}`
const stated = (kinds: readonly string[]) => kinds.filter((kind) => planIn(kind, false).stateWord)

export function platformConfig(url: string, kinds: readonly string[], companies: boolean): Record<string, unknown> {
  const objects = kinds.map((kind) => {
    const plan = planIn(kind, companies)
    const buys = kind === 'customer' && companies
    const own = {
      fields: Object.fromEntries(plan.metafields.map((field) => [field, metafield(field)])),
      refs: {
        ...Object.fromEntries(REFERRED.map((platform) => [platform, metafield(refKey(platform))])),
        // Companies have a place for the id of one system, and are found again by it.
        ...(buys && { [ERP]: 'externalId' }),
      },
      // The address of its main contact is nobody else's word for the company.
      ...(buys && { without: ['email'] }),
      ...(plan.type === 'Customer' && { key: metafield(KEY) }),
      ...(plan.stateWord && { status: metafield(STATE) }),
    }
    return [plan.object, carriesMetafields(kind) ? own : {}]
  })
  return {
    connector: 'shopify',
    role: 'commerce',
    title: 'Shopify',
    timezone: 'UTC',
    config: {
      base_url: url,
      auth: { flow: 'client_credentials', client_id: SHOPIFY_CLIENT.id, client_secret: SHOPIFY_CLIENT.secret },
      objects: Object.fromEntries(objects) as Record<string, unknown>,
      ...(companies && { customer_is: 'contact' }),
      skip: kindsOf(companies).flatMap((kind) => (kinds.includes(kind) ? [] : [planIn(kind, companies).object])),
      bulk: { host: new URL(url).host },
      holds: true,
      webhook: { secrets: [SHOPIFY_SECRET], tolerance: 300 },
      write: {},
    },
    maps: Object.fromEntries(stated(kinds).map((kind) => [`${kind}.state`, `shopify-${kind}-state`])),
    allow_private_network: true,
  }
}

export const referenceMaps = (kinds: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    stated(kinds).map((kind) => [
      `shopify-${kind}-state`,
      {
        owner: 'Commerce operations',
        entries: { shopify: Object.fromEntries(kindOf(kind).states.map((state) => [`shop_${state}`, state])) },
      },
    ]),
  )
