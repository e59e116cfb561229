/** The cast: which platforms a name or a role means, what each speaks for, and what each keeps. */
import { hasKind } from '../../model/kinds.ts'
import type { Platform, Whereabouts } from '../../model/landscape.ts'
import { PlumblineError } from '../errors.ts'
import type { Config } from './schema.ts'
import { ROLES } from './words.ts'

/** True if the platform has a stream of that kind. Unknown counts as true: absence must be known before it is used. */
export type Keeps = (platform: string, kind: string) => boolean

export interface Cast {
  platforms: readonly Platform[]
  platform(name: string): Platform
  /** A role means all its platforms even where one of them bears the role's name. */
  named(roleOrPlatform: string): readonly Platform[]
  /** False only where the platform's scope names other values than the record has. */
  covers(platform: Platform, scope: Whereabouts['scope']): boolean
  keeps: Keeps
  /** Canonical fields that the configuration says the platform cannot hold. */
  cannotHold(platform: string, kind: string, field: string): boolean
}

const roles = new Set<string>(ROLES)
export const isRole = (name: string): boolean => roles.has(name)

export function buildCast(config: Config, keeps: Keeps): Cast {
  const platforms = Object.entries(config.platforms).map(([name, p]): Platform => ({
    name,
    title: p.title ?? name,
    role: p.role,
    scope: Object.fromEntries(Object.entries(p.scope ?? {}).filter(([, values]) => values !== undefined)),
    timezone: p.timezone,
    connector: p.connector,
  }))
  const byName = new Map(platforms.map((p) => [p.name, p]))
  const byRole = new Map(ROLES.map((role): [string, Platform[]] => [role, platforms.filter((p) => p.role === role)]))
  const alone = new Map(platforms.map((p) => [p.name, [p]]))

  return {
    platforms,
    platform(name) {
      const found = byName.get(name)
      if (!found) throw new PlumblineError('not_found', `There is no platform named ${name}.`)
      return found
    },
    named: (name) => (isRole(name) ? byRole.get(name) : alone.get(name)) ?? [],
    covers: (platform, scope) =>
      Object.entries(platform.scope).every(([key, values]) => {
        const value = scope[key]
        return value === undefined || value === '' || values.includes(value)
      }),
    keeps: (platform, kind) => !hasKind(kind) || keeps(platform, kind),
    cannotHold: (platform, kind, field) =>
      config.platforms[platform]?.mapping?.[kind]?.cannot_hold?.includes(field) ?? false,
  }
}
