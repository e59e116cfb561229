/** A kind: one noun of the customer lifecycle, with its fields, states and legal transitions. */
import type { Field, FieldTypeName, Sensitivity } from './fields.ts'

/** One legal move between two states, and what must be true for it. */
export interface Transition {
  from: string
  to: string
  /** Fields that must have a value on the record once it has moved (`approved_at` for `approved`). */
  requires?: readonly string[]
  /** In words, for people: what this move means. */
  about?: string
}

export interface Kind {
  name: string
  /** Singular and plural for people. */
  title: string
  plural: string
  about: string
  fields: readonly Field[]
  /** Lifecycle states in order; empty for kinds without a lifecycle (`line`). */
  states: readonly string[]
  transitions: readonly Transition[]
  /** States in which the thing is over: a record in one of them is not *live*. */
  ended: readonly string[]
  /** The field that carries the business key people quote (`number`, `code`), if there is one. */
  businessKey?: string
  /** The money field that says what the thing is worth, if there is one. */
  worth?: string
}

export interface FieldSpec {
  type: FieldTypeName
  about: string
  label?: string
  group?: string
  of?: readonly string[]
  to?: readonly string[]
  currency?: string
  sensitivity?: Sensitivity
}

export interface KindSpec extends Omit<Kind, 'name' | 'fields' | 'transitions'> {
  fields: Record<string, FieldSpec>
  /** `draft>open: why` would hide the requirements, so moves are values. `*` as from: from any live state. */
  transitions: readonly Transition[]
}

/** The common field that every kind with states compares: bit 0, group `lifecycle`. */
const stateField = (states: readonly string[]): Field => ({
  name: 'state',
  label: 'State',
  type: 'enum',
  group: 'lifecycle',
  about: 'The canonical lifecycle state, mapped from the platform’s own status word.',
  of: states,
  sensitivity: 'plain',
  bit: 0,
})

/**
 * Declares a kind. Bit 0 is always `state`; the other fields take their position in the
 * table, so fields may only be appended (a test holds the table against its history).
 * @throws if the kind has more than 63 fields: the masks are 64 bits wide.
 */
export function defineKind(name: string, spec: KindSpec): Kind {
  const fields: Field[] = [stateField(spec.states)]
  for (const [fieldName, f] of Object.entries(spec.fields)) {
    fields.push({
      name: fieldName,
      label: f.label ?? label(fieldName),
      type: f.type,
      group: f.group ?? 'body',
      about: f.about,
      ...(f.of && { of: f.of }),
      ...(f.to && { to: f.to }),
      ...(f.type === 'money' && { currency: f.currency ?? 'currency' }),
      sensitivity: f.sensitivity ?? 'plain',
      bit: fields.length,
    })
  }
  if (fields.length > 64) throw new Error(`kind ${name} has ${fields.length} fields; the masks hold 64`)
  const live = spec.states.filter((s) => !spec.ended.includes(s))
  const transitions = spec.transitions.flatMap((t) =>
    t.from === '*' ? live.filter((s) => s !== t.to).map((from) => ({ ...t, from })) : [t],
  )
  return { ...spec, name, fields, transitions }
}

function label(name: string): string {
  const words = name.replaceAll('.', ' ').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
