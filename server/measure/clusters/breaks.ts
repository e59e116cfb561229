/** Breaks: clusters of one edge that began together. Where many fields or kinds of an edge break at once, the edge itself broke. Pure. */
import { createHash } from 'node:crypto'
import type { Cluster } from '../../store/facts/clusters.ts'

/** Clusters that began within this of the first of them began together. */
const TOGETHER_MS = 3_600_000

/** Fewer different fields and kinds than this may be chance. */
const ABOUT_MIN = 3

export interface EdgeBreak {
  id: string
  owner_platform: string | null
  platform: string | null
  first_onset_at: string
  /** Ids of its clusters, largest first. */
  parts: string[]
  /** `kind` or `kind.field`, sorted. */
  about: string[]
}

export function breaksOf(clusters: readonly Cluster[]): EdgeBreak[] {
  const edges = new Map<string, Cluster[]>()
  for (const c of clusters) {
    if (!c.burst) continue
    const edge = `${c.owner_platform ?? ''}>${c.platform ?? ''}`
    edges.set(edge, [...(edges.get(edge) ?? []), c])
  }
  const found: EdgeBreak[] = []
  for (const members of edges.values()) {
    const queue = members.sort((a, b) => begin(a) - begin(b) || (a.id < b.id ? -1 : 1))
    for (let first = queue.shift(); first; first = queue.shift()) {
      const together = [first]
      while (queue[0] && begin(queue[0]) - begin(first) <= TOGETHER_MS) together.push(queue.shift()!)
      const about = [...new Set(together.map((c) => (c.field === null ? c.kind : `${c.kind}.${c.field}`)))].sort()
      if (about.length < ABOUT_MIN) continue
      const key = [first.owner_platform, first.platform, first.first_onset_at].join('\n')
      found.push({
        id: `edge-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
        owner_platform: first.owner_platform,
        platform: first.platform,
        first_onset_at: first.first_onset_at,
        parts: together.sort((a, b) => b.findings - a.findings || (a.id < b.id ? -1 : 1)).map((c) => c.id),
        about,
      })
    }
  }
  return found
}

const begin = (c: Cluster) => Date.parse(c.first_onset_at)
