/** Faults against a rule: cancelled service that is billed, holds that nobody minds, totals that do not meet. */
import { issue, settle } from '../company/billing.ts'
import type { Company } from '../company/company.ts'
import { draftOrder } from '../company/deal.ts'
import { churn } from '../company/life.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects, text } from '../company/thing.ts'
import { totalsApart } from '../company/totals.ts'
import { add, minor } from '../money.ts'
import { DAY, day, HOUR, MINUTE } from '../time.ts'
import type { FaultKind } from './fault.ts'
import { claim, everything, losing, nextWrite, victim, victims } from './fault.ts'

export const cancelledBilled: FaultKind = {
  drift: 'cancelled_subscription_billed',
  about: 'A cancelled subscription was billed once more.',
  leadMs: 6 * DAY,
  possible: (lab) => lab.billing !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(
      lab,
      () =>
        victims(
          lab,
          r,
          ['sales', 'hold'],
          (c) => c.claims.size === 0 && company.of(c, 'subscription').every((s) => s.claims.size === 0),
        )[0],
    )
    if (!customer) return
    yield* churn(lab.world, r, customer)
    const it = company.of(customer, 'subscription').find((s) => s.state === 'cancelled')
    if (!it) return
    yield company.now + r.int(2, 4) * DAY
    const { now } = company
    const invoice = issue(lab.world, customer, {
      net: minor(must(it, 'amount'), must(it, 'currency')),
      issuedOn: day(now),
      subscription: it,
      order: null,
    })
    settle(lab.world, r, invoice)
    claim(invoice, 'credit', 'billed')
    const involved = subjects(it, invoice, customer)
    lab.done({
      category: 'exception',
      cause: null,
      kind: 'subscription',
      owner: lab.billing,
      platform: lab.billing,
      subjects: involved,
      currency: text(it, 'currency'),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      alternatives: [
        {
          categories: ['exception'],
          kinds: ['subscription', 'invoice', 'customer', 'contract'],
          subjects: [...involved, ...everything(lab.world, customer, ['contract'])!],
        },
      ],
      says: 'a cancelled subscription was billed once more',
    })
  },
}

export const holdIgnored: FaultKind = {
  drift: 'credit_hold_ignored',
  about: 'A customer on credit hold is served and sold to.',
  leadMs: 2 * DAY,
  possible: (lab) => lab.erp !== null && lab.world.company.holds(lab.erp, 'customer', 'credit_hold'),
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'], (c) => c.claims.size === 0)[0])
    if (!customer) return
    // Nothing else changes on the customer: its stamp is all that tells when the hold began.
    claim(customer, 'sales', 'hold', 'held', 'seats', 'life')
    company.change(customer, { values: { credit_hold: 'true' } }, { by: 'finance' })
    const heldAt = company.now
    yield company.now + r.int(2, 6) * HOUR
    const currency = must(customer, 'currency')
    const net = BigInt(r.int(8, 60)) * 10_000n
    const order = draftOrder(lab.world, r, customer, net)
    yield company.now + HOUR
    company.change(order, { state: 'booked', values: { approved_at: new Date(company.now).toISOString() } })
    const active = company.of(customer, 'subscription').filter((s) => s.state === 'active')
    const invoiced = company.now + 2 * HOUR
    const exposure = active.reduce((sum, s) => add(sum, must(s, 'mrr'), currency), must(order, 'amount'))
    const involved = [
      ...subjects(order),
      ...everything(lab.world, customer, ['subscription', 'entitlement', 'tenant'])!,
    ]
    lab.done({
      category: 'exception',
      cause: null,
      kind: 'customer',
      owner: lab.erp,
      platform: null,
      subjects: involved,
      amount: exposure,
      currency,
      injectedAt: heldAt,
      driftFrom: heldAt + company.windows.realtime,
      healsAt: null,
      alternatives: [
        {
          categories: ['exception'],
          kinds: ['customer', 'order', 'subscription', 'entitlement', 'tenant'],
          subjects: involved,
        },
      ],
      // Support and provisioning are asked for their part of the hold each by itself.
      alsoExpected: [{ categories: ['deadline'], kinds: ['customer'], subjects: [...involved, ...subjects(customer)] }],
      says: 'a customer on credit hold is served and sold to',
    })
    // The order itself is billed as it should be: only the hold was ignored.
    yield invoiced
    settle(lab.world, r, issue(lab.world, customer, { net, issuedOn: day(company.now), subscription: null, order }))
  },
}

/** Totals that are off already: a second reason for the same sum could not be told from the first. */
const off = new WeakMap<Company, Set<string>>()

export const totalOff: FaultKind = {
  drift: 'control_total_off',
  about: 'Several invoices of one month never reached the CRM: its total does not meet the ledger’s.',
  leadMs: 20 * DAY,
  possible: (lab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'invoice', 'total'),
  *plant(lab) {
    const { company } = lab.world
    const lost: Thing[] = []
    const taken = off.get(company) ?? new Set()
    off.set(company, taken)
    const key = (thing: Thing) =>
      `${text(thing, 'issued_on')?.slice(0, 7)}/${text(thing, 'currency')}/${text(thing, 'legal_entity')}`
    let group: string | null = null
    const hit = (thing: Thing, at: number) => {
      lost.push(thing)
      const currency = must(thing, 'currency')
      // The total is off from the first of them on; each further one makes it worse.
      if (group !== null) return
      taken.add((group = key(thing)))
      const scope = {
        period: must(thing, 'issued_on').slice(0, 7),
        currency,
        legal_entity: must(thing, 'legal_entity'),
      }
      const issuer = company.plan(company.issuerRole(thing.customer))?.name ?? lab.erp!
      lab.done({
        category: 'total',
        // A total says that, not why: the invoices that are missing carry the cause.
        cause: null,
        kind: 'invoice',
        owner: lab.erp,
        platform: lab.crm,
        subjects: [],
        scope,
        amountNow: () => totalsApart(company, scope, [issuer, lab.crm!]),
        currency,
        injectedAt: at,
        driftFrom: at + 15 * MINUTE,
        healsAt: null,
        later: () => [
          {
            categories: ['missing', 'deadline', 'exception', 'total'],
            kinds: ['invoice'],
            subjects: subjects(...lost),
          },
        ],
        says: `invoices of one month are missing at ${lab.crm}; its control total is lower`,
      })
    }
    for (let n = 0; n < 4; n++) {
      const more = yield* nextWrite(lab, {
        kind: 'invoice',
        on: 'create',
        fits: (thing) => (group === null ? !taken.has(key(thing)) : key(thing) === group),
        route: () => losing(lab.crm),
        hit,
        days: n === 0 ? 10 : 5,
      })
      if (!more) return
    }
  },
}
