/**
 * Decided: what people said about identity, as clustering takes it. A decision outranks every key and reference; of two
 * decisions that contradict each other, the newer one counts.
 */
import { name, type Node, type Unions } from './cluster.ts'
import { JOINING, type IdentityDecision } from '../store/control/identity-decisions.ts'

/** Pairs of records that are not one thing, with the decision that says so. */
export class KeptApart {
  readonly #of = new Map<string, Map<string, number>>()

  add(a: string, b: string, decision: number): void {
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      const others = this.#of.get(x) ?? new Map<string, number>()
      this.#of.set(x, others.set(y, others.get(y) ?? decision))
    }
  }

  /** The decision that keeps any of these records from any of those; null: none does. */
  between(these: readonly string[], those: readonly string[]): number | null {
    if (this.#of.size === 0) return null
    for (const a of these) {
      const others = this.#of.get(a)
      if (!others) continue
      for (const b of those) if (others.has(b)) return others.get(b)!
    }
    return null
  }

  get empty(): boolean {
    return this.#of.size === 0
  }
}

export interface Joined {
  decision: number
  records: string[]
}

export interface Decided {
  /** Newest first. */
  joined: Joined[]
  apart: KeptApart
  /** Record → the entity that it returns to, because the decision that took it away was taken back. */
  home: ReadonlyMap<string, string>
}

export const NOTHING_DECIDED: Decided = { joined: [], apart: new KeptApart(), home: new Map() }

/**
 * Weighs decisions against each other, newest first: what is joined by a newer one is not kept apart by an older one,
 * and the other way round.
 * @param inForce decisions that were not taken back
 * @param undone decisions that were taken back since identification last looked
 */
export function decidedFrom(inForce: readonly IdentityDecision[], undone: readonly IdentityDecision[]): Decided {
  const apart = new KeptApart()
  const joined: Joined[] = []
  const group = new Map<string, Set<string>>()
  const groupOf = (name: string) => group.get(name) ?? new Set([name])
  for (const d of [...inForce].sort((a, b) => b.id - a.id)) {
    if (JOINING.has(d.action)) {
      const records = d.groups.flat()
      const accepted: string[] = []
      for (const name of records) {
        const others = accepted.flatMap((a) => [...groupOf(a)])
        if (apart.between([...groupOf(name)], others) !== null) continue
        accepted.push(name)
        const all = new Set([...others, ...groupOf(name)])
        for (const member of all) group.set(member, all)
      }
      if (accepted.length > 1) joined.push({ decision: d.id, records: accepted })
    } else
      for (const [i, left] of d.groups.entries())
        for (const right of d.groups.slice(i + 1))
          for (const a of left) for (const b of right) if (!groupOf(a).has(b)) apart.add(a, b, d.id)
  }
  // Of several that were taken back the oldest tells where a record came from.
  const home = new Map<string, string>()
  for (const d of [...undone].sort((a, b) => b.id - a.id))
    for (const [name, entity] of Object.entries(d.before)) if (entity) home.set(name, entity)
  return { joined, apart, home }
}

/** What people joined, before any evidence is weighed. Evidence that speaks against it is shown, and does not count. */
export function uniteDecided(nodes: readonly Node[], union: Unions): void {
  const { joined } = union.rules.decided ?? NOTHING_DECIDED
  if (joined.length === 0) return
  const named = new Map(nodes.map((n) => [name(n), n]))
  for (const { decision, records } of joined) {
    const [first, ...rest] = records.flatMap((r) => named.get(r) ?? [])
    for (const n of rest) {
      const [a, b] = [union.clusterOf(first!), union.clusterOf(n)]
      if (a === b || union.keptApart(a, b)) continue
      const against = union.contradicts(a, b)
      if (against) union.conflict(`decided:${decision}`, first!, n, `A person joined them, but ${against}.`)
      union.unite(a, b, 'decided', `decision ${decision}`, [first!, n])
    }
  }
}
