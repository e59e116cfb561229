/** Faults of absence: orders, invoices, payments and credits that never arrived. */
import { draftOrder } from '../company/deal.ts'
import type { Thing } from '../company/thing.ts'
import { subjects, text } from '../company/thing.ts'
import { DAY, HOUR } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, losingAt, lossOf, movedTotal, nextWrite, victim, victims } from './fault.ts'
import { about, billed, issuer, provokeCredit, WINDOW } from './document.ts'

export const missingOrder: FaultKind = {
  drift: 'missing_order',
  about: 'A booked order never reached the ERP.',
  leadMs: 4 * DAY,
  possible: (lab) => lab.erp !== null && lab.crm !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const order = draftOrder(lab.world, r, customer, BigInt(r.int(8, 60)) * 10_000n)
    const loss = lossOf(lab.turn)
    yield company.now + HOUR
    company.change(
      order,
      { state: 'booked', values: { approved_at: new Date(company.now).toISOString() } },
      { route: losingAt(lab.erp, loss) },
    )
    const { now } = company
    lab.done({
      ...about(lab, order, lab.erp, lab.crm),
      category: 'missing',
      cause: loss.cause,
      amount: text(order, 'amount'),
      injectedAt: now,
      driftFrom: now + WINDOW,
      healsAt: null,
      // Nobody bills what the ERP does not know.
      alsoExpected: [
        { categories: ['deadline', 'exception', 'total', 'transition'], subjects: subjects(order) },
        { ...movedTotal(order, 'order') },
      ],
      says: `a booked order ${loss.says} ${lab.erp}`,
    })
  },
}

/** Invoice, payment and credit that one platform never got. */
function missing(
  drift: string,
  about_: string,
  plan: {
    kind: string
    on: 'create' | 'change'
    platform: (lab: FaultLab) => string | null
    fits(lab: FaultLab): (thing: Thing, state: string | null | undefined) => boolean
    worth: string
  },
): FaultKind {
  return {
    drift,
    about: about_,
    leadMs: 8 * DAY,
    possible: (lab) =>
      plan.platform(lab) !== null && lab.world.company.holds(plan.platform(lab)!, plan.kind, plan.worth),
    *plant(lab, r) {
      if (plan.kind === 'credit') yield* provokeCredit(lab, r)
      const platform = plan.platform(lab)
      const loss = lossOf(lab.turn)
      const hit = (thing: Thing, at: number) =>
        lab.done({
          ...about(lab, thing, platform, issuer(lab, thing)),
          category: 'missing',
          cause: loss.cause,
          amount: text(thing, plan.worth),
          injectedAt: at,
          driftFrom: at + WINDOW,
          healsAt: null,
          alternatives: [{ categories: ['deadline', 'exception'], kinds: [plan.kind], subjects: subjects(thing) }],
          alsoExpected: [
            movedTotal(thing, plan.kind),
            {
              categories: ['total', 'exception', 'deadline'],
              subjects: subjects(
                thing,
                ...[thing.values.invoice].filter((v): v is Thing => v !== null && typeof v === 'object'),
              ),
            },
          ],
          says: `${plan.kind} ${text(thing, 'number') ?? ''} ${loss.says} ${platform}`,
        })
      yield* nextWrite(lab, {
        kind: plan.kind,
        on: plan.on,
        fits: plan.fits(lab),
        route: () => losingAt(platform, loss),
        hit,
      })
    },
  }
}

export const missingInvoice = missing('missing_invoice', 'An invoice never reached the CRM.', {
  kind: 'invoice',
  on: 'create',
  platform: (lab) => lab.crm,
  worth: 'total',
  fits: () => () => true,
})
export const missingPayment = missing('missing_payment', 'A payment taken in billing never reached the ERP.', {
  kind: 'payment',
  on: 'change',
  platform: (lab) => lab.erp,
  worth: 'amount',
  fits: (lab) => (thing, state) => state === 'succeeded' && billed(lab)(thing),
})
export const missingCredit = missing('missing_credit', 'A credit granted in billing never reached the ERP.', {
  kind: 'credit',
  on: 'change',
  platform: (lab) => lab.erp,
  worth: 'amount',
  fits: (lab) => (thing, state) => state === 'approved' && billed(lab)(thing),
})
