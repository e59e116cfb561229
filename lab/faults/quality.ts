/** Faults of data quality: a foreign write that was undone, a fact that the law asks for, a due date before its issue. */
import { subjects } from '../company/thing.ts'
import { DAY, HOUR } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, victim, victims } from './fault.ts'
import { about, stage } from './scene.ts'

/** How long the wrong value stands: long enough for a reading every sixteen hours to meet it. */
const STANDS = 22 * HOUR
/** How long an undone write is told of: the product's own period. */
const QUIET = 7 * DAY

export const undoneOverwrite: FaultKind = {
  drift: 'undone_overwrite',
  about: 'A follower wrote over the owner’s value, and it was put right a day later.',
  leadMs: 46 * HOUR,
  *plant(lab, r) {
    const { company } = lab.world
    // Only who looked in between can know: it happens while the monitor is there.
    const from = lab.end - 44 * HOUR + lab.turn * HOUR
    if (company.now < from) yield from
    const scene = yield* stage(lab, r, [
      ['erp', 'crm', 'payment_terms'],
      ['crm', 'support', 'segment'],
      ['erp', 'crm', 'credit_limit'],
    ])
    if (!scene) return
    const { now } = company
    const { customer, follower, topic, fields } = scene
    claim(customer, 'all')
    const { id } = customer.on.get(follower)!
    const right = Object.fromEntries(fields.map((field) => [field, customer.values[field] ?? null]))
    const wrong = Object.fromEntries(fields.map((field) => [field, scene.values[field]!]))
    const write = (at: number, by: string, values: typeof right) =>
      company.tamper(follower, 'customer', id, { at, by, fields: company.rendered(follower, customer, values) })
    write(now, login(r), wrong)
    write(now + STANDS, 'integration', right)
    lab.done({
      ...about(scene),
      category: 'authority',
      cause: 'non_owner_write',
      injectedAt: now,
      driftFrom: now + scene.windowMs,
      healsAt: now + STANDS + QUIET,
      alternatives: [],
      alsoExpected: [
        { categories: ['mismatch'], kinds: ['customer'], platforms: [follower], fields, subjects: subjects(customer) },
      ],
      says: `somebody at ${follower} wrote over ${topic}, and it was put right a day later`,
    })
  },
}

/** Countries whose law wants the number of a business on its invoices. */
const ASKED = new Set(['DE', 'AT', 'FR', 'NL', 'GB', 'CH'])

export const missingTaxId: FaultKind = {
  drift: 'missing_tax_id',
  about: 'The ERP lost the tax id that the customer’s country asks for.',
  leadMs: 3 * HOUR,
  possible: (lab) => lab.erp !== null && lab.world.company.holds(lab.erp, 'customer', 'tax_id'),
  *plant(lab, r) {
    const { company } = lab.world
    const erp = lab.erp!
    const customer = yield* victim(
      lab,
      () =>
        victims(
          lab,
          r,
          ['tax'],
          (c) => c.on.has(erp) && c.claims.size === 0 && ASKED.has(String(c.values['bill_to.country'])),
        )[0],
    )
    if (!customer) return
    // An address in another country would ask for something else.
    claim(customer, 'tax', 'bill_to', 'life')
    const { now } = company
    company.tamper(erp, 'customer', customer.on.get(erp)!.id, { at: now, by: 'finance', fields: { tax_id: null } })
    lab.done({
      category: 'quality',
      cause: null,
      kind: 'customer',
      fields: ['tax_id'],
      owner: null,
      platform: erp,
      subjects: subjects(customer),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [],
      says: `the tax id of a customer is missing at ${erp}`,
    })
  },
}

export const dueBeforeIssue: FaultKind = {
  drift: 'due_before_issue',
  about: 'An invoice of the ERP falls due before it was issued.',
  leadMs: DAY,
  possible: (lab) => lab.erp !== null && lab.world.company.holds(lab.erp, 'invoice', 'due_on'),
  *plant(lab, r) {
    const { company } = lab.world
    const erp = lab.erp!
    const invoice = yield* victim(lab, () =>
      r
        .shuffle(company.all('invoice'))
        .find(
          (i) =>
            i.state === 'paid' &&
            i.on.has(erp) &&
            i.claims.size === 0 &&
            company.issuerRole(i.customer) === 'erp' &&
            company.now - i.bornAt < 45 * DAY &&
            company.now - i.bornAt > DAY,
        ),
    )
    if (!invoice) return
    claim(invoice, 'credit', 'dated')
    const { now } = company
    const issued = String(invoice.values['issued_on'])
    const due = `${Number(issued.slice(0, 4)) - 1}${issued.slice(4, 10)}`
    const to = [...invoice.on.keys()]
    // The wrong day travels: all platforms agree on it.
    company.change(invoice, { values: { due_on: due } }, { by: 'finance' })
    lab.done({
      category: 'quality',
      cause: null,
      kind: 'invoice',
      fields: ['due_on'],
      owner: null,
      platform: erp,
      subjects: subjects(invoice),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: to.map((platform) => ({
        categories: ['quality' as const],
        kinds: ['invoice'],
        fields: ['due_on'],
        platforms: [platform],
        subjects: subjects(invoice),
      })),
      says: `an invoice falls due before it was issued`,
    })
  },
}
