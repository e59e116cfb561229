/**
 * Ownership: who speaks for a field and how everybody else stands to it. Applies, in this order, the configuration
 * (`owns` of platforms and `ownership`) and the shipped matrix (model/ownership.ts). Within each the most specific
 * pattern wins; each part of a line (owners, standings, window) is taken from the first that says something about it.
 */
import { hasKind } from '../../model/kinds.ts'
import type { Platform, Standing, Whereabouts } from '../../model/landscape.ts'
import { OWNERSHIP } from '../../model/ownership.ts'
import type { OwnershipRule } from '../../model/ownership.ts'
import type { Cast } from './cast.ts'
import { durationMs } from './duration.ts'
import { EXISTENCE, pattern } from './pattern.ts'
import type { Pattern } from './pattern.ts'
import type { Config, OwnershipConfig } from './schema.ts'
import { buildSpeakers } from './speakers.ts'
import type { Speakers } from './speakers.ts'

export interface Ownership {
  owners(kind: string, field: string, at: Whereabouts): readonly string[]
  /** What the matrices say of the standing of one who does not speak; null where they say nothing. */
  written(kind: string, field: string, platform: string): Standing | null
  windowMs(kind: string, field: string): number | null
  issuer(legalEntity: string | null): string | null
}

/** One line of either matrix, ready to be asked. Undefined from any of them: this line does not say. */
interface Line {
  pattern: Pattern
  owners(at: Whereabouts): readonly Platform[] | undefined
  /** `owns`: the owners of the next line follow, for records that this platform has no value for. */
  adds?: boolean
  standing?(platform: string): Standing | undefined
  windowMs?: number | undefined
}

export function buildOwnership(config: Config, cast: Cast): Ownership {
  const speakers = buildSpeakers(config, cast)
  const configured = bySpecificity([
    ...owns(config, speakers),
    ...Object.entries(config.ownership).map(([text, rule]) => configuredLine(text, rule, cast, speakers)),
  ])

  const known = new Map<string, readonly Line[]>()
  const lines = (kind: string, field: string): readonly Line[] => {
    const key = `${kind}.${field}`
    let found = known.get(key)
    if (!found) {
      const shipped = SHIPPED.map(({ pattern, rule }) => shippedLine(pattern, rule, kind, cast, speakers, owners))
      found = [...configured, ...shipped].filter((line) => line.pattern.matches(kind, field))
      known.set(key, found)
    }
    return found
  }

  const owners: Ownership['owners'] = (kind, field, at) => {
    const found = new Set<string>()
    for (const line of lines(kind, field)) {
      const platforms = line.owners(at)
      for (const p of platforms ?? []) found.add(p.name)
      if (platforms && !line.adds) break
    }
    return [...found]
  }

  const firstSaid = <T>(kind: string, field: string, ask: (line: Line) => T | undefined): T | null => {
    for (const line of lines(kind, field)) {
      const said = ask(line)
      if (said !== undefined) return said
    }
    return null
  }

  return {
    owners,
    written: (kind, field, platform) => firstSaid(kind, field, (line) => line.standing?.(platform)),
    windowMs: (kind, field) => firstSaid(kind, field, (line) => line.windowMs),
    issuer: (legalEntity) => speakers.issuers(legalEntity)[0]?.name ?? null,
  }
}

const SHIPPED = bySpecificity(
  OWNERSHIP.flatMap((rule) => rule.fields.map((text) => ({ pattern: pattern(text), rule }))),
)

/** One line per pattern that any platform owns: several platforms may own the same fields for different scopes. */
function owns(config: Config, speakers: Speakers): Line[] {
  const owners = new Map<string, string[]>()
  for (const [name, p] of Object.entries(config.platforms))
    for (const text of p.owns ?? []) owners.set(text, [...(owners.get(text) ?? []), name])
  const covering = (names: string[], at: Whereabouts) => names.flatMap((name) => speakers.covering([name], at))
  return [...owners].map(([text, names]) => ({
    pattern: pattern(text),
    adds: true,
    owners: (at) => covering(names, at),
  }))
}

function configuredLine(text: string, rule: OwnershipConfig, cast: Cast, speakers: Speakers): Line {
  const line = Array.isArray(rule) ? { owners: rule } : rule
  const { owners, by_state: byState, followers } = line
  const among = (names: readonly string[] | undefined, platform: string) =>
    (names ?? []).some((name) => cast.named(name).some((p) => p.name === platform))
  return {
    pattern: pattern(text),
    owners(at) {
      const names = (at.state === null ? undefined : byState?.[at.state]) ?? owners
      return names && speakers.covering(names, at)
    },
    standing(platform) {
      for (const standing of ['absent', 'foreign', 'gated', 'advisory'] as const)
        if (among(line[standing], platform)) return standing
      return followers && (among(followers, platform) ? 'follower' : 'advisory')
    },
    windowMs: line.window === undefined ? undefined : (durationMs(line.window) ?? undefined),
  }
}

function shippedLine(
  pattern: Pattern,
  rule: OwnershipRule,
  kind: string,
  cast: Cast,
  speakers: Speakers,
  ownersOf: Ownership['owners'],
): Line {
  return {
    pattern,
    owners(at) {
      const document = at.scope['document_kind']
      if (rule.found !== 'document' || document === undefined || document === kind || !hasKind(document))
        return speakers.shipped(rule, kind, at)
      return ownersOf(document, EXISTENCE, at).map((name) => cast.platform(name))
    },
    standing: (platform) => (rule.advisory?.includes(cast.platform(platform).role) ? 'advisory' : undefined),
  }
}

/** Most specific first; lines of equal rank keep their order. */
function bySpecificity<T extends { pattern: Pattern }>(lines: readonly T[]): T[] {
  return [...lines].sort((a, b) => b.pattern.specificity - a.pattern.specificity)
}
