/** Decoys: what looks like a fault and is none. A monitor that reports one of these is wrong. */
import { subjects } from '../company/thing.ts'
import { DAY } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, victim, victims } from './fault.ts'

/** A second lead of a customer in the CRM is merged into it, as stewards do every week. */
export const mergedLead: FaultKind = {
  drift: 'decoy_merged_lead',
  about: 'A doubled lead was merged into the customer.',
  leadMs: 3 * DAY,
  possible: (lab) => lab.crm !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['identity'], (c) => c.claims.size === 0)[0])
    if (!customer) return
    const crm = lab.crm!
    const survivor = customer.on.get(crm)!.id
    const id = company.newId(crm, 'customer')
    const by = login(r)
    const { now } = company
    // Entered and merged at one sitting: for five minutes it is a lead, which lives in the CRM alone.
    const known = company.rendered(crm, customer, {
      name: customer.values.name ?? null,
      phone: customer.values.phone ?? null,
    })
    company.tamper(crm, 'customer', id, { at: now, by, fields: known, state: 'lead' })
    company.tamper(crm, 'customer', id, { at: now + 300_000, by, deleted: true, mergedInto: survivor })
    lab.decoy({
      name: 'merged lead',
      subjects: [{ platform: crm, kind: 'customer', record_id: id }],
      says: 'a lead was merged into its customer',
    })
  },
}

/** A sold-to and a ship-to record of one party in the ERP: a structure, not duplicates. */
export const shipTo: FaultKind = {
  drift: 'decoy_ship_to',
  about: 'A party with a sold-to and a ship-to record.',
  leadMs: 3 * DAY,
  possible: (lab) => lab.erp !== null && lab.crm !== null && lab.world.company.holds(lab.erp, 'customer', 'role'),
  *plant(lab, r) {
    const { company } = lab.world
    const erp = lab.erp!
    const customer = yield* victim(lab, () => victims(lab, r, ['identity'], (c) => c.claims.size === 0)[0])
    if (!customer) return
    // The second record is not kept up to date, so nothing may change.
    claim(
      customer,
      'identity',
      'hold',
      'bill_to',
      'ship_to',
      'payment_terms',
      'credit_limit',
      'phone',
      'owner',
      'segment',
      'email',
      'tax_exempt',
    )
    const id = company.newId(erp, 'customer')
    company.tamper(erp, 'customer', id, {
      at: company.now,
      by: login(r),
      fields: company.rendered(erp, customer, { ...customer.values, role: 'ship_to' }),
      state: customer.state,
      refs: { [lab.crm!]: customer.on.get(lab.crm!)!.id },
    })
    lab.decoy({
      name: 'ship-to',
      subjects: [...subjects(customer), { platform: erp, kind: 'customer', record_id: id }],
      says: 'one party with two roles in the ERP',
    })
  },
}
