/** What a customer would notice of a difference, in the words of somebody who speaks with them. */
import type { Finding } from '../api.ts'

const NOTICES: Readonly<Record<string, string>> = {
  entitlement: 'They may get less or more service than they pay for.',
  tenant: 'Their workspace may be missing, too small, or still open.',
  subscription: 'They may be billed for the wrong plan, amount or time.',
  onboarding: 'Their start may be later than they were told.',
  invoice: 'They may get a wrong invoice, or a reminder of one that is paid.',
  payment: 'A payment of theirs may not be seen where they ask about it.',
  credit: 'A credit that they were promised may not arrive.',
  order: 'What they ordered may come late, twice, or not at all.',
  shipment: 'What they ordered may come late, twice, or not at all.',
  case: 'Whoever answers them may not see what they reported.',
  contact: 'Mail may go to somebody who has left, or to nobody.',
  contract: 'They may be held to terms that they did not agree to.',
  renewal: 'They may be asked about their renewal too late, or twice.',
  quote: 'They may be quoted something else than was agreed.',
}
/** Of the customer itself it depends on the field. */
const FIELDS: Readonly<Record<string, string>> = {
  credit_hold: 'They may be stopped although they paid, or served although they are on hold.',
  payment_terms: 'They may be reminded before their invoices are due, or after.',
  email: 'Mail may go to somebody who has left, or to nobody.',
  phone: 'A call may reach the wrong person.',
  legal_name: 'Their invoices may carry a wrong name.',
  tax_id: 'Their invoices may not be valid for their tax office.',
  currency: 'They may be billed in another currency than agreed.',
  owner: 'They may be called by somebody who does not know them.',
}

/** What a check watches says more than what it hangs its finding on: a subscription that lacks its entitlement. */
const watched = ({ check, kind }: Pick<Finding, 'check' | 'kind'>) =>
  ['entitlement', 'tenant', 'onboarding'].find((of) => check.split('/')[1]?.includes(of)) ?? kind

/** @returns null where they would notice nothing */
export function noticed({ check, kind: of, field }: Pick<Finding, 'check' | 'kind' | 'field'>): string | null {
  const kind = watched({ check, kind: of })
  if (kind !== 'customer') return NOTICES[kind] ?? null
  if (field === null) return null
  if (field.startsWith('bill_to.')) return 'Their invoices may go to a wrong address.'
  if (field.startsWith('ship_to.')) return 'What they ordered may go to a wrong address.'
  return FIELDS[field] ?? null
}

/** Sentences for these findings, most findings first, each once with how many say so. */
export function noticedOf(
  findings: readonly Pick<Finding, 'check' | 'kind' | 'field' | 'state'>[],
): { says: string; n: number }[] {
  const found = new Map<string, number>()
  for (const f of findings) {
    const says = f.state === 'open' ? noticed(f) : null
    if (says) found.set(says, (found.get(says) ?? 0) + 1)
  }
  return [...found].map(([says, n]) => ({ says, n })).sort((a, b) => b.n - a.n)
}
