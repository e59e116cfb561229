/** How the laboratory's platform entry describes the provisioning API: the whole connector is this YAML. */

export const PROVISIONER = { id: 'lab-provisioner', secret: 'lab-provisioner-secret' }

export const HOLDS: Record<string, readonly string[]> = {
  customer: ['name', 'domain'],
  tenant: ['customer', 'subscription', 'plan', 'seats', 'activated_at'],
}

/** Canonical state → the API's word. */
export const WORDS: Record<string, string> = {
  provisioning: 'SETTING_UP',
  active: 'LIVE',
  suspended: 'PAUSED',
  deprovisioned: 'TORN_DOWN',
}

const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk']

export function idOf(kind: string, n: number): string {
  return `${kind === 'tenant' ? 'ws' : 'acc'}-${String(n + 1).padStart(6, '0')}`
}

const refs = Object.fromEntries(REFERRED.map((system) => [system, `known_as[system=${system}].id`]))

const guards = { etag: true, idempotency_header: 'x-request-key', needs: ['accounts.write'] }

export function platformConfig(url: string): Record<string, unknown> {
  return {
    connector: 'rest',
    role: 'provisioning',
    title: 'Workspace provisioning',
    timezone: 'UTC',
    config: {
      base_url: `${url}/v3`,
      hosts: [url],
      auth: {
        flow: 'client_credentials',
        token_url: `${url}/token`,
        client_id: PROVISIONER.id,
        client_secret: PROVISIONER.secret,
      },
      headers: { 'x-contract': 'larkmoor' },
      ping: { path: '/me', account: 'contract.name', granted: { at: 'contract.grants' } },
      lag: 10,
      budget: { limit: 'x-calls-limit', remaining: 'x-calls-left' },
      errors: [
        { status: 200, at: 'fault.code', equals: ['E_SLOW_DOWN'], means: 'rate_limited', message: 'fault.text' },
        { status: 401, at: 'fault.code', means: 'auth', message: 'fault.text' },
      ],
      streams: {
        accounts: {
          kind: 'customer',
          source: 'Account',
          path: '/accounts',
          scopes: ['accounts.read'],
          rows: 'data',
          id: 'key',
          created: 'made',
          changed: 'changed',
          deleted: { at: 'gone' },
          merged_into: 'replaced_by',
          fields: { name: 'title', domain: 'site.host' },
          refs,
          page_size: { parameter: 'size', most: 50 },
          paging: { style: 'cursor', parameter: 'bookmark', at: 'paging.bookmark' },
          changes: { parameter: 'changed_from', format: 'epoch_seconds', inclusive: true, ordered: true },
          one: { path: '/accounts/{id}' },
          count: { path: '/accounts/total', at: 'total.alive' },
          write: {
            ...guards,
            body: 'account',
            fields: { name: { at: 'title' }, domain: { at: 'site.host' } },
            refs,
            update: { method: 'PATCH', path: '/accounts/{id}' },
            create: {
              method: 'POST',
              path: '/accounts',
              id: 'key',
              find: { path: '/accounts', query: { system: '{platform}', known_id: '{id}' }, rows: 'data' },
            },
          },
        },
        workspaces: {
          kind: 'tenant',
          source: 'Workspace',
          path: '/workspaces',
          scopes: ['workspaces.read'],
          rows: 'workspaces',
          id: 'key',
          created: 'made',
          changed: 'changed',
          changed_by: 'by',
          resolution: 'ms',
          status: 'phase',
          fields: {
            customer: 'account',
            subscription: 'contract.subscription',
            plan: 'contract.plan',
            seats: 'contract.seats',
            activated_at: 'live_since',
          },
          refs,
          page_size: { parameter: 'size', most: 50 },
          paging: { style: 'next_url', at: 'next' },
          changes: { parameter: 'filter', template: 'changed gt {since}', format: 'iso' },
          one: { path: '/workspaces/{id}', at: 'workspace' },
          write: {
            ...guards,
            hold: { method: 'POST', path: '/workspaces/{id}/pause', undo: 'release' },
            release: { method: 'POST', path: '/workspaces/{id}/resume', undo: 'hold' },
          },
        },
      },
    },
    maps: { 'tenant.state': 'rest-tenant-state' },
    allow_private_network: true,
  }
}

export function referenceMaps(): Record<string, unknown> {
  const entries = Object.fromEntries(Object.entries(WORDS).map(([canonical, word]) => [word, canonical]))
  return { 'rest-tenant-state': { owner: 'Platform operations', entries: { rest: entries } } }
}
