/** Record rows: canonical records as lines of JSON for the record tables, masks and all. */
import { column, KEYED, type Field } from '../../../model/fields.ts'
import { kindOf } from '../../../model/kinds.ts'
import type { CanonicalRecord } from '../../../model/record.ts'
import { iso } from '../../clock.ts'
import { PlumblineError } from '../../errors.ts'

/** A line from its body: the number goes first, so that the rest can be made ahead. */
export function numberedLine(seq: number, body: string): string {
  return `{"seq":"${seq}",${body.slice(1)}\n`
}

/** Makes lines for one kind and stream; keeps what repeats from record to record. */
export interface RowWriter {
  /** Everything but the sequence number, which is known only when it is the record's turn to be stored. */
  body(record: CanonicalRecord): string
}

interface Slot {
  field: Field
  column: string
  /** Column of the comparison key, for keyed types. */
  key: string | null
}

const OPTIONAL = [
  'created_at',
  'changed_at',
  'status',
  'merged_into',
  'changed_by',
  'correlation_id',
  'version_hash',
] as const
const MAPS = ['refs', 'raw', 'custom'] as const

function isEmpty(map: object): boolean {
  for (const _ in map) return false
  return true
}

export function rowWriter(kind: string, stream: string, observedAtMs: number): RowWriter {
  const slots: Slot[] = kindOf(kind).fields.map((field) => ({
    field,
    column: column(field),
    key: KEYED.has(field.type) ? `${column(field)}_key` : null,
  }))
  const mask = masker(kind, slots)
  const observed_at = iso(observedAtMs)

  return {
    body(record) {
      const held = mask(record.held)
      const invalid: Record<string, string> = { ...record.invalid }
      // What is null, empty or zero is left out: the column's default says the same, and half of the text is saved.
      const row: Record<string, unknown> = {
        platform: record.platform,
        record_id: record.record_id,
        stream,
        observed_at,
        stamp: record.stamp,
        held,
      }
      for (const name of OPTIONAL) if (record[name] !== null) row[name] = record[name]
      for (const name of MAPS) if (!isEmpty(record[name])) row[name] = record[name]
      if (record.deleted) row.deleted = 1
      if (record.empty.length) row.empty = mask(record.empty)
      if (record.unmapped.length) row.unmapped = mask(record.unmapped)
      for (const { field, column, key } of slots) {
        const value = record.values[field.name]
        if (value === undefined) continue
        const problem = unstorable(field, value)
        if (problem) {
          invalid[field.name] ??= problem
          continue
        }
        row[column] = value
        const compared = key && record.keys[field.name]
        if (key && compared !== undefined) row[key] = compared
      }
      if (!isEmpty(invalid)) {
        row.invalid = mask(Object.keys(invalid))
        row.invalid_reasons = invalid
      }
      return JSON.stringify(row)
    },
  }
}

/** Decimal(38, 9) and DateTime64(3) hold this much; more would be cut or turned into zero without a word. */
const DECIMAL = /^-?\d{1,29}(?:\.\d{1,9}0*)?$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/

function unstorable({ type }: Field, value: string): string | null {
  if ((type === 'money' || type === 'number') && !DECIMAL.test(value))
    return 'more digits than can be stored exactly (29 before and 9 after the point)'
  if (type === 'instant' && !INSTANT.test(value)) return 'not an instant in UTC'
  return null
}

/** Lists of field names as 64-bit masks in decimal text. A stream's records carry few different lists, so they are remembered. */
function masker(kind: string, slots: readonly Slot[]): (names: readonly string[]) => string {
  const bits = new Map(slots.map(({ field }) => [field.name, 1n << BigInt(field.bit)]))
  const seen = new Map<string, string>()
  return (names) => {
    if (names.length === 0) return '0'
    const id = names.join()
    let mask = seen.get(id)
    if (mask === undefined) {
      mask = names.reduce((sum, name) => sum | bitOf(bits, kind, name), 0n).toString()
      // Bounded: empty fields may come in many combinations.
      if (seen.size < 10_000) seen.set(id, mask)
    }
    return mask
  }
}

function bitOf(bits: Map<string, bigint>, kind: string, name: string): bigint {
  const bit = bits.get(name)
  if (bit === undefined)
    throw new PlumblineError(
      'schema',
      `A record of kind ${kind} names the field ${name}, which the kind does not have.`,
      { remedy: 'Correct the mapping of the stream.' },
    )
  return bit
}
