/** The configuration that reads the laboratory: plumbline.yaml with its platforms, maps, issuers and rates. */
import { join } from 'node:path'
import { BUS } from './company/bus.ts'
import type { Latency } from './company/ownership.ts'
import { WINDOWS } from './company/ownership.ts'
import type { PlatformPlan } from './company/platforms.ts'
import type { RunningSimulator } from './platform.ts'

export type LabConfig = Record<string, unknown>

interface ReferenceMap {
  entries: Record<string, Record<string, string>>
}

export interface ConfigParts {
  plans: readonly PlatformPlan[]
  running: ReadonlyMap<string, RunningSimulator>
  /** Folder with one subfolder per file-shaped platform. */
  folder: string | null
  issuer: Record<string, string>
  windows: Record<Latency, number>
}

const TITLES: Record<string, string> = {
  salesforce: 'Salesforce',
  netsuite: 'NetSuite',
  stripe: 'Stripe',
  zendesk: 'Zendesk',
  provisioning: 'Workspace provisioning',
}

/** Euro per unit: round figures for ranking, no market rates. */
const RATES = { CHF: '1.04', GBP: '1.16', USD: '0.90', JPY: '0.0061', KWD: '2.90', EUR: '1' }

/** Kinds by the window class of their changes; customer fields that travel at once are named apart. */
const CLASSES: readonly (readonly [Latency, readonly string[]])[] = [
  ['hour', ['customer', 'contact']],
  ['realtime', ['customer.credit_hold', 'entitlement', 'tenant']],
  [
    'minutes',
    ['order', 'contract', 'subscription', 'invoice', 'payment', 'credit', 'opportunity', 'quote', 'case', 'renewal'],
  ],
  ['day', ['product']],
]

export function buildConfig(parts: ConfigParts): LabConfig {
  const maps: Record<string, ReferenceMap> = {}
  for (const api of parts.running.values()) mergeMaps(maps, api.referenceMaps as Record<string, ReferenceMap>)
  const edges = CLASSES.filter(([latency]) => parts.windows[latency] !== WINDOWS[latency]).map(([latency, fields]) => ({
    fields: [...fields],
    window: `${Math.round(parts.windows[latency] / 1000)}s`,
  }))
  return {
    company: 'Larkmoor Systems',
    platforms: {
      ...Object.fromEntries(parts.plans.map((plan) => [plan.name, platform(plan, parts)])),
      ...(parts.folder !== null && { [BUS]: bus(parts.folder) }),
    },
    ...(Object.keys(maps).length > 0 && { reference_maps: maps }),
    ...(edges.length > 0 && { edges }),
    issuer: parts.issuer,
    ...everywhere(parts.plans),
    money: { reporting_currency: 'EUR', rates: [{ on: '2025-01-01', rates: RATES }] },
    ...alerting(),
    reports: REPORTS,
  }
}

/** Roles that must have every customer, as the shipped check says. */
const SERVING = ['crm', 'erp', 'billing', 'support', 'provisioning']

/**
 * Of two platforms of a role one would be enough; here every one of them has every customer. So has a warehouse, of which the
 * shipped check asks nothing: what is loaded into one is the company's own affair.
 */
function everywhere(plans: readonly PlatformPlan[]) {
  const having = plans.filter((plan) => [...SERVING, 'warehouse'].includes(plan.role) && plan.kinds.has('customer'))
  const roles = new Set(having.map((plan) => plan.role))
  if (roles.size === having.length && !roles.has('warehouse')) return {}
  return { checks: { override: { 'existence/customer': { on: having.map((plan) => plan.name) } } } }
}

/** What the simulated company reads every Monday, and what its finance team gets beside. */
const REPORTS = {
  'weekly-operations': { audience: 'operations', timezone: 'Europe/Zurich', recipients: ['integration'] },
  'weekly-finance': {
    audience: 'finance',
    timezone: 'Europe/Zurich',
    recipients: ['finance-ops', 'jana-weber'],
    attachments: ['csv', 'xlsx'],
  },
}

/** Who is told in the simulated company: mails go into a folder, so that they can be looked at and nothing leaves. */
const alerting = () => ({
  channels: { mail: { kind: 'folder', from: 'Plumbline <plumbline@larkmoor.example>' } },
  recipients: {
    'finance-ops': {
      title: 'Finance operations',
      channel: 'mail',
      address: 'finance@larkmoor.example',
      timezone: 'Europe/Zurich',
      quiet: [{ hours: '20:00-07:00' }],
      wakes: ['critical', 'high'],
    },
    integration: { title: 'Integration team', channel: 'mail', address: 'integration@larkmoor.example' },
    'jana-weber': {
      kind: 'person',
      title: 'Jana Weber',
      channel: 'mail',
      address: 'jana.weber@larkmoor.example',
      language: 'de',
      timezone: 'Europe/Zurich',
    },
  },
  alerts: {
    own: { tell: ['integration'] },
    routes: [
      {
        name: 'Finance critical',
        match: { severity: ['critical', 'high'], money_from: '1000' },
        tell: ['finance-ops'],
        escalate: [{ after: '1h', tell: ['jana-weber'] }],
      },
      { name: 'Sandboxes', enabled: false, match: { environment: 'sandbox' }, tell: ['integration'] },
      { name: 'Everything urgent', match: { severity: ['critical', 'high'] }, tell: ['integration'] },
    ],
  },
})

/** The middleware keeps no records: it tells what became of the changes that it carried. */
const bus = (folder: string) => ({
  connector: 'files',
  role: 'middleware',
  title: 'Integration bus',
  config: { folder: join(folder, BUS) },
})

function platform(plan: PlatformPlan, parts: ConfigParts): unknown {
  const api = parts.running.get(plan.name)
  const title = TITLES[plan.name] ?? plan.name
  if (api) return { title, ...api.platformConfig }
  return {
    connector: 'files',
    role: plan.role,
    title,
    config: { folder: parts.folder === null ? plan.name : join(parts.folder, plan.name) },
  }
}

/** Settings that are secrets, by their place below a platform. */
const SECRETS =
  /^config\.(key|(auth\.)?(token|client_secret|private_key)|(signature|webhook(\.signature)?)\.secrets\.0)$/

/**
 * The configuration with its secrets in files of their own, as a real one has them.
 * @param keep writes one secret down and tells what stands in its place (`${file:…}`)
 */
export function secretsApart(config: LabConfig, keep: (name: string, secret: string) => string): LabConfig {
  const apart = (value: unknown, platform: string, place: string): unknown => {
    if (typeof value === 'string' && SECRETS.test(place)) return keep(`${platform}-${place.split('.').at(-1)!}`, value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((inner, n) => apart(inner, platform, `${place}.${n}`))
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, apart(inner, platform, place ? `${place}.${key}` : key)]),
    )
  }
  const platforms = Object.entries(config.platforms as Record<string, unknown>)
  return { ...config, platforms: Object.fromEntries(platforms.map(([name, p]) => [name, apart(p, name, '')])) }
}

/** Two vendors may feed one map: their entries stand side by side. */
function mergeMaps(into: Record<string, ReferenceMap>, from: Record<string, ReferenceMap>): void {
  for (const [name, map] of Object.entries(from)) {
    const known = into[name]
    into[name] = known ? { ...known, entries: { ...known.entries, ...map.entries } } : map
  }
}
