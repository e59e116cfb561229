/** Faults of structure: accounts that are their own ancestors, subsidiaries that lost their parent, invoices of the wrong company. */
import { issue, settle } from '../company/billing.ts'
import { placeOrder } from '../company/deal.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects } from '../company/thing.ts'
import { DAY, day, HOUR } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, movedTotal, victim, victims } from './fault.ts'

/** Customers in nobody's tree, with a record on both platforms that keep trees. */
const alone = (world: { company: { all(kind: string): readonly Thing[] } }) => (c: Thing) =>
  c.claims.size === 0 && !c.values.parent && !world.company.all('customer').some((x) => x.values.parent === c)

export const circularParents: FaultKind = {
  drift: 'circular_parents',
  about: 'Two accounts were made each other’s parents.',
  leadMs: 2 * DAY,
  possible: (lab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'customer', 'parent'),
  *plant(lab, r) {
    const { company } = lab.world
    const found = yield* victim(lab, () => {
      const [a, b] = victims(lab, r, ['identity'], alone(lab.world))
      return a && b ? { a, b } : undefined
    })
    if (!found) return
    const { a, b } = found
    for (const c of [a, b]) claim(c, 'identity', 'hold', 'tree')
    company.change(a, { values: { parent: b } }, { by: login(r) })
    yield company.now + HOUR
    company.change(b, { values: { parent: a } }, { by: login(r) })
    const { now } = company
    lab.done({
      category: 'structure',
      cause: 'invalid_value',
      kind: 'customer',
      fields: ['parent'],
      owner: null,
      platform: lab.crm,
      subjects: subjects(a, b),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [{ categories: ['structure'], kinds: ['customer'], subjects: subjects(a, b) }],
      says: 'two accounts are each other’s parents',
    })
  },
}

export const lostBranch: FaultKind = {
  drift: 'lost_branch',
  about: 'The subsidiaries of an account lost their parent in the ERP.',
  leadMs: 3 * DAY,
  possible: (lab) => lab.erp !== null && lab.world.company.holds(lab.erp, 'customer', 'parent'),
  *plant(lab, r) {
    const { company } = lab.world
    const erp = lab.erp!
    const found = yield* victim(lab, () => {
      const [top, a, b] = victims(lab, r, ['identity'], (c) => c.on.has(erp) && alone(lab.world)(c))
      return top && a && b ? { top, a, b } : undefined
    })
    if (!found) return
    const { top, a, b } = found
    for (const c of [top, a, b]) claim(c, 'identity', 'hold', 'tree')
    for (const c of [a, b]) company.change(c, { values: { parent: top } }, { by: login(r) })
    yield company.now + 5 * HOUR
    const { now } = company
    for (const c of [a, b])
      company.tamper(erp, 'customer', c.on.get(erp)!.id, { at: now, by: login(r), fields: { parent: null } })
    lab.done({
      category: 'structure',
      cause: null,
      kind: 'customer',
      fields: ['parent'],
      owner: lab.crm,
      platform: erp,
      subjects: subjects(a, b),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [
        {
          categories: ['mismatch', 'authority', 'structure'],
          kinds: ['customer'],
          fields: ['parent'],
          platforms: [erp],
          subjects: subjects(a, b),
        },
      ],
      says: `two subsidiaries lost their parent at ${erp}`,
    })
  },
}

export const foreignInvoice: FaultKind = {
  drift: 'invoice_of_other_entity',
  about: 'An order of one of our companies was billed by another.',
  leadMs: 6 * DAY,
  possible: (lab) =>
    lab.erp !== null &&
    lab.world.company.holds(lab.erp, 'invoice', 'legal_entity') &&
    lab.world.company.holds(lab.erp, 'order', 'legal_entity'),
  *plant(lab, r) {
    const { world } = lab
    const { company } = world
    // Companies whose invoices the ERP issues: with the other issuer the invoice would have another owner.
    const entities = [
      ...new Set(world.settled.filter((c) => company.issuerRole(c) === 'erp').map((c) => must(c, 'legal_entity'))),
    ].sort()
    const customer = yield* victim(
      lab,
      () => victims(lab, r, ['sales'], (c) => c.claims.size === 0 && company.issuerRole(c) === 'erp')[0],
    )
    const other = entities.find((e) => e !== customer?.values.legal_entity)
    if (!customer || other === undefined) return
    claim(customer, 'sales', 'hold')
    const net = BigInt(r.int(20, 90)) * 10_000n
    const order = yield* placeOrder(world, r, customer, net)
    yield company.now + r.int(3, 20) * HOUR
    const home = customer.values.legal_entity!
    customer.values.legal_entity = other
    const invoice = issue(world, customer, { net, issuedOn: day(company.now), subscription: null, order })
    customer.values.legal_entity = home
    claim(invoice, 'credit')
    settle(world, r, invoice)
    company.change(order, { state: 'fulfilled' }, { by: 'warehouse' })
    const { now } = company
    lab.done({
      category: 'structure',
      cause: null,
      kind: 'invoice',
      fields: ['legal_entity'],
      owner: null,
      platform: null,
      subjects: subjects(invoice, order),
      injectedAt: now,
      driftFrom: now + HOUR,
      healsAt: null,
      alternatives: [{ categories: ['structure', 'mismatch'], kinds: ['invoice'], subjects: subjects(invoice, order) }],
      alsoExpected: [movedTotal(invoice)],
      says: 'an order of one of our companies was billed by another',
    })
  },
}
