/** Objectives: which promise an edge has made, and how well it must be kept. */
import { fieldOf, kindOf } from '../../../model/kinds.ts'
import { SEVERITIES, type Severity } from '../../../model/verdict.ts'
import { EXISTENCE, pattern } from '../../config/pattern.ts'
import type { Context } from '../../context.ts'
import type { EdgeKey } from '../../store/facts/lag-decisions.ts'
import { measuredFields } from '../../store/facts/lag-history.ts'
import { CREATION, partsOf, type PartOf } from '../lag/parts.ts'

export interface Promised {
  fields: { name: string; label: string }[]
  windowMs: number
  calendar: string | null
  /** The highest of its fields. */
  criticality: Severity
  target: number
}

/** Asks for many edges of one configuration; parts of a kind are worked out once. */
export function objectives({ config, landscape }: Pick<Context, 'config' | 'landscape'>): (edge: EdgeKey) => Promised {
  const parts = new Map<string, PartOf>()
  const exceptions = config.objectives.edges.map((e) => ({ ...e, patterns: e.fields.map(pattern) }))
  const meets = (name: string | undefined, platform: string) =>
    name === undefined || landscape.named(name).some((p) => p.name === platform)
  return ({ kind, part, owner, follower }) => {
    const partOf = parts.get(kind) ?? partsOf(kindOf(kind), landscape)
    parts.set(kind, partOf)
    const names = measuredFields(kindOf(kind))
      .map((f) => f.name)
      .filter((name) => partOf(name, owner, follower) === part)
    const judged = part === CREATION ? [EXISTENCE] : names
    const edges = judged.map((name) => landscape.edge(kind, name, owner, follower))
    const rank = Math.max(0, ...edges.map((e) => SEVERITIES.indexOf(e.criticality)))
    const criticality = SEVERITIES[rank]!
    const exception = exceptions.findLast(
      (e) =>
        meets(e.from, owner) &&
        meets(e.to, follower) &&
        judged.some((name) => e.patterns.some((p) => p.matches(kind, name))),
    )
    return {
      fields: judged.map((name) => ({ name, label: name === EXISTENCE ? 'Creation' : fieldOf(kind, name).label })),
      windowMs: edges[0]?.windowMs ?? 0,
      calendar: edges[0]?.calendar ?? null,
      criticality,
      target: exception?.target ?? config.objectives.targets[criticality],
    }
  }
}
