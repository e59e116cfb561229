/** Planhat objects → canonical words. Custom properties live one level down and have names that people read. */
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { ModelSpec } from './models.ts'

export type PlanhatObject = Record<string, unknown>

export function asObject(value: unknown): PlanhatObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlanhatObject) : null
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

const CUSTOM = 'custom.'

/** `custom.Plan name` is a key of `custom`, whatever characters it has; everything else is a property of the object. */
export function partsOf(path: string): [string] | ['custom', string] {
  return path.startsWith(CUSTOM) ? ['custom', path.slice(CUSTOM.length)] : [path]
}

/** Undefined: the object does not have it. The first of several values; arrays of a single-valued field sort only. */
export function valueAt(object: PlanhatObject, path: string): unknown {
  const [name, key] = partsOf(path)
  const value = key === undefined ? object[name] : asObject(object[name])?.[key]
  if (Array.isArray(value)) return textOf(value[0])
  return value === '' ? null : value
}

export function rowOf(value: unknown): RawRow {
  return { id: textOf(asObject(value)?.['_id']), value, raw: rawText(value) }
}

/** @throws MappingError for an object without an id, or with a stamp or value that cannot be read */
export function mapObject(spec: ModelSpec, row: RawRow): RawRecord {
  const object = asObject(row.value)
  if (!object) throw new MappingError('object', 'the row is no object')
  const id = textOf(object['_id'])
  if (id === null) throw new MappingError('_id', 'the object has no _id')
  const fields: Record<string, unknown> = {}
  for (const [field, path] of Object.entries(spec.fields)) {
    const value = valueAt(object, path)
    if (value === undefined) continue
    if (typeof value === 'object' && value !== null) throw new MappingError(path, `${path} is no single value`)
    fields[field] = value
  }
  const refs: Record<string, string> = {}
  for (const [platform, path] of Object.entries(spec.refs)) {
    const other = textOf(valueAt(object, path))
    if (other !== null) refs[platform] = other
  }
  return {
    record_id: id,
    ...(spec.status !== null && { status: textOf(valueAt(object, spec.status)) }),
    refs,
    custom: Object.fromEntries(
      Object.entries(spec.custom).map(([name, path]) => [name, textOf(valueAt(object, path))]),
    ),
    created_at: stamped(object, object['createdAt'] === undefined ? 'createDate' : 'createdAt'),
    changed_at: stamped(object, 'updatedAt'),
    fields,
  }
}

function stamped(object: PlanhatObject, name: string): string | null {
  const value = object[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value) || Number.isNaN(Date.parse(value)))
    throw new MappingError(name, `${name} is no time`)
  return value
}
