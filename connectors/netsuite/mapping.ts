/** A NetSuite row in canonical words. Columns that the account does not have are not in the row, and stay absent. */
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { instantAt } from './account-time.ts'
import type { Row, Source } from './sources.ts'
import type { RecordSpec } from './spec.ts'
import { columnsOf } from './sources.ts'
import { CHANGED, CHANGED_UTC, CREATED, isId, KEY } from './suiteql.ts'

export function mapRow(spec: RecordSpec, raw: RawRow, timezone: string): RawRecord {
  const row = raw.value as Row | null
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw new MappingError('row', 'the row is not an object')
  const id = row[KEY]
  if (!isId(id)) throw new MappingError('id', 'the row has no id that is a whole number')
  const fields: Record<string, unknown> = {}
  for (const [name, source] of Object.entries(spec.fields)) {
    const found = valueOf(row, source)
    if (found !== undefined) fields[name] = plain(found, name)
  }
  const record: RawRecord = {
    record_id: id,
    status: statusOf(spec, row),
    refs: refsOf(spec, row),
    created_at: stampText(row, CREATED, timezone),
    changed_at: typeof row[CHANGED_UTC] === 'string' ? row[CHANGED_UTC] : stampText(row, CHANGED, timezone),
    fields,
  }
  const writer = spec.changedBy === undefined ? null : row[spec.changedBy]
  if (typeof writer === 'string' && writer !== '') record.changed_by = writer
  return record
}

/** Undefined: the row carries none of it. */
function valueOf(row: Row, source: Source): unknown {
  if (typeof source === 'object' && 'constant' in source) return source.constant
  const columns = columnsOf(source)
  if (columns.some((column) => !Object.hasOwn(row, column))) return undefined
  return typeof source === 'string' ? row[source] : source.read(row)
}

function plain(found: unknown, name: string): unknown {
  if (found === null || found === undefined || typeof found === 'string' || typeof found === 'boolean')
    return found ?? null
  if (typeof found === 'number') return String(found)
  throw new MappingError(name, 'the value is a list or an object, not a text')
}

/** The status word, with every set check-box that qualifies it. */
function statusOf(spec: RecordSpec, row: Row): string | null {
  const word = spec.status?.read(row) ?? null
  const marks = Object.entries(spec.marks).flatMap(([column, mark]) => (row[column] === 'T' ? [mark] : []))
  if (marks.length === 0) return word
  return `${word ?? ''} (${marks.join(', ')})`.trim()
}

function refsOf(spec: RecordSpec, row: Row): Record<string, string | null> {
  const refs: Record<string, string | null> = {}
  for (const [platform, column] of Object.entries(spec.refs))
    if (Object.hasOwn(row, column))
      refs[platform] = row[column] === null ? null : String(plain(row[column], `refs.${platform}`))
  return refs
}

/** Account time to UTC; whole seconds, written without the fraction that they do not have. */
function stampText(row: Row, column: string, timezone: string): string | null {
  const stamp = row[column]
  if (stamp === undefined || stamp === null) return null
  const at = instantAt(stamp, timezone)
  if (at === null) throw new MappingError(column, 'the stamp cannot be read as a date and time of the account')
  return new Date(at).toISOString().replace('.000Z', 'Z')
}
