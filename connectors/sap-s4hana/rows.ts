/** Entities of S/4HANA → canonical words. A property that the system does not have, or that was not expanded, stays absent. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { Entity } from '../odata.ts'
import { asEntity } from '../odata.ts'
import type { Source } from './letters.ts'
import { propertiesOf } from './letters.ts'
import type { SetSpec } from './sets.ts'
import { localStamp, stampMs, textOf, valueAt } from './values.ts'

/** The parts of a key of several, as one id. */
export const SEPARATOR = '/'

export function idOf(spec: SetSpec, value: unknown): string | null {
  const entity = asEntity(value)
  const parts = (spec.id === null ? spec.keys : [spec.id]).map((name) => textOf(entity?.[name]))
  if (!parts.every((part) => part !== null)) return null
  return parts.length === 1 && spec.kind !== 'product' ? outer(parts[0]!) : parts.join(SEPARATOR)
}

/** A number without the zeros that it is stored with: the same document comes with them in one place and without in another. */
const outer = (number: string) => (/^\d+$/.test(number) ? number.replace(/^0+(?=\d)/, '') : number)

export function rowOf(spec: SetSpec, value: unknown): RawRow {
  return { id: idOf(spec, value), value, raw: rawText(value) }
}

/** @throws MappingError for an entity without its key or with a stamp that is none */
export function mapRow(spec: SetSpec, row: RawRow): RawRecord {
  const entity = asEntity(row.value)
  if (!entity) throw new MappingError('entity', 'the row is no object')
  const id = idOf(spec, entity)
  if (id === null) throw new MappingError(spec.id ?? spec.keys.join(', '), 'the entity has no key')
  const changed = changedAt(spec, entity)
  const fields: Record<string, unknown> = {}
  for (const [field, source] of Object.entries(spec.fields)) {
    const found = read(entity, source)
    if (found === undefined) continue
    const { type, to } = fieldOf(spec.kind, field)
    // Materials may be told apart by their zeros.
    fields[field] = found !== null && type === 'reference' && !to!.includes('product') ? outer(found) : found
  }
  const plain = (paths: Record<string, string>) =>
    Object.entries(paths).flatMap(([name, path]) => {
      const found = read(entity, path)
      return found === undefined ? [] : [[name, found] as const]
    })
  const by = textOf(entity['LastChangedByUser']) ?? textOf(entity['CreatedByUser'])
  return {
    record_id: id,
    ...(spec.status !== null && { status: read(entity, spec.status) ?? null }),
    refs: Object.fromEntries(plain(spec.refs)),
    custom: Object.fromEntries(plain(spec.custom)),
    created_at: localStamp(entity['CreationDate'], entity['CreationTime']),
    changed_at: changed,
    ...(by !== null && { changed_by: by }),
    // What waits for its archiving run is closed to all new work.
    deleted: textOf(entity['IsMarkedForArchiving']) === 'true',
    fields,
  }
}

function read(entity: Entity, source: Source): string | null | undefined {
  const held = propertiesOf(source).map((path) => valueAt(entity, path))
  if (typeof source === 'string') return held[0] === undefined ? undefined : textOf(held[0])
  return held.every((value) => value === undefined) ? undefined : source.read(entity)
}

function changedAt(spec: SetSpec, entity: Entity): string | null {
  if (spec.stamp === 'LastChangeDateTime') {
    const stamp = entity['LastChangeDateTime']
    if (textOf(stamp) === null) return null
    const ms = stampMs(stamp)
    if (ms === null) throw new MappingError('LastChangeDateTime', 'LastChangeDateTime is no time')
    return new Date(ms).toISOString()
  }
  // Never changed since it was made: the change has no date yet.
  if (textOf(entity['LastChangeDate']) === null) return localStamp(entity['CreationDate'], entity['CreationTime'])
  const stamp = localStamp(entity['LastChangeDate'], entity['LastChangeTime'])
  if (stamp === null) throw new MappingError('LastChangeDate', 'LastChangeDate is no date')
  return stamp
}
