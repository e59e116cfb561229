/** Parts: the fields of a group that share a promise on one edge. A group with one promise is one part and gives it its name. */
import { column } from '../../../model/fields.ts'
import type { Kind } from '../../../model/kind.ts'
import type { Edge, Landscape } from '../../../model/landscape.ts'
import { measuredFields } from '../../store/facts/lag-history.ts'

/** The part of an edge that is the appearance of whole records. */
export const CREATION = 'creation'

export type PartOf = (field: string, owner: string, follower: string) => string

const promise = (edge: Edge) => `${edge.windowMs} ${edge.calendar ?? ''}`

/**
 * The most common promise of a group keeps the group's name; fields that must travel faster or slower than the rest
 * (the credit hold among the legal fields) form parts named after their first field.
 */
export function partsOf(kind: Kind, landscape: Landscape): PartOf {
  const known = new Map<string, Map<string, string>>()
  return (field, owner, follower) => {
    const key = `${owner} ${follower}`
    let names = known.get(key)
    if (!names) known.set(key, (names = named(kind, landscape, owner, follower)))
    return names.get(field) ?? field
  }
}

function named(kind: Kind, landscape: Landscape, owner: string, follower: string): Map<string, string> {
  const groups = new Map<string, Map<string, string[]>>()
  for (const field of measuredFields(kind)) {
    const promises = groups.get(field.group) ?? new Map<string, string[]>()
    groups.set(field.group, promises)
    const held = promise(landscape.edge(kind.name, field.name, owner, follower))
    promises.set(held, [...(promises.get(held) ?? []), field.name])
  }
  const names = new Map<string, string>()
  for (const [group, promises] of groups) {
    const [most, ...others] = [...promises.values()].sort((a, b) => b.length - a.length)
    for (const field of most!) names.set(field, group)
    for (const fields of others) for (const field of fields) names.set(field, column({ name: fields[0]! }))
  }
  return names
}
