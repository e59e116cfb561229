/** Standing of the platforms: which of them could be read, and which not, since when and why. */
import { iso } from '../clock.ts'
import type { Context } from '../context.ts'
import type { StreamState } from '../store/control/control.ts'

export interface StalePlatform {
  platform: string
  title: string
  /** ISO; null: never read completely. */
  since: string | null
  /** What keeps it from being read; null: reads go well and are too old. */
  error: string | null
}

export interface Standing {
  all: number
  /** Everything up to here is surely read, over all platforms that could be; null: nothing is. */
  completeThrough: string | null
  stale: StalePlatform[]
}

/** A platform that was not read completely for a day cannot vouch for anything. */
export const STALE_MS = 86_400_000

export function standing({ config, control, clock }: Pick<Context, 'config' | 'control' | 'clock'>): Standing {
  const now = clock.now()
  const streams = control.streams()
  const names = Object.keys(config.platforms).filter((name) => config.platforms[name]!.role !== 'middleware')
  const read = names.map((name) => stood(name, config.platforms[name]!.title ?? name, streams, now))
  const through = read.flatMap((p) => (p.stale ? [] : [p.through!]))
  return {
    all: names.length,
    completeThrough: through.length > 0 ? iso(Math.min(...through)) : null,
    stale: read.flatMap((p) => p.stale ?? []),
  }
}

function stood(platform: string, title: string, all: readonly StreamState[], now: number) {
  const streams = all.filter((s) => s.platform === platform)
  const through =
    streams.length > 0 && streams.every((s) => s.completeThrough !== null)
      ? Math.min(...streams.map((s) => s.completeThrough!))
      : null
  const stopped = streams.find((s) => s.stopped)
  const failing = streams.find((s) => s.lastError)
  const error = stopped
    ? `${stopped.stream}: ${stopped.stopped!.reason}`
    : failing
      ? `${failing.stream}: ${failing.lastError!.message}`
      : null
  const stale = through === null || through < now - STALE_MS || error !== null
  const said: StalePlatform = { platform, title, since: through === null ? null : iso(through), error }
  return { through, stale: stale ? said : null }
}
