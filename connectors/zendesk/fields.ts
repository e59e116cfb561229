/** Custom fields of Zendesk objects, and what belongs to every record whatever its kind. */
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import type { RawRecord } from '../../model/record.ts'
import type { Mapping } from './config.ts'

export type ZendeskObject = Record<string, unknown>
export type Fields = Record<string, unknown>

export function asObject(value: unknown): ZendeskObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ZendeskObject) : null
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Ids are whole numbers, or text beyond what a number holds and in custom objects. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

/** A value as the platform wrote it; several choices of one field as one text. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(', ')
  return value === '' ? null : value
}

/** @throws MappingError for an object without an id, or of another kind. */
export function opened(row: RawRow, needs: readonly string[]): ZendeskObject & { id: string } {
  const object = asObject(row.value)
  if (!object) throw new MappingError('object', 'the row is no object')
  const id = idOf(object['id'])
  if (id === null) throw new MappingError('id', 'the object has no id')
  const missing = needs.find((name) => object[name] === undefined)
  if (missing !== undefined) throw new MappingError(missing, `the object has no ${missing}`)
  return { ...object, id }
}

/** Milliseconds of a stamp. @throws MappingError if it is none. */
export function stampOf(value: unknown, field: string): number | null {
  if (value === null || value === undefined) return null
  const ms = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new MappingError(field, `${field} is no time`)
  return ms
}

/** Epoch ms of the last change where it can be read; a row that cannot be mapped must not stop a page. */
export function changedOf(value: unknown): number | null {
  try {
    return stampOf(asObject(value)?.['updated_at'], 'updated_at')
  } catch {
    return null
  }
}

/** Custom fields by key (organizations, users, custom objects) or by id (tickets), in one shape. */
export function customFields(object: ZendeskObject, name: string): ZendeskObject {
  const value = object[name]
  if (!Array.isArray(value)) return asObject(value) ?? {}
  return Object.fromEntries(
    value.flatMap((field) => {
      const id = idOf(asObject(field)?.['id'])
      return id === null ? [] : [[id, (field as ZendeskObject)['value']]]
    }),
  )
}

/** The record around a kind's own fields. `fields` gains what the configuration takes from custom fields. */
export function record(
  object: ZendeskObject & { id: string },
  own: ZendeskObject,
  mapping: Mapping,
  fields: Fields,
  status?: string | null,
): RawRecord {
  const read = (key: string): unknown => (Object.hasOwn(own, key) ? plain(own[key]) : undefined)
  for (const [field, key] of Object.entries(mapping.fields)) {
    const value = read(key)
    // A field that the account no longer has is absent, not empty.
    if (value !== undefined) fields[field] = value
    else delete fields[field]
  }
  const refs: Record<string, string | null> = {}
  if (mapping.external_id !== undefined && object['external_id'] !== undefined)
    refs[mapping.external_id] = textOf(object['external_id'])
  for (const [platform, key] of Object.entries(mapping.refs)) refs[platform] = textOf(read(key))
  const custom: Record<string, unknown> = {}
  for (const [name, key] of Object.entries(mapping.custom)) custom[name] = read(key) ?? null
  for (const name of ['created_at', 'updated_at']) stampOf(object[name], name)
  const word = mapping.status === undefined ? status : textOf(read(mapping.status))
  return {
    record_id: object.id,
    ...(word !== undefined && { status: word }),
    refs,
    created_at: (object['created_at'] as string | undefined) ?? null,
    changed_at: (object['updated_at'] as string | undefined) ?? null,
    fields,
    custom,
  }
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

/** Zendesk's own fields of a stream and those that the configuration maps. */
export function heldOf(holds: readonly string[], mapping: Mapping): string[] {
  return [...new Set([...holds, ...Object.keys(mapping.fields), ...(mapping.status === undefined ? [] : ['state'])])]
}
