/** Leg: one write of a change on its way to one platform, and what may become of it. */
import type { Thing, Values } from './thing.ts'

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
