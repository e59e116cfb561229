/** Assignment: which entity id each cluster goes by. */
import { name, type Assignment, type Cluster, type ClusterRules, type Unions } from './cluster.ts'
import { NOTHING_DECIDED } from './decided.ts'
import { newEntity } from './entity-id.ts'

/** Every cluster keeps the entity id that most of its members had; ids are never handed from one thing to another. */
export function assign(union: Unions, rules: ClusterRules): Assignment[] {
  const { home } = rules.decided ?? NOTHING_DECIDED
  const bids: { cluster: Cluster; entity: string; votes: number; first: string }[] = []
  for (const c of union.clusters()) {
    if (c.members.length > 1) c.members.sort((a, b) => (name(a) < name(b) ? -1 : 1))
    const votes = new Map<string, number>()
    for (const m of c.members) {
      const entity = home.get(name(m)) ?? m.entity
      if (entity) votes.set(entity, (votes.get(entity) ?? 0) + 1)
    }
    for (const [entity, count] of votes) bids.push({ cluster: c, entity, votes: count, first: name(c.members[0]!) })
  }
  bids.sort((a, b) => b.votes - a.votes || (a.entity + a.first < b.entity + b.first ? -1 : 1))
  const taken = new Map<Cluster, string>()
  const used = new Set<string>()
  for (const bid of bids) {
    if (taken.has(bid.cluster) || used.has(bid.entity)) continue
    taken.set(bid.cluster, bid.entity)
    used.add(bid.entity)
  }
  const result: Assignment[] = []
  for (const c of union.clusters()) {
    const entity = taken.get(c) ?? newEntity(rules.kind, c.members[0]!)
    for (const node of c.members) result.push({ node, entity, ...union.how(node) })
  }
  return result
}
