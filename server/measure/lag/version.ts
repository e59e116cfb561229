/** Version of the measure: a new one means that rows may change though no record moved, so everything is measured once more. */
import { createHash } from 'node:crypto'
import type { Context } from '../../context.ts'
import type { StreamState } from '../../store/control/control.ts'

/** Raised when the way of measuring changes. */
const METHOD = 2

/** Hash of everything that lags are judged by: roles, ownership, windows, calendars, maintenance, excluded times, existence. */
export function measureVersion(
  { config, checks }: Pick<Context, 'config' | 'checks'>,
  streams: readonly StreamState[],
): string {
  const platforms = Object.entries(config.platforms).map(([name, p]) => [
    name,
    p.role,
    p.scope,
    p.owns,
    p.maintenance,
    Object.entries(p.mapping ?? {}).map(([kind, m]) => [kind, m?.cannot_hold]),
  ])
  const kept = [...new Set(streams.map((s) => `${s.platform} ${s.kind}`))].sort()
  const judged = [config.ownership, config.edges, config.calendars, config.issuer, config.objectives.exclude]
  return createHash('sha256')
    .update(
      JSON.stringify([METHOD, platforms, judged, kept, checks.flatMap((c) => (c.kind === 'exist' ? c.params : []))]),
    )
    .digest('hex')
    .slice(0, 12)
}
