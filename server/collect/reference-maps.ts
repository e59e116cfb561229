/** Reference maps as a platform uses them: its own entries first, then its connector's, its role's, then everybody's. */
import type { ReferenceMapLookup } from '../../model/reading.ts'
import type { Config } from '../config/schema.ts'
import { PlumblineError } from '../errors.ts'

/** @throws PlumblineError `config` if there is no such map */
export function referenceMap(config: Config, platform: string, name: string): ReferenceMapLookup {
  const map = config.reference_maps[name]
  if (!map || !('entries' in map))
    throw new PlumblineError('config', `There is no reference map ${name}.`, { path: `reference_maps.${name}` })
  const { connector, role } = config.platforms[platform]!
  const fold = (code: string) => (map.case_sensitive ? code.trim() : code.trim().toLowerCase())
  const values = new Map<string, string>()
  // Later sets win, so the most specific comes last.
  for (const who of ['*', role, connector, platform]) {
    for (const [code, value] of Object.entries(map.entries[who] ?? {})) values.set(fold(code), value)
  }
  return (code) => values.get(fold(code))
}
