/** Builds the landscape (model/landscape.ts) from a configuration that was validated before. */
import { complianceRules } from '../../model/compliance.ts'
import type { Landscape } from '../../model/landscape.ts'
import { buildCalendar, type Calendar } from './calendar.ts'
import { buildCast } from './cast.ts'
import type { Keeps } from './cast.ts'
import { buildEdges } from './edges.ts'
import { buildOwnership } from './ownership.ts'
import { buildRates } from './rates.ts'
import type { Config } from './schema.ts'

/**
 * A landscape that learns which platform keeps which kinds. Some ownership depends on it ("billing, where it keeps
 * entitlements"), and some connectors know their streams only after they have looked. Until a platform's kinds are
 * told, it may keep everything. `loadConfig` tells those that connectors declare; whoever discovers streams (or
 * reads them back from the store) tells the rest with `setKeeps`, and answers change from then on.
 */
export interface LiveLandscape extends Landscape {
  keeps: Keeps
  /** The platform keeps exactly these kinds. */
  setKeeps(platform: string, kinds: Iterable<string>): void
}

export interface LandscapeOptions {
  /** Asked for platforms of which `setKeeps` was never called; default: everybody keeps everything. */
  keeps?: Keeps
}

export function buildLandscape(config: Config, options: LandscapeOptions = {}): LiveLandscape {
  const kept = new Map<string, ReadonlySet<string>>()
  const keeps: Keeps = (platform, kind) => kept.get(platform)?.has(kind) ?? options.keeps?.(platform, kind) ?? true
  const cast = buildCast(config, keeps)
  const ownership = buildOwnership(config, cast)
  const edges = buildEdges(config, cast, ownership.windowMs)
  const rates = buildRates(config.money)
  const calendars = new Map<string, Calendar | null>()
  /** The edge's hours without the follower's maintenance; null where all time counts. */
  const calendarOf = (name: string | null, follower: string): Calendar | null => {
    const key = `${name ?? ''} ${follower}`
    let found = calendars.get(key)
    if (found === undefined) {
      const hours = name === null ? undefined : config.calendars[name]
      const { maintenance = [], timezone = 'UTC' } = config.platforms[follower] ?? {}
      found =
        hours || maintenance.length > 0 ? buildCalendar(hours ?? { timezone: 'UTC' }, maintenance, timezone) : null
      calendars.set(key, found)
    }
    return found
  }

  return {
    platforms: cast.platforms,
    platform: cast.platform,
    named: cast.named,
    owners: ownership.owners,
    standing(kind, field, platform, owner, at) {
      if (platform === owner) return 'owner'
      const absent = !cast.covers(cast.platform(platform), at.scope) || !keeps(platform, kind)
      if (absent || cast.cannotHold(platform, kind, field)) return 'absent'
      return edges.stands(kind, field, owner, platform) ?? ownership.written(kind, field, platform) ?? 'follower'
    },
    edge: edges.edge,
    windowEnd(edge, fromMs) {
      const calendar = calendarOf(edge.calendar, edge.to)
      return calendar ? calendar.windowEnd(fromMs, edge.windowMs) : fromMs + edge.windowMs
    },
    issuer: ownership.issuer,
    convert: rates.convert,
    reportingCurrency: config.money.reporting_currency,
    compliance: complianceRules(config.compliance),
    keeps,
    setKeeps: (platform, kinds) => void kept.set(platform, new Set(kinds)),
  }
}
