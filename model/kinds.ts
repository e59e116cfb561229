/** All kinds of model/kinds/, in the order in which references resolve. */
import type { Field } from './fields.ts'
import type { Kind } from './kind.ts'
import caseKind from './kinds/case.ts'
import contact from './kinds/contact.ts'
import contract from './kinds/contract.ts'
import credit from './kinds/credit.ts'
import customer from './kinds/customer.ts'
import entitlement from './kinds/entitlement.ts'
import invoice from './kinds/invoice.ts'
import line from './kinds/line.ts'
import onboarding from './kinds/onboarding.ts'
import opportunity from './kinds/opportunity.ts'
import order from './kinds/order.ts'
import payment from './kinds/payment.ts'
import posting from './kinds/posting.ts'
import product from './kinds/product.ts'
import quote from './kinds/quote.ts'
import renewal from './kinds/renewal.ts'
import shipment from './kinds/shipment.ts'
import subscription from './kinds/subscription.ts'
import tenant from './kinds/tenant.ts'

/**
 * Static imports rather than a directory scan: the model is shared with the browser,
 * which has no directory to scan. Order is the order in which references resolve.
 */
export const KINDS: readonly Kind[] = [
  customer,
  contact,
  product,
  opportunity,
  quote,
  contract,
  order,
  shipment,
  subscription,
  invoice,
  payment,
  entitlement,
  caseKind,
  credit,
  tenant,
  onboarding,
  renewal,
  line,
  posting,
]

export type KindName = string

const byName = new Map(KINDS.map((k) => [k.name, k]))

/** @throws if there is no such kind; callers validate names at the edge. */
export function kindOf(name: string): Kind {
  const kind = byName.get(name)
  if (!kind) throw new Error(`no kind named ${name}`)
  return kind
}

export function hasKind(name: string): boolean {
  return byName.has(name)
}

/** @throws if the kind has no such field. */
export function fieldOf(kind: string, name: string): Field {
  const field = kindOf(kind).fields.find((f) => f.name === name)
  if (!field) throw new Error(`${kind} has no field ${name}`)
  return field
}

/** Fields of a kind that point to other records. */
export function references(kind: Kind): readonly Field[] {
  return kind.fields.filter((f) => f.type === 'reference')
}

/** Ownership groups of a kind in table order. */
export function groups(kind: Kind): string[] {
  return [...new Set(kind.fields.map((f) => f.group))]
}
