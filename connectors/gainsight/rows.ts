/** Rows of a query in canonical words: flat, with names as they were asked for; times are milliseconds since 1970. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { ObjectSpec } from './objects.ts'

export type Row = Record<string, unknown>

export const idOf = (spec: Pick<ObjectSpec, 'id'>, row: Row): string | null => {
  const id = row[spec.id]
  return typeof id === 'string' && id !== '' ? id : null
}

export const rowOf = (spec: ObjectSpec, row: Row): RawRow => ({ id: idOf(spec, row), value: row, raw: rawText(row) })

/** Milliseconds of a stamp, as a number, its digits, or a text with its offset; null when it is none. */
export function stampMs(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : null
  if (typeof value !== 'string') return null
  if (/^\d{11,14}$/.test(value)) return Number(value)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(value)) return null
  const ms = Date.parse(value)
  return Number.isFinite(ms) ? ms : null
}

/** @throws MappingError for a row without an id, or with a stamp or value that cannot be read */
export function mapRow(spec: ObjectSpec, { value }: RawRow): RawRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MappingError('row', 'is no object')
  const row = value as Row
  const id = idOf(spec, row)
  if (id === null) throw new MappingError(spec.id, `the row has no ${spec.id}`)
  const fields: Record<string, unknown> = {}
  for (const [field, name] of Object.entries(spec.fields))
    // What the key may not see, or the object does not have, is left out of the answer: absent, not empty.
    if (name in row) fields[field] = spelled(spec.kind, field, name, row[name])
  const texts = (names: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(names).flatMap(([of, name]) => (name in row ? [[of, textOf(name, row[name])]] : [])),
    ) as Record<string, string | null>
  const writer = spec.writer === null ? null : textOf(spec.writer, row[spec.writer] ?? null)
  return {
    record_id: id,
    ...(spec.status !== null && spec.status in row && { status: textOf(spec.status, row[spec.status]) }),
    refs: texts(spec.refs),
    ...(Object.keys(spec.custom).length > 0 && { custom: texts(spec.custom) }),
    created_at: instantOf(spec.created, row),
    changed_at: instantOf(spec.stamp, row),
    ...(writer !== null && { changed_by: writer }),
    fields,
  }
}

function spelled(kind: string, field: string, name: string, value: unknown): unknown {
  const { type } = fieldOf(kind, field)
  const ms = type === 'date' || type === 'instant' ? stampMs(value) : null
  if (ms !== null) return type === 'date' ? new Date(ms).toISOString().slice(0, 10) : new Date(ms).toISOString()
  if (typeof value === 'boolean') return value
  return textOf(name, value)
}

function textOf(name: string, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new MappingError(name, `the value is ${Array.isArray(value) ? 'a list' : 'an object'}, not a single one`)
}

function instantOf(name: string, row: Row): string | null {
  const value = row[name]
  if (value === undefined || value === null || value === '') return null
  const ms = stampMs(value)
  if (ms === null) throw new MappingError(name, `${name} is no time`)
  return new Date(ms).toISOString()
}
