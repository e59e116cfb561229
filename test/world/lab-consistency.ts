/** Consistency: an independent reading of the settled points of the canonical model over the laboratory's platforms. */
import { KINDS, kindOf } from '../../model/kinds.ts'
import type { PlatformHistory } from '../../lab/history.ts'
import type { SimRecord } from '../../lab/platform.ts'
import { entities, key } from './lab-entities.ts'
import type { Entity, Seen } from './lab-entities.ts'
import { timeliness } from './lab-rules.ts'
import type { View } from './lab-rules.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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
