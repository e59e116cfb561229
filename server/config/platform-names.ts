/** The names that `platforms` uses: connectors, streams, kinds, fields, maps, zones; and whether several platforms speak for the same. */
import { hasKind } from '../../model/kinds.ts'
import { isRole } from './cast.ts'
import { actor, at, entries, fieldName, fieldPattern, items, known, zoneName } from './names.ts'
import type { Names } from './names.ts'
import type { Path } from './problem.ts'
import { maintenanceNames } from './time-names.ts'

export function platformNames(n: Names, platforms: unknown): void {
  for (const [name, platform] of entries(platforms)) {
    const path = ['platforms', name]
    ownName(n, path, name, at(platform, 'role'))
    const connector = at(platform, 'connector')
    if (known(n, [...path, 'connector'], 'connector', connector, [...n.connectors.keys()]))
      streams(n, path, String(connector), platform)
    zoneName(n, [...path, 'timezone'], at(platform, 'timezone'))
    for (const [kind, mapping] of entries(at(platform, 'mapping')))
      if (hasKind(kind)) mappingNames(n, [...path, 'mapping', kind], kind, mapping)
    for (const [field, map] of entries(at(platform, 'maps'))) {
      mappedField(n, [...path, 'maps', field], field)
      known(n, [...path, 'maps', field], 'reference map', map, n.maps)
    }
    for (const [i, text] of items(at(platform, 'owns'))) fieldPattern(n, [...path, 'owns', i], text)
    maintenanceNames(n, [...path, 'maintenance'], at(platform, 'maintenance'))
  }
  overlaps(n, entries(platforms))
}

function ownName(n: Names, path: Path, name: string, role: unknown): void {
  if (isRole(name) && typeof role === 'string' && isRole(role) && role !== name)
    n.report(
      path,
      `a platform whose role is ${role} cannot be named ${name}: that word means all platforms with the role ${name}`,
      { on: 'key' },
    )
}

function streams(n: Names, path: Path, connector: string, platform: unknown): void {
  const found = n.connectors.get(connector)
  // Streams that a connector discovers are not known before it has looked.
  if (!found || found.discover) return
  const names = found.streams.map((s) => s.name)
  for (const [i, name] of items(at(platform, 'streams')))
    known(n, [...path, 'streams', i], `stream of ${connector}`, name, names)
}

function mappingNames(n: Names, path: Path, kind: string, mapping: unknown): void {
  for (const part of ['fields', 'custom', 'refs'])
    for (const [key, target] of entries(at(mapping, part))) {
      const here = [...path, part, key]
      if (part === 'fields') fieldName(n, here, kind, key, true, 'key')
      if (part === 'refs') actor(n, here, key, 'key')
      known(n, [...here, 'map'], 'reference map', at(target, 'map'), n.maps)
      zoneName(n, [...here, 'timezone'], at(target, 'timezone'))
      if (entries(target).length > 0 && at(target, 'from') === undefined && at(target, 'value') === undefined)
        n.report(here, 'says neither where the value comes from (from) nor what it is (value)')
    }
  for (const [i, field] of items(at(mapping, 'cannot_hold'))) fieldName(n, [...path, 'cannot_hold', i], kind, field)
}

/** `order.state`: one field, because a map translates the codes of one field. */
function mappedField(n: Names, path: Path, written: string): void {
  const dot = written.indexOf('.')
  const kind = dot < 0 ? written : written.slice(0, dot)
  if (dot < 0 || !hasKind(kind)) {
    if (hasKind(kind)) n.report(path, 'names a kind; write kind.field', { on: 'key', suggestion: `${kind}.state` })
    else fieldPattern(n, path, written, 'key')
  } else if (written.endsWith('.status')) {
    n.report(path, 'the platform’s status word becomes the state through the map', {
      on: 'key',
      suggestion: `${kind}.state`,
    })
  } else fieldName(n, path, kind, written.slice(dot + 1), false, 'key')
}

/** Roles that only carry what others own. */
const CARRIERS = new Set(['middleware', 'warehouse'])

/** Two platforms of one role that both speak for a record: then it is their order in the file that decides. */
function overlaps(n: Names, platforms: [string, unknown][]): void {
  platforms.forEach(([name, platform], i) => {
    const role = at(platform, 'role')
    if (typeof role !== 'string' || !isRole(role) || CARRIERS.has(role)) return
    for (const [earlier, other] of platforms.slice(0, i)) {
      if (at(other, 'role') !== role) continue
      const shared = sharedScope(at(other, 'scope'), at(platform, 'scope'))
      if (shared === null) continue
      n.report(
        ['platforms', name],
        `${earlier} and ${name} are both ${role} and both speak for ${shared}; give each its scope, or the first one speaks`,
        { on: 'key', level: 'warning' },
      )
    }
  })
}

/** In words what both scopes cover; null: nothing. */
function sharedScope(a: unknown, b: unknown): string | null {
  const shared: string[] = []
  for (const key of new Set([...entries(a), ...entries(b)].map(([k]) => k))) {
    const [left, right] = [at(a, key), at(b, key)]
    if (!Array.isArray(left) || !Array.isArray(right)) continue
    const both = left.filter((value) => right.includes(value))
    if (both.length === 0) return null
    shared.push(`${key} ${both.join(', ')}`)
  }
  return shared.join(' and ') || 'the same records'
}
