/** One row of a warehouse → canonical words, values as the warehouse wrote them. */
import type { RawRecord } from '../model/record.ts'
import { instantFrom } from '../model/types/instant.ts'
import type { Page, RawRow } from './contract.ts'
import { MappingError } from './contract.ts'
import { rawText } from './exact-json.ts'
import type { Cells, Column, WarehouseStream } from './warehouse.ts'
import { namedColumns, NOT_DELETED, same } from './warehouse-sql.ts'

export type RowValue = Record<string, string | null>

/** Rows by the names that the settings use, so that case matters nowhere; columns that they do not name keep their own. */
export function rowsOf(
  stream: WarehouseStream,
  source: string,
  columns: readonly Column[],
  rows: readonly Cells[],
): RawRow[] {
  const named = namedColumns(stream).map(([, column]) => column)
  const keys = columns.map(({ name }) => (named.includes(name) ? [name] : spelledSo(named, name)))
  return rows.map((cells) => {
    const value: RowValue = {}
    keys.forEach((names, i) => {
      for (const name of names) value[name] = cells[i] ?? null
    })
    return { id: value[stream.id] ?? null, value, raw: rawText(value), at: source }
  })
}

function spelledSo(named: readonly string[], name: string): string[] {
  const spelled = [...new Set(named.filter((column) => same(column, name)))]
  return spelled.length > 0 ? spelled : [name]
}

export function isDeleted({ deleted }: WarehouseStream, value: RowValue): boolean {
  if (!deleted) return false
  const found = value[deleted.column] ?? null
  if (found === null) return false
  return deleted.equals ? deleted.equals.includes(found) : !(NOT_DELETED as readonly string[]).includes(found)
}

/** Epoch ms of a stamp, rounded down; null where it is none. A wall clock is read in the warehouse's zone. */
export function stampOf(text: string | null | undefined, timezone: string): number | null {
  const read = text === null || text === undefined ? 'nothing' : instantFrom(text, timezone)
  return typeof read === 'string' ? null : read.at
}

/** A list of everything may hold rows that say they are deleted: they are not alive. */
export function parted(
  stream: WarehouseStream,
  rows: readonly RawRow[],
  timezone: string,
): { alive: RawRow[]; deleted: NonNullable<Page['deleted']> } {
  const alive: RawRow[] = []
  const deleted: NonNullable<Page['deleted']> = []
  for (const row of rows) {
    const value = row.value as RowValue
    if (row.id === null || !isDeleted(stream, value)) {
      alive.push(row)
      continue
    }
    const at = stream.changed === undefined ? null : stampOf(value[stream.changed], timezone)
    const survivor = stream.merged_into === undefined ? null : value[stream.merged_into]
    deleted.push({ id: row.id, ...(at !== null && { at }), ...(survivor && { mergedInto: survivor }) })
  }
  return { alive, deleted }
}

export function mapRow(stream: WarehouseStream, row: RawRow, timezone: string): RawRecord {
  const value = row.value as RowValue
  if (row.id === null) throw new MappingError('id', `the row has no ${stream.id}`)
  const stamp = (column: string | undefined, key: string): string | null => {
    const text = column === undefined ? null : (value[column] ?? null)
    if (text === null || text === '') return null
    if (stampOf(text, timezone) === null) throw new MappingError(key, `${column} is no time`)
    return text
  }
  const record: RawRecord = {
    record_id: row.id,
    created_at: stamp(stream.created, 'created_at'),
    changed_at: stamp(stream.changed, 'changed_at'),
    deleted: isDeleted(stream, value),
    fields: {},
    refs: {},
    custom: {},
  }
  if (stream.status !== undefined) record.status = value[stream.status] ?? null
  if (stream.changed_by !== undefined) record.changed_by = value[stream.changed_by] ?? null
  if (stream.merged_into !== undefined) record.merged_into = value[stream.merged_into] ?? null
  for (const [field, column] of Object.entries(stream.fields)) record.fields[field] = value[column] ?? null
  for (const [platform, column] of Object.entries(stream.refs)) record.refs![platform] = value[column] ?? null
  for (const [name, column] of Object.entries(stream.custom)) record.custom![name] = value[column] ?? null
  return record
}
