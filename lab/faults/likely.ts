/** Faults of likeness: one company entered under a second name tag, so that only a person can say that the two are one. */
import type { Thing } from '../company/thing.ts'
import { subjects } from '../company/thing.ts'
import { DAY, HOUR } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, victim, victims } from './fault.ts'

/** What people type of a company that they believe to be new: no number, no domain, no mail that would tell. */
const TYPED = ['name', 'legal_name', 'phone', 'bill_to.line1', 'bill_to.city', 'bill_to.postal_code', 'bill_to.country']

/** A prospect that lives in the CRM alone. */
const prospect = ({ world, crm }: FaultLab): Thing[] =>
  world.company
    .all('customer')
    .filter((c) => c.state === 'prospect' && c.on.size === 1 && c.on.has(crm!) && c.claims.size === 0)

export const likelyDuplicate: FaultKind = {
  drift: 'likely_duplicate',
  about: 'A company that was entered again, on its own platform or on another, without anything that proves it.',
  leadMs: 2 * DAY,
  possible: (lab) => lab.crm !== null && lab.billing !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const across = lab.turn % 2 === 1
    const platform = across ? lab.billing! : lab.crm!
    const first = yield* victim(lab, () =>
      across ? r.shuffle(prospect(lab))[0] : victims(lab, r, ['identity'], (c) => c.claims.size === 0)[0],
    )
    if (!first) return
    claim(first, 'identity', 'life', 'churn', 'bill_to', 'phone', 'email')
    const { now } = company
    const id = company.newId(platform, 'customer')
    const typed = Object.fromEntries(TYPED.map((field) => [field, first.values[field] ?? null]))
    company.tamper(platform, 'customer', id, {
      at: now,
      by: login(r),
      fields: company.rendered(platform, first, typed),
      state: across ? 'customer' : 'prospect',
    })
    const copy = { platform, kind: 'customer', record_id: id }
    lab.done({
      category: 'duplicate',
      cause: 'identity_in_doubt',
      kind: 'customer',
      owner: null,
      platform: null,
      subjects: [copy],
      checks: ['duplicates/likely-customer'],
      proposed: true,
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [],
      // A customer that billing alone has is an orphan there, and lacks what the law asks for.
      alsoExpected: [{ subjects: [copy] }, ...(across ? [{ subjects: subjects(first) }] : [])],
      says: across
        ? `a prospect of ${lab.crm} was entered at ${platform} as a customer of its own`
        : `a customer was entered at ${platform} a second time as a prospect`,
    })
  },
}
