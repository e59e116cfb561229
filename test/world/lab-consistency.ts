/** Consistency: an independent reading of the settled points of the canonical model over the laboratory's platforms. */
import { KINDS, kindOf } from '../../model/kinds.ts'
import type { PlatformHistory } from '../../lab/history.ts'
import type { SimRecord } from '../../lab/platform.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const ROLE: Record<string, string> = {
  salesforce: 'crm',
  netsuite: 'erp',
  stripe: 'billing',
  zendesk: 'support',
  provisioning: 'provisioning',
}

interface Seen extends SimRecord {
  platform: string
  role: string
}
type Entity = Seen[]

const COUNTRY: Record<string, string> = {
  germany: 'de',
  deutschland: 'de',
  deu: 'de',
  austria: 'at',
  österreich: 'at',
  aut: 'at',
  switzerland: 'ch',
  schweiz: 'ch',
  che: 'ch',
  france: 'fr',
  fra: 'fr',
  'united kingdom': 'gb',
  gbr: 'gb',
  'great britain': 'gb',
  'united states': 'us',
  usa: 'us',
  'united states of america': 'us',
  japan: 'jp',
  jpn: 'jp',
  kuwait: 'kw',
  kwt: 'kw',
  netherlands: 'nl',
  nederland: 'nl',
  nld: 'nl',
}

/** The comparison key of a value, by our own simple rules. */
export function key(field: string, type: string, value: string): string {
  const folded = value.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase().replaceAll('ß', 'ss')
  if (type === 'legal_name') return folded.replaceAll('.', '')
  if (type === 'phone') return folded.replace(/\D/g, '')
  if (type === 'tax_id') return folded.replace(/[^a-z0-9]/g, '')
  if (type === 'domain')
    return folded
      .replace(/^https?:\/\//, '')
      .replace(/^www\./, '')
      .replace(/\/$/, '')
  if (type === 'country') return COUNTRY[folded] ?? folded
  if (type === 'bool') return ['true', '1', 'yes'].includes(folded) ? 'true' : 'false'
  if (type === 'money' || type === 'number') return String(Number(folded))
  return type === 'code' ? value.trim() : folded
}

/** Records of one thing, joined by their references to each other, else by number, code or domain. */
export function entities(states: ReadonlyMap<string, PlatformHistory>, kind: string): Entity[] {
  const all: Seen[] = [...states.values()].flatMap((s) =>
    s.records(kind).map((r) => ({ ...r, platform: s.name, role: ROLE[s.name]! })),
  )
  const parent = new Map<string, string>()
  const find = (x: string): string => (parent.get(x) === x ? x : find(parent.get(x)!))
  const name = (r: { platform: string; id: string }) => `${r.platform}/${r.id}`
  for (const r of all) parent.set(name(r), name(r))
  const byKey = new Map<string, string>()
  for (const r of all) {
    for (const [platform, id] of Object.entries(r.refs))
      if (parent.has(`${platform}/${id}`)) parent.set(find(name(r)), find(`${platform}/${id}`))
    const business =
      r.fields.number ??
      (kind === 'product'
        ? r.fields.code
        : kind === 'customer' && r.fields.domain
          ? key('domain', 'domain', r.fields.domain)
          : null)
    if (!business || r.mergedInto) continue
    const other = byKey.get(business)
    if (other) parent.set(find(name(r)), find(other))
    else byKey.set(business, name(r))
  }
  const out = new Map<string, Entity>()
  for (const r of all) out.set(find(name(r)), [...(out.get(find(name(r))) ?? []), r])
  return [...out.values()]
}

const LEGAL =
  /^(legal_name|tax_id|registration_number|bill_to\..+|currency|payment_terms|credit_limit|credit_hold|tax_exempt|legal_entity|ship_to\..+)$/

function ownerRoles(kind: string, field: string, state: string | null, american: boolean): string[] {
  if (kind === 'customer')
    return field === 'state'
      ? state === 'lead' || state === 'prospect'
        ? ['crm']
        : ['erp', 'crm']
      : LEGAL.test(field)
        ? ['erp', 'crm']
        : ['crm', 'billing', 'support']
  if (kind === 'order') return state === 'draft' || state === 'pending_approval' ? ['crm'] : ['erp', 'crm']
  if (kind === 'subscription' || kind === 'entitlement') return ['billing', 'support', 'crm']
  if (['invoice', 'payment', 'credit'].includes(kind)) return american ? ['billing', 'erp'] : ['erp']
  if (kind === 'case') return ['support']
  if (kind === 'tenant') return ['provisioning']
  if (kind === 'product') return ['erp', 'crm']
  return ['crm', 'erp']
}

const WINDOW: Record<string, number> = {
  entitlement: 5 * MINUTE,
  tenant: 5 * MINUTE,
  customer: HOUR,
  contact: HOUR,
  product: DAY,
}
const windowOf = (kind: string) => WINDOW[kind] ?? 15 * MINUTE

export interface Problem {
  rule: string
  kind: string
  record: string
  detail: string
}

/** Everything that a strict reader finds wrong at an instant. Empty for a healthy company. */
export function inconsistencies(states: ReadonlyMap<string, PlatformHistory>, now: number): Problem[] {
  const problems: Problem[] = []
  const say = (rule: string, kind: string, r: { platform: string; id: string } | undefined, detail: string) =>
    problems.push({ rule, kind, record: r ? `${r.platform}/${r.id}` : '-', detail })
  const everything = new Map(KINDS.map((k) => [k.name, entities(states, k.name)]))
  const entityOf = new Map<string, Entity>()
  for (const [kind, list] of everything)
    for (const entity of list) for (const r of entity) entityOf.set(`${kind}/${r.platform}/${r.id}`, entity)
  const resolve = (r: Seen, kind: string, value: string | null | undefined): Entity | undefined => {
    if (!value) return undefined
    const [platform, id] = value.includes(':') ? (value.split(':') as [string, string]) : [r.platform, value]
    return entityOf.get(`${kind}/${platform}/${id}`) ?? entityOf.get(`${kind}/stripe/${value}`)
  }
  const live = (entity: Entity) => entity.filter((r) => r.deletedAt === undefined)
  const american = (r: Seen, kind: string): boolean => {
    const customer = kind === 'customer' ? undefined : resolve(r, 'customer', r.fields.customer)
    return customer?.some((c) => c.fields.legal_entity === 'LM-US') ?? false
  }
  const view = { states, now, everything, resolve, live, american, say }
  for (const [kind, list] of everything) for (const entity of list) compare(view, kind, live(entity))
  existence(view)
  timeliness(view)
  histories(view)
  return problems
}

interface View {
  states: ReadonlyMap<string, PlatformHistory>
  now: number
  everything: ReadonlyMap<string, Entity[]>
  resolve(r: Seen, kind: string, value: string | null | undefined): Entity | undefined
  live(entity: Entity): Entity
  american(r: Seen, kind: string): boolean
  say(rule: string, kind: string, r: { platform: string; id: string } | undefined, detail: string): void
}

/** The record that speaks for a field. */
function speaker(view: View, kind: string, entity: Entity, field: string): Seen | undefined {
  const roles = ownerRoles(
    kind,
    field,
    entity.find((r) => r.role === 'crm' || r.role === 'billing')?.state ?? null,
    entity.some((r) => view.american(r, kind)),
  )
  return roles
    .map((role) => entity.find((r) => r.role === role && (field === 'state' || r.fields[field])))
    .find(Boolean)
}

function compare(view: View, kind: string, entity: Entity): void {
  for (const role of new Set(entity.map((r) => r.role)))
    if (entity.filter((r) => r.role === role && r.fields.role !== 'ship_to').length > 1)
      view.say('duplicate', kind, entity[0], role)
  for (const { name: field, type, to } of kindOf(kind).fields) {
    if (field === 'role') continue
    const owner = speaker(view, kind, entity, field)
    for (const r of entity) {
      const value = field === 'state' ? (r.oddStatus ?? r.state) : r.fields[field]
      if (type === 'reference' && value && !to!.some((k) => view.resolve(r, k, value)))
        view.say('reference', kind, r, `${field}=${value}`)
      if (!owner || r === owner || value === undefined) continue
      const theirs = field === 'state' ? owner.state : owner.fields[field]
      const same =
        type === 'reference'
          ? to!.some(
              (k) =>
                view.resolve(r, k, value) !== undefined && view.resolve(r, k, value) === view.resolve(owner, k, theirs),
            )
          : key(field, type, value ?? '') === key(field, type, theirs ?? '')
      if (!same && view.now - Math.max(owner.changedAt, r.changedAt) > windowOf(kind))
        view.say('mismatch', kind, r, `${field}: ${value} for ${theirs} of ${owner.platform}`)
    }
  }
}

const MUST: Record<string, { from(state: string | null): boolean; on: string[] }> = {
  customer: {
    from: (s) => s === 'customer' || s === 'churned',
    on: ['crm', 'erp', 'billing', 'support', 'provisioning'],
  },
  order: { from: (s) => s !== 'draft', on: ['crm', 'erp'] },
  contract: { from: (s) => s !== 'draft', on: ['crm'] },
  subscription: { from: (s) => s !== 'pending', on: ['billing', 'crm'] },
  invoice: { from: (s) => s !== 'draft', on: ['issuer', 'erp', 'crm'] },
  payment: { from: (s) => s === 'succeeded', on: ['issuer', 'erp'] },
  credit: { from: (s) => s !== 'requested', on: ['issuer', 'erp'] },
}

function existence(view: View): void {
  for (const [kind, rule] of Object.entries(MUST)) {
    for (const whole of view.everything.get(kind)!) {
      const entity = view.live(whole)
      const owner = speaker(view, kind, entity, 'state')
      if (!owner) {
        if (entity.length > 0) view.say('orphan', kind, entity[0], 'no owner has it')
        continue
      }
      if (!rule.from(owner.state) || view.now - owner.changedAt < windowOf(kind)) continue
      for (const role of rule.on.map((r) => (r === 'issuer' ? (view.american(owner, kind) ? 'billing' : 'erp') : r)))
        if (!entity.some((r) => r.role === role)) view.say('missing', kind, owner, role)
    }
  }
}

const at = (value: string | null | undefined) => (value ? Date.parse(value) : NaN)

function timeliness(view: View): void {
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

/** Every move between states is legal and has what it requires. */
function histories(view: View): void {
  for (const state of view.states.values()) {
    for (const kind of state.kinds()) {
      const { transitions } = kindOf(kind)
      for (const { id } of state.records(kind)) {
        let before: SimRecord | undefined
        for (const version of state.versions(kind, id)) {
          if (before && before.state !== version.state) {
            const move = transitions.find((t) => t.from === before!.state && t.to === version.state)
            if (!move) view.say('transition', kind, { platform: state.name, id }, `${before.state} to ${version.state}`)
            for (const field of move?.requires ?? [])
              if (version.fields[field] === null)
                view.say('transition', kind, { platform: state.name, id }, `${version.state} without ${field}`)
          }
          before = version
        }
      }
    }
  }
}
