/** Shapes: what the raw objects of each stream look like, how many changes it usually brings, and what became different. */
import type { ControlStore } from './control.ts'

/** Class of a raw value; text is sorted by what it reads as, because files know only text. */
export type ValueClass = 'text' | 'number' | 'boolean' | 'date' | 'list' | 'object'

export interface ObservedField {
  /** Rows that had the field, and those of them in which it was null or empty. */
  present: number
  blank: number
  classes: Partial<Record<ValueClass, number>>
  /** Values of a field that says a state or a sort, with their counts; null: it is no such field, or has too many. */
  values: Record<string, number> | null
  /** Rows since it was last there; since it last had a value; of another class one after the other. */
  missing: number
  unfilled: number
  odd: { is: ValueClass; rows: number } | null
  firstAt: number
  lastAt: number
  /** Rows of the stream when it was first seen. */
  since: number
  /** The mapping was seen to read it; null: not known. */
  read: boolean | null
}

export interface ShapeChange {
  what: 'new' | 'gone' | 'retyped' | 'emptied' | 'enumeration'
  path: string
  /** Epoch ms at which it was noticed. */
  at: number
  before: string | null
  after: string | null
  /** Epoch ms at which it was as before again. */
  backAt: number | null
  read: boolean | null
  /** Canonical fields that are read from it, as far as its name and the configured mapping tell. */
  fields: string[]
  /** Ids of checks that look at these fields, and reference maps that they go through. */
  checks: string[]
  maps: string[]
}

export interface Shape {
  since: number
  at: number
  /** Rows looked at so far: all of small readings, a sample of large ones. */
  rows: number
  fields: Record<string, ObservedField>
  /** Columns of the newest header, where the source has one: it needs no rows to prove what is there. */
  columns?: string[]
  changes: ShapeChange[]
}

/** Changes that a stream brought, by hour: what its norm is learned from. */
export interface Volume {
  /** First full hour that was counted, as hours since 1970. */
  since: number
  /** Hour → versions stored and records deleted; hours without any are left out. */
  hours: Record<string, number>
}

const shapeKey = (platform: string, stream: string) => `shape ${platform}/${stream}`
const volumeKey = (platform: string, stream: string) => `volume ${platform}/${stream}`

export function shapeOf(control: Pick<ControlStore, 'get'>, platform: string, stream: string): Shape | null {
  const text = control.get(shapeKey(platform, stream))
  return text ? (JSON.parse(text) as Shape) : null
}

export function keepShape(control: Pick<ControlStore, 'set'>, platform: string, stream: string, shape: Shape): void {
  control.set(shapeKey(platform, stream), JSON.stringify(shape))
}

export function volumeOf(control: Pick<ControlStore, 'get'>, platform: string, stream: string): Volume | null {
  const text = control.get(volumeKey(platform, stream))
  return text ? (JSON.parse(text) as Volume) : null
}

export function keepVolume(control: Pick<ControlStore, 'set'>, platform: string, stream: string, volume: Volume): void {
  control.set(volumeKey(platform, stream), JSON.stringify(volume))
}
