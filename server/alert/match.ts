/** Matching: whether a route or a silence takes a subject, and which condition speaks against it. Pure. */
import { compare } from '../../model/decimal.ts'
import type { Match } from '../config/alerts-schema.ts'
import type { Subject } from './subject.ts'

export interface Matching {
  /** Roles of platforms, so that an end of an edge may be named by either. */
  roleOf(platform: string): string | null
}

/** Null when every condition holds, else the first that does not, in words. */
export function mismatch(match: Match, s: Subject, { roleOf }: Matching): string | null {
  const ends = (platforms: readonly string[]) => platforms.flatMap((p) => [p, roleOf(p)].filter((x) => x !== null))
  const lists: [string, readonly string[] | undefined, readonly (string | null)[]][] = [
    ['issue', match.issue, [s.ref]],
    ['check', match.check, [s.check]],
    ['category', match.category, [s.category]],
    ['cause', match.cause, [s.cause]],
    ['kind', match.kind, [s.recordKind]],
    ['field', match.field, [s.field]],
    ['owner platform', match.from, s.from === null ? [] : ends([s.from])],
    ['platform at fault', match.to, ends(s.to)],
    ['severity', match.severity, [s.severity]],
    ['legal entity', match.legal_entity, s.legalEntities],
    ['team', match.team, [s.team]],
    ['environment', match.environment, s.environments],
  ]
  for (const [what, wanted, is] of lists) {
    if (wanted === undefined) continue
    const has = is.filter((v) => v !== null)
    if (!has.some((v) => wanted.some((w) => like(w, v))))
      return `its ${what} is ${has.length ? has.join(', ') : 'not known'}, not ${wanted.join(' or ')}`
  }
  if (match.money_from !== undefined) {
    if (s.money === null) return `its money at risk is not known, so it is not ${match.money_from} or more`
    if (compare(s.money, match.money_from) < 0) return `its money at risk is ${s.money}, less than ${match.money_from}`
  }
  return null
}

/** `*` stands for anything. */
export function like(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const parts = pattern.split('*').map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text)
}

/** A match in words, as routes and silences are shown. */
export function matchWords(match: Match): string[] {
  const said: [string, readonly string[] | undefined][] = [
    ['issue', match.issue],
    ['check', match.check],
    ['category', match.category],
    ['cause', match.cause],
    ['kind', match.kind],
    ['field', match.field],
    ['from', match.from],
    ['to', match.to],
    ['severity', match.severity],
    ['legal entity', match.legal_entity],
    ['team', match.team],
    ['environment', match.environment],
  ]
  return [
    ...said.flatMap(([what, values]) => (values ? [`${what} ${values.join(' or ')}`] : [])),
    ...(match.money_from !== undefined ? [`money at risk from ${match.money_from}`] : []),
  ]
}
