/** The settings of each platform's connector (`platforms.<name>.config`), held against the schema that the connector brings. */
import { resolve } from 'node:path'
import type { Connector } from '../../connectors/contract.ts'
import { reportMistakes } from './mistakes.ts'
import { at, entries } from './names.ts'
import type { Report } from './problem.ts'
import { hasPlaceholder } from './secrets.ts'
import { mapMarked } from './shape.ts'
import { written } from './written.ts'

/** A folder of a store elsewhere (`s3://bucket`) is no path of this machine. */
const REMOTE = /^[a-z][a-z0-9]+:\/\//i

/**
 * Parsed settings by platform: defaults filled in, secrets wrapped so that they print as `[secret]`. Parsing them
 * once more with the same schema gives the same again. Paths (`.meta({ path: true })`) start from the folder of the file.
 */
export function connectorSettings(
  connectors: ReadonlyMap<string, Connector<never>>,
  raw: unknown,
  resolved: unknown,
  folder: string,
  report: Report,
): Map<string, Record<string, unknown>> {
  const settings = new Map<string, Record<string, unknown>>()
  for (const [name, platform] of entries(at(resolved, 'platforms'))) {
    const connector = connectors.get(String(at(platform, 'connector')))
    if (!connector) continue
    const path = ['platforms', name, 'config']
    const asWritten = at(raw, ...path) ?? {}
    const typed = written(connector.config, asWritten, at(platform, 'config') ?? {})
    const placed = mapMarked(connector.config, 'path', typed, (v) =>
      typeof v === 'string' && v !== '' && !REMOTE.test(v) ? resolve(folder, v) : v,
    )
    const parsed = connector.config.safeParse(placed)
    if (parsed.success) settings.set(name, parsed.data as Record<string, unknown>)
    else reportMistakes(connector.config, parsed.error.issues, asWritten, path, report)
    mapMarked(connector.config, 'secret', asWritten, (value, inner) => {
      if (typeof value === 'string' && value !== '' && !hasPlaceholder(value))
        report([...path, ...inner], 'is a secret in plain text; write ${ENV:NAME} or ${file:/path} instead', {
          level: 'warning',
        })
      return value
    })
  }
  return settings
}
