/** Leg: one write of a change on its way to one platform, and what may become of it. */
import type { Thing, Values } from './thing.ts'

/** How far a change comes that is lost: put on the way, confirmed, or refused. Lost before that, there is no leg at all. */
export type Stop = 'sent' | 'acknowledged' | 'rejected'

export interface Leg {
  platform: string
  at: number
  values: Values
  state?: string | null
  by: string
  /** The record is made by this leg. */
  creates: boolean
  /** The platform that the change comes from, which writes it first. */
  source: boolean
  /** Where it is carried from, and when it was put on the way. */
  from?: string
  sentAt?: number
  /** It is lost there: nothing is written. */
  stops?: Stop
}

/** Latest instant from which on the platform knows everything that the leg refers to. */
export function afterReferences(leg: Leg): number {
  let latest = 0
  for (const value of Object.values(leg.values))
    if (value !== null && typeof value === 'object') latest = Math.max(latest, value.on.get(leg.platform)?.since ?? 0)
  return latest
}

/** What becomes of a leg on its way: itself, another one, or nothing. */
export type Route = (leg: Leg) => Leg | null

export interface Options {
  by?: string
  /** Platform that writes first; default: the owner of each field. */
  source?: string
  /** Only these platforms get it; default: all that keep it. */
  only?: readonly string[]
  route?: Route
}

/** Waits for the next write of a kind and bends it, once. */
export interface Ambush {
  kind: string
  on: 'create' | 'change'
  /** Looks at the thing and at what is about to change; returns the route, or null to let it pass. */
  spring(thing: Thing, values: Values, state: string | null | undefined): Route | null
}
