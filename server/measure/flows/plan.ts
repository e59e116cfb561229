/** Plans: what the legs of the declared flows mean in this company: which are watched, how they hang together, who must act. */
import type { Flow, Leg } from '../../../model/flow.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { Landscape } from '../../../model/landscape.ts'
import { flowLink, type FlowLink, type Held } from '../../store/facts/flow-links.ts'
import type { FlowPlan, PlannedLeg } from '../../store/facts/flow-steps.ts'

export type Keeps = (platform: string, kind: string) => boolean

export interface Unwatched {
  leg: Leg
  /** Why, in words. */
  why: string
}

export interface Planned {
  plan: FlowPlan | null
  unwatched: Unwatched[]
}

/** A flow is watched where its root and one leg more are. */
export function planFlow(flow: Flow, landscape: Landscape, keeps: Keeps, held: Held): Planned {
  const legs: PlannedLeg[] = []
  const unwatched: Unwatched[] = []
  for (const leg of flow.legs) {
    const keepers = platformsOf(leg.on, landscape).filter((name) => keeps(name, leg.kind))
    if (keepers.length === 0) {
      const where = leg.on ? ` at ${leg.on.join(' or ')}` : ''
      unwatched.push({ leg, why: `No platform keeps ${kindOf(leg.kind).plural}${where}.` })
      continue
    }
    const from = legs.length === 0 ? null : before(flow, leg, legs, held)
    if (legs.length > 0 && from === null) {
      unwatched.push({
        leg,
        why: `No platform says which ${kindOf(leg.kind).title.toLowerCase()} belongs to what comes before.`,
      })
      continue
    }
    if (legs.length === 0 && leg !== flow.legs[0]) break
    legs.push({ leg, place: legs.length, from, on: leg.on ? keepers : null, act: actor(leg, landscape, keeps) })
  }
  const due = flow.legs.find((leg) => leg.due !== undefined)?.due ?? null
  return { plan: legs.length > 1 ? { flow: flow.name, legs, due } : null, unwatched }
}

/** The leg that leads here: past legs that are not watched and only say more of the same record. */
function before(
  flow: Flow,
  leg: Leg,
  legs: readonly PlannedLeg[],
  held: Held,
): { place: number; link: FlowLink } | null {
  let from: Leg | undefined = named(flow, leg)
  while (from) {
    const planned = legs.find((l) => l.leg === from)
    if (planned) {
      const link = flowLink(kindOf(from.kind), kindOf(leg.kind), leg.via ?? [], held)
      return link && { place: planned.place, link }
    }
    const earlier = named(flow, from)
    from = earlier && earlier.kind === from.kind && from.via?.includes('same') ? earlier : undefined
  }
  return null
}

/** The leg that a leg names, or the one before it. */
function named(flow: Flow, leg: Leg): Leg | undefined {
  if (leg.from !== undefined) return flow.legs.find((l) => l.name === leg.from)
  return flow.legs[flow.legs.indexOf(leg) - 1]
}

function platformsOf(roles: readonly string[] | undefined, landscape: Landscape): string[] {
  if (!roles) return landscape.platforms.map((p) => p.name)
  return [...new Set(roles.flatMap((role) => landscape.named(role).map((p) => p.name)))]
}

/** The platform that must act: of the first role that there is, one that keeps the kind before one that does not. */
function actor(leg: Leg, landscape: Landscape, keeps: Keeps): string {
  const names = leg.by.flatMap((role) => {
    if (role !== 'issuer') return platformsOf([role], landscape)
    const issuer = landscape.issuer(null)
    return issuer === null ? [] : [issuer]
  })
  return (
    names.find((name) => keeps(name, leg.kind)) ??
    names[0] ??
    platformsOf(leg.on, landscape).find((n) => keeps(n, leg.kind)) ??
    ''
  )
}
