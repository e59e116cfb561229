/** Which model each stream reads, and in which properties the canonical fields are; all of it can be configured. */
import type { ModelConfig, PlanhatConfig } from './config.ts'
import { MODEL_NAMES } from './config.ts'

export interface ModelSpec {
  /** Name of the stream and path of the list. */
  name: (typeof MODEL_NAMES)[number]
  kind: string
  source: string
  /** Canonical field → property. */
  fields: Record<string, string>
  status: string | null
  refs: Record<string, string>
  custom: Record<string, string>
}

type Usual = Pick<ModelSpec, 'kind' | 'source' | 'fields' | 'status'>

const USUAL: Record<ModelSpec['name'], Usual> = {
  companies: { kind: 'customer', source: 'Company', status: 'status', fields: { name: 'name', health_score: 'h' } },
  endusers: {
    kind: 'contact',
    source: 'Enduser',
    status: null,
    fields: { customer: 'companyId', name: 'name', email: 'email', phone: 'phone' },
  },
  licenses: {
    kind: 'subscription',
    source: 'License',
    status: 'renewalStatus',
    fields: {
      customer: 'companyId',
      currency: '_currency',
      mrr: 'mrr',
      started_on: 'fromDate',
      ends_on: 'toDate',
      auto_renew: 'autoRenews',
    },
  },
  tickets: {
    kind: 'case',
    source: 'Ticket',
    status: 'status',
    fields: { customer: 'companyId', number: 'sourceId', priority: 'severity', opened_at: 'createdAt' },
  },
  projects: {
    kind: 'onboarding',
    source: 'Project',
    status: 'status',
    fields: { customer: 'companyId', milestone: 'name', due_on: 'dueDate', completed_on: 'completedDate' },
  },
}

export function modelOf(name: ModelSpec['name'], own: ModelConfig): ModelSpec {
  const usual = USUAL[name]
  return {
    name,
    kind: usual.kind,
    source: usual.source,
    fields: Object.fromEntries(
      Object.entries({ ...usual.fields, ...own.fields }).filter(([field]) => !own.without.includes(field)),
    ),
    status: own.status ?? usual.status,
    refs: {
      ...(own.external_id !== undefined && { [own.external_id]: 'externalId' }),
      ...(own.source_id !== undefined && { [own.source_id]: 'sourceId' }),
      ...own.refs,
    },
    custom: own.custom,
  }
}

export function modelsOf(config: PlanhatConfig): ModelSpec[] {
  return MODEL_NAMES.filter((name) => !config.skip.includes(name)).map((name) => modelOf(name, config[name]))
}

export function holdsOf(spec: ModelSpec): string[] {
  return [...new Set([...(spec.status === null ? [] : ['state']), ...Object.keys(spec.fields)])]
}
