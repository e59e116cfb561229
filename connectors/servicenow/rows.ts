/** Rows of the Table API → canonical words: all values are text, stamps are UTC without saying so, references may carry links. */
import { fieldOf } from '../../model/kinds.ts'
import type { RawRecord } from '../../model/record.ts'
import type { RawRow } from '../contract.ts'
import { MappingError } from '../contract.ts'
import { rawText } from '../exact-json.ts'
import type { TableSpec } from './tables.ts'

export type TableRow = Record<string, unknown>

export function asObject(value: unknown): TableRow | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TableRow) : null
}

/** A value as text: `{value}` and `{link, value}` of references and display modes are opened, nothing is null. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return value === '' ? null : value
  const inner = asObject(value)
  return inner && 'value' in inner ? textOf(inner['value']) : null
}

const STAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/

/** `2015-11-24 15:46:20`, UTC; null when it is no such thing. */
export function stampMs(value: unknown): number | null {
  const found = STAMP.exec(textOf(value) ?? '')
  const ms = found ? Date.parse(`${found[1]}T${found[2]}Z`) : Number.NaN
  return Number.isFinite(ms) ? ms : null
}

/** A stamp as the Table API writes and reads it; whole seconds. */
export function stampText(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

export function rowOf(value: unknown): RawRow {
  return { id: textOf(asObject(value)?.['sys_id']), value, raw: rawText(value) }
}

/** @throws MappingError for a row without id or with a stamp that is none */
export function mapRow(spec: TableSpec, row: RawRow): RawRecord {
  const object = asObject(row.value)
  if (!object) throw new MappingError('row', 'the row is no object')
  const id = textOf(object['sys_id'])
  if (id === null) throw new MappingError('sys_id', 'the row has no sys_id')
  const fields: Record<string, unknown> = {}
  for (const [field, column] of Object.entries(spec.fields)) {
    // A column that the user may not see, or that the table does not have, is left out of the answer: absent, not empty.
    if (!(column in object)) continue
    Object.assign(fields, read(spec, field, textOf(object[column])))
  }
  const refs = Object.fromEntries(
    Object.entries(spec.refs).flatMap(([platform, column]) =>
      column in object ? [[platform, textOf(object[column])]] : [],
    ),
  )
  const custom = Object.fromEntries(Object.entries(spec.custom).map(([name, column]) => [name, textOf(object[column])]))
  return {
    record_id: id,
    ...(spec.status !== null && spec.status in object && { status: textOf(object[spec.status]) }),
    refs,
    custom,
    created_at: stamped(object, 'sys_created_on'),
    changed_at: stamped(object, 'sys_updated_on'),
    changed_by: textOf(object['sys_updated_by']),
    fields,
  }
}

function stamped(object: TableRow, column: string): string | null {
  if (textOf(object[column]) === null) return null
  const ms = stampMs(object[column])
  if (ms === null) throw new MappingError(column, `${column} is no time`)
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/** Currency columns may say their currency in front (`USD;1200.50`). */
const CURRENCY = /^([A-Z]{3});(-?\d+(?:\.\d+)?)$/

function read(spec: TableSpec, field: string, text: string | null): Record<string, unknown> {
  if (text === null) return { [field]: null }
  if (spec.fields['bill_to.line2'] === spec.fields['bill_to.line1'] && /^bill_to\.line[12]$/.test(field)) {
    const [first, ...rest] = text.split(/\r\n|\r|\n/)
    return { [field]: (field === 'bill_to.line1' ? first : rest.join('\n')) || null }
  }
  switch (fieldOf(spec.kind, field).type) {
    case 'instant': {
      const ms = stampMs(text)
      return { [field]: ms === null ? text : new Date(ms).toISOString().replace('.000Z', 'Z') }
    }
    case 'date':
      // A date-time column holds the day of a date field: its day in UTC, as it is written.
      return { [field]: STAMP.exec(text)?.[1] ?? text }
    case 'money': {
      const money = CURRENCY.exec(text)
      if (!money) return { [field]: text }
      const own = spec.fields['currency'] !== undefined
      return { [field]: money[2], ...(!own && { currency: money[1] }) }
    }
    default:
      return { [field]: text }
  }
}
