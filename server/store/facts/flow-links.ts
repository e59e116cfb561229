/** Links of flows: by which reference the records of a leg are found from those of the leg before. */
import type { Field } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import { references } from '../../../model/kinds.ts'

/** in: the leg's record points to the one before; out: the one before points to it. */
export type FlowLink = { how: 'in' | 'out'; field: Field } | { how: 'customer' | 'same' }

/** Kind → platform → masks of the fields that its records hold, decimal text. */
export type Held = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** The first link that records can follow; null where no platform holds any of the references. */
export function flowLink(from: Kind, to: Kind, names: readonly string[], held: Held): FlowLink | null {
  for (const name of names) {
    if (name === 'same' && from.name === to.name) return { how: 'same' }
    if (name === 'customer') return { how: 'customer' }
    const inward = references(to).find((f) => f.name === name && f.to?.includes(from.name))
    if (inward && holds(held, to.name, inward)) return { how: 'in', field: inward }
    const outward = references(from).find((f) => f.name === name && f.to?.includes(to.name))
    if (outward && holds(held, from.name, outward)) return { how: 'out', field: outward }
  }
  return null
}

/** False only where records were read and no platform has the field. */
function holds(held: Held, kind: string, field: Field): boolean {
  const masks = [...(held.get(kind)?.values() ?? [])].flat()
  return masks.length === 0 || masks.some((mask) => (BigInt(mask) >> BigInt(field.bit)) & 1n)
}
