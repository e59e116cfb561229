/** The simulated tenant: which object and field each canonical kind and field lives in, and its words. */
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord, SimWrite } from '../../platform.ts'

export interface ObjectPlan {
  object: string
  /** Canonical field → field; those that do not end in `__gc` are Gainsight's own. */
  fields: Record<string, string>
  status: { field: string; words: Record<string, string> } | null
}

export const PLANS: Record<string, ObjectPlan> = {
  customer: {
    object: 'Company',
    fields: {
      name: 'Name',
      parent: 'ParentCompany',
      segment: 'Industry',
      domain: 'Domain__gc',
      health_score: 'Score__gc',
      renewal_readiness: 'Readiness__gc',
      credit_hold: 'CreditHold__gc',
    },
    status: {
      field: 'Status',
      words: {
        lead: '1I00LEAD',
        prospect: '1I00PROSPECT',
        customer: '1I00ACTIVE',
        churned: '1I00CHURN',
        closed: '1I00CLOSED',
      },
    },
  },
  contact: {
    object: 'Company_Person',
    fields: {
      customer: 'Company_ID',
      name: 'Person_ID__gr.Name',
      email: 'Person_ID__gr.Email',
      phone: 'Phone__gc',
      role: 'Role__gc',
    },
    status: { field: 'State__gc', words: { active: 'Active', inactive: 'Left' } },
  },
  subscription: {
    object: 'subscription__gc',
    fields: {
      customer: 'Company__gc',
      number: 'Number__gc',
      quantity: 'Quantity__gc',
      currency: 'Currency__gc',
      mrr: 'Mrr__gc',
      started_on: 'StartedOn__gc',
      ends_on: 'EndsOn__gc',
      renews_on: 'RenewsOn__gc',
      auto_renew: 'AutoRenew__gc',
    },
    status: {
      field: 'State__gc',
      words: {
        pending: 'Upcoming',
        trialing: 'Trial',
        active: 'Running',
        past_due: 'Unpaid',
        paused: 'Paused',
        cancelled: 'Lost',
        expired: 'Ended',
      },
    },
  },
  renewal: {
    object: 'renewal__gc',
    fields: {
      customer: 'Company__gc',
      subscription: 'Subscription__gc',
      amount: 'Amount__gc',
      currency: 'Currency__gc',
      due_on: 'DueOn__gc',
      readiness: 'Readiness__gc',
    },
    status: {
      field: 'State__gc',
      words: { upcoming: 'Upcoming', in_progress: 'In progress', renewed: 'Renewed', lost: 'Lost' },
    },
  },
}

export const REFERRED = ['salesforce', 'netsuite', 'stripe', 'zendesk', 'hubspot', 'shopify', 'zuora', 'provisioning']
export const refField = (kind: string, platform: string) =>
  kind === 'customer' && platform === 'salesforce'
    ? 'SfdcAccountId'
    : `${platform[0]!.toUpperCase()}${platform.slice(1)}Id__gc`
export const KEY = 'PlumblineKey__gc'
/** Where the simulated record keeps its value. */
const KEPT_KEY = '~key'

const PREFIXES: Record<string, string> = { customer: '1P02', contact: '1P07', subscription: '1P1S', renewal: '1P1R' }
/** The n-th id: capitals and digits that grow with age. */
export const idOf = (kind: string, n: number) => `${PREFIXES[kind]!}${n.toString(36).toUpperCase().padStart(14, '0')}`

export const kindOfObject = (object: string) =>
  Object.keys(PLANS).find((kind) => PLANS[kind]!.object.toLowerCase() === object.toLowerCase())

export type Row = Record<string, unknown>

/** Every field of a record, lookups under the path by which they are asked for. */
export function rowOf(record: SimRecord): Row {
  const { kind, fields, refs, state, oddStatus } = record
  const plan = PLANS[kind]!
  const word = oddStatus ?? (state === null ? null : (plan.status?.words[state] ?? state))
  return {
    Gsid: record.id,
    CreatedDate: record.createdAt,
    ModifiedDate: record.changedAt,
    [KEY]: fields[KEPT_KEY] ?? null,
    ...(plan.status && { [plan.status.field]: word }),
    ...Object.fromEntries(
      Object.entries(plan.fields).map(([field, name]) => [name, spelled(kind, field, fields[field] ?? null)]),
    ),
    ...Object.fromEntries(REFERRED.map((platform) => [refField(kind, platform), refs[platform] ?? null])),
  }
}

/** Times are milliseconds, days those of their midnight. */
function spelled(kind: string, field: string, text: string | null): unknown {
  if (text === null) return null
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return text === 'true'
  if (type === 'date' || type === 'instant')
    return Date.parse(type === 'date' ? `${text.slice(0, 10)}T00:00:00Z` : text)
  return (type === 'number' || type === 'money') && String(Number(text)) === text ? Number(text) : text
}

type Change = Required<Pick<SimWrite, 'fields' | 'refs'>> & Pick<SimWrite, 'state'>

/** @returns the name of the first field that the object does not have, or a value that its picklist does not */
export function changeOf(kind: string, given: Row): Change | string {
  const plan = PLANS[kind]!
  const change: Change = { fields: {}, refs: {} }
  for (const [name, value] of Object.entries(given)) {
    if (name === 'Gsid') continue
    const text = value === null || value === '' ? null : String(value)
    const platform = REFERRED.find((one) => refField(kind, one) === name)
    const field = Object.keys(plan.fields).find((one) => plan.fields[one] === name)
    if (platform !== undefined) change.refs[platform] = text
    else if (name === KEY) change.fields[KEPT_KEY] = text
    else if (name === plan.status?.field) {
      const found = Object.entries(plan.status.words).find(([, word]) => word === text)
      if (!found) return `${name} has no item ${text}`
      change.state = found[0]
    } else if (field !== undefined) change.fields[field] = text
    else return `${name} is not a field of ${plan.object}`
  }
  return change
}
