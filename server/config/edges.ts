/** Edges: how fast a change of a field must travel from its owner to one follower, and what counts as equal there. */
import type { Edge, Standing, Tolerance } from '../../model/landscape.ts'
import { LATENCY, LATENCY_MS } from '../../model/latency.ts'
import type { Cast } from './cast.ts'
import { isRole } from './cast.ts'
import { durationMs } from './duration.ts'
import { pattern } from './pattern.ts'
import type { Pattern } from './pattern.ts'
import type { Config, EdgeConfig } from './schema.ts'

export interface Edges {
  edge(kind: string, field: string, from: string, to: string): Edge
  /** How an edge of the configuration says that `to` stands while `from` speaks; null where none says it. */
  stands(kind: string, field: string, from: string, to: string): Standing | null
}

export function buildEdges(
  config: Config,
  cast: Cast,
  ownWindowMs: (kind: string, field: string) => number | null,
): Edges {
  const rules = config.edges.map((edge) => ({ edge, patterns: edge.fields.map(pattern) }))
  const known = new Map<string, EdgeConfig>()

  /** All edges that speak of this one, laid over each other: the most specific has the last word. */
  const configured = (kind: string, field: string, from: string, to: string): EdgeConfig => {
    const key = [kind, field, from, to].join('\n')
    let found = known.get(key)
    if (!found) {
      const meets = (name: string | undefined, platform: string) =>
        name === undefined || cast.named(name).some((p) => p.name === platform)
      const matching = rules
        .filter(({ edge }) => meets(edge.from, from) && meets(edge.to, to))
        .map(({ edge, patterns }) => ({
          edge,
          rank: rank(
            edge,
            patterns.filter((p) => p.matches(kind, field)),
          ),
        }))
        .filter(({ rank }) => rank !== null)
        .sort((a, b) => a.rank! - b.rank!)
      found = Object.assign({ fields: [] }, ...matching.map(({ edge }) => edge)) as EdgeConfig
      known.set(key, found)
    }
    return found
  }

  return {
    edge(kind, field, from, to) {
      const { window, criticality, calendar, tolerance } = configured(kind, field, from, to)
      const shipped = latency(kind, field)
      const windowMs = window === undefined ? null : durationMs(window)
      return {
        from,
        to,
        windowMs: windowMs ?? ownWindowMs(kind, field) ?? LATENCY_MS[shipped.class],
        criticality: criticality ?? shipped.criticality,
        calendar: calendar ?? null,
        tolerance: tolerance === undefined ? null : parseTolerance(tolerance),
      }
    },
    stands: (kind, field, from, to) => configured(kind, field, from, to).stands ?? null,
  }
}

/** `0.01`, `2%`, `1d`: validated before. */
export function parseTolerance(text: string): Tolerance {
  if (text.endsWith('%')) return { kind: 'percent', percent: text.slice(0, -1) }
  if (text.endsWith('d')) return { kind: 'days', days: Number(text.slice(0, -1)) }
  return { kind: 'absolute', amount: text }
}

/** Fields before platforms before roles; null: the edge says nothing of the field. Later edges win ties. */
function rank(edge: EdgeConfig, matching: readonly Pattern[]): number | null {
  if (matching.length === 0) return null
  const end = (name: string | undefined) => (name === undefined ? 0 : isRole(name) ? 1 : 2)
  return Math.max(...matching.map((p) => p.specificity)) * 10 + end(edge.from) + end(edge.to)
}

const SHIPPED = LATENCY.flatMap((rule) => rule.fields.map((text) => ({ pattern: pattern(text), rule }))).sort(
  (a, b) => b.pattern.specificity - a.pattern.specificity,
)

function latency(kind: string, field: string) {
  const found = SHIPPED.find(({ pattern }) => pattern.matches(kind, field))
  if (!found) throw new Error('the shipped latency table has no line for everything')
  return found.rule
}
