/** Contested: records whose references and those of others cannot all be true. */
import type { Node } from './cluster.ts'

/**
 * Records that one names as itself while they name a third, which does not name them: nobody can tell whose they are.
 * Where the third does name them, the first is a further copy of the same thing.
 * @param edges strength 2: `from` names `to`, which does not name it
 * @param survivor id that a merged record lives on under
 */
export function contested(
  edges: readonly { strength: number; from: Node; to: Node }[],
  byName: ReadonlyMap<string, Node>,
  survivor: (platform: string, id: string) => string,
): Set<Node> {
  const torn = new Set<Node>()
  const named = (n: Node, platform: string) => {
    const id = n.refs[platform]
    return id === undefined ? undefined : byName.get(`${platform}:${survivor(platform, id)}`)
  }
  for (const { strength, from, to } of edges) {
    const third = strength === 2 ? named(to, from.platform) : undefined
    if (third && third !== from && !from.mergedInto && named(third, to.platform) !== to) torn.add(to)
  }
  return torn
}
