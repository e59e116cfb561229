/** Faults of two masters: an automation of a follower and the integration undo each other again and again. */
import { subjects } from '../company/thing.ts'
import { HOUR } from '../time.ts'
import type { FaultKind } from './fault.ts'
import { claim } from './fault.ts'
import { about, stage } from './scene.ts'

/** How long each of the two has its way: long enough for a look every four hours and a half to meet it. */
const TURN = 5 * HOUR
const TURNS = 7
/** The value must have changed hands so often before it is more than a mistake: the product's own rule. */
const ENOUGH = 4

export const takingTurns: FaultKind = {
  drift: 'taking_turns',
  about: 'Two platforms overwrite a value in turn.',
  leadMs: TURNS * TURN + 6 * HOUR,
  *plant(lab, r) {
    const { company } = lab.world
    // Only who looks again and again can see both values: it happens while the monitor is there.
    const from = lab.end - TURNS * TURN - (6 - lab.turn) * HOUR
    if (company.now < from) yield from
    const scene = yield* stage(lab, r, [
      ['erp', 'crm', 'payment_terms'],
      ['crm', 'support', 'segment'],
      ['erp', 'crm', 'credit_limit'],
    ])
    if (!scene) return
    const { now } = company
    const { customer, owner, follower, topic, fields } = scene
    claim(customer, 'all')
    const { id } = customer.on.get(follower)!
    const right = Object.fromEntries(fields.map((field) => [field, customer.values[field] ?? null]))
    const wrong = Object.fromEntries(fields.map((field) => [field, scene.values[field]!]))
    for (let n = 0; n < TURNS; n++)
      company.tamper(follower, 'customer', id, {
        at: now + n * TURN,
        by: n % 2 === 0 ? 'workflow' : 'integration',
        fields: company.rendered(follower, customer, n % 2 === 0 ? wrong : right),
      })
    const same = { kinds: ['customer'], fields, subjects: subjects(customer) }
    lab.done({
      ...about(scene),
      category: 'authority',
      cause: 'overwritten',
      checks: ['authority/taking-turns'],
      injectedAt: now,
      driftFrom: now + (ENOUGH - 1) * TURN,
      healsAt: null,
      alternatives: [],
      // Each turn of the follower is a difference, and a write that it may not make.
      alsoExpected: [{ ...same, categories: ['mismatch', 'authority'], platforms: [follower] }],
      says: `${topic} of ${owner} and of an automation at ${follower} are overwritten in turn`,
    })
  },
}
