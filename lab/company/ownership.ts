/** Ownership: which role speaks for which field in the laboratory's company, and how fast a change must travel. */
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts'

export type Latency = 'realtime' | 'minutes' | 'hour' | 'day'

/** Longest allowed propagation per class: the product's shipped defaults. */
export const WINDOWS: Record<Latency, number> = { realtime: 5 * MINUTE, minutes: 15 * MINUTE, hour: HOUR, day: DAY }

/** How long propagation takes when nothing is wrong: shortest and longest, far inside the window. */
export const LAGS: Record<Latency, readonly [number, number]> = {
  realtime: [3 * SECOND, 75 * SECOND],
  minutes: [8 * SECOND, 5 * MINUTE],
  hour: [40 * SECOND, 16 * MINUTE],
  day: [30 * MINUTE, 8 * HOUR],
}

const CUSTOMER_LEGAL =
  /^(legal_name|tax_id|registration_number|bill_to\..+|currency|payment_terms|credit_limit|credit_hold|tax_exempt|legal_entity)$/

/** What ownership depends on besides the field. */
export interface Whereabouts {
  state: string | null
  /** Role that issues the invoices of this record's legal entity. */
  issuer: string
}

/** Roles that own a field, in order; the first that holds it speaks. */
export function ownerRoles(kind: string, field: string, at: Whereabouts): readonly string[] {
  switch (kind) {
    case 'customer':
      if (field === 'state') return at.state === 'lead' || at.state === 'prospect' ? ['crm'] : ['erp', 'crm']
      if (CUSTOMER_LEGAL.test(field)) return ['erp', 'crm']
      return field.startsWith('ship_to.') ? ['commerce', 'erp', 'crm'] : ['crm', 'billing']
    case 'order':
      return at.state === 'draft' || at.state === 'pending_approval' ? ['crm', 'erp'] : ['erp', 'crm']
    case 'subscription':
      return ['billing', 'crm']
    case 'invoice':
    case 'payment':
    case 'credit':
      return [at.issuer, 'erp']
    case 'entitlement':
      return ['billing', 'crm', 'support']
    case 'case':
      return ['support', 'crm']
    case 'tenant':
      return ['provisioning', 'support']
    case 'product':
      return ['erp', 'crm', 'billing']
    default:
      return ['crm', 'erp', 'support']
  }
}

/** Class of a change by what it touches. */
export function latency(kind: string, fields: Iterable<string>): Latency {
  if (kind === 'entitlement' || kind === 'tenant') return 'realtime'
  if (kind === 'product') return 'day'
  if (kind !== 'customer' && kind !== 'contact') return 'minutes'
  for (const field of fields) if (field === 'credit_hold') return 'realtime'
  return 'hour'
}

/** True if a record in this state lives beyond the platform that made it. */
export function travels(kind: string, state: string | null): boolean {
  if (kind === 'customer') return state !== 'lead' && state !== 'prospect'
  if (kind === 'order' || kind === 'invoice' || kind === 'contract') return state !== 'draft'
  if (kind === 'subscription') return state !== 'pending'
  if (kind === 'payment') return state === 'succeeded' || state === 'refunded'
  if (kind === 'credit') return state !== 'requested'
  return true
}

/** Kinds that only the issuer, the ERP and the CRM keep: billing has them only where it issues. */
export function belongsOn(kind: string, role: string, issuer: string, state: string | null): boolean {
  // A shop has no word for an order that waits for approval.
  if (role === 'commerce' && kind === 'order' && state === 'pending_approval') return false
  return role !== 'billing' || issuer === 'billing' || !['invoice', 'payment', 'credit'].includes(kind)
}
