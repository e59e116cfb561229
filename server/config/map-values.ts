/** What reference maps say must fit the fields that use them, and the platforms that speak in their codes. */
import { fieldOf, hasKind, kindOf } from '../../model/kinds.ts'
import type { Field } from '../../model/fields.ts'
import { currencies, isCurrency } from '../../model/types/currencies.ts'
import type { WrittenMap } from './maps.ts'
import { at, entries, suggestion } from './names.ts'
import type { Names } from './names.ts'
import type { Path } from './problem.ts'
import { ROLES } from './words.ts'

export function mapValues(n: Names, config: unknown, maps: ReadonlyMap<string, WrittenMap>): void {
  const speakers = [...n.platforms, ...n.connectors.keys(), ...ROLES, '*']
  for (const map of maps.values())
    for (const who of Object.keys(map.entries))
      if (!speakers.includes(who))
        map.report(who, null, `there is no platform, connector or role "${who}"`, {
          on: 'key',
          ...suggestion(who, speakers),
        })

  for (const [name, platform] of entries(at(config, 'platforms')))
    for (const { field, map: mapName, path } of uses(name, platform)) {
      const map = maps.get(mapName)
      if (!map) continue
      const sets = [name, at(platform, 'connector'), at(platform, 'role'), '*'].filter(
        (who) => typeof who === 'string' && who in map.entries,
      ) as string[]
      if (sets.length === 0)
        n.report(path, `the map ${mapName} has no entries for ${name}, so every code is unmapped`, { level: 'warning' })
      for (const who of sets)
        for (const [code, value] of Object.entries(map.entries[who]!)) {
          const wrong = misfit(field, value)
          if (wrong) map.report(who, code, wrong.message, suggestion(value, wrong.names))
        }
    }
}

/** Every place where a platform uses a map for a field that is in the table. */
function* uses(name: string, platform: unknown): Iterable<{ field: Field; map: string; path: Path }> {
  for (const [key, map] of entries(at(platform, 'maps'))) {
    const field = tableField(key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1))
    if (field && typeof map === 'string') yield { field, map, path: ['platforms', name, 'maps', key] }
  }
  for (const [kind, mapping] of entries(at(platform, 'mapping')))
    for (const [key, target] of entries(at(mapping, 'fields'))) {
      const field = tableField(kind, key === 'status' ? 'state' : key)
      const map = at(target, 'map')
      if (field && typeof map === 'string')
        yield { field, map, path: ['platforms', name, 'mapping', kind, 'fields', key, 'map'] }
    }
}

const tableField = (kind: string, name: string): Field | undefined =>
  hasKind(kind) && kindOf(kind).fields.some((f) => f.name === name) ? fieldOf(kind, name) : undefined

function misfit(field: Field, value: string): { message: string; names: readonly string[] } | null {
  const names = field.type === 'bool' ? ['true', 'false'] : field.of
  if (field.type === 'currency')
    return isCurrency(value) ? null : { message: `"${value}" is no currency`, names: currencies() }
  if (!names || names.includes(value)) return null
  return { message: `"${value}" is no ${field.label.toLowerCase()} of this kind; one of ${names.join(', ')}`, names }
}
