/** The simulated tenant: which model and property each canonical kind and field lives in, and its words. */

export interface ModelPlan {
  model: string
  /** Canonical field → property; `custom.` for properties of the tenant's own. */
  properties: Record<string, string>
  status?: { property: string; words: Record<string, string> }
}

export const PLANS: Record<string, ModelPlan> = {
  customer: {
    model: 'companies',
    properties: {
      name: 'name',
      health_score: 'h',
      domain: 'custom.Domain',
      segment: 'custom.Segment',
      renewal_readiness: 'custom.Renewal readiness',
      credit_hold: 'custom.Credit hold',
    },
    status: {
      property: 'status',
      words: { lead: 'prospect', prospect: 'coming', customer: 'customer', churned: 'canceled', closed: 'lost' },
    },
  },
  contact: {
    model: 'endusers',
    properties: { customer: 'companyId', name: 'name', email: 'email', phone: 'phone', role: 'custom.Function' },
    status: { property: 'custom.Status', words: { active: 'Active', inactive: 'Left' } },
  },
  subscription: {
    model: 'licenses',
    properties: {
      customer: 'companyId',
      currency: '_currency',
      mrr: 'mrr',
      started_on: 'fromDate',
      ends_on: 'toDate',
      auto_renew: 'autoRenews',
      number: 'custom.Number',
      quantity: 'custom.Seats',
      renews_on: 'custom.Renews on',
    },
    status: {
      property: 'custom.Status',
      words: {
        pending: 'upcoming',
        trialing: 'trial',
        active: 'ongoing',
        past_due: 'unpaid',
        paused: 'paused',
        cancelled: 'lost',
        expired: 'ended',
      },
    },
  },
  case: {
    model: 'tickets',
    properties: { customer: 'companyId', number: 'sourceId', priority: 'severity', opened_at: 'createdAt' },
    status: {
      property: 'status',
      words: {
        new: 'new',
        open: 'open',
        pending: 'pending',
        escalated: 'escalated',
        resolved: 'resolved',
        closed: 'closed',
      },
    },
  },
  onboarding: {
    model: 'projects',
    properties: { customer: 'companyId', milestone: 'name', due_on: 'dueDate', completed_on: 'completedDate' },
    status: {
      property: 'status',
      words: { planned: 'planned', in_progress: 'ongoing', blocked: 'blocked', done: 'completed' },
    },
  },
}

/** Platform whose ids stand in `sourceId`, and those of custom properties. */
export const SOURCE = 'salesforce'
export const REFERRED = ['netsuite', 'stripe', 'zendesk', 'provisioning', 'hubspot', 'shopify', 'zuora', 'servicenow']
export const refProperty = (platform: string) => `custom.${platform} id`

export const kindOfModel = (model: string) => Object.keys(PLANS).find((kind) => PLANS[kind]!.model === model)

/** The n-th id: 24 hexadecimal characters that grow with age. */
export function idOf(kind: string, n: number): string {
  const space = Object.keys(PLANS).indexOf(kind) + 1
  return `5f${space.toString(16).padStart(2, '0')}a1${n.toString(16).padStart(18, '0')}`
}
