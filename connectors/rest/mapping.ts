/** One row of a described API → canonical words, values as the platform wrote them. */
import type { MapContext, RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { RawRecord } from '../../model/record.ts'
import { instantFrom } from '../../model/types/instant.ts'
import type { RestConfig, StreamConfig } from './config.ts'
import { at, isObject, textOf } from './place.ts'

export function rowOf(stream: StreamConfig, value: unknown, path: string): RawRow {
  return { id: textOf(at(value, stream.id)), value, raw: rawText(value), at: path }
}

/** Epoch ms of a stamp as APIs write it: ISO text, or seconds or milliseconds since 1970; null where it is none. */
export function stampOf(value: unknown, timezone: string): number | null {
  const text = textOf(value)
  const read = text === null ? 'nothing' : instantFrom(text, timezone)
  return typeof read === 'string' ? null : read.at
}

export function isDeleted(stream: StreamConfig, value: unknown): boolean {
  if (!stream.deleted) return false
  const found = at(value, stream.deleted.at)
  if (stream.deleted.equals) return stream.deleted.equals.includes(textOf(found) ?? '')
  return found !== undefined && found !== null && found !== false && found !== '' && found !== 0
}

export function map(stream: StreamConfig, row: RawRow, { timezone }: MapContext<RestConfig>): RawRecord {
  if (!isObject(row.value)) throw new MappingError('object', 'the row is no object')
  if (row.id === null) throw new MappingError('id', `the row has no ${stream.id}`)
  const stamp = (place: string | undefined, field: string): number | string | null => {
    const value = place === undefined ? undefined : at(row.value, place)
    if (value === undefined || value === null || value === '') return null
    const ms = stampOf(value, timezone)
    if (ms === null) throw new MappingError(field, `${place} is no time`)
    // Text is handed on as it is: it says of itself how exact it is.
    return typeof value === 'string' ? value : ms
  }
  const record: RawRecord = {
    record_id: row.id,
    created_at: stamp(stream.created, 'created_at'),
    changed_at: stamp(stream.changed, 'changed_at'),
    deleted: isDeleted(stream, row.value),
    fields: {},
    refs: {},
    custom: {},
  }
  if (stream.status !== undefined) record.status = textOf(at(row.value, stream.status))
  if (stream.changed_by !== undefined) record.changed_by = textOf(at(row.value, stream.changed_by))
  if (stream.merged_into !== undefined) record.merged_into = textOf(at(row.value, stream.merged_into))
  for (const [field, place] of Object.entries(stream.fields)) {
    const value = plain(at(row.value, place))
    if (value !== undefined) record.fields[field] = value
  }
  for (const [platform, place] of Object.entries(stream.refs)) record.refs![platform] = textOf(at(row.value, place))
  for (const [name, place] of Object.entries(stream.custom)) record.custom![name] = plain(at(row.value, place)) ?? null
  return record
}

/** Several choices of one field as one text; an object is no value. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map((v) => textOf(v) ?? '').join(', ')
  return isObject(value) ? undefined : value
}
