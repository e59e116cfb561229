/** Zendesk objects as the simulated account shows them: what is Zendesk's own and what lives in custom fields. */
import { fieldOf } from '../../../model/kinds.ts'
import type { SimRecord } from '../../platform.ts'

export type Rendered = Record<string, unknown>

export const OBJECT_KEY = 'service_entitlement'
export const ESCALATED_TAG = 'escalated'

/** Canonical fields that Zendesk has itself, and those that the account keeps in custom fields of the same name. */
export const PLANS: Record<string, { native: string[]; custom: string[] }> = {
  customer: { native: ['name', 'domain'], custom: ['owner', 'segment', 'credit_hold'] },
  contact: { native: ['customer', 'name', 'email', 'phone'], custom: ['role'] },
  entitlement: {
    native: [],
    custom: ['customer', 'subscription', 'sla_tier', 'quantity', 'starts_on', 'ends_on', 'activated_at'],
  },
  case: {
    native: ['customer', 'priority', 'opened_at', 'resolved_at'],
    custom: ['number', 'sla_tier', 'escalated_at', 'entitlement'],
  },
}

/** Platforms whose ids the account keeps: the CRM's in `external_id`, the others in custom fields. */
export const EXTERNAL = 'salesforce'
export const REFERRED = ['netsuite', 'stripe', 'provisioning', 'hubspot', 'shopify', 'zuora', 'servicenow', 'planhat']
export const refKey = (platform: string) => `${platform}_id`

/** Ticket fields are named by numbers. */
export function ticketField(name: string): string {
  const names = [...PLANS['case']!.custom, ...REFERRED.map(refKey)]
  return String(360_010_000_011 + names.indexOf(name) * 20)
}

/** Canonical state → the account's word. */
export const STATUS: Record<string, Record<string, string>> = {
  case: { new: 'new', open: 'open', pending: 'pending', resolved: 'solved', closed: 'closed' },
  contact: { active: 'active', inactive: 'suspended' },
  entitlement: {
    pending: 'service_pending',
    active: 'service_active',
    suspended: 'service_suspended',
    expired: 'service_expired',
    revoked: 'service_revoked',
  },
}

const FIRST: Record<string, number> = { customer: 360_000_000_017, contact: 370_000_000_017, case: 41_000_001 }
const BASE32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The n-th id of a kind: whole numbers, and for custom object records 26 characters that sort by age. */
export function idOf(kind: string, n: number): string {
  if (kind !== 'entitlement') return String(FIRST[kind]! + n * (kind === 'case' ? 1 : 20))
  let tail = ''
  for (let rest = n; tail.length < 8; rest = Math.floor(rest / 32)) tail = BASE32[rest % 32] + tail
  return `01HZENTLAB00000000${tail}`
}

export const stamp = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** Seconds of the last change, deletion included: what exports go by. */
export function updatedSeconds(record: SimRecord): number {
  return Math.floor(Math.max(record.changedAt, record.deletedAt ?? 0) / 1000)
}

export function objectOf(record: SimRecord, metrics = false): Rendered {
  const text = (name: string) => record.fields[name] ?? null
  const number = (id: string | null) => (id === null ? null : /^\d{1,15}$/.test(id) ? Number(id) : id)
  const base = {
    id: number(record.id),
    external_id: record.refs[EXTERNAL] ?? null,
    created_at: stamp(record.createdAt),
    updated_at: stamp(updatedSeconds(record) * 1000),
  }
  const parts: Record<string, () => Rendered> = { customer, contact, entitlement, case: ticket }
  return { ...base, ...parts[record.kind]!() }

  function customer(): Rendered {
    return {
      name: text('name'),
      domain_names: text('domain') === null ? [] : [text('domain')],
      details: '',
      notes: '',
      group_id: null,
      shared_tickets: false,
      tags: tagsOf(record),
      organization_fields: customOf(record),
      deleted_at: record.deletedAt === undefined ? null : stamp(record.deletedAt),
    }
  }

  function contact(): Rendered {
    return {
      name: text('name'),
      email: text('email'),
      phone: text('phone'),
      organization_id: number(text('customer')),
      role: 'end-user',
      verified: true,
      active: record.deletedAt === undefined,
      suspended: (record.oddStatus ?? record.state) === 'inactive',
      user_fields: customOf(record),
      tags: [],
    }
  }

  function entitlement(): Rendered {
    const word =
      record.oddStatus ?? (record.state === null ? null : (STATUS['entitlement']![record.state] ?? record.state))
    return {
      name: `Entitlement ${record.id.slice(-4)}`,
      custom_object_key: OBJECT_KEY,
      custom_object_fields: { ...customOf(record), status: word },
    }
  }

  function ticket(): Rendered {
    const status =
      record.oddStatus ??
      (record.state === 'escalated' ? 'open' : (STATUS['case']![record.state ?? ''] ?? record.state))
    const opened = Date.parse(text('opened_at') ?? '')
    const custom = Object.entries(customOf(record)).map(([name, value]) => ({ id: Number(ticketField(name)), value }))
    return {
      created_at: Number.isNaN(opened) ? base.created_at : stamp(opened),
      status: record.deletedAt === undefined ? status : 'deleted',
      priority: text('priority'),
      type: null,
      subject: record.deletedAt === undefined ? `Case ${record.id}` : 'SCRUBBED',
      organization_id: number(text('customer')),
      requester_id: null,
      tags: tagsOf(record),
      custom_fields: custom,
      generated_timestamp: updatedSeconds(record),
      ...(metrics && { metric_set: { ticket_id: number(record.id), solved_at: seconds(text('resolved_at')) } }),
    }
  }
}

/** Custom fields of a record in the account's own types. Every field is there, unset ones as null. */
function customOf(record: SimRecord): Rendered {
  const out: Rendered = {}
  for (const field of PLANS[record.kind]!.custom) out[field] = spelled(record.kind, field, record.fields[field] ?? null)
  for (const platform of REFERRED) out[refKey(platform)] = record.refs[platform] ?? null
  return out
}

function spelled(kind: string, field: string, value: string | null): unknown {
  if (value === null || value === '') return null
  const { type } = fieldOf(kind, field)
  if (type === 'bool') return value === 'true'
  if (type === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return `${value}T00:00:00+00:00`
  if (type === 'number' && /^\d{1,12}$/.test(value)) return Number(value)
  return value
}

function seconds(instant: string | null): string | null {
  const ms = Date.parse(instant ?? '')
  return Number.isNaN(ms) ? instant : stamp(ms)
}

/** Tags of an organization or ticket; the escalation tag follows the state. */
export function tagsOf(record: SimRecord): string[] {
  const kept = (record.fields['~tags'] ?? '').split(' ').filter((tag) => tag !== '' && tag !== ESCALATED_TAG)
  return record.kind === 'case' && record.state === 'escalated' ? [...kept, ESCALATED_TAG] : kept
}
