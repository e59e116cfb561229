/** The simulated instance: which table and column each canonical kind and field lives in, and the numbers of its choices. */
import { createHash } from 'node:crypto'

export interface TablePlan {
  table: string
  /** Canonical field → column. */
  columns: Record<string, string>
  status?: { column: string; words: Record<string, string> }
}

export const PLANS: Record<string, TablePlan> = {
  customer: {
    table: 'customer_account',
    columns: {
      name: 'name',
      domain: 'website',
      phone: 'phone',
      parent: 'account_parent',
      'bill_to.line1': 'street',
      'bill_to.line2': 'street',
      'bill_to.city': 'city',
      'bill_to.region': 'state',
      'bill_to.postal_code': 'zip',
      'bill_to.country': 'country',
      owner: 'u_owner',
      segment: 'u_segment',
      credit_hold: 'u_credit_hold',
    },
  },
  contact: {
    table: 'customer_contact',
    columns: { customer: 'account', name: 'name', email: 'email', phone: 'phone', role: 'u_role' },
    status: { column: 'active', words: { active: 'true', inactive: 'false' } },
  },
  case: {
    table: 'sn_customerservice_case',
    columns: {
      customer: 'account',
      entitlement: 'entitlement',
      number: 'number',
      priority: 'priority',
      opened_at: 'opened_at',
      resolved_at: 'resolved_at',
      sla_tier: 'u_sla_tier',
      escalated_at: 'u_escalated_at',
    },
    status: {
      column: 'state',
      words: { new: '1', open: '10', pending: '18', escalated: '20', resolved: '6', closed: '3' },
    },
  },
  entitlement: {
    table: 'service_entitlement',
    columns: {
      customer: 'account',
      contract: 'contract',
      starts_on: 'start_date',
      ends_on: 'end_date',
      sla_tier: 'u_sla_tier',
      quantity: 'u_quantity',
      activated_at: 'u_activated_at',
    },
    status: {
      column: 'state',
      words: { pending: 'draft', active: 'active', suspended: 'on_hold', expired: 'expired', revoked: 'cancelled' },
    },
  },
  contract: {
    table: 'ast_contract',
    columns: {
      customer: 'account',
      number: 'number',
      starts_on: 'starts',
      ends_on: 'ends',
      value: 'u_value',
      currency: 'u_currency',
      signed_at: 'u_signed_at',
      renewal_term: 'u_renewal_term',
    },
    status: {
      column: 'state',
      words: { draft: 'draft', signed: 'signed', active: 'active', expired: 'expired', terminated: 'cancelled' },
    },
  },
}

/** Columns of the configuration: a platform's id, and our key. */
export const REFERRED = [
  'salesforce',
  'netsuite',
  'stripe',
  'zendesk',
  'provisioning',
  'hubspot',
  'shopify',
  'zuora',
  'planhat',
]
export const refColumn = (platform: string) => `u_${platform}_id`
export const KEY_COLUMN = 'correlation_id'

export const kindOfTable = (table: string) => Object.keys(PLANS).find((kind) => PLANS[kind]!.table === table)

/** 32 hexadecimal characters that say nothing of their age. */
export function idOf(kind: string, n: number): string {
  return createHash('md5').update(`servicenow ${kind} ${n}`).digest('hex')
}
