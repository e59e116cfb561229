/** Edges that match nothing: the platform they start from speaks for none of their fields in any state. */
import { KINDS } from '../../model/kinds.ts'
import type { LiveLandscape } from './landscape.ts'
import { EXISTENCE, pattern } from './pattern.ts'
import type { Report } from './problem.ts'
import type { Config } from './schema.ts'

export function idleEdges(config: Config, landscape: LiveLandscape, report: Report): void {
  const entities = [undefined, ...Object.keys(config.issuer).filter((entity) => entity !== '*')]
  config.edges.forEach((edge, i) => {
    const from = edge.from === undefined ? null : new Set(landscape.named(edge.from).map((p) => p.name))
    const to = edge.to === undefined ? null : landscape.named(edge.to)
    // Names without a platform were told already.
    if (!from || from.size === 0 || to?.length === 0) return
    if (from.size === 1 && to?.length === 1 && from.has(to[0]!.name))
      return report(['edges', i], `from and to are the same platform, so this edge matches nothing`, {
        level: 'warning',
      })
    const patterns = edge.fields.map(pattern)
    const speaks = KINDS.some((kind) =>
      [EXISTENCE, ...kind.fields.map((f) => f.name)].some(
        (field) =>
          patterns.some((p) => p.matches(kind.name, field)) &&
          [null, ...kind.states].some((state) =>
            entities.some((entity) =>
              landscape
                .owners(kind.name, field, { state, scope: entity ? { legal_entity: entity } : {} })
                .some((name) => from.has(name)),
            ),
          ),
      ),
    )
    if (!speaks)
      report(['edges', i, 'from'], `${edge.from} never owns any of these fields, so this edge matches nothing`, {
        level: 'warning',
      })
  })
}
