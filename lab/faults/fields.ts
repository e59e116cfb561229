/** Faults of a change under way: dropped, late, slow, half applied. */
import { HOUR, MINUTE } from '../time.ts'
import type { FaultKind, FaultLab } from './fault.ts'
import { lossOf, lost } from './fault.ts'
import { about, only, stage } from './scene.ts'
import type { Scene } from './scene.ts'

/** Later correction by hand: the follower is given what the owner has. */
function heal(lab: FaultLab, scene: Scene, at: number): void {
  const { company } = lab.world
  const { customer, follower, values } = scene
  company.tamper(follower, 'customer', customer.on.get(follower)!.id, {
    at,
    by: 'steward',
    fields: company.rendered(follower, customer, values),
  })
}

export const dropped: FaultKind = {
  drift: 'dropped_change',
  about: 'A change at the owner never reached one follower.',
  leadMs: 2 * HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r)
    if (!scene) return
    const { now } = lab.world.company
    const loss = lossOf(lab.turn)
    lab.world.company.change(
      scene.customer,
      { values: scene.values },
      { by: 'finance', route: only(scene.follower, (leg) => lost(leg, loss)) },
    )
    const healsAt = lab.turn % 3 === 2 ? now + r.int(30, 80) * HOUR : null
    if (healsAt !== null) heal(lab, scene, healsAt)
    lab.done({
      ...about(scene),
      cause: loss.cause,
      injectedAt: now,
      driftFrom: now + scene.windowMs,
      healsAt,
      says: `${scene.topic} changed at ${scene.owner} and ${loss.says} ${scene.follower}`,
    })
  },
}

export const late: FaultKind = {
  drift: 'late_change',
  about: 'A change arrived after its window: drift, then healed.',
  leadMs: 3 * HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r)
    if (!scene) return
    const { now } = lab.world.company
    const healsAt = now + scene.windowMs + r.int(5, 40) * HOUR
    lab.world.company.change(
      scene.customer,
      { values: scene.values },
      { by: 'finance', route: only(scene.follower, (leg) => ({ ...leg, at: healsAt })) },
    )
    lab.done({
      ...about(scene),
      // As long as it is late, it has been sent and nobody has answered.
      cause: 'not_acknowledged',
      injectedAt: now,
      driftFrom: now + scene.windowMs,
      healsAt,
      says: `${scene.topic} reached ${scene.follower} long after its window`,
    })
  },
}

export const slow: FaultKind = {
  drift: 'late_in_window',
  about: 'A slow change inside its window: in flight, never drift.',
  leadMs: 2 * MINUTE,
  *plant(lab, r) {
    // One of three is still under way when the history ends.
    const last = lab.turn % 3 === 0
    const scene = yield* stage(lab, r)
    if (!scene) return
    if (last) yield lab.end - Math.round(scene.windowMs * 0.3)
    const { now } = lab.world.company
    const healsAt = now + Math.round(scene.windowMs * (0.55 + 0.35 * r.next()))
    lab.world.company.change(
      scene.customer,
      { values: scene.values },
      { by: 'finance', route: only(scene.follower, (leg) => ({ ...leg, at: healsAt })) },
    )
    lab.done({
      ...about(scene),
      cause: null,
      injectedAt: now,
      driftFrom: null,
      healsAt,
      says: `${scene.topic} reached ${scene.follower} slowly, inside its window`,
    })
  },
}

export const partial: FaultKind = {
  drift: 'partial_update',
  about: 'Only some fields of one change were applied.',
  leadMs: 2 * HOUR,
  *plant(lab, r) {
    const scene = yield* stage(lab, r, [
      ['erp', 'crm', 'bill_to'],
      ['erp', 'billing', 'bill_to'],
      ['erp', 'crm', 'ship_to'],
    ])
    if (!scene) return
    const { company } = lab.world
    const postal = `${scene.topic}.postal_code`
    scene.values[postal] = `${r.int(10, 98)}${r.digits(3)}`
    const lost = new Set(
      [postal, `${scene.topic}.city`].filter(
        (field) => field in scene.values && company.holds(scene.follower, 'customer', field),
      ),
    )
    const { now } = company
    company.change(
      scene.customer,
      { values: scene.values },
      {
        by: 'finance',
        route: only(scene.follower, (leg) => ({
          ...leg,
          values: Object.fromEntries(Object.entries(leg.values).filter(([field]) => !lost.has(field))),
        })),
      },
    )
    lab.done({
      ...about({ ...scene, fields: [...lost] }),
      cause: 'not_applied',
      injectedAt: now,
      driftFrom: now + scene.windowMs,
      healsAt: null,
      says: `${scene.follower} took over only a part of a new ${scene.topic}`,
    })
  },
}
