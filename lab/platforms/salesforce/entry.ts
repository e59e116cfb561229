/** How the product reads the simulated org: its platform entry, and the maps for its words. */
import { ORGANISATION } from './hooks.ts'
import { KEY_COLUMN, PICKLISTS, PLANS, REFERENCES } from './org.ts'
import { VERSION } from './queries.ts'
import { SALESFORCE_CLIENT } from './session.ts'

export function platformConfig(url: string): Record<string, unknown> {
  const objects = Object.entries(PLANS).map(([kind, plan]) => {
    const own = Object.entries(plan.columns).filter(
      ([, column]) => column.endsWith('__c') || plan.object.endsWith('__c'),
    )
    const { status } = plan
    return [
      plan.object,
      {
        ...(plan.object.endsWith('__c') && { kind }),
        fields: Object.fromEntries(own),
        refs: REFERENCES,
        key: KEY_COLUMN,
        ...(status && { status: status.column }),
      },
    ]
  })
  return {
    connector: 'salesforce',
    role: 'crm',
    title: 'Salesforce',
    timezone: 'UTC',
    config: {
      instance_url: url,
      api_version: VERSION,
      auth: { flow: 'client_credentials', client_id: SALESFORCE_CLIENT.id, client_secret: SALESFORCE_CLIENT.secret },
      objects: Object.fromEntries(objects) as Record<string, unknown>,
      outbound: { organization_id: ORGANISATION },
      write: {},
      skip: ['OrderItem', 'Entitlement', 'Case'],
    },
    maps: Object.fromEntries(Object.keys(vocabulary()).map((field) => [field, mapName(field)])),
    allow_private_network: true,
  }
}

const mapName = (field: string) => `salesforce-${field.replaceAll(/[._]/g, '-')}`

/** `kind.field` → canonical word → the org's word. */
function vocabulary(): Record<string, Record<string, string>> {
  const states = Object.entries(PLANS).flatMap(([kind, plan]) =>
    plan.status ? [[`${kind}.state`, plan.status.words] as const] : [],
  )
  return { ...Object.fromEntries(states), ...PICKLISTS }
}

export function referenceMaps(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(vocabulary()).map(([field, words]) => [
      mapName(field),
      {
        owner: 'Sales operations',
        entries: {
          salesforce: Object.fromEntries(Object.entries(words).map(([canonical, word]) => [word, canonical])),
        },
      },
    ]),
  )
}
