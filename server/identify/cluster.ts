/**
 * Clustering: which records are one thing. Pure: records with their claims in, entities and conflicts out.
 *
 * A claim is a text that two records share only if they may be the same thing: "I am r:erp:100", "my tax id is …".
 * Claims unite records in order of strength. A union that contradicts stronger evidence is refused, and kept as a
 * conflict for a person where both sides are strong: nothing is guessed.
 */
import { assign } from './assign.ts'
import { contested } from './contested.ts'
import { NOTHING_DECIDED, uniteDecided, type Decided } from './decided.ts'

export interface Node {
  platform: string
  record_id: string
  /** Entity it had before, or null when it is new. */
  entity: string | null
  /** Platform → id there, as this record states it. */
  refs: Record<string, string>
  mergedInto: string | null
  /** Exact keys in order of strength, strongest first; null where the record lacks a part of the key. */
  keys: readonly (string | null)[]
  /** Country of the tax id, where known; two countries never share one. */
  country: string | null
  /** Entity of the customer it belongs to, '0' when unknown: equal numbers of two customers are two things … */
  customer: string
  /** … unless they are worth the same, to the digit: then the customer is what differs. */
  worth: string | null
  /** `platform:id` of its parent: parent and child share a domain without being one. */
  parent: string | null
}

export interface Assignment {
  node: Node
  entity: string
  /** decided, refs, merged, key:<n>, alone */
  rule: string
  evidence: string
  /** The decision that a person took or took back, where it is what moved the record. */
  decision?: number
}

export interface Conflict {
  key: string
  records: string[]
  reason: string
}

export interface Clustering {
  assignments: Assignment[]
  conflicts: Conflict[]
}

export interface Cluster {
  members: Node[]
  /** Platform → ids that members state for it. */
  stated: Map<string, Set<string>>
  /** Per key rank, the values members have. */
  keys: Set<string>[]
  customers: Set<string>
  countries: Set<string>
  worths: Set<string>
}

export interface ClusterRules {
  kind: string
  /** Names of the keys, parallel to `Node.keys`. */
  keyNames: readonly string[]
  /** Ranks of keys that count as strong: a disagreement in them refuses every weaker key. */
  strong: readonly number[]
  /** What people decided; it outranks everything else. */
  decided?: Decided
}

export const name = (n: Node) => `${n.platform}:${n.record_id}`

/** Names are made once and not for every comparison: a first load sorts a million of them. */
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

/** Deterministic: the same nodes give the same entities, in whatever order they come. */
export function cluster(nodes: readonly Node[], rules: ClusterRules): Clustering {
  const named = nodes.map((n) => ({ n, name: name(n) })).sort(byName)
  const sorted = named.map(({ n }) => n)
  const union = new Unions(sorted, rules)
  uniteDecided(sorted, union)
  uniteByReferences(sorted, union)
  for (let rank = 0; rank < rules.keyNames.length; rank++) uniteByKey(sorted, rank, union)
  return { assignments: assign(union, rules), conflicts: union.conflicts }
}

export class Unions {
  readonly conflicts: Conflict[] = []
  readonly rules: ClusterRules
  readonly #of = new Map<Node, Cluster>()
  readonly #how = new Map<Node, { rule: string; evidence: string }>()
  readonly #survivor = new Map<string, string>()

  constructor(nodes: readonly Node[], rules: ClusterRules) {
    this.rules = rules
    for (const n of nodes) if (n.mergedInto) this.#survivor.set(name(n), n.mergedInto)
    for (const n of nodes) this.#of.set(n, this.#single(n))
  }

  #single(n: Node): Cluster {
    const stated = new Map<string, Set<string>>()
    for (const [platform, id] of Object.entries(n.refs)) stated.set(platform, new Set([this.survivorOf(platform, id)]))
    return {
      members: [n],
      stated,
      keys: n.keys.map((k) => new Set(k === null ? [] : [k])),
      customers: new Set(n.customer === '0' ? [] : [n.customer]),
      countries: new Set(n.country ? [n.country] : []),
      worths: new Set(n.worth ? [n.worth] : []),
    }
  }

  /** References to a merged record follow it to the survivor; bounded, because a platform may state a circle. */
  survivorOf(platform: string, id: string): string {
    if (this.#survivor.size === 0) return id
    let current = id
    for (let hop = 0; hop < 20; hop++) {
      const next = this.#survivor.get(`${platform}:${current}`)
      if (!next) return current
      current = next
    }
    return current
  }

  clusterOf(n: Node): Cluster {
    return this.#of.get(n)!
  }

  clusters(): Set<Cluster> {
    return new Set(this.#of.values())
  }

  how(n: Node): { rule: string; evidence: string } {
    return this.#how.get(n) ?? { rule: 'alone', evidence: '' }
  }

  /** The decision of a person that keeps the two apart, as a sentence. */
  keptApart(a: Cluster, b: Cluster): string | null {
    const { apart } = this.rules.decided ?? NOTHING_DECIDED
    if (apart.empty) return null
    const decision = apart.between(a.members.map(name), b.members.map(name))
    return decision === null ? null : `decision ${decision} keeps them apart`
  }

  /** Two ids stated for one platform: the members would disagree about who they are. */
  contradicts(a: Cluster, b: Cluster): string | null {
    for (const [platform, ids] of a.stated) {
      const others = b.stated.get(platform)
      if (others && [...others].some((id) => !ids.has(id))) {
        return `${platform} is said to be ${[...ids].join(', ')} and ${[...others].join(', ')}`
      }
    }
    return null
  }

  unite(a: Cluster, b: Cluster, rule: string, evidence: string, via: readonly Node[]): void {
    const [big, small] = a.members.length >= b.members.length ? [a, b] : [b, a]
    big.members.push(...small.members)
    for (const [platform, ids] of small.stated) {
      const mine = big.stated.get(platform)
      if (mine) for (const id of ids) mine.add(id)
      else big.stated.set(platform, ids)
    }
    small.keys.forEach((values, rank) => values.forEach((v) => big.keys[rank]?.add(v)))
    for (const c of small.customers) big.customers.add(c)
    for (const c of small.countries) big.countries.add(c)
    for (const w of small.worths) big.worths.add(w)
    for (const n of small.members) this.#of.set(n, big)
    for (const n of via) if (!this.#how.has(n)) this.#how.set(n, { rule, evidence })
  }

  conflict(key: string, a: Node, b: Node, reason: string): void {
    this.conflicts.push({ key, records: [name(a), name(b)].sort(), reason })
  }
}

const TORN = 'one names the other, which names a third'

/** References between records: mutual ones first, then merges, then one-sided ones. */
function uniteByReferences(nodes: readonly Node[], union: Unions): void {
  const named = new Map(nodes.map((n) => [name(n), n]))
  const edges: { strength: number; from: Node; to: Node; claim: string; name: string }[] = []
  const edge = (strength: number, from: Node, to: Node, claim: string) =>
    edges.push({ strength, from, to, claim, name: name(from) + name(to) })
  const unread = new Map<string, Node[]>()
  for (const from of nodes) {
    if (from.mergedInto) {
      const to = named.get(`${from.platform}:${from.mergedInto}`)
      if (to && to !== from) edge(1, from, to, 'merged')
    }
    for (const [platform, id] of Object.entries(from.refs)) {
      const claim = `${platform}:${id}`
      const to = named.get(claim)
      if (to === from) continue
      if (!to) unread.set(claim, [...(unread.get(claim) ?? []), from])
      else edge(to.refs[from.platform] === from.record_id ? 0 : 2, from, to, claim)
    }
  }
  // Two records that name the same third record, which nobody has read yet, are one thing as well.
  for (const [claim, [first, ...rest]] of unread) for (const to of rest) edge(3, first!, to, claim)
  edges.sort((x, y) => x.strength - y.strength || byName(x, y))
  const torn = contested(edges, named, (platform, id) => union.survivorOf(platform, id))
  for (const { from, to, claim, strength } of edges) {
    if ((strength === 2 && (torn.has(from) || torn.has(to))) || (strength === 3 && torn.has(from))) {
      union.conflict(
        `refs:${claim}`,
        from,
        to,
        'The records contradict each other: one names the other, which names a third.',
      )
      continue
    }
    const a = union.clusterOf(from)
    const b = union.clusterOf(to)
    if (a === b) continue
    const apart = union.keptApart(a, b)
    if (apart) {
      union.conflict(`decided:${claim}`, from, to, `One names the other, but ${apart}.`)
      continue
    }
    const reason =
      claim === 'merged' ? null : strength >= 2 && (torn.has(from) || torn.has(to)) ? TORN : union.contradicts(a, b)
    if (reason) union.conflict(`refs:${claim}`, from, to, `The records contradict each other: ${reason}.`)
    else
      union.unite(a, b, claim === 'merged' ? 'merged' : 'refs', strength === 0 ? `mutual ${claim}` : claim, [from, to])
  }
}

function uniteByKey(nodes: readonly Node[], rank: number, union: Unions): void {
  const groups = new Map<string, Node[]>()
  for (const n of nodes) {
    const key = n.keys[rank]
    if (!key) continue
    const group = groups.get(key)
    if (group) group.push(n)
    else groups.set(key, [n])
  }
  for (const [key, group] of groups) {
    if (group.length === 1) continue
    const leaders: Node[] = []
    for (const n of group) {
      let united = false
      for (const leader of leaders) {
        const a = union.clusterOf(leader)
        const b = union.clusterOf(n)
        const refusal = a === b ? null : refuse(a, b, rank, union)
        if (!refusal && a !== b) union.unite(a, b, `key:${union.rules.keyNames[rank]}`, key, [leader, n])
        if (!refusal) {
          united = true
          break
        }
        if (refusal.forPerson)
          union.conflict(`${refusal.key ?? union.rules.keyNames[rank]}:${key}`, leader, n, refusal.reason)
      }
      if (!united) leaders.push(n)
    }
  }
}

interface Refusal {
  reason: string
  forPerson: boolean
  /** What the conflict is filed under instead of the key's name. */
  key?: string
}

/** Why two clusters that share a key are not one thing; null when nothing stronger speaks against it. */
function refuse(a: Cluster, b: Cluster, rank: number, union: Unions): Refusal | null {
  const strong = union.rules.strong.includes(rank)
  const apart = union.keptApart(a, b)
  if (apart) return { reason: `They share a key, but ${apart}.`, forPerson: strong, key: 'decided' }
  const contradiction = union.contradicts(a, b)
  if (contradiction) return { reason: `They share a key, but ${contradiction}.`, forPerson: strong }
  for (const stronger of union.rules.strong) {
    if (stronger < rank && disjoint(a.keys[stronger]!, b.keys[stronger]!)) {
      return { reason: `They differ in ${union.rules.keyNames[stronger]}.`, forPerson: false }
    }
  }
  if (strong && disjoint(a.countries, b.countries)) return { reason: 'They are in two countries.', forPerson: false }
  if (disjoint(a.customers, b.customers) && !overlap(a.worths, b.worths)) {
    return { reason: 'They belong to two customers.', forPerson: false }
  }
  if (related(a, b)) return { reason: 'One is the parent of the other.', forPerson: false }
  return null
}

const overlap = (a: Set<string>, b: Set<string>) => [...a].some((v) => b.has(v))
const disjoint = (a: Set<string>, b: Set<string>) => a.size > 0 && b.size > 0 && !overlap(a, b)

function related(a: Cluster, b: Cluster): boolean {
  const parents = (c: Cluster) => c.members.flatMap((m) => (m.parent ? [m.parent] : []))
  const names = (c: Cluster) => new Set(c.members.map(name))
  const [inA, inB] = [names(a), names(b)]
  return parents(a).some((p) => inB.has(p)) || parents(b).some((p) => inA.has(p))
}
