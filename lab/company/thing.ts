/** A thing of the company: one customer, order, invoice … as it truly is, and where records of it stand. */

export type Value = string | null | Thing
export type Values = Record<string, Value>

/** One record of a thing on a platform. */
export interface Copy {
  id: string
  since: number
  /** Time of the last write that was scheduled there: writes of one thing never overtake each other. */
  last: number
}

export interface Thing {
  kind: string
  /** Position among the things of its kind. */
  n: number
  customer: Thing | null
  values: Values
  state: string | null
  /** Platform → its record, also while the writing is still under way. */
  on: Map<string, Copy>
  /** Platforms that a fault keeps it from: it is never sent there again. */
  lost: Set<string>
  bornAt: number
  /** Topics that nobody else may touch any more: a fault needs them to stay as they are. `all` means everything. */
  claims: Set<string>
}

export function text(thing: Thing, field: string): string | null {
  const value = thing.values[field]
  return typeof value === 'string' ? value : null
}

/** @throws if the field is empty: only for fields that the kind always has in the laboratory. */
export function must(thing: Thing, field: string): string {
  const value = text(thing, field)
  if (value === null) throw new Error(`${thing.kind} ${thing.n} has no ${field}`)
  return value
}

export function linked(thing: Thing, field: string): Thing | null {
  const value = thing.values[field]
  return value !== null && typeof value === 'object' ? value : null
}

/** May this topic of the thing still be touched by ordinary life? */
export function free(thing: Thing, topic: string): boolean {
  const { claims } = thing
  if (claims.has('all') || claims.has(topic)) return false
  return thing.customer ? free(thing.customer, topic) : true
}

export function subjects(...things: readonly Thing[]): { platform: string; kind: string; record_id: string }[] {
  return things.flatMap((thing) =>
    [...thing.on].map(([platform, copy]) => ({ platform, kind: thing.kind, record_id: copy.id })),
  )
}
