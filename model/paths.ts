/** Paths: by which legal moves one lifecycle state may lead to another, and what the record must show for each. Pure. */
import type { Kind } from './kind.ts'

/** One way from a state to another. */
export interface Way {
  /** States on the way, both ends included. */
  through: readonly string[]
  /** Fields that must have a value once the record has come this way. */
  requires: readonly string[]
}

const known = new WeakMap<Kind, Map<string, readonly Way[]>>()

/**
 * All ways that ask for different things, shortest first; empty if no legal path leads there. Who polls sees only some
 * states, so a way may lead through states that were never seen: what it requires tells whether it was really gone.
 */
export function waysBetween(kind: Kind, from: string, to: string): readonly Way[] {
  const cache = known.get(kind) ?? new Map<string, readonly Way[]>()
  known.set(kind, cache)
  const key = `${from}>${to}`
  const before = cache.get(key)
  if (before) return before
  const found: Way[] = from === to ? [{ through: [from], requires: [] }] : []
  if (from !== to) walk(kind, [from], [], to, found)
  const ways = minimal(found)
  cache.set(key, ways)
  return ways
}

function walk(kind: Kind, through: readonly string[], requires: readonly string[], to: string, found: Way[]): void {
  for (const move of kind.transitions) {
    if (move.from !== through.at(-1) || through.includes(move.to)) continue
    const way = {
      through: [...through, move.to],
      requires: [...new Set([...requires, ...(move.requires ?? [])])].sort(),
    }
    if (move.to === to) found.push(way)
    else walk(kind, way.through, way.requires, to, found)
  }
}

/** A way that asks for more than another one proves nothing more. */
function minimal(ways: readonly Way[]): readonly Way[] {
  const short = [...ways].sort(
    (a, b) => a.through.length - b.through.length || (a.through.join() < b.through.join() ? -1 : 1),
  )
  return short.filter((way, i) => {
    const within = (other: Way) => other.requires.every((field) => way.requires.includes(field))
    return !short.some((o, j) => j !== i && within(o) && (o.requires.length < way.requires.length || j < i))
  })
}

/** True if the move is declared as it is, without a state in between. */
export function isDeclared(kind: Kind, from: string, to: string): boolean {
  return kind.transitions.some((t) => t.from === from && t.to === to)
}
