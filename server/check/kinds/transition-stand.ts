/** Where a record stands in its lifecycle: the last state that it came to legally, and what is wrong with where it is now. Pure. */
import { fieldOf } from '../../../model/kinds.ts'
import type { Kind } from '../../../model/kind.ts'
import { isDeclared, waysBetween, type Way } from '../../../model/paths.ts'
import type { Stay } from './transition-sql.ts'

export interface Misstep {
  /** The last state that it came to legally; null: it was never seen before, and every way there requires what is lacking. */
  from: Stay | null
  /** The first illegal one after it. */
  to: Stay
  /** Where it is now. */
  now: Stay
  /** Fields that would make the move legal had they a value; empty: no path leads there. */
  lacking: readonly string[]
}

/** Legal moves that skip states, as a poll sees them. */
export interface Skip {
  from: string
  to: string
  between: readonly string[]
}

export interface Standing {
  misstep: Misstep | null
  skips: readonly Skip[]
}

/**
 * Walks the stays. The path is restored as soon as the record is in a state that the last legal one may lead to, so
 * only where it is now can be wrong. `hasNow` are fields that any record of the entity has a value in.
 */
export function standing(kind: Kind, stays: readonly Stay[], hasNow: bigint): Standing {
  const skips: Skip[] = []
  let misstep = null as Misstep | null
  let legal = null as Stay | null
  for (const stay of stays.filter((s) => kind.states.includes(s.state))) {
    const filled = BigInt(stay.filled) | hasNow
    if (!legal && !misstep) {
      const entry = entryLacking(kind, stay, filled)
      if (entry.length === 0) legal = stay
      else misstep = { from: null, to: stay, now: stay, lacking: entry }
      continue
    }
    const ways = waysBetween(kind, legal?.state ?? kind.states[0]!, stay.state)
    const gone = ways.find((way) => lackingOf(kind, way, filled).length === 0)
    if (gone) {
      if (legal && gone.through.length > 2 && !isDeclared(kind, legal.state, stay.state))
        skips.push({ from: legal.state, to: stay.state, between: gone.through.slice(1, -1) })
      legal = stay
      misstep = null
    } else {
      const nearest = ways.map((way) => lackingOf(kind, way, filled)).sort((a, b) => a.length - b.length)[0]
      misstep = { from: legal, to: misstep?.to ?? stay, now: stay, lacking: nearest ?? [] }
    }
  }
  return { misstep, skips }
}

/** What is lacking whatever way led from the first state of the kind to where the record was first seen. */
function entryLacking(kind: Kind, stay: Stay, filled: bigint): string[] {
  const lacking = waysBetween(kind, kind.states[0]!, stay.state).map((way) => lackingOf(kind, way, filled))
  return lacking.some((fields) => fields.length === 0) ? [] : (lacking.sort((a, b) => a.length - b.length)[0] ?? [])
}

function lackingOf(kind: Kind, way: Way, filled: bigint): string[] {
  return way.requires.filter((name) => !((filled >> BigInt(fieldOf(kind.name, name).bit)) & 1n))
}

/** The stays at the end that lie in these states without a break: since when it has been there. */
export function lastRun(stays: readonly Stay[], states: readonly string[]): Stay | null {
  let first: Stay | null = null
  for (const stay of stays.toReversed()) {
    if (!states.includes(stay.state)) break
    first = stay
  }
  return first
}

/** What the record was in at an instant; null before its first. */
export function stateAt(stays: readonly Stay[], at: number): Stay | null {
  return stays.findLast((s) => Date.parse(s.at) <= at) ?? null
}
