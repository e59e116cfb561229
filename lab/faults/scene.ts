/** Scene: an edge between owner and follower, and a customer on whom one topic of it may be disturbed. */
import { fresh } from '../company/changes.ts'
import type { Topic } from '../company/changes.ts'
import { latency } from '../company/ownership.ts'
import type { Leg, Route } from '../company/leg.ts'
import type { Thing, Values } from '../company/thing.ts'
import { subjects } from '../company/thing.ts'
import type { Random } from '../random.ts'
import type { FaultLab } from './fault.ts'
import { claim, victim, victims } from './fault.ts'

/** Owner role → follower role and what travels between them. */
const EDGES: readonly (readonly ['erp' | 'crm', 'crm' | 'billing' | 'support' | 'warehouse', Topic])[] = [
  // Only a landscape with a warehouse has these: it is what such a landscape is looked at for.
  ['erp', 'warehouse', 'payment_terms'],
  ['erp', 'crm', 'payment_terms'],
  ['erp', 'billing', 'bill_to'],
  ['crm', 'support', 'owner'],
  ['erp', 'crm', 'credit_limit'],
  ['erp', 'crm', 'bill_to'],
  ['crm', 'support', 'segment'],
  ['erp', 'crm', 'ship_to'],
]

export interface Scene {
  customer: Thing
  owner: string
  follower: string
  topic: Topic
  /** New values, of which the follower holds at least one that differs. */
  values: Values
  fields: string[]
  windowMs: number
}

/** Finds an edge that both platforms can hold and a customer on whom the topic is free, and keeps it for the fault. */
export function* stage(lab: FaultLab, r: Random, edges = EDGES): Generator<number, Scene | null, void> {
  const { company } = lab.world
  const usable = edges.filter(([from, to, topic]) => {
    const field = topic === 'bill_to' || topic === 'ship_to' ? `${topic}.line1` : topic
    return (
      lab[from] && lab[to] && company.holds(lab[from], 'customer', field) && company.holds(lab[to], 'customer', field)
    )
  })
  const edge = usable[lab.turn % Math.max(1, usable.length)]
  if (!edge) return null
  const [from, to, topic] = edge
  const customer = yield* victim(
    lab,
    () => victims(lab, r, [topic], (c) => c.on.has(lab[from]!) && c.on.has(lab[to]!))[0],
  )
  if (!customer) return null
  claim(customer, topic)
  const all = fresh(lab.world, r, customer, topic)
  const values = Object.fromEntries(Object.entries(all).filter(([field, value]) => value !== customer.values[field]))
  const fields = Object.keys(values).filter(
    (field) => values[field] !== null && company.holds(lab[to]!, 'customer', field),
  )
  return {
    customer,
    owner: lab[from]!,
    follower: lab[to]!,
    topic,
    values,
    fields,
    windowMs: company.windows[latency('customer', fields)],
  }
}

export const only =
  (platform: string, bend: (leg: Leg) => Leg | null): Route =>
  (leg) =>
    leg.platform === platform && !leg.source ? bend(leg) : leg

export function about(scene: Scene) {
  const { customer, owner, follower, fields } = scene
  return {
    category: 'mismatch' as const,
    kind: 'customer',
    fields,
    owner,
    platform: follower,
    subjects: subjects(customer),
    alternatives: [
      {
        categories: ['authority' as const],
        kinds: ['customer'],
        platforms: [follower],
        fields,
        subjects: subjects(customer),
      },
    ],
  }
}
