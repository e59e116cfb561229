/**
 * Mapping: a row as the platform wrote it becomes a canonical record. The connector's own mapping comes first, then
 * what the configuration adds to it or puts in its place, then the model reads every value.
 */
import { hash } from 'node:crypto'
import type { MapContext, RawRow, Stream } from '../../connectors/contract.ts'
import { canonicalise } from '../../model/canonicalise.ts'
import type { CanonicaliseContext } from '../../model/canonicalise.ts'
import { fieldOf, kindOf } from '../../model/kinds.ts'
import { MAPPABLE } from '../../model/read.ts'
import type { ReferenceMapLookup } from '../../model/reading.ts'
import type { CanonicalRecord, RawRecord } from '../../model/record.ts'
import { instantFrom } from '../../model/types/instant.ts'
import type { PlatformConfig } from '../config/platform-schema.ts'
import type { Config } from '../config/schema.ts'
import { referenceMap } from './reference-maps.ts'

type KindMapping = NonNullable<NonNullable<PlatformConfig['mapping']>[string]>
type FieldMapping = NonNullable<KindMapping['fields']>[string]

export interface Mapper {
  /** @throws MappingError or UnreadableRecord, both named `MappingError`, with the field; anything else is a fault of the connector */
  map(row: RawRow): CanonicalRecord
  /** What the rows can carry from now on: the fields, and the columns where only the data tell. */
  holds(fields: readonly string[], columns: readonly string[] | null): void
  /** Canonical fields held now. */
  readonly held: readonly string[]
  /** True if the configured mapping reads this column. */
  reads(column: string): boolean
}

/** Keys of a raw record that the configuration may map like fields. */
const COMMON = new Set([
  'record_id',
  'status',
  'created_at',
  'changed_at',
  'changed_by',
  'merged_into',
  'correlation_id',
])
const INSTANTS = new Set(['created_at', 'changed_at'])

interface Source {
  from: string | null
  constant: string | null
  /** Applied here; maps of fields that the model can map are applied by the model, which tells unmapped codes. */
  map: ReferenceMapLookup | null
  timezone: string | null
}

export function createMapper(
  config: Config,
  platformName: string,
  stream: Stream<never>,
  context: MapContext<never>,
): Mapper {
  const platform = config.platforms[platformName]!
  const kind = kindOf(stream.kind)
  const mapping: KindMapping = platform.mapping?.[stream.kind] ?? {}
  const lookup = (name: string | undefined) => (name === undefined ? null : referenceMap(config, platformName, name))
  const isField = (name: string) => kind.fields.some((f) => f.name === name)
  const byModel = (name: string) => name === 'status' || (isField(name) && MAPPABLE.has(fieldOf(kind.name, name).type))
  const sourcesOf = (set: Record<string, FieldMapping> | undefined, here: (name: string) => boolean) =>
    Object.entries(set ?? {}).map(([name, m]) => [name, sourceOf(m, here(name) ? lookup : () => null)] as const)
  const fields = sourcesOf(mapping.fields, (name) => !byModel(name))
  const custom = sourcesOf(mapping.custom, () => true)
  const refs = sourcesOf(mapping.refs, () => true)
  const paths = [...fields, ...custom, ...refs].flatMap(([, s]) => (s.from === null ? [] : [s.from]))

  const fieldMaps = new Map<string, ReferenceMapLookup | null>()
  const mapOf = (kindField: string): ReferenceMapLookup | null => {
    if (!fieldMaps.has(kindField)) {
      const name = kindField.slice(kind.name.length + 1)
      const own = mapping.fields?.[name] ?? (name === 'state' ? mapping.fields?.['status'] : undefined)
      fieldMaps.set(kindField, lookup((typeof own === 'object' ? own.map : undefined) ?? platform.maps?.[kindField]))
    }
    return fieldMaps.get(kindField)!
  }
  const contexts = new Map<string, CanonicaliseContext>()
  const contextFor = (held: readonly string[]): CanonicaliseContext => {
    const key = held.join()
    const found = contexts.get(key) ?? {
      platform: platformName,
      timezone: platform.timezone,
      held,
      cannotHold: mapping.cannot_hold ?? [],
      map: mapOf,
    }
    contexts.set(key, found)
    return found
  }
  const withMapped = (held: readonly string[], columns: readonly string[] | null): string[] => {
    const readable = ({ from }: Source) =>
      from === null || columns === null || columns.some((c) => c === from || from.startsWith(`${c}.`))
    const mapped = fields.filter(([, s]) => readable(s)).map(([name]) => (name === 'status' ? 'state' : name))
    const cannot = new Set(mapping.cannot_hold)
    const all = new Set([...held, ...mapped])
    return kind.fields.map((f) => f.name).filter((name) => all.has(name) && !cannot.has(name))
  }
  let canonical = contextFor(withMapped(stream.holds, null))

  return {
    get held() {
      return canonical.held
    },
    holds: (names, columns) => void (canonical = contextFor(withMapped(names, columns))),
    reads: (column) => paths.some((from) => from === column || from.startsWith(`${column}.`)),
    map(row) {
      const record = stream.map(row, context)
      if (paths.length > 0 || fields.length > 0) {
        for (const [name, source] of fields)
          put(
            record,
            name,
            valueOf(
              row.value,
              source,
              platform.timezone,
              INSTANTS.has(name) || (isField(name) && fieldOf(kind.name, name).type === 'instant'),
            ),
          )
        for (const [name, source] of custom)
          (record.custom ??= {})[name] = valueOf(row.value, source, platform.timezone, false) ?? null
        for (const [name, source] of refs)
          (record.refs ??= {})[name] = text(valueOf(row.value, source, platform.timezone, false))
      }
      return canonicalise(kind, record, canonical)
    },
  }
}

/** Changes when the configuration says anything else about how rows of this kind are read. */
export function mappingFingerprint(config: Config, platformName: string, kind: string): string {
  const { mapping, maps, timezone, config: settings } = config.platforms[platformName]!
  const used = Object.entries(maps ?? {}).filter(([name]) => name.startsWith(`${kind}.`))
  const own = mapping?.[kind] ?? {}
  const named = [
    ...used.map(([, map]) => map),
    ...Object.values({ ...own.fields, ...own.custom, ...own.refs }).flatMap((m) =>
      typeof m === 'object' && m.map ? [m.map] : [],
    ),
  ]
  const entries = named.map((name) => config.reference_maps[name] ?? null)
  // Secrets print as `[secret]`: a rotated key is no other way of reading.
  return hash('sha1', JSON.stringify([own, used, timezone, settings, entries]))
}

function sourceOf(mapping: FieldMapping, lookup: (name: string | undefined) => ReferenceMapLookup | null): Source {
  if (typeof mapping === 'string') return { from: mapping, constant: null, map: null, timezone: null }
  return {
    from: mapping.from ?? null,
    constant: mapping.value ?? null,
    map: lookup(mapping.map),
    timezone: mapping.timezone ?? null,
  }
}

/** Undefined: the row has no such field. A code without an entry stays as it is, where the model does not judge it. */
function valueOf(
  row: unknown,
  { from, constant, map, timezone }: Source,
  platformZone: string,
  instant: boolean,
): unknown {
  const raw = constant ?? (from === null ? undefined : reach(row, from))
  if (map && (typeof raw === 'string' || typeof raw === 'number')) return map(String(raw)) ?? raw
  if (instant && timezone !== null && timezone !== platformZone && typeof raw === 'string') return inZone(raw, timezone)
  return raw
}

/** A wall clock of another zone than the platform's, with its offset written out; what is no stamp is left to the model. */
function inZone(raw: string, timezone: string): string {
  const found = instantFrom(raw, timezone)
  return typeof found === 'object' && 'at' in found ? new Date(found.at).toISOString() : raw
}

/** A column may be named with dots, an object is walked by them. */
function reach(row: unknown, path: string): unknown {
  if (typeof row !== 'object' || row === null) return undefined
  if (Object.hasOwn(row, path)) return (row as Record<string, unknown>)[path]
  let at: unknown = row
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}

function put(record: RawRecord, name: string, value: unknown): void {
  if (COMMON.has(name)) {
    if (value !== undefined) (record as unknown as Record<string, unknown>)[name] = value
  } else if (value === undefined) delete record.fields[name]
  else record.fields[name] = value
}

function text(value: unknown): string | null {
  return value === null || value === undefined || value === '' || typeof value === 'object' ? null : String(value)
}
