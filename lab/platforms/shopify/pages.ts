/** Connections of the simulated shop: a page of a list, and where the next one begins. */
import type { Arguments, Node } from './run.ts'

/** A page after a place; a place names the value that the list is ordered by, and the id. */
export function pageOf(all: Node[], { first, after }: Arguments, place: (node: Node) => string): Node {
  const from = typeof after === 'string' ? Buffer.from(after, 'base64').toString() : null
  const rest = from === null ? all : all.filter((node) => place(node) > from)
  const nodes = rest.slice(0, Number(first ?? 50))
  const last = nodes.at(-1)
  return {
    __typename: 'Connection',
    nodes,
    edges: nodes.map((node) => ({ __typename: 'Edge', node })),
    pageInfo: {
      __typename: 'PageInfo',
      hasNextPage: rest.length > nodes.length,
      endCursor: last ? Buffer.from(place(last)).toString('base64') : null,
    },
  }
}
