/** Rendering: a thing's values as one platform writes them down. */
import type { PlatformPlan } from './platforms.ts'
import { spelled } from './spelling.ts'
import type { Thing, Values } from './thing.ts'

/** @param ownerOf the platform whose id stands for a thing that this platform does not keep */
export function render(
  plan: PlatformPlan,
  thing: Thing,
  values: Values,
  ownerOf: (thing: Thing) => string | null,
  spelling: number,
): Record<string, string | null> {
  const held = plan.kinds.get(thing.kind)!
  const out: Record<string, string | null> = {}
  for (const [field, value] of Object.entries(values)) {
    if (!held.has(field)) continue
    if (value === null) out[field] = null
    else if (typeof value === 'object') out[field] = reference(plan, value, ownerOf)
    else out[field] = spelled(plan, thing.kind, String(thing.n), field, value, spelling)
  }
  return out
}

function reference(plan: PlatformPlan, to: Thing, ownerOf: (thing: Thing) => string | null): string | null {
  if (plan.kinds.has(to.kind)) return to.on.get(plan.name)?.id ?? null
  const owner = ownerOf(to) ?? [...to.on.keys()][0]
  const id = owner ? to.on.get(owner)?.id : undefined
  if (!id) return null
  // Stripe's ids are unlike any other: they need no platform before them.
  return owner === 'stripe' ? id : `${owner}:${id}`
}
