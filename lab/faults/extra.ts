/** Faults of excess: documents that are doubled, foreign, or point nowhere. */
import { issue, settle } from '../company/billing.ts'
import type { Thing } from '../company/thing.ts'
import { must, subjects } from '../company/thing.ts'
import { amount, minor } from '../money.ts'
import { DAY, day, HOUR } from '../time.ts'
import { login } from '../words.ts'
import type { FaultKind } from './fault.ts'
import { claim, movedTotal, victim, victims } from './fault.ts'
import { about, issuer, WINDOW } from './document.ts'

export const duplicateInvoice: FaultKind = {
  drift: 'duplicate_invoice',
  about: 'One invoice was created twice on one platform.',
  leadMs: 6 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const platform = lab.crm
    if (!platform) return
    const invoice = yield* victim(lab, () =>
      r
        .shuffle(company.all('invoice'))
        .find(
          (i) =>
            i.state === 'paid' &&
            i.on.has(platform) &&
            i.claims.size === 0 &&
            company.now - i.bornAt < 45 * DAY &&
            company.now - i.bornAt > DAY,
        ),
    )
    if (!invoice) return
    claim(invoice, 'credit', 'doubled')
    const { now } = company
    const id = company.newId(platform, 'invoice')
    company.tamper(platform, 'invoice', id, {
      at: now,
      by: 'integration',
      fields: company.rendered(platform, invoice, invoice.values),
      state: invoice.state,
    })
    const copy = { platform, kind: 'invoice', record_id: id }
    lab.done({
      ...about(lab, invoice, platform, null),
      subjects: [...subjects(invoice), copy],
      category: 'duplicate',
      cause: 'duplicate_created',
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alsoExpected: [
        movedTotal(invoice),
        { kinds: ['invoice'], subjects: [copy] },
        { categories: ['total'], subjects: subjects(invoice) },
      ],
      says: `an invoice was created a second time at ${platform}`,
    })
  },
}

export const doubleBilling: FaultKind = {
  drift: 'double_billing',
  about: 'One period was billed twice under two numbers.',
  leadMs: 6 * DAY,
  *plant(lab, r) {
    const { company } = lab.world
    const first = yield* victim(lab, () =>
      r
        .shuffle(company.all('invoice'))
        .find(
          (i) =>
            i.claims.size === 0 &&
            i.values.subscription !== null &&
            i.values.order === null &&
            i.customer!.state === 'customer' &&
            company.now - i.bornAt < 6 * DAY &&
            company.now - i.bornAt > HOUR,
        ),
    )
    if (!first) return
    claim(first, 'credit', 'doubled')
    const currency = must(first, 'currency')
    const net = minor(must(first, 'total'), currency) - minor(must(first, 'tax'), currency)
    const second = issue(lab.world, first.customer!, {
      net,
      issuedOn: must(first, 'issued_on'),
      subscription: first.values.subscription as Thing,
      order: null,
    })
    claim(second, 'credit', 'doubled')
    settle(lab.world, r, second)
    const { now } = company
    lab.done({
      ...about(lab, second, issuer(lab, second), null),
      subjects: subjects(second, first),
      category: 'duplicate',
      cause: 'duplicate_created',
      injectedAt: now,
      driftFrom: now + WINDOW,
      healsAt: null,
      alternatives: [
        {
          categories: ['duplicate', 'exception', 'total'],
          kinds: ['invoice', 'subscription'],
          subjects: subjects(first, second, first.values.subscription as Thing),
        },
      ],
      says: 'one period of a subscription was billed twice',
    })
  },
}

export const orphanInvoice: FaultKind = {
  drift: 'orphan_invoice',
  about: 'An invoice that only the CRM knows.',
  leadMs: DAY,
  possible: (lab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'invoice', 'total'),
  *plant(lab, r) {
    const { company } = lab.world
    const customer = yield* victim(lab, () => victims(lab, r, ['sales'])[0])
    if (!customer) return
    const currency = must(customer, 'currency')
    const total = amount(BigInt(r.int(5, 80)) * 10_000n, currency)
    const now = company.now
    const invoice = company.create(
      'invoice',
      {
        customer,
        order: null,
        subscription: null,
        number: company.number('INV-X'),
        total,
        tax: amount(0n, currency),
        amount_due: total,
        currency,
        issued_on: day(now),
        due_on: day(now + 30 * DAY),
        posted_at: null,
        paid_at: null,
        legal_entity: customer.values.legal_entity ?? null,
      },
      { state: 'open', customer, source: lab.crm!, only: [lab.crm!], by: login(r) },
    )
    claim(invoice, 'credit', 'payment', 'orphan')
    lab.done({
      ...about(lab, invoice, lab.crm, issuer(lab, invoice)),
      category: 'orphan',
      cause: 'non_owner_write',
      injectedAt: now,
      driftFrom: now + WINDOW,
      healsAt: null,
      alternatives: [{ categories: ['missing'], kinds: ['invoice'], subjects: subjects(invoice) }],
      alsoExpected: [movedTotal(invoice)],
      says: `an invoice exists at ${lab.crm} only`,
    })
  },
}

export const brokenReference: FaultKind = {
  drift: 'broken_reference',
  about: 'A record points to something that does not exist.',
  leadMs: DAY,
  possible: (lab) => lab.crm !== null && lab.world.company.holds(lab.crm, 'invoice', 'subscription'),
  *plant(lab, r) {
    const { company } = lab.world
    const crm = lab.crm!
    const invoice = yield* victim(lab, () =>
      r
        .shuffle(company.all('invoice'))
        .find(
          (i) =>
            i.claims.size === 0 &&
            i.state === 'paid' &&
            i.values.subscription !== null &&
            i.on.has(crm) &&
            company.now - i.bornAt < 60 * DAY,
        ),
    )
    if (!invoice) return
    claim(invoice, 'credit', 'broken')
    const { now } = company
    const present = company.rendered(crm, invoice, { subscription: invoice.values.subscription! }).subscription ?? 'x'
    const nowhere = `${present.slice(0, -4)}${present.slice(-4).replace(/[0-9A-Za-z]/g, (c) => (/[0-9]/.test(c) ? '9' : c === c.toUpperCase() ? 'Q' : 'q'))}`
    company.tamper(crm, 'invoice', invoice.on.get(crm)!.id, {
      at: now,
      by: 'integration',
      fields: { subscription: nowhere },
    })
    lab.done({
      ...about(lab, invoice, crm, issuer(lab, invoice)),
      category: 'quality',
      cause: 'broken_reference',
      fields: ['subscription'],
      injectedAt: now,
      driftFrom: now,
      healsAt: null,
      alternatives: [
        {
          categories: ['mismatch', 'structure', 'quality', 'exception'],
          kinds: ['invoice'],
          fields: ['subscription'],
          subjects: subjects(invoice),
        },
      ],
      says: `an invoice at ${crm} names a subscription that does not exist`,
    })
  },
}
