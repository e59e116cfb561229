/** Faults of whole customers: missing, doubled, merged, deleted, known to one platform only. */
import { LIVED_KINDS } from '../company/platforms.ts'
import type { Thing } from '../company/thing.ts'
import { subjects } from '../company/thing.ts'
import { DAY, HOUR } from '../time.ts'
import type { Pattern } from '../truth.ts'
import { login } from '../words.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, everything, losing, victim, victims } from './fault.ts'
import { winLight } from './light.ts'

/** Whatever is said of records that hang on a broken customer follows from the customer. */
function hanging(lab: FaultLab, customer: Thing): Pattern {
  return { subjects: everything(lab.world, customer, LIVED_KINDS)! }
}

export const wonWithoutErp: FaultKind = {
  drift: 'won_without_erp',
  about: 'A won opportunity whose customer was never created in the ERP.',
  leadMs: 12 * DAY,
  possible: (lab) => lab.erp !== null && lab.crm !== null,
  *plant(lab, r) {
    const { customer, opportunity } = yield* winLight(lab, r, losing(lab.erp))
    const { now } = lab.world.company
    const involved = subjects(customer, opportunity)
    lab.done({
      category: 'missing',
      cause: 'never_sent',
      kind: 'customer',
      owner: lab.crm,
      platform: lab.erp,
      subjects: involved,
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [{ categories: ['deadline', 'exception'], kinds: ['customer', 'opportunity'], subjects: involved }],
      later: () => [hanging(lab, customer)],
      says: `a won customer was never created at ${lab.erp}`,
    })
  },
}

export const missingCustomer: FaultKind = {
  drift: 'missing_customer',
  about: 'A customer that one follower never got.',
  leadMs: 12 * DAY,
  possible: (lab) => lab.support !== null || lab.billing !== null || lab.warehouse !== null,
  *plant(lab, r) {
    const targets = [lab.warehouse, lab.support, lab.billing].filter((p): p is string => p !== null)
    const platform = targets[lab.turn % targets.length]!
    const { customer } = yield* winLight(lab, r, losing(platform))
    const { now } = lab.world.company
    lab.done({
      category: 'missing',
      cause: 'never_sent',
      kind: 'customer',
      owner: lab.erp ?? lab.crm,
      platform,
      subjects: subjects(customer),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      later: () => [hanging(lab, customer)],
      says: `a new customer never reached ${platform}`,
    })
  },
}

export const duplicateCustomer: FaultKind = {
  drift: 'duplicate_customer',
  about: 'The same customer was created twice on one platform.',
  leadMs: 2 * HOUR,
  *plant(lab, r) {
    const { company } = lab.world
    const targets = [lab.warehouse, lab.crm, lab.billing, lab.erp, lab.support].filter((p): p is string => p !== null)
    const platform = targets[lab.turn % targets.length]!
    const customer = yield* victim(lab, () => victims(lab, r, ['identity'], (c) => c.on.has(platform))[0])
    if (!customer) return
    // The copy is not kept up to date: changes that it would miss are left out.
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
    )
    const { now } = company
    const id = company.newId(platform, 'customer')
    const hub = platform === lab.crm ? lab.erp : lab.crm
    const refs = lab.turn % 2 === 1 && hub && customer.on.has(hub) ? { [hub]: customer.on.get(hub)!.id } : {}
    company.tamper(platform, 'customer', id, {
      at: now,
      by: login(r),
      fields: company.rendered(platform, customer, customer.values),
      state: customer.state,
      refs,
    })
    const copy = { platform, kind: 'customer', record_id: id }
    lab.done({
      category: 'duplicate',
      cause: 'duplicate_created',
      kind: 'customer',
      owner: null,
      platform,
      subjects: [...subjects(customer), copy],
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [{ categories: ['duplicate', 'structure'], kinds: ['customer'], subjects: [copy] }],
      alsoExpected: [{ kinds: ['customer'], subjects: [copy] }],
      says: `a customer was created a second time at ${platform}`,
    })
  },
}

export const merged: FaultKind = {
  drift: 'wrongly_merged',
  about: 'Two different customers were merged on one platform only.',
  leadMs: 23 * DAY,
  possible: (lab) => lab.crm !== null && lab.erp !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const first = yield* winLight(lab, r)
    const second = yield* winLight(lab, r)
    yield company.now + DAY
    const { now } = company
    const lost = second.customer
    company.tamper(lab.crm!, 'customer', lost.on.get(lab.crm!)!.id, {
      at: now,
      by: login(r),
      deleted: true,
      mergedInto: first.customer.on.get(lab.crm!)!.id,
    })
    const both = subjects(first.customer, lost)
    lab.done({
      category: 'missing',
      cause: 'merged',
      kind: 'customer',
      owner: lab.erp,
      platform: lab.crm,
      subjects: subjects(lost),
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [
        { categories: ['duplicate', 'structure', 'quality', 'missing', 'orphan'], kinds: ['customer'], subjects: both },
      ],
      later: () => [hanging(lab, first.customer), hanging(lab, lost)],
      says: `two different customers were merged at ${lab.crm} and live on elsewhere`,
    })
  },
}

export const deletedCustomer: FaultKind = {
  drift: 'deleted_at_follower',
  about: 'A follower deleted a record that is alive at its owner.',
  leadMs: 13 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const targets = [lab.support, lab.billing, lab.crm].filter((p): p is string => p !== null)
    const platform = targets[lab.turn % targets.length]!
    const { customer } = yield* winLight(lab, r)
    yield company.now + DAY
    const { now } = company
    company.tamper(platform, 'customer', customer.on.get(platform)!.id, { at: now, by: login(r), deleted: true })
    lab.done({
      category: 'missing',
      cause: 'deleted',
      kind: 'customer',
      owner: platform === lab.crm ? lab.erp : (lab.erp ?? lab.crm),
      platform,
      subjects: subjects(customer),
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      later: () => [hanging(lab, customer)],
      says: `${platform} deleted a living customer`,
    })
  },
}

export const orphanCustomer: FaultKind = {
  drift: 'orphan_customer',
  about: 'A customer that only a follower knows.',
  leadMs: 3 * HOUR,
  possible: (lab) => lab.billing !== null || lab.support !== null,
  *plant(lab, r) {
    const { world } = lab
    const targets = [lab.billing, lab.support].filter((p): p is string => p !== null)
    const platform = targets[lab.turn % targets.length]!
    const values = { ...world.newcomer(r), payment_terms: 'net_30', credit_hold: 'false' }
    const customer = world.company.create('customer', values, {
      state: 'customer',
      source: platform,
      only: [platform],
      by: login(r),
    })
    const { now } = world.company
    lab.done({
      category: 'orphan',
      cause: 'non_owner_write',
      kind: 'customer',
      owner: null,
      platform,
      subjects: subjects(customer),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      says: `a customer exists at ${platform} only`,
    })
    yield now
  },
}
