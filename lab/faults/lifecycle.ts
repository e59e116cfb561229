/** Faults of the lifecycle: steps left out, moves out of turn, offers that nobody decides. */
import { issue, settle } from '../company/billing.ts'
import { draftOrder } from '../company/deal.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects } from '../company/thing.ts'
import type { Random } from '../random.ts'
import { amount } from '../money.ts'
import { addDays, DAY, day, HOUR, instant, MINUTE } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { claim, everything, victim, victims } from './fault.ts'

/** A draft quote for a customer in ordinary service. */
function offer(lab: FaultLab, r: Random, customer: Thing, net: bigint): { opportunity: Thing; quote: Thing } {
  const { company } = lab.world
  const currency = must(customer, 'currency')
  const price = amount(net, currency)
  const opportunity = company.create(
    'opportunity',
    {
      customer,
      name: 'Further training',
      amount: price,
      currency,
      close_date: day(company.now + 30 * DAY),
      owner: login(r),
    },
    { state: 'open', customer, by: login(r) },
  )
  const quote = company.create(
    'quote',
    {
      customer,
      opportunity,
      number: company.number('Q'),
      amount: price,
      currency,
      valid_until: addDays(day(company.now), 60),
      approved_at: null,
      accepted_at: null,
    },
    { state: 'draft', customer, by: login(r) },
  )
  return { opportunity, quote }
}

const quotes = (lab: FaultLab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'quote', 'approved_at')

export const skippedApproval: FaultKind = {
  drift: 'skipped_approval',
  about: 'A quote was accepted that nobody had approved.',
  leadMs: 3 * DAY,
  possible: quotes,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const net = BigInt(r.int(8, 60)) * 10_000n
    const { opportunity, quote } = offer(lab, r, customer, net)
    yield company.now + 4 * HOUR
    company.change(quote, { state: 'accepted', values: { accepted_at: instant(company.now) } }, { by: login(r) })
    const { now } = company
    lab.done({
      category: 'transition',
      cause: null,
      kind: 'quote',
      owner: null,
      platform: lab.crm,
      subjects: subjects(quote),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      // What nobody restores or accepts ends by itself.
      healsAt: now + 30 * DAY,
      says: 'a quote was accepted without approval',
    })
    // Whatever follows is done as it should be.
    company.change(opportunity, { state: 'won', values: { close_date: day(now) } }, { by: login(r) })
    yield now + HOUR
    const order = draftOrder(lab.world, r, customer, net, { quote, opportunity })
    yield company.now + HOUR
    company.change(order, { state: 'booked', values: { approved_at: instant(company.now) } }, { by: 'desk' })
    yield company.now + DAY
    settle(lab.world, r, issue(lab.world, customer, { net, issuedOn: day(company.now), subscription: null, order }))
    yield company.now + HOUR
    company.change(order, { state: 'fulfilled' }, { by: 'warehouse' })
  },
}

export const stuckQuote: FaultKind = {
  drift: 'stuck_quote',
  about: 'A quote that waits for approval for weeks.',
  leadMs: 20 * DAY,
  possible: quotes,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const { quote } = offer(lab, r, customer, BigInt(r.int(8, 60)) * 10_000n)
    yield company.now + HOUR
    company.change(quote, { state: 'in_approval' })
    const { now } = company
    lab.done({
      category: 'transition',
      cause: null,
      kind: 'quote',
      owner: lab.crm,
      platform: lab.crm,
      subjects: subjects(quote),
      injectedAt: now,
      driftFrom: now + 14 * DAY,
      healsAt: null,
      // The deal that hangs on it stays open with it.
      alsoExpected: [{ kinds: ['opportunity'], subjects: everything(lab.world, customer, ['opportunity'])! }],
      says: 'a quote has waited for approval for weeks',
    })
  },
}

export const movedByFollower: FaultKind = {
  drift: 'moved_by_follower',
  about: 'Sales calls an order fulfilled that the ERP has not delivered.',
  leadMs: 3 * DAY,
  possible: (lab) => lab.crm !== null && lab.erp !== null,
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales', 'hold'])[0])
    if (!customer) return
    claim(customer, 'sales', 'hold')
    const net = BigInt(r.int(8, 60)) * 10_000n
    const order = draftOrder(lab.world, r, customer, net)
    yield company.now + HOUR
    company.change(order, { state: 'booked', values: { approved_at: instant(company.now) } }, { by: 'desk' })
    yield company.now + 20 * HOUR
    settle(lab.world, r, issue(lab.world, customer, { net, issuedOn: day(company.now), subscription: null, order }))
    yield company.now + 4 * HOUR
    const { now } = company
    company.tamper(lab.crm!, 'order', order.on.get(lab.crm!)!.id, {
      at: now,
      by: login(r),
      fields: {},
      state: 'fulfilled',
    })
    lab.done({
      category: 'transition',
      cause: null,
      kind: 'order',
      fields: ['state'],
      owner: lab.erp,
      platform: lab.crm,
      subjects: subjects(order),
      injectedAt: now,
      driftFrom: now + 15 * MINUTE,
      healsAt: null,
      // Seen once only, the move shows as a difference.
      alternatives: [
        {
          categories: ['mismatch'],
          kinds: ['order'],
          fields: ['state'],
          platforms: [lab.crm!],
          subjects: subjects(order),
          // The CRM held the ERP's state until then.
          cause: 'overwritten' as const,
        },
        {
          categories: ['authority'],
          kinds: ['order'],
          fields: ['state'],
          platforms: [lab.crm!],
          subjects: subjects(order),
        },
      ],
      says: `an order is fulfilled at ${lab.crm} only`,
    })
  },
}
