/** The configuration that reads the laboratory: plumbline.yaml with its platforms, maps, issuers and rates. */
import { join } from 'node:path'
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
    platforms: Object.fromEntries(parts.plans.map((plan) => [plan.name, platform(plan, parts)])),
    ...(Object.keys(maps).length > 0 && { reference_maps: maps }),
    ...(edges.length > 0 && { edges }),
    issuer: parts.issuer,
    money: { reporting_currency: 'EUR', rates: [{ on: '2025-01-01', rates: RATES }] },
  }
}

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

/** Two vendors may feed one map: their entries stand side by side. */
function mergeMaps(into: Record<string, ReferenceMap>, from: Record<string, ReferenceMap>): void {
  for (const [name, map] of Object.entries(from)) {
    const known = into[name]
    into[name] = known ? { ...known, entries: { ...known.entries, ...map.entries } } : map
  }
}
