/** Landscape version: a new one means that findings may change though no record moved, so every check looks at everything once. */
import { createHash } from 'node:crypto'
import type { Config } from '../config/schema.ts'
import type { StreamState } from '../store/control/control.ts'

/** Hash of what judges are told of roles, ownership, windows and money, and of which platform keeps what. */
export function landscapeVersion(config: Config, streams: readonly StreamState[]): string {
  const platforms = Object.entries(config.platforms).map(([name, p]) => [
    name,
    p.role,
    p.title,
    p.scope,
    p.timezone,
    p.owns,
    p.maintenance,
    Object.entries(p.mapping ?? {}).map(([kind, m]) => [kind, m?.cannot_hold]),
  ])
  const kept = [...new Set(streams.map((s) => `${s.platform} ${s.kind}`))].sort()
  const parts = [
    platforms,
    config.ownership,
    config.edges,
    config.calendars,
    config.issuer,
    config.money,
    config.compliance,
    kept,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}
