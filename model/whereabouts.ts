/** Whereabouts: in which lifecycle state and scope an entity is, as far as ownership depends on it. */
import { hasKind, kindOf } from './kinds.ts'
import type { Landscape, Platform, Whereabouts } from './landscape.ts'

/** What one platform's record says about state and scope. */
export interface Claim {
  platform: string
  /** Canonical state; null where the platform does not hold one or its word has no entry in the reference map. */
  state: string | null
  /** legal_entity, region, brand, where the record names them. */
  scope: Record<string, string>
}

/**
 * The state as the state's owner has it. Who owns it may depend on the state itself (the CRM until an order is
 * booked, the ERP from then on), so every claim is tried: it stands if the platform that makes it owns the state in
 * that very state. Of several that stand the most advanced wins: the hand-over has happened. If none stands (booked in
 * the CRM, still a draft in the ERP), it is under way, and the owner in the least advanced of the states still speaks.
 */
export function whereabouts(landscape: Landscape, kind: string, claims: readonly Claim[]): Whereabouts {
  const scope = scopeOf(landscape, kind, claims)
  const order = hasKind(kind) ? kindOf(kind).states : []
  const made = claims.filter((c) => c.state !== null && order.includes(c.state))
  if (made.length === 0) return { state: null, scope }
  const position = (c: Claim) => order.indexOf(c.state!)
  const sorted = [...made].sort((a, b) => position(b) - position(a) || (a.platform < b.platform ? -1 : 1))
  for (const claim of sorted)
    if (speaker(landscape, kind, claim.state, scope, made) === claim.platform) return { state: claim.state, scope }
  return { state: sorted[sorted.length - 1]!.state, scope }
}

function speaker(
  landscape: Landscape,
  kind: string,
  state: string | null,
  scope: Record<string, string>,
  claims: readonly Claim[],
): string | null {
  return (
    landscape.owners(kind, 'state', { state, scope }).find((name) => claims.some((c) => c.platform === name)) ?? null
  )
}

/** Scope of the entity: per key what the first owner that names it says, else whoever names it. */
function scopeOf(landscape: Landscape, kind: string, claims: readonly Claim[]): Record<string, string> {
  const scope: Record<string, string> = {}
  const keys = new Set(claims.flatMap((c) => Object.keys(c.scope)))
  for (const key of [...keys].sort()) {
    const field = hasKind(kind) && kindOf(kind).fields.some((f) => f.name === key) ? key : 'state'
    const owners = landscape.owners(kind, field, { state: null, scope: {} })
    const said = [...owners, ...claims.map((c) => c.platform)]
      .map((name) => claims.find((c) => c.platform === name)?.scope[key])
      .find((value) => value !== undefined && value !== '')
    if (said !== undefined) scope[key] = said
  }
  return scope
}

/** True if the platform speaks for records of this scope; what the record does not say excludes nobody. */
export function speaksFor(platform: Platform, scope: Record<string, string>): boolean {
  return Object.entries(platform.scope).every(
    ([key, values]) => scope[key] === undefined || values.includes(scope[key]),
  )
}
