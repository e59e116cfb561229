/** Rules of the laboratory's company over time and sums, read from the settled points. */
import type { PlatformHistory } from '../../lab/history.ts'
import type { Entity, Seen } from './lab-entities.ts'
import { key } from './lab-entities.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface View {
  states: ReadonlyMap<string, PlatformHistory>
  now: number
  everything: ReadonlyMap<string, Entity[]>
  resolve(r: Seen, kind: string, value: string | null | undefined): Entity | undefined
  live(entity: Entity): Entity
  american(r: Seen, kind: string): boolean
  say(rule: string, kind: string, r: { platform: string; id: string } | undefined, detail: string): void
}

const at = (value: string | null | undefined) => (value ? Date.parse(value) : NaN)

export function timeliness(view: View): void {
  const { now } = view
  const ofRole = (kind: string, role: string) =>
    view.everything.get(kind)!.flatMap((e) => view.live(e).filter((r) => r.role === role))
  const invoices = ofRole('invoice', 'erp')
  const billedOrders = new Set(invoices.map((i) => view.resolve(i, 'order', i.fields.order)))
  for (const order of ofRole('order', 'erp'))
    if (
      ['booked', 'fulfilled'].includes(order.state!) &&
      now - at(order.fields.approved_at) > 7 * DAY &&
      !billedOrders.has(view.resolve(order, 'order', order.id))
    )
      view.say('deadline', 'order', order, 'no invoice within 7 days')
  const months: Record<string, number> = { month: 1, quarter: 3, year: 12 }
  const lastInvoice = new Map<Entity | undefined, string>()
  for (const invoice of invoices) {
    const subscription = view.resolve(invoice, 'subscription', invoice.fields.subscription)
    if (invoice.fields.issued_on! > (lastInvoice.get(subscription) ?? ''))
      lastInvoice.set(subscription, invoice.fields.issued_on!)
  }
  const covers = (kind: string, role: string, entity: Entity | undefined) =>
    ofRole(kind, role).some(
      (r) => r.state === 'active' && view.resolve(r, 'subscription', r.fields.subscription) === entity,
    )
  for (const s of ofRole('subscription', 'billing')) {
    if (s.state !== 'active') continue
    const entity = view.resolve(s, 'subscription', s.id)
    if (now - s.changedAt > HOUR + 5 * MINUTE) {
      if (!covers('entitlement', 'support', entity)) view.say('exception', 'subscription', s, 'no active entitlement')
      if (!covers('tenant', 'provisioning', entity)) view.say('exception', 'subscription', s, 'no active tenant')
    }
    const contract = view.resolve(s, 'contract', s.fields.contract)?.find((c) => c.role === 'crm')
    if (contract?.state !== 'active' || at(contract.fields.ends_on) + DAY < now)
      view.say('exception', 'subscription', s, `contract ${contract?.state} until ${contract?.fields.ends_on}`)
    const begin = new Date(at(s.fields.started_on))
    let period = begin.getTime()
    for (let n = 0; period + 3 * DAY < now; n += months[s.fields.interval!]!) {
      const next = Date.UTC(begin.getUTCFullYear(), begin.getUTCMonth() + n, begin.getUTCDate())
      if (next + 3 * DAY >= now) break
      period = next
    }
    if (period + 3 * DAY < now && (lastInvoice.get(entity) ?? '') < new Date(period).toISOString().slice(0, 10))
      view.say('deadline', 'subscription', s, `period of ${new Date(period).toISOString()} not billed`)
  }
  for (const c of ofRole('customer', 'erp')) {
    if (key('', 'bool', c.fields.credit_hold ?? 'false') !== 'true' || now - c.changedAt < 5 * MINUTE) continue
    const entity = view.resolve(c, 'customer', c.id)
    const theirs = (kind: string, role: string) =>
      ofRole(kind, role).filter((r) => view.resolve(r, 'customer', r.fields.customer) === entity)
    for (const [kind, role] of [
      ['subscription', 'billing'],
      ['entitlement', 'support'],
      ['tenant', 'provisioning'],
    ] as const)
      for (const r of theirs(kind, role))
        if (r.state === 'active') view.say('exception', kind, r, 'active during a credit hold')
    for (const order of theirs('order', 'erp'))
      if (at(order.fields.approved_at) > c.changedAt)
        view.say('exception', 'order', order, 'booked during a credit hold')
  }
  sums(view, invoices, ofRole('payment', 'erp'), ofRole('credit', 'erp'), ofRole('order', 'erp'))
}

/** One-to-many sums: an order and its invoices; an invoice, its payments and its credits. */
function sums(view: View, invoices: Seen[], payments: Seen[], credits: Seen[], orders: Seen[]): void {
  const total = new Map<Entity | undefined, number>()
  const add = (to: Entity | undefined, value: string, sign = 1) =>
    total.set(to, (total.get(to) ?? 0) + sign * Math.round(Number(value) * 1000))
  for (const i of invoices)
    if (i.fields.order) {
      add(view.resolve(i, 'order', i.fields.order), i.fields.total!)
      add(view.resolve(i, 'order', i.fields.order), i.fields.tax!, -1)
    }
  for (const order of orders) {
    const billed = total.get(view.resolve(order, 'order', order.id))
    if (billed !== undefined && billed !== Math.round(Number(order.fields.amount) * 1000))
      view.say('match', 'order', order, `billed ${billed / 1000} of ${order.fields.amount}`)
  }
  for (const p of payments)
    if (p.state === 'succeeded') add(view.resolve(p, 'invoice', p.fields.invoice), p.fields.amount!)
  for (const c of credits)
    if (c.state === 'applied') add(view.resolve(c, 'invoice', c.fields.invoice), c.fields.amount!)
  for (const i of invoices)
    if (
      i.state === 'paid' &&
      view.now - i.changedAt > 15 * MINUTE &&
      total.get(view.resolve(i, 'invoice', i.id)) !== Math.round(Number(i.fields.total) * 1000)
    )
      view.say('match', 'invoice', i, 'payments and credits are not the total')
}
