/** Recoverability of drift: until when the owner can still send again the event that a follower lacks. Alerts and the desk tell it. */
import type { Context } from './context.ts'

/** Causes that the same event, sent again, may heal. */
const REPLAYABLE = new Set(['never_sent', 'not_acknowledged', 'not_applied', 'stale_event', 'overwritten'])

export interface Drifting {
  cause: string
  owner_platform: string | null
  /** When its oldest open difference began (ISO); null: not known. */
  since: string | null
}

/** Epoch ms; null where nothing is known, or where sending again heals nothing. */
export function recoverableUntil(
  { config, connectors }: Pick<Context, 'config' | 'connectors'>,
  { cause, owner_platform, since }: Drifting,
): number | null {
  if (!REPLAYABLE.has(cause) || since === null || owner_platform === null) return null
  const platform = config.platforms[owner_platform]
  const days = platform && connectors.get(platform.connector)?.replayDays
  return days == null ? null : Date.parse(since) + days * 86_400_000
}
